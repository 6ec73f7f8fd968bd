// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "emu/scenario_parts.h"

namespace bindhss::emu {
namespace {

template <class T, std::size_t N>
T one_of(const ScenarioNode& node, const std::array<std::pair<std::string_view, T>, N>& choices) {
    const auto text = node.text();
    std::string names;
    for (const auto& [name, value] : choices) {
        if (name == text) return value;
        names += (names.empty() ? "" : ", ") + std::string(name);
    }
    node.fail("'" + text + "' is none of " + names);
}

constexpr std::array<std::pair<std::string_view, s6a::RatType>, 8> rat_types{{
    {"wlan", s6a::RatType::wlan},
    {"utran", s6a::RatType::utran},
    {"geran", s6a::RatType::geran},
    {"gan", s6a::RatType::gan},
    {"hspa_evolution", s6a::RatType::hspa_evolution},
    {"eutran", s6a::RatType::eutran},
    {"eutran_nb_iot", s6a::RatType::eutran_nb_iot},
    {"lte_m", s6a::RatType::lte_m},
}};
constexpr std::array<std::pair<std::string_view, VectorKind>, 3> vector_kinds{{
    {"eutran", VectorKind::eutran},
    {"utran", VectorKind::utran},
    {"geran", VectorKind::geran},
}};
constexpr std::array<std::pair<std::string_view, s6a::Domain>, 2> domains{{
    {"mme", s6a::Domain::mme},
    {"sgsn", s6a::Domain::sgsn},
}};
constexpr std::array<std::pair<std::string_view, s6a::SmsRegisterRequest>, 3> sms_registrations{{
    {"required", s6a::SmsRegisterRequest::required},
    {"not_preferred", s6a::SmsRegisterRequest::not_preferred},
    {"no_preference", s6a::SmsRegisterRequest::no_preference},
}};

constexpr std::array<std::pair<std::string_view, UeConduct>, 3> ue_conducts{{
    {"right", UeConduct::right},
    {"silent", UeConduct::silent},
    {"wrong_res", UeConduct::wrong_res},
}};

void set_flag(const ScenarioNode& node, const std::string& key, bool& flag) {
    if (node.has(key)) flag = node.at(key).boolean();
}

void read_ulr_flags(const ScenarioNode& node, s6a::UlrFlags& flags) {
    node.require_keys({"single_registration", "s6a", "skip_subscriber_data", "gprs_subscription_data",
                       "node_type", "initial_attach", "ps_lcs_not_supported", "sms_only"});
    set_flag(node, "single_registration", flags.single_registration_indication);
    set_flag(node, "s6a", flags.s6a_indicator);
    set_flag(node, "skip_subscriber_data", flags.skip_subscriber_data);
    set_flag(node, "gprs_subscription_data", flags.gprs_subscription_data_indicator);
    set_flag(node, "node_type", flags.node_type_indicator);
    set_flag(node, "initial_attach", flags.initial_attach_indicator);
    set_flag(node, "ps_lcs_not_supported", flags.ps_lcs_not_supported_by_ue);
    set_flag(node, "sms_only", flags.sms_only_indication);
}

void read_vectors(const ScenarioNode& node, AttachOptions& options) {
    if (node.has("vectors")) {
        options.vectors = one_of(node.at("vectors"), vector_kinds);
        if (options.vectors == VectorKind::geran) options.rat_type = s6a::RatType::geran;
    }
    if (node.has("number")) options.number_of_vectors = node.at("number").number_32();
    if (node.has("others")) options.number_of_others = node.at("others").number_32();
    set_flag(node, "immediate", options.immediate_response_preferred);
    set_flag(node, "usage_type", options.send_ue_usage_type);
}

}  // namespace

s6a::ActiveApn read_active_apn(const ScenarioNode& node) {
    node.require_keys({"apn", "context", "host", "realm", "addresses", "visited_network"});
    s6a::ActiveApn apn;
    apn.service_selection = node.text_or("apn", "");
    if (node.has("context")) apn.context_identifier = node.at("context").number_32();
    apn.visited_network = node.text_or("visited_network", "");
    if (node.has("host") || node.has("addresses")) {
        PdnGateway gateway;
        gateway.host = node.text_or("host", "");
        gateway.realm = node.text_or("realm", "");
        if (node.has("addresses")) {
            node.at("addresses").each_item([&gateway](const ScenarioNode& item) {
                gateway.addresses.push_back(item.text());
            });
        }
        apn.gateway = gateway;
    }
    return apn;
}

AttachOptions read_attach_options(const ScenarioNode& node, NodeType type, bool initial) {
    auto domain = type == NodeType::sgsn ? s6a::Domain::sgsn : s6a::Domain::mme;
    if (node.has("domain")) {
        const auto said = one_of(node.at("domain"), domains);
        if (type != NodeType::combined && said != domain) node.at("domain").fail("the node is no such node");
        domain = said;
    }
    auto options = usual_attach(type, domain);
    options.flags.initial_attach_indicator = initial;
    read_vectors(node, options);
    if (node.has("rat_type")) options.rat_type = one_of(node.at("rat_type"), rat_types);
    if (node.has("flags")) read_ulr_flags(node.at("flags"), options.flags);
    if (node.has("features")) options.features = read_features(node.at("features"));
    if (node.has("plmn")) {
        options.visited_plmn = node.at("plmn").parsed(Plmn::parse, "a PLMN such as \"00101\" (quote it)");
    }
    if (node.has("ue_srvcc")) options.ue_srvcc_capability = node.at("ue_srvcc").number_32();
    if (node.has("ims_voice")) options.homogeneous_ims_voice = node.at("ims_voice").number_32();
    if (node.has("sms_register")) {
        options.sms_register_request = one_of(node.at("sms_register"), sms_registrations);
    }
    if (node.has("active_apns")) {
        node.at("active_apns").each_item([&options](const ScenarioNode& item) {
            options.active_apns.push_back(read_active_apn(item));
        });
    }
    if (node.has("ue")) options.ue = one_of(node.at("ue"), ue_conducts);
    set_flag(node, "again", options.again);
    options.mme_number_for_mt_sms = node.text_or("mme_number", "");
    options.sgsn_number = node.text_or("sgsn_number", "");
    options.coupled_node = node.text_or("coupled_node", "");
    return options;
}

s6a::NorFlags read_nor_flags(const ScenarioNode& node) {
    node.require_keys({"single_registration", "sgsn_area_restricted", "ready_for_sm_from_sgsn",
                       "ue_reachable_from_mme", "ue_reachable_from_sgsn", "ready_for_sm_from_mme",
                       "ims_voice", "s6a", "removal_of_mme_registration_for_sms"});
    s6a::NorFlags flags;
    set_flag(node, "single_registration", flags.single_registration_indication);
    set_flag(node, "sgsn_area_restricted", flags.sgsn_area_restricted);
    set_flag(node, "ready_for_sm_from_sgsn", flags.ready_for_sm_from_sgsn);
    set_flag(node, "ue_reachable_from_mme", flags.ue_reachable_from_mme);
    set_flag(node, "ue_reachable_from_sgsn", flags.ue_reachable_from_sgsn);
    set_flag(node, "ready_for_sm_from_mme", flags.ready_for_sm_from_mme);
    set_flag(node, "ims_voice", flags.homogeneous_support_of_ims_voice);
    set_flag(node, "s6a", flags.s6a_indicator);
    set_flag(node, "removal_of_mme_registration_for_sms", flags.removal_of_mme_registration_for_sms);
    return flags;
}

}  // namespace bindhss::emu
