// SPDX-License-Identifier: Apache-2.0
#include "ctl/transport_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "crypto/aes.h"
#include "crypto/hmac.h"
#include "ctl/commands.h"
#include "store/names.h"

namespace bindhss::ctl {

namespace {

constexpr std::string_view mac_label = "BINDHSS-KME 1 authentication";
constexpr std::size_t file_octets_max = 4'096;

/// The text of the file, wiped when it dies.
struct Text {
    std::array<char, file_octets_max + 1> octets{};
    std::size_t size = 0;
    Text() = default;
    Text(const Text&) = delete;
    Text& operator=(const Text&) = delete;
    ~Text() { explicit_bzero(octets.data(), octets.size()); }
};

struct File {
    int descriptor;
    explicit File(int fd) : descriptor(fd) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor >= 0) ::close(descriptor);
    }
};

Refused wrong(const std::string& path, const std::string& what) {
    return Refused("transport key " + (store::may_hold_key(path) ? std::string("file") : path) + " " + what);
}

void read_private(const std::string& path, Text& text) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (file.descriptor < 0 || ::fstat(file.descriptor, &status) != 0)
        throw wrong(path, std::string("cannot be read: ") + std::strerror(errno));
    if (!S_ISREG(status.st_mode)) throw wrong(path, "is not a regular file");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        throw wrong(path, "may be read by group or others: chmod 600 it");
    while (text.size < text.octets.size()) {
        const auto got =
            ::read(file.descriptor, text.octets.data() + text.size, text.octets.size() - text.size);
        if (got < 0) throw wrong(path, std::string("cannot be read: ") + std::strerror(errno));
        if (got == 0) return;
        text.size += static_cast<std::size_t>(got);
    }
    throw wrong(path, "is too large for one key");
}

std::string_view trimmed(std::string_view line) {
    constexpr std::string_view blanks = " \t\r";
    line = line.substr(0, line.find('#'));
    const auto begin = line.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return line.substr(begin, line.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

TransportKey TransportKey::load(const std::string& path) {
    Text text;
    read_private(path, text);
    std::string_view rest(text.octets.data(), text.size);
    SecretString key;
    while (!rest.empty()) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const auto line = trimmed(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.empty()) continue;
        if (!key.empty()) throw wrong(path, "holds more than one key");
        auto octets = from_hex(line);
        if (octets) key = SecretString(std::move(*octets));
        if (key.size() != 16 && key.size() != 32)
            throw wrong(path, "does not hold 32 or 64 hexadecimal digits");
    }
    if (key.empty()) throw wrong(path, "holds no key");
    return TransportKey(std::move(key));
}

TransportKey::TransportKey(SecretString key)
    : key_(std::move(key)), mac_key_(crypto::hmac_sha256(key_.view(), as_octets(mac_label))) {}

std::string TransportKey::kcv() const {
    return to_hex(crypto::key_check_value(key_.view()));
}

}  // namespace bindhss::ctl
