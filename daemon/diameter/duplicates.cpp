// SPDX-License-Identifier: Apache-2.0
#include "diameter/duplicates.h"

#include "diameter/avp_id.h"
#include "types/limits.h"

namespace bindhss::diameter {

std::string Duplicates::key_of(const Message& request) {
    const auto header = request.header();
    auto key = std::to_string(header.end_to_end) + ' ' + std::to_string(header.command_code);
    for (const auto id : {avp_id::origin_host, avp_id::session_id, avp_id::user_name}) {
        // Origin-Host and Session-Id have no NUL (Guard), and what User-Name has comes last.
        key += '\0';
        if (const auto avp = request.find(id)) key += avp->text();
    }
    return key;
}

Duplicates::Entry Duplicates::enter(const std::string& key, std::unique_ptr<IncomingRequest>& request) {
    const std::lock_guard lock(mutex_);
    const auto [entry, is_first] = joined_.try_emplace(key);
    if (is_first) return Entry::first;
    if (entry->second.size() >= limits::duplicates_joined_max) return Entry::full;
    entry->second.push_back(std::move(request));
    return Entry::joined;
}

std::vector<std::unique_ptr<IncomingRequest>> Duplicates::leave(const std::string& key) {
    const std::lock_guard lock(mutex_);
    auto node = joined_.extract(key);
    return node ? std::move(node.mapped()) : std::vector<std::unique_ptr<IncomingRequest>>{};
}

}  // namespace bindhss::diameter
