// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/registration_rows.h"

#include "store/postgres/array_literal.h"
#include "store/postgres/binding_rows.h"
#include "store/postgres/subscriber_view.h"

namespace bindhss::store::postgres {

namespace {

constexpr std::size_t texts_of_an_apn = 6;  // active_apns: so many texts for each

std::optional<std::uint32_t> optional_number(const pqxx::field& field) {
    if (field.is_null()) return std::nullopt;
    return field.as<std::uint32_t>();
}

std::optional<std::string> text_or_null(const std::optional<std::uint32_t>& number) {
    if (!number) return std::nullopt;
    return std::to_string(*number);
}

std::string flag(bool value) {
    return value ? "t" : "f";
}

std::string number_of(binding::Provenance provenance) {
    return std::to_string(static_cast<int>(provenance));
}

OctetString octets_in(const pqxx::field& field) {
    return field.is_null() ? OctetString() : octets_of({field.c_str(), field.size()});
}

std::string joined(const std::vector<std::string>& texts) {
    std::string result;
    for (const auto& text : texts) result += (result.empty() ? "" : ",") + text;
    return result;
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find(',', begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

std::vector<s6a::ActiveApn> apns_in(const pqxx::field& field) {
    const auto texts = texts_of(field);
    std::vector<s6a::ActiveApn> apns;
    for (std::size_t i = 0; i + texts_of_an_apn <= texts.size(); i += texts_of_an_apn) {
        s6a::ActiveApn apn;
        apn.context_identifier = static_cast<std::uint32_t>(std::stoul(texts[i]));
        apn.service_selection = texts[i + 1];
        apn.visited_network = texts[i + 2];
        PdnGateway gateway{texts[i + 3], texts[i + 4], split(texts[i + 5])};
        if (gateway != PdnGateway{}) apn.gateway = std::move(gateway);
        apns.push_back(std::move(apn));
    }
    return apns;
}

std::string array_of(const std::vector<s6a::ActiveApn>& apns) {
    ArrayLiteral array;
    for (const auto& apn : apns) {
        const auto gateway = apn.gateway.value_or(PdnGateway{});
        array.add(apn.context_identifier);
        array.add_text(column_text(apn.service_selection));
        array.add_text(column_text(apn.visited_network));
        array.add_text(column_text(gateway.host));
        array.add_text(column_text(gateway.realm));
        array.add_text(column_text(joined(gateway.addresses)));
    }
    return array.str();
}

std::optional<TerminalInformation> terminal_of(const pqxx::row& row, int first) {
    if (!row[first].as<bool>()) return std::nullopt;
    TerminalInformation terminal;
    if (!row[first + 1].is_null()) terminal.imei = imei_of(row[first + 1].as<std::uint64_t>());
    if (!row[first + 2].is_null()) terminal.svn = row[first + 2].c_str();
    terminal.imei_invalid = row[first + 3].as<bool>();
    return terminal;
}

std::optional<s6a::NodeLocation> location_of(const pqxx::row& row, int first) {
    if (row[first + 6].is_null()) return std::nullopt;
    s6a::NodeLocation location;
    location.cell_global_identity = octets_in(row[first]);
    location.tracking_area_identity = octets_in(row[first + 1]);
    location.service_area_identity = octets_in(row[first + 2]);
    location.geographical_information = octets_in(row[first + 3]);
    location.age_minutes = optional_number(row[first + 4]);
    location.current_location_retrieved = row[first + 5].as<bool>();
    return location;
}

void read_rest(const pqxx::row& row, int first, Registration& result) {
    result.domain = domain_of(row[first].c_str());
    result.rat_type = static_cast<s6a::RatType>(row[first + 1].as<std::uint32_t>());
    if (!row[first + 2].is_null()) {
        result.features =
            s6a::Features{row[first + 2].as<std::uint32_t>(), row[first + 3].as<std::uint32_t>(),
                          row[first + 4].as<std::uint32_t>()};
    }
    result.combined = row[first + 5].as<bool>();
    result.gprs_wanted = row[first + 6].as<bool>();
    result.ue_srvcc_capability = optional_number(row[first + 7]);
    result.homogeneous_ims_voice = optional_number(row[first + 8]);
    result.active_apns = apns_in(row[first + 9]);
    result.node_number = row[first + 10].c_str();
    result.sms_registered = row[first + 11].as<bool>();
    result.urrp = row[first + 12].as<bool>();
    result.area_restricted = row[first + 13].as<bool>();
    result.location = location_of(row, first + 14);
    if (result.location) result.location_time = time_of(row[first + 20].as<std::int64_t>());
    if (!row[first + 21].is_null()) {
        result.told = SubscriptionVersion{row[first + 21].as<std::int64_t>(), row[first + 22].c_str(),
                                          row[first + 23].c_str()};
    }
    result.provenance = static_cast<binding::Provenance>(row[first + 24].as<int>());
    result.limited_profile = row[first + 25].c_str();
    result.emergency = row[first + 26].as<bool>();
}

void add_terminal(Parameters& parameters, const std::optional<TerminalInformation>& terminal) {
    std::optional<std::string> imei;
    std::optional<std::string> svn;
    if (terminal && terminal->imei) imei = std::to_string(terminal->imei->number());
    if (terminal && terminal->svn) svn = column_text(*terminal->svn);
    parameters.add(flag(terminal.has_value()))
        .add(imei)
        .add(svn)
        .add(flag(terminal && terminal->imei_invalid));
}

void add_features(Parameters& parameters, const std::optional<s6a::Features>& features) {
    const auto add = [&](std::uint32_t s6a::Features::*list) {
        parameters.add(features ? std::optional(std::to_string((*features).*list)) : std::nullopt);
    };
    add(&s6a::Features::list_1);
    add(&s6a::Features::list_2);
    add(&s6a::Features::vendor);
}

void add_version(Parameters& parameters, const std::optional<SubscriptionVersion>& told) {
    using Text = std::optional<std::string>;
    parameters.add(told ? Text(std::to_string(told->profile_version)) : Text());
    parameters.add(told ? Text(told->override_json) : Text()).add(told ? Text(told->msisdn) : Text());
}

}  // namespace

std::string name_of(s6a::Domain domain) {
    return domain == s6a::Domain::mme ? "mme" : "sgsn";
}

s6a::Domain domain_of(std::string_view name) {
    return name == "sgsn" ? s6a::Domain::sgsn : s6a::Domain::mme;
}

std::optional<Registration> registration_of(const pqxx::row& row, int first) {
    if (row[first].is_null()) return std::nullopt;
    const auto plmn = Plmn::from(octets_in(row[first + 2]));
    if (!plmn) throw std::runtime_error("the database holds a PLMN that is none");
    Registration result{{row[first].c_str(), row[first + 1].c_str()}, *plmn};
    result.terminal_information = terminal_of(row, first + 3);
    result.verified = row[first + 7].as<bool>();
    result.purged = row[first + 8].as<bool>();
    result.time = time_of(row[first + 9].as<std::int64_t>());
    read_rest(row, first + 10, result);
    return result;
}

Parameters parameters_of(const Imsi& imsi, const RegisterNode& request, int node) {
    const auto& registration = request.registration;
    Parameters parameters;
    parameters.add(imsi.str())
        .add(column_text(registration.node.host))
        .add(column_text(registration.node.realm));
    parameters.add(bytea_of(registration.visited_plmn.octets()));
    add_terminal(parameters, registration.terminal_information);
    parameters.add(flag(registration.verified)).add(milliseconds_of(registration.time));
    parameters.add(name_of(registration.domain));
    parameters.add(std::to_string(static_cast<std::uint32_t>(registration.rat_type)));
    add_features(parameters, registration.features);
    parameters.add(flag(registration.combined)).add(flag(registration.gprs_wanted));
    parameters.add(text_or_null(registration.ue_srvcc_capability));
    parameters.add(text_or_null(registration.homogeneous_ims_voice));
    parameters.add(array_of(registration.active_apns));
    parameters.add(flag(registration.active_apns.empty() && !request.initial_attach));
    parameters.add(column_text(registration.node_number)).add(flag(registration.sms_registered));
    add_version(parameters, registration.told);
    parameters.add(std::to_string(node)).add(flag(request.proof));
    parameters.add(number_of(registration.provenance)).add(registration.limited_profile);
    parameters.add(flag(registration.emergency)).add(flag(request.initial_attach));
    return parameters;
}

Parameters parameters_of(const Imsi& imsi, const TerminalInformation& terminal, const ServingNode& node,
                         binding::Provenance provenance, WallTime now) {
    Parameters parameters;
    parameters.add(imsi.str()).add(std::to_string(terminal.imei->number()));
    parameters.add(terminal.svn ? std::optional(column_text(*terminal.svn)) : std::nullopt);
    parameters.add(milliseconds_of(now)).add(column_text(node.host)).add(number_of(provenance));
    return parameters;
}

Parameters parameters_of(const Imsi& imsi, const Registration& registration) {
    Parameters parameters;
    parameters.add(imsi.str()).add(name_of(registration.domain));
    add_terminal(parameters, registration.terminal_information);
    add_features(parameters, registration.features);
    parameters.add(array_of(registration.active_apns));
    parameters.add(text_or_null(registration.ue_srvcc_capability));
    parameters.add(text_or_null(registration.homogeneous_ims_voice));
    parameters.add(flag(registration.area_restricted)).add(flag(registration.urrp));
    parameters.add(flag(registration.sms_registered)).add(column_text(registration.node_number));
    parameters.add(flag(registration.purged)).add(flag(registration.emergency));
    return parameters;
}

void add_location(Parameters& parameters, const std::optional<s6a::NodeLocation>& location) {
    const auto octets = [&](const OctetString s6a::NodeLocation::*member) {
        parameters.add(location ? std::optional(bytea_of((*location).*member)) : std::nullopt);
    };
    octets(&s6a::NodeLocation::cell_global_identity);
    octets(&s6a::NodeLocation::tracking_area_identity);
    octets(&s6a::NodeLocation::service_area_identity);
    octets(&s6a::NodeLocation::geographical_information);
    parameters.add(location ? text_or_null(location->age_minutes) : std::nullopt);
    parameters.add(flag(location && location->current_location_retrieved));
}

std::string array_of(const std::vector<std::string>& hosts) {
    ArrayLiteral array;
    for (const auto& host : hosts) array.add_text(column_text(host));
    return array.str();
}

NodeRequest node_request_of(const pqxx::row& row) {
    NodeRequest request;
    request.id = row[0].as<std::int64_t>();
    const std::string_view kind = row[1].c_str();
    request.kind = kind == "reset"    ? NodeRequest::Kind::reset
                   : kind == "insert" ? NodeRequest::Kind::insert
                                      : NodeRequest::Kind::cancel_location;
    request.imsi = Imsi::parse(row[2].c_str());
    request.node = {row[3].c_str(), row[4].c_str()};
    request.domain = domain_of(row[5].c_str());
    request.cancellation_type = static_cast<s6a::CancellationType>(row[6].as<int>());
    request.reattach_required = row[7].as<bool>();
    request.idr_flags = row[8].as<std::uint32_t>();
    request.user_ids = texts_of(row[9]);
    request.attempts = row[10].as<std::uint32_t>();
    request.created = time_of(row[11].as<std::int64_t>());
    return request;
}

Parameters parameters_of(const NodeRequest& request) {
    constexpr std::array kinds{"cancel_location", "insert", "reset"};
    ArrayLiteral user_ids;
    for (const auto& user_id : request.user_ids) user_ids.add_text(column_text(user_id));
    Parameters parameters;
    parameters.add(std::string(kinds[static_cast<std::size_t>(request.kind)]));
    parameters.add(request.imsi ? request.imsi->str() : std::string());
    parameters.add(column_text(request.node.host)).add(column_text(request.node.realm));
    parameters.add(name_of(request.domain));
    parameters.add(std::to_string(static_cast<int>(request.cancellation_type)));
    parameters.add(flag(request.reattach_required))
        .add(std::to_string(request.idr_flags))
        .add(user_ids.str());
    parameters.add(milliseconds_of(request.created));
    return parameters;
}

}  // namespace bindhss::store::postgres
