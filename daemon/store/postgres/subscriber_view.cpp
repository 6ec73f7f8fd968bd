// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/subscriber_view.h"

#include "store/postgres/array_literal.h"
#include "store/postgres/binding_rows.h"
#include "store/postgres/registration_rows.h"
#include "store/postgres/terms_rows.h"
#include "subscription/merge.h"

namespace bindhss::store::postgres {
namespace {

template <class Number>
Number number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        throw std::runtime_error("the database holds a number that is none");
    return number;
}

template <class Visit>
void each_part(std::string_view text, char separator, Visit visit) {
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        visit(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

std::string_view text_of(const pqxx::field& field) {
    return {field.c_str(), field.size()};
}

std::optional<WallTime> optional_time(const pqxx::field& field) {
    if (field.is_null()) return std::nullopt;
    return time_of(field.as<std::int64_t>());
}

}  // namespace

Imei imei_of(std::uint64_t number) {
    const auto imei = Imei::from_number(number);
    if (!imei) throw std::runtime_error("the database holds an IMEI that is none");
    return *imei;
}

std::vector<ImeiRange> ranges_of(std::string_view text) {
    std::vector<ImeiRange> ranges;
    each_part(text, ',', [&](std::string_view range) {
        const auto dash = std::min(range.find('-'), range.size());
        ranges.push_back({imei_of(number_of<std::uint64_t>(range.substr(0, dash))),
                          imei_of(number_of<std::uint64_t>(range.substr(std::min(dash + 1, range.size()))))});
    });
    return ranges;
}

namespace {

Subscription made_of(std::string_view document, const SubscriptionVersion& version) {
    auto made = subscription::subscription_of(document, version.override_json, version.msisdn);
    if (!made)
        throw std::runtime_error("the database holds a subscription that is none: " + made.error().detail);
    return std::move(*made);
}

/// The substitute profile of the terms, without what differs of the subscriber.
void read_limited(const pqxx::row& row, int first, SubscriberView& view) {
    if (row[first].is_null()) return;
    view.limited_version = {row[first].as<std::int64_t>(), "{}", view.version.msisdn};
    view.limited = made_of(text_of(row[first + 1]), view.limited_version);
}

}  // namespace

SubscriberView view_of(const pqxx::row& row) {
    constexpr int terms = 16;
    SubscriberView view;
    view.version = {row[1].as<std::int64_t>(), row[3].c_str(), row[0].c_str()};
    view.subscription = made_of(text_of(row[2]), view.version);
    if (const auto kme_id = row[4].as<std::int64_t>(); kme_id != 0) view.active_kme_id = kme_id;
    view.binding.has_kme = view.active_kme_id.has_value();
    const auto state = static_cast<binding::State>(row[5].as<int>());
    view.binding.locked = state == binding::State::locked;
    view.suspect = state == binding::State::suspect;
    if (!row[6].is_null()) view.last_seen_imei = imei_of(row[6].as<std::uint64_t>());
    if (row[7].size() != 0) view.last_seen_svn = row[7].c_str();
    view.kme_not_after = optional_time(row[8]);
    view.issued.pre_processed_at = optional_time(row[9]);
    view.issued.regular_at = optional_time(row[10]);
    if (!row[11].is_null()) view.issued.kme_id = row[11].as<std::int64_t>();
    view.issued_under_candidate = row[12].as<bool>();
    view.binding.groups = texts_of(row[13]);
    read_limited(row, 14, view);
    view.binding.terms = terms_of(row, terms);
    view.registrations.mme = registration_of(row, terms + terms_columns);
    view.registrations.sgsn = registration_of(row, terms + terms_columns + registration_columns);
    return view;
}

}  // namespace bindhss::store::postgres
