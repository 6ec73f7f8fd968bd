// SPDX-License-Identifier: Apache-2.0
#include "emu/core_node.h"

#include <algorithm>

#include "types/result_code.h"

namespace bindhss::emu {
namespace {

namespace asio = boost::asio;

constexpr std::array<std::array<const char*, 2>, hss_command_count> message_names{{
    {"Cancel-Location-Request", "Cancel-Location-Answer"},
    {"Insert-Subscriber-Data-Request", "Insert-Subscriber-Data-Answer"},
    {"Delete-Subscriber-Data-Request", "Delete-Subscriber-Data-Answer"},
    {"Reset-Request", "Reset-Answer"},
}};

std::string text_of(bool value) {
    return value ? "true" : "false";
}

std::string name_of(s6a::EquipmentStatus status) {
    switch (status) {
        case s6a::EquipmentStatus::permitted:
            return "permitted";
        case s6a::EquipmentStatus::prohibited:
            return "prohibited";
        case s6a::EquipmentStatus::tracked:
            return "tracked";
    }
    return std::to_string(static_cast<unsigned>(status));
}

std::string text_of(const NodeReply& reply) {
    if (std::holds_alternative<Silence>(reply.answer)) return "none, as the scenario has it";
    const auto* refusal = std::get_if<Refusal>(&reply.answer);
    auto text = refusal == nullptr
                    ? std::string("2001")
                    : std::to_string(refusal->number) + (refusal->experimental ? " (experimental)" : "");
    if (reply.delay.count() != 0) text += " after " + std::to_string(reply.delay.count()) + " ms";
    return text;
}

}  // namespace

CoreNode::CoreNode(const CoreNodeSettings& settings, HssPort& hss, Trace& trace)
    : settings_(settings),
      hss_(hss),
      trace_(trace),
      visitors_(settings.type, settings.plmn),
      relay_(settings.name, trace) {}

void CoreNode::say(std::string from, std::string to, std::string message, Event::Fields fields,
                   Event::Kind kind) {
    const Event event{std::move(from), std::move(to), std::move(message), std::move(fields), kind};
    trace_.event(event);
}

asio::awaitable<AttachResult> CoreNode::attach(Ue ue) {
    const auto domain = settings_.type == NodeType::sgsn ? s6a::Domain::sgsn : s6a::Domain::mme;
    co_return co_await attach(ue, usual_attach(settings_.type, domain));
}

asio::awaitable<AttachResult> CoreNode::attach(Ue ue, AttachOptions options) {
    auto result = co_await attach_once(ue, options);
    if (!options.again || !result.reattach) co_return result;
    auto second = co_await attach_once(ue, options);
    second.fields["attaches"] = "2";
    second.fields.merge(result.fields);  // what the second one did not say
    co_return second;
}

asio::awaitable<AttachResult> CoreNode::attach_once(Ue ue, AttachOptions options) {
    (void)relay_.take_told();
    Attach attach(settings_, hss_, trace_, relay_, ue, options);
    auto result = co_await attach.run();
    const auto& registration = attach.registration();
    if (registration) {
        visitors_.registered(ue.usim.imsi(), options.domain, options.rat_type, *registration);
    } else if (options.update) {
        relay_.gone(ue.usim.imsi());  // rejected: it is idle
    }
    add_fields(result.fields, "kme", relay_.take_told());
    const bool spoken = std::any_of(result.fields.begin(), result.fields.end(),
                                    [](const auto& field) { return field.first.starts_with("kme."); });
    if (spoken) result.fields["kme"] = "present";
    result.fields["asked"] = "true";
    if (result.outcome != Outcome::attached) result.fields["bearer"] = "false";
    co_return result;
}

asio::awaitable<AttachResult> CoreNode::reattach(Ue ue, AttachOptions options) {
    const auto* visitor = visitors_.find(ue.usim.imsi());
    if (visitor == nullptr || !visitor->has_context || !visitor->confirmed) {
        if (visitor != nullptr && visitor->has_context) options.authenticate = false;  // only ULR after a RSR
        co_return co_await attach(ue, options);
    }
    say("UE", settings_.name, "ATTACH REQUEST (integrity protected)",
        {{"IMSI", ue.usim.imsi().str()}, {"device", ue.me.imei().str()}});
    say(settings_.name, "UE", "ATTACH ACCEPT", {{"service", "granted"}, {"HSS", "not asked"}},
        Event::Kind::success);
    AttachResult result;
    result.fields["asked"] = "false";
    co_return result;
}

Fields CoreNode::refused(const std::string& answer, const Failure& failure) {
    const auto code = result_code(failure.cause);
    say("HSS", settings_.name, answer, {{"result", result_text(failure)}}, Event::Kind::failure);
    return {{"result", std::to_string(code.number)}, {"experimental", text_of(code.experimental)}};
}

asio::awaitable<Fields> CoreNode::purge(Imsi imsi, PurgeOptions options) {
    s6a::PurgeUeRequest request{imsi, settings_.identity};
    request.purged_in_mme = options.mme;
    request.purged_in_sgsn = options.sgsn;
    request.supported_features = settings_.announced();
    if (options.with_location) {
        s6a::NodeLocation place;
        place.tracking_area_identity = octets_of(settings_.plmn, {0x00, 0x01});
        request.location.emplace();
        request.location->mme = place;
    }
    say(settings_.name, "HSS", "Purge-UE-Request", {{"IMSI", imsi.str()}});
    const auto answer = co_await hss_.purge_ue(request);
    if (!answer) co_return refused("Purge-UE-Answer", answer.error());
    say("HSS", settings_.name, "Purge-UE-Answer", {{"result", "2001"}});
    const bool both = !options.mme && !options.sgsn;
    if (both || options.mme.value_or(false)) {
        visitors_.forget(imsi, s6a::Domain::mme);
        relay_.gone(imsi);
    }
    if (both || options.sgsn.value_or(false)) visitors_.forget(imsi, s6a::Domain::sgsn);
    Fields fields{{"result", "2001"},
                  {"freeze_m_tmsi", text_of(answer->freeze_m_tmsi)},
                  {"freeze_p_tmsi", text_of(answer->freeze_p_tmsi)}};
    co_return fields;
}

asio::awaitable<Fields> CoreNode::notify(Imsi imsi, std::optional<TerminalReport> terminal,
                                         NotifyOptions options) {
    s6a::NotifyRequest request{imsi, settings_.identity};
    request.flags = options.flags;
    request.supported_features = settings_.announced();
    request.pdn_gateway = options.pdn_gateway;
    request.alert_reason = options.alert_reason;
    request.ue_srvcc_capability = options.ue_srvcc_capability;
    request.homogeneous_ims_voice = options.homogeneous_ims_voice;
    if (options.emm_cause) request.auth_failure_report.emplace().emm_cause = *options.emm_cause;
    Event::Fields told{{"IMSI", imsi.str()}};
    if (options.emm_cause) told.emplace_back("KME-EMM-Cause", std::to_string(*options.emm_cause));
    if (terminal) told.emplace_back("IMEI", terminal->imei);
    if (options.pdn_gateway) told.emplace_back("PDN-GW", options.pdn_gateway->service_selection);
    say(settings_.name, "HSS", "Notify-Request", told);
    const auto answer = co_await hss_.notify(request, terminal);
    if (!answer) co_return refused("Notify-Answer", answer.error());
    say("HSS", settings_.name, "Notify-Answer", {{"result", "2001"}});
    Fields fields{{"result", "2001"}};
    co_return fields;
}

asio::awaitable<Fields> CoreNode::check_imei(TerminalReport terminal, std::optional<Imsi> imsi) {
    s6a::MeIdentityCheckRequest request;
    request.origin = settings_.identity;
    request.imsi = imsi;
    Event::Fields told{{"IMEI", terminal.imei}};
    if (imsi) told.emplace_back("IMSI", imsi->str());
    say(settings_.name, "EIR", "ME-Identity-Check-Request", told);
    const auto answer = co_await hss_.check_me_identity(request, terminal);
    if (!answer) co_return refused("ME-Identity-Check-Answer", answer.error());
    const auto status = name_of(answer->equipment_status);
    say("EIR", settings_.name, "ME-Identity-Check-Answer", {{"result", "2001"}, {"status", status}});
    Fields fields{{"result", "2001"}, {"status", status}};
    co_return fields;
}

NodeReply CoreNode::serve(const HssRequest& request) {
    const auto command = command_of(request);
    const auto scripted = answers_.next(command);
    const auto quirk = settings_.behaves_like_open5gs ? open5gs_refusal(request) : std::nullopt;
    Received received{command, imsi_of(request), fields_of(request)};
    trace_request(request, received.fields);
    NodeReply reply;
    if (scripted.kind == ScriptedReply::Kind::refusal) {
        reply.answer = scripted.refusal;
    } else if (scripted.kind == ScriptedReply::Kind::silence) {
        reply.answer = Silence{};
    } else if (quirk) {
        reply.answer = *quirk;
    } else {
        reply = obey(request);
        if (received.fields.contains("kme")) add_fields(received.fields, "kme", relay_.told());
    }
    reply.delay += scripted.delay;
    trace_reply(command, reply);
    if (received_.size() == received_max) received_.pop_front();
    received_.push_back(std::move(received));
    return reply;
}

NodeReply CoreNode::obey(const HssRequest& request) {
    const auto* idr = std::get_if<s6a::InsertSubscriberDataRequest>(&request);
    if (idr == nullptr) {
        auto reply = visitors_.serve(request);
        const auto* clr = std::get_if<s6a::CancelLocationRequest>(&request);
        if (clr != nullptr && visitors_.find(clr->imsi) == nullptr) relay_.gone(clr->imsi);
        return reply;
    }
    if (idr->kme_provisioning_request && settings_.has(s6a::feature_kme::provisioning)) return carry(*idr);
    // Open5GS has a record of the UE from its first message on; the AVPs of a vendor it passes over.
    const bool pending = visitors_.find(idr->imsi) == nullptr && relay_.knows(idr->imsi);
    if (pending && settings_.behaves_like_open5gs) return success_of(request);
    return visitors_.serve(request);
}

/// Before the ULA as well, when a node that knows nothing of KMEs has no record yet (spec 4.4).
NodeReply CoreNode::carry(const s6a::InsertSubscriberDataRequest& request) {
    const bool pending = visitors_.find(request.imsi) == nullptr && relay_.knows(request.imsi);
    auto reply = pending ? success_of(HssRequest(request)) : visitors_.serve(HssRequest(request));
    auto* answer = std::get_if<NodeAnswer>(&reply.answer);
    if (answer == nullptr) return reply;
    auto relayed = relay_.relay(request.imsi, *request.kme_provisioning_request);
    std::get<s6a::InsertSubscriberDataAnswer>(*answer).kme_provisioning_response =
        std::move(relayed.response);
    reply.delay = relayed.delay;
    return reply;
}

void CoreNode::trace_request(const HssRequest& request, const Fields& fields) {
    Event::Fields told;
    if (const auto imsi = imsi_of(request)) told.emplace_back("IMSI", imsi->str());
    for (const auto* name : {"type", "parts", "flags", "user_ids", "kme.octets"}) {
        const auto found = fields.find(name);
        if (found != fields.end() && !found->second.empty()) told.emplace_back(name, found->second);
    }
    say("HSS", settings_.name, message_names[static_cast<std::size_t>(command_of(request))][0], told);
}

void CoreNode::trace_reply(HssCommand command, const NodeReply& reply) {
    const bool right = std::holds_alternative<NodeAnswer>(reply.answer);
    say(settings_.name, "HSS", message_names[static_cast<std::size_t>(command)][1],
        {{"result", text_of(reply)}}, right ? Event::Kind::message : Event::Kind::failure);
}

std::size_t CoreNode::count(HssCommand command, const std::optional<Imsi>& imsi) const {
    return static_cast<std::size_t>(
        std::count_if(received_.begin(), received_.end(), [&](const Received& received) {
            return received.command == command && (!imsi || received.imsi == imsi);
        }));
}

std::optional<Received> CoreNode::take(HssCommand command, const std::optional<Imsi>& imsi) {
    const auto found = std::find_if(received_.begin(), received_.end(), [&](const Received& received) {
        return received.command == command && (!imsi || received.imsi == imsi);
    });
    if (found == received_.end()) return std::nullopt;
    auto received = std::move(*found);
    received_.erase(found);
    return received;
}

}  // namespace bindhss::emu
