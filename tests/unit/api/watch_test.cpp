// SPDX-License-Identifier: Apache-2.0
// --watch, and the forms of output.
#include "ctl/watch.h"
#include "lossy_api.h"

namespace bindhss {

namespace {

struct Watched {
    store::MemoryStore store;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    ctl::Streams io{in, out, err};
    ctl::Context context{store, store, io};
    int shown = 0;
};

}  // namespace

TEST_CASE("bindhssctl --watch: one block after the other where nobody draws") {
    Watched w;
    w.context.pause = [&](std::chrono::milliseconds time) {
        CHECK(time == std::chrono::seconds(7));
        if (w.shown == 3) throw std::runtime_error("enough");
    };
    CHECK_THROWS_WITH(
        ctl::watch(w.context, 7, [&](ctl::Context& c) { c.io.out << "block " << ++w.shown << '\n'; }),
        "enough");
    CHECK(w.out.str() == "block 1\n\nblock 2\n\nblock 3\n");
}

TEST_CASE("bindhssctl --watch: a terminal is drawn over, and a store that is away for a while is told of") {
    Watched w;
    w.io.out_terminal = true;
    w.context.pause = [&](std::chrono::milliseconds) {
        if (w.shown == 2) throw std::runtime_error("enough");
    };
    const auto show = [&](ctl::Context& c) {
        if (++w.shown == 2) throw store::Unavailable("the API is away");
        c.io.out << "block\n";
    };
    CHECK_THROWS_WITH(ctl::watch(w.context, 1, show), "enough");
    const auto text = w.out.str();
    CHECK(text.find("\x1b[H\x1b[2J") == 0);
    CHECK(text.find("block\n\x1b[H\x1b[2J") != std::string::npos);
    CHECK(text.ends_with("bindhssctl: the API is away\n"));
    CHECK(w.err.str().empty());
}

TEST_CASE("bindhssctl --watch: what fails at the first look ends it, and so does an output that is gone") {
    Watched w;
    CHECK_THROWS_AS(ctl::watch(w.context, 1, [](ctl::Context&) { throw ctl::Refused("no"); }), ctl::Refused);
    w.out.setstate(std::ios::badbit);
    CHECK_THROWS_WITH(ctl::watch(w.context, 1, [](ctl::Context&) {}), "the output cannot be written");
    test::Session s;
    CHECK(s.run({"subscriber", "list", "--watch", "0"}) == 1);
    CHECK(s.err == "bindhssctl: --watch '0' is not 1 to 86400 seconds\n");
    CHECK(s.run({"subscriber", "remove", "001010000000001", "--watch"}) == 2);
}

TEST_CASE("bindhssctl: rows come as CSV that an import would read") {
    test::Session s;
    REQUIRE(s.run({"device", "add", "35824005111111", "--comment", "hall 3, \"left\""}) == 0);
    REQUIRE(s.run({"device", "list", "--output", "csv"}) == 0);
    CHECK(s.out == "imei,group,kcv,comment,uiccs_max\n35824005111111,,,\"hall 3, \"\"left\"\"\",\n");
    REQUIRE(s.run({"subscriber", "add", "001010000000001", test::k, test::opc}) == 0);
    REQUIRE(s.run({"subscriber", "show", "001010000000001", "--output", "csv"}) == 0);
    CHECK(s.out.find("imsi,msisdn,profile") == 0);
    CHECK(s.run({"device", "list", "--output", "csv", "--json"}) == 2);
    CHECK(s.run({"device", "list", "--output", "xml"}) == 2);
}

}  // namespace bindhss
