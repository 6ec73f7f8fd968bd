// SPDX-License-Identifier: Apache-2.0
#include "subscription/document.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "subscription/root.h"

namespace bindhss::subscription {

namespace {

constexpr std::size_t indent_columns = 2;

/// The lowest context that is no wildcard: what a default APN is when none is named.
std::uint32_t default_of(const std::vector<ApnConfiguration>& apns) {
    for (const auto& apn : apns)
        if (apn.service_selection != "*") return apn.context_identifier;
    return apns.front().context_identifier;
}

void indent(const json::value& value, std::size_t depth, std::string& text) {
    const std::string inner((depth + 1) * indent_columns, ' ');
    const auto* object = value.if_object();
    if (object == nullptr || object->empty()) {
        text += json::serialize(value);
        return;
    }
    text += "{\n";
    std::size_t left = object->size();
    for (const auto& [key, member] : *object) {
        text += inner + json::serialize(json::value(key)) + ": ";
        indent(member, depth + 1, text);
        text += --left > 0 ? ",\n" : "\n";
    }
    text += std::string(depth * indent_columns, ' ') + "}";
}

}  // namespace

Subscription subscription_from(Root root) {
    Subscription subscription;
    subscription.roaming = std::move(root.roaming);
    auto apns = std::move(root.apns);
    auto contexts = std::move(root.pdp_contexts);
    const auto named = root.default_context;
    const auto additional = root.additional_context;
    const auto third = root.third_context;
    auto& data = subscription.data;
    data = std::move(static_cast<SubscriptionData&>(root));
    data.subscriber_status = data.barred() == 0 ? SubscriberStatus::service_granted
                                                : SubscriberStatus::operator_determined_barring;
    if (!data.network_access_mode) data.network_access_mode = NetworkAccessMode::only_packet;
    if (!apns.empty()) {
        const auto context = named.value_or(default_of(apns));
        data.apn_configuration_profile =
            ApnConfigurationProfile{context, additional, third, true, std::move(apns)};
    }
    if (!contexts.empty()) data.gprs_subscription_data = GprsSubscriptionData{true, std::move(contexts)};
    return subscription;
}

Root root_of(const Subscription& subscription) {
    Root root;
    static_cast<SubscriptionData&>(root) = subscription.data;
    root.roaming = subscription.roaming;
    if (const auto& profile = subscription.data.apn_configuration_profile) {
        root.default_context = profile->default_context_identifier;
        root.additional_context = profile->additional_context_identifier;
        root.third_context = profile->third_context_identifier;
        root.apns = profile->apns;
    }
    if (const auto& gprs = subscription.data.gprs_subscription_data) root.pdp_contexts = gprs->contexts;
    return root;
}

json::value parse(std::string_view text, const json::storage_ptr& storage, Complaints& complaints) {
    if (text.size() > limits::document_octets_max) {
        complaints.add("the document has more than " + std::to_string(limits::document_octets_max) +
                       " octets");
        return nullptr;
    }
    json::error_code error;
    auto value = json::parse(json::string_view(text.data(), text.size()), error, storage);
    if (error) {
        complaints.add("the document is not JSON: " + error.message());
    } else if (!value.is_object()) {
        complaints.add("the document is not a JSON object");
    }
    return value;
}

Result<Subscription> read_whole(const json::value& document) {
    Complaints complaints(false);
    Root root;
    read_object(document, root, complaints);
    auto subscription = subscription_from(std::move(root));
    // Half a document would be blamed for what was not understood of it.
    if (complaints.none()) check_whole(subscription, complaints);
    if (!complaints.none()) return fail(Cause::unable_to_comply, complaints.str());
    return subscription;
}

std::vector<DocumentField> document_fields() {
    std::vector<DocumentField> list;
    describe_object<Root>("", list);
    return list;
}

Result<Subscription> read_document(std::string_view text) {
    Complaints complaints(false);
    const auto value = parse(text, {}, complaints);
    if (!complaints.none()) return fail(Cause::unable_to_comply, complaints.str());
    return read_whole(value);
}

std::optional<Failure> check_override(std::string_view text) {
    Complaints complaints(true);
    const auto value = parse(text, {}, complaints);
    Root root;
    if (complaints.none()) read_object(value, root, complaints);
    if (complaints.none()) return std::nullopt;
    return fail(Cause::unable_to_comply, complaints.str());
}

std::string write_document(const Subscription& subscription) {
    return json::serialize(write_object(root_of(subscription)));
}

std::string pretty(std::string_view document) {
    json::error_code error;
    const auto value = json::parse(json::string_view(document.data(), document.size()), error);
    if (error) return std::string(document);
    std::string text;
    indent(value, 0, text);
    return text;
}

std::string default_document() {
    SubscriptionData data;
    data.ambr = Ambr{50'000'000, 100'000'000};
    data.network_access_mode = NetworkAccessMode::only_packet;
    auto internet = blank<ApnConfiguration>();
    internet.service_selection = "internet";
    internet.ambr = data.ambr;
    data.apn_configuration_profile.emplace().apns.push_back(std::move(internet));
    return write_document({data, {}});
}

}  // namespace bindhss::subscription
