// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/subscriber_view.h"

#include "store/postgres/array_literal.h"

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

Imei imei_of(std::uint64_t number) {
    const auto imei = Imei::from_number(number);
    if (!imei) throw std::runtime_error("the database holds an IMEI that is none");
    return *imei;
}

ApnConfiguration apn_of(std::string_view text) {
    std::vector<std::string_view> fields;
    std::size_t begin = 0;
    for (std::size_t end = 0; end != text.size(); begin = end + 1) {
        end = std::min(text.find('|', begin), text.size());
        fields.push_back(text.substr(begin, end - begin));
    }
    if (text.ends_with('|')) fields.emplace_back();
    if (fields.size() != 9) throw std::runtime_error("the database holds an APN that is none");
    ApnConfiguration apn;
    apn.context_identifier = number_of<std::uint32_t>(fields[0]);
    apn.service_selection = fields[1];
    apn.pdn_type = static_cast<PdnType>(number_of<std::uint8_t>(fields[2]));
    apn.qci = number_of<std::uint32_t>(fields[3]);
    apn.arp = {number_of<std::uint32_t>(fields[4]), fields[5] == "1", fields[6] == "1"};
    if (!fields[7].empty())
        apn.ambr = Ambr{number_of<std::uint32_t>(fields[7]), number_of<std::uint32_t>(fields[8])};
    return apn;
}

SubscriptionData subscription_data_of(const pqxx::row& row) {
    SubscriptionData data;
    data.subscriber_status = SubscriberStatus::service_granted;
    data.network_access_mode = NetworkAccessMode::only_packet;
    data.msisdn = row[0].c_str();
    data.access_restriction_data = row[1].as<std::uint32_t>();
    data.operator_determined_barring = row[2].as<std::uint32_t>();
    data.subscribed_rau_tau_timer_s = row[3].as<std::uint32_t>();
    data.charging_characteristics = row[4].c_str();
    data.ambr = Ambr{row[5].as<std::uint32_t>(), row[6].as<std::uint32_t>()};
    if (row[8].is_null()) return data;
    auto& profile = data.apn_configuration_profile.emplace();
    profile.default_context_identifier = row[7].as<std::uint32_t>();
    each_part(text_of(row[8]), ';', [&](std::string_view apn) { profile.apns.push_back(apn_of(apn)); });
    return data;
}

std::optional<WallTime> optional_time(const pqxx::field& field) {
    if (field.is_null()) return std::nullopt;
    return time_of(field.as<std::int64_t>());
}

}  // namespace

std::vector<ImeiRange> ranges_of(std::string_view text) {
    std::vector<ImeiRange> ranges;
    each_part(text, ',', [&](std::string_view range) {
        const auto dash = std::min(range.find('-'), range.size());
        ranges.push_back({imei_of(number_of<std::uint64_t>(range.substr(0, dash))),
                          imei_of(number_of<std::uint64_t>(range.substr(std::min(dash + 1, range.size()))))});
    });
    return ranges;
}

std::optional<Registration> registration_of(const pqxx::row& row, int first) {
    if (row[first].is_null()) return std::nullopt;
    const auto plmn = Plmn::from(octets_of(text_of(row[first + 2])));
    if (!plmn) throw std::runtime_error("the database holds a PLMN that is none");
    Registration result{{row[first].c_str(), row[first + 1].c_str()}, *plmn, std::nullopt, false, false, {}};
    if (row[first + 3].as<bool>()) {
        TerminalInformation terminal;
        if (!row[first + 4].is_null()) terminal.imei = imei_of(row[first + 4].as<std::uint64_t>());
        if (!row[first + 5].is_null()) terminal.svn = row[first + 5].c_str();
        terminal.imei_invalid = row[first + 6].as<bool>();
        result.terminal_information = terminal;
    }
    result.verified = row[first + 7].as<bool>();
    result.purged = row[first + 8].as<bool>();
    result.time = time_of(row[first + 9].as<std::int64_t>());
    return result;
}

SubscriberView view_of(const pqxx::row& row) {
    SubscriberView view;
    view.subscription.data = subscription_data_of(row);
    view.binding.policy = static_cast<binding::Policy>(row[9].as<int>());
    if (const auto kme_id = row[10].as<std::int64_t>(); kme_id != 0) view.active_kme_id = kme_id;
    view.binding.has_kme = view.active_kme_id.has_value();
    view.binding.devices = ranges_of(text_of(row[11]));
    for (const auto& range : ranges_of(text_of(row[12]))) view.binding.devices.push_back(range);
    view.registration = registration_of(row, 13);
    if (!row[23].is_null()) view.last_seen_imei = imei_of(row[23].as<std::uint64_t>());
    view.issued.pre_processed_at = optional_time(row[24]);
    view.issued.regular_at = optional_time(row[25]);
    if (!row[26].is_null()) view.issued.kme_id = row[26].as<std::int64_t>();
    return view;
}

Parameters parameters_of(const Imsi& imsi, const Registration& registration) {
    const auto& terminal = registration.terminal_information;
    std::optional<std::string> imei;
    std::optional<std::string> svn;
    if (terminal && terminal->imei) imei = std::to_string(terminal->imei->number());
    if (terminal && terminal->svn) svn = column_text(*terminal->svn);
    const auto flag = [](bool value) { return std::string(value ? "t" : "f"); };
    Parameters parameters;
    parameters.add(imsi.str())
        .add(column_text(registration.node.host))
        .add(column_text(registration.node.realm));
    parameters.add(bytea_of(registration.visited_plmn.octets()))
        .add(flag(terminal.has_value()))
        .add(imei)
        .add(svn);
    parameters.add(flag(terminal && terminal->imei_invalid)).add(flag(registration.verified));
    parameters.add(flag(registration.purged))
        .add(std::to_string(registration.time.time_since_epoch().count()));
    return parameters;
}

}  // namespace bindhss::store::postgres
