// SPDX-License-Identifier: Apache-2.0
#include "management/local_user.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "types/limits.h"

namespace bindhss::management {

namespace {

constexpr std::size_t part_octets_max = 64;
constexpr std::size_t passwd_octets = 16'384;

}  // namespace

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

std::string host_name() {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
    return plain(host.data());
}

std::string LocalUsers::name_of(::uid_t uid) {
    {
        const std::lock_guard lock(mutex_);
        const auto known = names_.find(uid);
        if (known != names_.end()) return known->second;
    }
    auto name = ask_(uid) + "@" + host_name();
    const std::lock_guard lock(mutex_);
    if (names_.size() >= limits::api_origins_max) names_.clear();
    return names_.emplace(uid, std::move(name)).first->second;
}

std::string LocalUsers::known_name_of(::uid_t uid) const {
    const std::lock_guard lock(mutex_);
    const auto known = names_.find(uid);
    return known != names_.end() ? known->second : std::to_string(uid) + "@" + host_name();
}

}  // namespace bindhss::management
