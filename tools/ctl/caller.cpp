// SPDX-License-Identifier: Apache-2.0
#include "ctl/caller.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

namespace bindhss::ctl {

namespace {

constexpr std::size_t part_octets_max = 64;
constexpr std::size_t passwd_octets = 16'384;

/// What stands in the audit may not act on a terminal, nor fill it.
std::string plain(std::string_view text) {
    std::string result(text.substr(0, part_octets_max));
    std::replace_if(
        result.begin(), result.end(), [](char c) { return c <= ' ' || c >= 0x7f; }, '?');
    return result;
}

std::string user_name(::uid_t uid) {
    std::vector<char> buffer(passwd_octets);
    ::passwd entry{};
    ::passwd* found = nullptr;
    if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
        return plain(entry.pw_name);
    return std::to_string(uid);
}

}  // namespace

std::string caller() {
    auto user = user_name(::getuid());
    const char* const before_sudo = std::getenv("SUDO_USER");  // NOLINT(concurrency-mt-unsafe)
    if (::getuid() == 0 && before_sudo != nullptr && *before_sudo != '\0' && user != before_sudo)
        user = plain(before_sudo) + "(" + user + ")";
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
    return user + "@" + plain(host.data());
}

}  // namespace bindhss::ctl
