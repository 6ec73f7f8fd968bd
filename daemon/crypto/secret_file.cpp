// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace bindhss::crypto {

namespace {

/// Closes at its end; the buffer of a stream would keep a copy of the secret.
class File {
  public:
    explicit File(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int descriptor() const { return descriptor_; }

  private:
    const int descriptor_;
};

}  // namespace

bool open_to_others(const struct stat& status) {
    constexpr mode_t permissions = S_IRWXU | S_IRWXG | S_IRWXO;
    const bool credential =
        status.st_uid == 0 && status.st_gid == 0 && (status.st_mode & permissions) == (S_IRUSR | S_IRGRP);
    return !credential && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

SecretString load_secret(const SecretFile& wanted, const std::string& path) {
    const auto bad = [&](const std::string& why) {
        return std::runtime_error(wanted.what + " " + path + ": " + why);
    };
    const File file(path);
    struct stat status {};
    if (file.descriptor() < 0 || ::fstat(file.descriptor(), &status) != 0) throw bad(std::strerror(errno));
    if (!S_ISREG(status.st_mode)) throw bad("is not a regular file");
    if (open_to_others(status)) throw bad(std::string(open_to_others_text));
    if (status.st_size > static_cast<off_t>(wanted.octets_max))
        throw bad("has more than " + std::to_string(wanted.octets_max) + " octets");
    OctetString octets(static_cast<std::size_t>(status.st_size));
    const auto read = ::read(file.descriptor(), octets.data(), octets.size());
    const SecretString whole(std::move(octets));
    if (read != static_cast<ssize_t>(whole.size())) throw bad("cannot be read");
    auto secret = whole.view();
    while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r'))
        secret = secret.first(secret.size() - 1);
    if (secret.size() < wanted.octets_min)
        throw bad("has fewer than " + std::to_string(wanted.octets_min) + " octets");
    return SecretString(secret);
}

}  // namespace bindhss::crypto
