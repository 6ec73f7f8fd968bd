// SPDX-License-Identifier: Apache-2.0
#include "diameter/s6a_parts.h"

#include <algorithm>

#include "diameter/gateway_codec.h"
#include "diameter/tbcd.h"
#include "diameter/wire.h"
#include "diameter_dict/dictionary.h"
#include "types/limits.h"

namespace bindhss::diameter {

namespace {

constexpr std::size_t e164_digits_max = 15;             // ITU-T E.164 6.1
constexpr std::size_t name_octets_max = 255;            // a host name's, and more than an APN may have
constexpr std::uint32_t active_location_retrieval = 0;  // Current-Location-Retrieved, 7.3.125
constexpr std::uint32_t location_age_max = 32'767;      // 7.3.126, as TS 29.002 has it

// Octets of 7.3.117 to 7.3.123; other lengths are no such identity.
constexpr std::size_t ecgi_octets = 7;
constexpr std::size_t tai_octets = 5;
constexpr std::size_t cgi_octets = 7;
constexpr std::size_t rai_octets = 6;
constexpr std::size_t sai_octets = 7;
constexpr std::size_t geographical_octets = 8;

OctetString payload_of(const AvpView& avp) {
    const auto octets = avp.octets();
    if (!octets.empty()) {
        const auto value = octets.first(std::min(octets.size(), limits::failed_avp_octets_max));
        return {value.begin(), value.end()};
    }
    if (!avp.is_number()) return {};
    const auto number = avp.u32();
    return {static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
            static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

bool is_name(std::string_view text) {
    return text.size() <= name_octets_max &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

OctetString octets_of(const AvpView& group, AvpId id, std::size_t size) {
    const auto avp = group.find(id);
    if (!avp || avp->octets().size() != size) return {};
    const auto octets = avp->octets();
    return {octets.begin(), octets.end()};
}

s6a::NodeLocation decode_node_location(const AvpView& group, AvpId cell, std::size_t cell_octets, AvpId area,
                                       std::size_t area_octets) {
    s6a::NodeLocation location;
    location.cell_global_identity = octets_of(group, cell, cell_octets);
    location.tracking_area_identity = octets_of(group, area, area_octets);
    location.service_area_identity = octets_of(group, avp_id::service_area_identity, sai_octets);
    location.geographical_information =
        octets_of(group, avp_id::geographical_information, geographical_octets);
    location.age_minutes = number_of(group, avp_id::age_of_location_information);
    if (location.age_minutes > location_age_max) location.age_minutes = location_age_max;
    location.current_location_retrieved =
        number_of(group, avp_id::current_location_retrieved) == active_location_retrieval;
    return location;
}

void encode_octets(OctetView octets, AvpId id, Message::Group& group) {
    if (!octets.empty()) group.add(id, octets);
}

void encode_node_location(const s6a::NodeLocation& location, AvpId cell, AvpId area, Message::Group& group) {
    encode_octets(location.cell_global_identity, cell, group);
    encode_octets(location.tracking_area_identity, area, group);
    encode_octets(location.service_area_identity, avp_id::service_area_identity, group);
    encode_octets(location.geographical_information, avp_id::geographical_information, group);
    if (location.current_location_retrieved) {
        group.add(avp_id::current_location_retrieved, active_location_retrieval);
    }
    if (location.age_minutes) group.add(avp_id::age_of_location_information, *location.age_minutes);
}

void encode_list(std::uint32_t vendor, std::uint32_t list, std::uint32_t bits, Message& message) {
    message.add_group(avp_id::supported_features, [&](Message::Group& group) {
        group.add(avp_id::vendor_id, vendor);
        group.add(avp_id::feature_list_id, list);
        group.add(avp_id::feature_list, bits);
    });
}

}  // namespace

Rejection invalid_value(const AvpView& avp, std::string detail) {
    return {Cause::invalid_avp_value, std::move(detail), encode_avp(avp.id(), avp.flags(), payload_of(avp))};
}

Rejection missing(AvpId id, std::string detail) {
    return {Cause::missing_avp, std::move(detail), encode_avp(id, avp_flag::mandatory, {})};
}

Decoded<Imsi> decode_imsi(const Message& message) {
    const auto avp = message.find(avp_id::user_name);
    if (!avp) return missing(avp_id::user_name, "User-Name is missing");
    const auto imsi = Imsi::parse(avp->text());
    if (!imsi) return invalid_value(*avp, "User-Name is no IMSI of 6 to 15 digits");
    return *imsi;
}

Decoded<Plmn> decode_visited_plmn(const Message& message) {
    const auto avp = message.find(avp_id::visited_plmn_id);
    if (!avp) return missing(avp_id::visited_plmn_id, "Visited-PLMN-Id is missing");
    const auto plmn = Plmn::from(avp->octets());
    if (!plmn) return invalid_value(*avp, "Visited-PLMN-Id is no MCC and MNC in three octets");
    return *plmn;
}

ServingNode decode_origin(const Message& message) {
    return {text_of(message, avp_id::origin_host), text_of(message, avp_id::origin_realm)};
}

ServingNode decode_destination(const Message& message) {
    return {text_of(message, avp_id::destination_host), text_of(message, avp_id::destination_realm)};
}

std::optional<TerminalInformation> decode_terminal(const Message& message) {
    const auto group = message.find(avp_id::terminal_information);
    if (!group) return std::nullopt;
    const auto imei = group->find(avp_id::imei);
    const auto version = group->find(avp_id::software_version);
    std::optional<std::string_view> imei_text;
    if (imei && !imei->text().empty()) imei_text = imei->text();
    std::optional<std::string_view> version_text;
    if (version) version_text = version->text();
    return TerminalInformation::normalise(imei_text, version_text);
}

void encode(const TerminalInformation& terminal, Message& message) {
    message.add_group(avp_id::terminal_information, [&terminal](Message::Group& group) {
        if (terminal.imei) group.add(avp_id::imei, terminal.imei->str());
        if (terminal.svn) group.add(avp_id::software_version, *terminal.svn);
    });
}

std::optional<s6a::Features> decode_features(const Message& message) {
    std::optional<s6a::Features> features;
    const auto own_vendor = message.dictionary().kme_vendor();
    message.each([&features, own_vendor](const AvpView& avp) {
        if (avp.id() != avp_id::supported_features) return;
        if (!features) features.emplace();
        const auto vendor = number_of(avp, avp_id::vendor_id);
        const auto list = number_of(avp, avp_id::feature_list_id);
        const auto bits = number_of(avp, avp_id::feature_list).value_or(0);
        if (vendor == vendor_3gpp && list == 1U) features->list_1 |= bits;
        if (vendor == vendor_3gpp && list == 2U) features->list_2 |= bits;
        if (vendor == own_vendor && list == 1U) features->vendor |= bits;
    });
    return features;
}

void encode(const std::optional<s6a::Features>& features, Message& message) {
    if (!features) return;
    encode_list(vendor_3gpp, 1, features->list_1, message);
    if (features->list_2 != 0) encode_list(vendor_3gpp, 2, features->list_2, message);
    if (features->vendor != 0) encode_list(message.dictionary().kme_vendor(), 1, features->vendor, message);
}

bool demands_more_than(const s6a::Features& ours, const Message& request) {
    bool more = false;
    const auto own_vendor = request.dictionary().kme_vendor();
    request.each([&](const AvpView& avp) {
        if (avp.id() != avp_id::supported_features || (avp.flags() & avp_flag::mandatory) == 0) return;
        const auto vendor = number_of(avp, avp_id::vendor_id);
        const auto list = number_of(avp, avp_id::feature_list_id);
        std::uint32_t have = 0;
        if (vendor == vendor_3gpp && list == 1U) have = ours.list_1;
        if (vendor == vendor_3gpp && list == 2U) have = ours.list_2;
        if (vendor == own_vendor && list == 1U) have = ours.vendor;
        more = more || (number_of(avp, avp_id::feature_list).value_or(0) & ~have) != 0;
    });
    return more;
}

void encode_features(const s6a::Features& ours, const Message& request, Message& answer) {
    const auto theirs = decode_features(request);
    auto told = ours;
    if (!theirs || theirs->vendor == 0) told.vendor = 0;
    encode(std::optional(told), answer);
}

Decoded<std::string> decode_e164(const Message& message, AvpId id) {
    const auto avp = message.find(id);
    if (!avp) return std::string();
    auto digits = from_tbcd(avp->octets());
    if (digits.empty() || digits.size() > e164_digits_max) {
        return invalid_value(*avp, "a number that is not 1 to 15 digits of TBCD");
    }
    return digits;
}

void encode_e164(std::string_view digits, AvpId id, Message& message) {
    if (!digits.empty()) message.add(id, OctetView(to_tbcd(digits)));
}

template <class Parent>
Decoded<s6a::ActiveApn> decode_apn(const Parent& parent) {
    s6a::ActiveApn apn;
    apn.context_identifier = number_of(parent, avp_id::context_identifier).value_or(0);
    for (const auto& [id, text] : {std::pair(avp_id::service_selection, &apn.service_selection),
                                   std::pair(avp_id::visited_network_identifier, &apn.visited_network)}) {
        const auto avp = parent.find(id);
        if (!avp) continue;
        if (!is_name(avp->text())) return invalid_value(*avp, "a name with other octets than visible ASCII");
        *text = avp->text();
    }
    if (const auto info = parent.find(avp_id::mip6_agent_info)) apn.gateway = decode_gateway(*info);
    return apn;
}

template <class Parent>
void encode_apn(const s6a::ActiveApn& apn, Parent& parent) {
    // Active-APN has to have one; NOR has one when it is known.
    if (apn.context_identifier != 0 || std::is_same_v<Parent, Message::Group>) {
        parent.add(avp_id::context_identifier, apn.context_identifier);
    }
    if (!apn.service_selection.empty()) parent.add(avp_id::service_selection, apn.service_selection);
    if (apn.gateway) {
        parent.add_group(avp_id::mip6_agent_info,
                         [&apn](Message::Group& group) { encode(*apn.gateway, group); });
    }
    if (!apn.visited_network.empty()) parent.add(avp_id::visited_network_identifier, apn.visited_network);
}

template Decoded<s6a::ActiveApn> decode_apn(const Message&);
template Decoded<s6a::ActiveApn> decode_apn(const AvpView&);
template void encode_apn(const s6a::ActiveApn&, Message&);
template void encode_apn(const s6a::ActiveApn&, Message::Group&);

std::optional<s6a::EpsLocationInformation> decode_location(const Message& message) {
    const auto group = message.find(avp_id::eps_location_information);
    if (!group) return std::nullopt;
    s6a::EpsLocationInformation location;
    if (const auto mme = group->find(avp_id::mme_location_information)) {
        location.mme = decode_node_location(*mme, avp_id::e_utran_cell_global_identity, ecgi_octets,
                                            avp_id::tracking_area_identity, tai_octets);
    }
    if (const auto sgsn = group->find(avp_id::sgsn_location_information)) {
        location.sgsn = decode_node_location(*sgsn, avp_id::cell_global_identity, cgi_octets,
                                             avp_id::routing_area_identity, rai_octets);
    }
    return location;
}

void encode(const std::optional<s6a::EpsLocationInformation>& location, Message& message) {
    if (!location) return;
    message.add_group(avp_id::eps_location_information, [&location](Message::Group& group) {
        if (location->mme) {
            group.add_group(avp_id::mme_location_information, [&location](Message::Group& mme) {
                encode_node_location(*location->mme, avp_id::e_utran_cell_global_identity,
                                     avp_id::tracking_area_identity, mme);
            });
        }
        if (location->sgsn) {
            group.add_group(avp_id::sgsn_location_information, [&location](Message::Group& sgsn) {
                encode_node_location(*location->sgsn, avp_id::cell_global_identity,
                                     avp_id::routing_area_identity, sgsn);
            });
        }
    });
}

std::vector<OctetString> octets_of_each(const Message& message, AvpId id) {
    std::vector<OctetString> all;
    message.each([&all, id](const AvpView& avp) {
        if (avp.id() != id) return;
        const auto octets = avp.octets();
        all.emplace_back(octets.begin(), octets.end());
    });
    return all;
}

}  // namespace bindhss::diameter
