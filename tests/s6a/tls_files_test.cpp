// SPDX-License-Identifier: Apache-2.0
// Certificates and keys in files: what is wrong with them is told, and nothing of them.
#include "s6a/tls_world.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

TEST_CASE("Files that cannot be used are refused with one line, which holds nothing of the key") {
    const Folder folder;
    Authority authority;
    const auto issued = authority.issue_for("hss.example");
    auto files = files_of(folder, "hss", issued, authority.pem());
    const auto problem = [&files] {
        try {
            (void)crypto::TlsContext::load(files);
        } catch (const std::runtime_error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(problem().empty());
    SECTION("a key that others may read") {
        files.private_key = folder.write("open.key", issued.key, 0640);
        CHECK(problem() ==
              "private key " + files.private_key + ": may be read by group or others: chmod 600 it");
    }
    SECTION("another certificate's key") {
        files.private_key = folder.write("other.key", authority.issue_for("hss.example").key);
        CHECK(problem() ==
              "private key " + files.private_key + ": does not belong to certificate " + files.certificate);
    }
    SECTION("half a key") {
        files.private_key = folder.write("half.key", issued.key.substr(0, issued.key.size() / 2));
        CHECK(problem() ==
              "private key " + files.private_key + ": holds no key in PEM that needs no passphrase");
    }
    SECTION("no file, no certificate") {
        files.ca = folder.path("nowhere");
        CHECK(problem() == "CA file " + files.ca + ": No such file or directory");
        files.ca = folder.write("empty", "");
        CHECK(problem().find("CA file " + files.ca + ": holds no certificate in PEM") == 0);
        files.certificate = folder.write("text", "hello");
        CHECK(problem().find("certificate " + files.certificate + ": holds no certificate in PEM") == 0);
    }
}
