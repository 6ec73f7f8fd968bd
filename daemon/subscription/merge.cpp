// SPDX-License-Identifier: Apache-2.0
#include "subscription/merge.h"

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>

#include "subscription/root.h"

namespace bindhss::subscription {

namespace {

/// A document of usual size is parsed without asking for memory.
constexpr std::size_t buffer_octets = 16'384;

/// RFC 7396 2. The depth is that of the patch, which the parser has bounded.
void merge(json::value& target, const json::value& patch) {
    const auto* members = patch.if_object();
    if (members == nullptr) {
        target = patch;
        return;
    }
    if (!target.is_object()) target.emplace_object();
    auto& object = target.get_object();
    for (const auto& [key, member] : *members) {
        if (member.is_null()) {
            object.erase(key);
        } else {
            merge(object[key], member);
        }
    }
}

/// Both documents as one, in `storage`.
json::value merged(std::string_view profile, std::string_view override_document,
                   const json::storage_ptr& storage, Complaints& complaints) {
    auto document = parse(profile, storage, complaints);
    if (override_document.empty() || !complaints.none()) return document;
    const Complaints::Scope scope(complaints, "override");
    const auto patch = parse(override_document, storage, complaints);
    if (complaints.none()) merge(document, patch);
    return document;
}

}  // namespace

Result<std::string> merged_document(std::string_view profile, std::string_view override_document) {
    Complaints complaints(false);
    const auto document = merged(profile, override_document, {}, complaints);
    if (!complaints.none()) return fail(Cause::unable_to_comply, complaints.str());
    return json::serialize(document);
}

Result<Subscription> subscription_of(std::string_view profile, std::string_view override_document,
                                     std::string_view msisdn) {
    std::array<unsigned char, buffer_octets> buffer;  // NOLINT: the resource begins with it, uninitialised
    json::monotonic_resource memory(buffer.data(), buffer.size());
    Complaints complaints(false);
    const auto document = merged(profile, override_document, &memory, complaints);
    if (!complaints.none()) return fail(Cause::unable_to_comply, complaints.str());
    auto subscription = read_whole(document);
    if (subscription) subscription->data.msisdn = msisdn;
    return subscription;
}

}  // namespace bindhss::subscription
