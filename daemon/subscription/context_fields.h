// SPDX-License-Identifier: Apache-2.0
// The objects that describe connections: APNs, PDP contexts and what is in them. Private to the layer.
#pragma once

#include "subscription/values.h"
#include "types/subscription_data.h"

namespace bindhss::subscription {

template <>
std::span<const Field<Ambr>> fields<Ambr>();
template <>
std::span<const Field<AllocationRetentionPriority>> fields<AllocationRetentionPriority>();
template <>
std::span<const Field<PdnGateway>> fields<PdnGateway>();
template <>
std::span<const Field<SpecificApn>> fields<SpecificApn>();
template <>
std::span<const Field<ApnConfiguration>> fields<ApnConfiguration>();
template <>
std::span<const Field<PdpContext>> fields<PdpContext>();

/// What an APN or PDP context is when nothing is said of it.
template <>
ApnConfiguration blank<ApnConfiguration>();
template <>
PdpContext blank<PdpContext>();

inline constexpr std::uint32_t context_max = 50;  // 1*50 of 7.3.72; 7.3.27 for MAP

/// The Context-Identifier that a key is, 1 to context_max; 0: it is none.
[[nodiscard]] std::uint32_t context_of(std::string_view key);

/// An object of contexts, keyed by their Context-Identifier, so that a merge patch reaches each by itself.
template <class Context>
struct ContextMap : Plain {
    static std::string type() { return "object of objects, by Context-Identifier 1 to 50"; }
    static void read(const json::value& value, std::vector<Context>& member, Complaints& complaints) {
        const auto* object = value.if_object();
        if (object == nullptr) return complaints.add("is not an object by Context-Identifier");
        member.reserve(object->size());
        for (const auto& [key, inner] : *object) {
            const Complaints::Scope scope(complaints, key);
            auto context = blank<Context>();
            context.context_identifier = context_of(key);
            if (context.context_identifier == 0) {
                complaints.add("is no Context-Identifier: 1 to 50 are (TS 29.272 7.3.27)");
            } else if (!inner.is_null() || !complaints.partial()) {
                read_object(inner, context, complaints);
                member.push_back(std::move(context));
            }
        }
        std::sort(member.begin(), member.end(),
                  [](const auto& a, const auto& b) { return a.context_identifier < b.context_identifier; });
    }
    static json::value write(const std::vector<Context>& member) {
        json::object object;
        for (const auto& context : member)
            object[std::to_string(context.context_identifier)] = write_object(context);
        return object;
    }
    static void describe(const std::string& prefix, std::vector<DocumentField>& list) {
        describe_object<Context>(prefix + "N.", list);
    }
};

}  // namespace bindhss::subscription
