// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/subscriber_view.h"

#include "store/postgres/array_literal.h"
#include "store/postgres/registration_rows.h"
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

SubscriberView view_of(const pqxx::row& row) {
    SubscriberView view;
    view.version = {row[1].as<std::int64_t>(), row[3].c_str(), row[0].c_str()};
    auto made =
        subscription::subscription_of(text_of(row[2]), view.version.override_json, view.version.msisdn);
    if (!made)
        throw std::runtime_error("the database holds a subscription that is none: " + made.error().detail);
    view.subscription = std::move(*made);
    view.binding.policy = static_cast<binding::Policy>(row[4].as<int>());
    if (const auto kme_id = row[5].as<std::int64_t>(); kme_id != 0) view.active_kme_id = kme_id;
    view.binding.has_kme = view.active_kme_id.has_value();
    view.binding.devices = ranges_of(text_of(row[6]));
    for (const auto& range : ranges_of(text_of(row[7]))) view.binding.devices.push_back(range);
    if (!row[8].is_null()) view.last_seen_imei = imei_of(row[8].as<std::uint64_t>());
    view.issued.pre_processed_at = optional_time(row[9]);
    view.issued.regular_at = optional_time(row[10]);
    if (!row[11].is_null()) view.issued.kme_id = row[11].as<std::int64_t>();
    view.registrations.mme = registration_of(row, 12);
    view.registrations.sgsn = registration_of(row, 12 + registration_columns);
    return view;
}

}  // namespace bindhss::store::postgres
