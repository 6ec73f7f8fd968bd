// SPDX-License-Identifier: Apache-2.0
#include "emu/visitors.h"

#include "emu/subscription_fields.h"
#include "emu/subscription_update.h"

namespace bindhss::emu {
namespace {

constexpr Refusal user_unknown{5001, true};
constexpr Refusal unable_to_comply{5012, false};

std::uint32_t number_of(const s6a::IdrFlags& flags) {
    const std::array<bool, 9> bits{flags.ue_reachability_request,   flags.t_ads_data_request,
                                   flags.eps_user_state_request,    flags.eps_location_information_request,
                                   flags.current_location_request,  flags.local_time_zone_request,
                                   flags.remove_sms_registration,   flags.rat_type_requested,
                                   flags.p_cscf_restoration_request};
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < bits.size(); ++i) number |= bits[i] ? 1U << i : 0U;
    return number;
}

std::string hex_list(const std::vector<OctetString>& items) {
    std::vector<std::string> texts;
    texts.reserve(items.size());
    for (const auto& item : items) texts.push_back(to_hex(item));
    return joined(texts);
}

Fields fields_of_idr(const s6a::InsertSubscriberDataRequest& request) {
    auto fields = fields_of(request.subscription_data);
    const auto parts = parts_of(fields);
    fields["parts"] = parts;
    fields["flags"] = std::to_string(number_of(request.flags));
    if (!request.reset_ids.empty()) fields["reset_ids"] = hex_list(request.reset_ids);
    if (const auto& kme = request.kme_provisioning_request) {
        fields["kme"] = "present";
        fields["kme.octets"] = std::to_string(kme->container.size());
        if (kme->nas_container_type) fields["kme.container_type"] = std::to_string(*kme->nas_container_type);
        if (kme->response_timer_ms) fields["kme.response_timer"] = std::to_string(*kme->response_timer_ms);
    }
    return fields;
}

Fields fields_of_dsr(const s6a::DeleteSubscriberDataRequest& request) {
    std::vector<std::string> contexts;
    for (const auto identifier : request.context_identifiers) contexts.push_back(std::to_string(identifier));
    return {{"flags", std::to_string(request.dsr_flags)}, {"contexts", joined(contexts)}};
}

}  // namespace

OctetString octets_of(const Plmn& plmn, std::initializer_list<std::uint8_t> rest) {
    OctetString octets;
    octets.reserve(plmn.octets().size() + rest.size());
    for (const auto octet : plmn.octets()) octets.push_back(octet);
    for (const auto octet : rest) octets.push_back(octet);
    return octets;
}

std::optional<NodeType> parse_node_type(std::string_view text) {
    if (text == "mme") return NodeType::mme;
    if (text == "sgsn") return NodeType::sgsn;
    if (text == "combined") return NodeType::combined;
    return std::nullopt;
}

Fields fields_of(const HssRequest& request) {
    if (const auto* clr = std::get_if<s6a::CancelLocationRequest>(&request)) {
        return {{"type", std::to_string(static_cast<unsigned>(clr->cancellation_type))},
                {"domain", clr->s6a_indicator ? "mme" : "sgsn"},
                {"reattach", clr->reattach_required ? "true" : "false"}};
    }
    if (const auto* idr = std::get_if<s6a::InsertSubscriberDataRequest>(&request)) return fields_of_idr(*idr);
    if (const auto* dsr = std::get_if<s6a::DeleteSubscriberDataRequest>(&request)) return fields_of_dsr(*dsr);
    const auto& rsr = std::get<s6a::ResetRequest>(request);
    return {{"user_ids", joined(rsr.user_ids)}, {"reset_ids", hex_list(rsr.reset_ids)}};
}

std::optional<Refusal> open5gs_refusal(const HssRequest& request) {
    constexpr Refusal command_unsupported{3001, false};
    if (const auto* idr = std::get_if<s6a::InsertSubscriberDataRequest>(&request)) {
        const bool asks = idr->flags.eps_user_state_request || idr->flags.eps_location_information_request;
        if (idr->subscription_data == SubscriptionData{} && !asks) return unable_to_comply;
        return std::nullopt;
    }
    if (std::holds_alternative<s6a::CancelLocationRequest>(request)) return std::nullopt;
    return command_unsupported;
}

Visitor* Visitors::find(const Imsi& imsi) {
    const auto found = visitors_.find(imsi);
    return found == visitors_.end() ? nullptr : &found->second;
}

void Visitors::registered(const Imsi& imsi, s6a::Domain domain, s6a::RatType rat_type,
                          const s6a::UpdateLocationAnswer& answer) {
    if (visitors_.size() == visitors_max && find(imsi) == nullptr) return;
    auto& visitor = visitors_[imsi];
    (domain == s6a::Domain::mme ? visitor.in_mme : visitor.in_sgsn) = true;
    visitor.has_context = true;
    visitor.confirmed = true;
    visitor.rat_type = rat_type;
    if (answer.subscription_data) visitor.data = *answer.subscription_data;
    visitor.hss_features = answer.supported_features;
}

void Visitors::forget(const Imsi& imsi, s6a::Domain domain) {
    auto* visitor = find(imsi);
    if (visitor == nullptr) return;
    (domain == s6a::Domain::mme ? visitor->in_mme : visitor->in_sgsn) = false;
    if (!visitor->in_mme && !visitor->in_sgsn) visitors_.erase(imsi);
}

NodeReply Visitors::serve(const HssRequest& request) {
    if (const auto* clr = std::get_if<s6a::CancelLocationRequest>(&request)) return cancel(*clr);
    if (const auto* idr = std::get_if<s6a::InsertSubscriberDataRequest>(&request)) return insert(*idr);
    if (const auto* dsr = std::get_if<s6a::DeleteSubscriberDataRequest>(&request)) return erase(*dsr);
    return reset(std::get<s6a::ResetRequest>(request));
}

NodeReply Visitors::cancel(const s6a::CancelLocationRequest& request) {
    using Type = s6a::CancellationType;
    auto domain = type_ == NodeType::sgsn ? s6a::Domain::sgsn : s6a::Domain::mme;
    if (type_ == NodeType::combined && !request.s6a_indicator) domain = s6a::Domain::sgsn;
    if (request.cancellation_type == Type::subscription_withdrawal) {
        forget(request.imsi, s6a::Domain::mme);
        forget(request.imsi, s6a::Domain::sgsn);
    } else if (request.cancellation_type != Type::initial_attach_procedure) {
        forget(request.imsi, domain);  // with type 4 the node keeps the data (5.2.1.2.2)
    }
    return {NodeAnswer(s6a::CancelLocationAnswer{})};
}

NodeReply Visitors::insert(const s6a::InsertSubscriberDataRequest& request) {
    auto* visitor = find(request.imsi);
    if (visitor == nullptr) return {user_unknown};
    insert_subscription_data(visitor->data, request.subscription_data);
    s6a::InsertSubscriberDataAnswer answer;
    report_state(*visitor, request.flags, answer);
    return {NodeAnswer(answer)};
}

void Visitors::report_state(const Visitor& visitor, const s6a::IdrFlags& flags,
                            s6a::InsertSubscriberDataAnswer& answer) const {
    const auto state = visitor.reachable ? s6a::UserState::attached_reachable_for_paging
                                         : s6a::UserState::attached_not_reachable_for_paging;
    if (flags.eps_user_state_request && visitor.in_mme) answer.mme_user_state = state;
    if (flags.eps_user_state_request && visitor.in_sgsn) answer.sgsn_user_state = state;
    if (flags.eps_location_information_request) answer.location = location(visitor, flags);
    if (visitor.rat_type && (flags.rat_type_requested || flags.t_ads_data_request)) {
        answer.rat_type = static_cast<std::uint32_t>(*visitor.rat_type);
    }
    if (flags.t_ads_data_request) answer.ims_voice_over_ps_sessions_supported = 1;
}

/// A node of the emulator has one cell in one area.
s6a::EpsLocationInformation Visitors::location(const Visitor& visitor, const s6a::IdrFlags& flags) const {
    s6a::EpsLocationInformation location;
    if (visitor.in_mme) {
        s6a::NodeLocation place;
        place.cell_global_identity = octets_of(plmn_, {0x00, 0x00, 0x01, 0x01});
        place.tracking_area_identity = octets_of(plmn_, {0x00, 0x01});
        place.age_minutes = 0;
        place.current_location_retrieved = flags.current_location_request;
        location.mme = place;
    }
    if (visitor.in_sgsn) {
        s6a::NodeLocation place;
        place.cell_global_identity = octets_of(plmn_, {0x00, 0x01, 0x00, 0x01});
        place.tracking_area_identity = octets_of(plmn_, {0x00, 0x01, 0x01, 0xFF});
        place.service_area_identity = octets_of(plmn_, {0x00, 0x01, 0x00, 0x02});
        place.age_minutes = 0;
        place.current_location_retrieved = flags.current_location_request;
        location.sgsn = place;
    }
    return location;
}

NodeReply Visitors::erase(const s6a::DeleteSubscriberDataRequest& request) {
    auto* visitor = find(request.imsi);
    if (visitor == nullptr) return {user_unknown};
    if (!delete_subscription_data(visitor->data, request, type_ == NodeType::mme)) return {unable_to_comply};
    return {NodeAnswer(s6a::DeleteSubscriberDataAnswer{})};
}

NodeReply Visitors::reset(const s6a::ResetRequest& request) {
    const auto is_meant = [&request](const Imsi& imsi) {
        if (request.user_ids.empty()) return true;
        for (const auto& leading : request.user_ids) {
            if (imsi.digits().starts_with(leading)) return true;
        }
        return false;
    };
    for (auto& [imsi, visitor] : visitors_) {
        if (is_meant(imsi)) visitor.confirmed = false;
    }
    return {NodeAnswer(s6a::ResetAnswer{})};
}

}  // namespace bindhss::emu
