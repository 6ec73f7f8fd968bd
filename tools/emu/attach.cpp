// SPDX-License-Identifier: Apache-2.0
#include "emu/attach.h"

#include <algorithm>
#include <array>

#include "aka/vectors.h"
#include "emu/subscription_fields.h"

namespace bindhss::emu {
namespace {

namespace asio = boost::asio;

std::string amf_text(std::uint16_t amf) {
    const std::array<std::uint8_t, 2> octets{static_cast<std::uint8_t>(amf >> 8),
                                             static_cast<std::uint8_t>(amf)};
    return to_hex(octets);
}

/// The one to be used first (TS 29.272 7.3.20).
template <class Vector>
const Vector& lowest(const std::vector<Vector>& vectors) {
    return *std::min_element(vectors.begin(), vectors.end(),
                             [](const auto& a, const auto& b) { return a.item_number < b.item_number; });
}

constexpr const char* res_differs = "RES differs from XRES";

/// How the vector's half and the UE's half differ; empty: they do not.
std::string fault_of(const s6a::EutranVector& vector, const AuthenticationResponse& response) {
    if (!(response.res == vector.xres)) return res_differs;
    return response.kasme == vector.kasme ? "" : "the KASME of the AIA is not that of the UE";
}
std::string fault_of(const s6a::UtranVector& vector, const UtranResponse& response) {
    if ((amf_of(vector.autn) & aka::amf_separation_bit) != 0) {
        return "the separation bit is set in a vector for UTRAN";
    }
    if (!(response.res == vector.xres)) return res_differs;
    if (!(response.ck == vector.confidentiality_key)) return "the CK of the AIA is not that of the UE";
    return response.ik == vector.integrity_key ? "" : "the IK of the AIA is not that of the UE";
}
std::string fault_of(const s6a::GeranVector& vector, const GeranResponse& response) {
    if (!(response.sres == vector.sres)) return "SRES of the UE differs from that of the AIA";
    return response.kc == vector.kc ? "" : "the Kc of the AIA is not that of the UE";
}

UeAnswer ask(Ue& ue, const s6a::EutranVector& vector, const Plmn& plmn) {
    return ue.authenticate(vector.rand, vector.autn, plmn);
}
UeAnswer ask(Ue& ue, const s6a::UtranVector& vector, const Plmn&) {
    return ue.authenticate_utran(vector.rand, vector.autn);
}
UeAnswer ask(Ue& ue, const s6a::GeranVector& vector, const Plmn&) {
    return ue.authenticate_geran(vector.rand);
}

std::optional<Autn> autn_of(const s6a::GeranVector&) {
    return std::nullopt;
}
template <class Vector>
std::optional<Autn> autn_of(const Vector& vector) {
    return vector.autn;
}

void add_features(Fields& fields, const std::optional<s6a::Features>& features) {
    if (!features) return;
    fields["features.list_1"] = std::to_string(features->list_1);
    fields["features.list_2"] = std::to_string(features->list_2);
    fields["features.vendor"] = std::to_string(features->vendor);
}

}  // namespace

std::optional<TerminalReport> terminal_report(const Me& me, ImeiReport report) {
    const auto imei = me.imei().str();
    switch (report) {
        case ImeiReport::none:
            return std::nullopt;
        case ImeiReport::digits_14:
            return TerminalReport{imei, me.svn()};
        case ImeiReport::digits_15:
            return TerminalReport{imei + me.imei().check_digit(), me.svn()};
        case ImeiReport::digits_16:
            return TerminalReport{imei + me.svn(), {}};
    }
    return std::nullopt;
}

AttachOptions usual_attach(NodeType type, s6a::Domain domain) {
    AttachOptions options;
    options.domain = domain;
    options.flags.initial_attach_indicator = true;
    options.flags.node_type_indicator = type == NodeType::combined;
    if (domain == s6a::Domain::mme) {
        options.ue_srvcc_capability = 0;  // with the flags 0x22 as Open5GS has it
        return options;
    }
    options.vectors = VectorKind::utran;
    options.rat_type = s6a::RatType::utran;
    options.flags.s6a_indicator = false;
    options.flags.gprs_subscription_data_indicator = true;
    return options;
}

void Attach::say(std::string from, std::string to, std::string message, Event::Fields fields,
                 Event::Kind kind) {
    const Event event{std::move(from), std::move(to), std::move(message), std::move(fields), kind};
    trace_.event(event);
}

asio::awaitable<AttachResult> Attach::run() {
    if (options_.authenticate) {
        say("UE", settings_.name, "ATTACH REQUEST",
            {{"IMSI", ue_.usim.imsi().str()}, {"device", ue_.me.imei().str()}, {"PLMN", plmn().str()}});
        const bool proven = co_await authenticate();
        if (!proven) {
            co_await report_failure();
            co_return result_;
        }
        result_.outcome = Outcome::authenticated;
        result_.detail.clear();
    }
    if (options_.update) {
        // From here on the HSS may send a container, beside the pending Update-Location (spec 4.4).
        if (ue_.nas != nullptr && session_) ue_.nas->secured(ue_.usim.imsi(), session_);
        if (options_.domain == s6a::Domain::mme) relay_.reachable(ue_.usim.imsi(), ue_.nas);
        co_await update_location();
    }
    co_return result_;
}

asio::awaitable<bool> Attach::authenticate() {
    std::optional<ReSynchronizationInfo> none;
    auto vector = co_await ask_vector(none);
    std::optional<Auts> auts;
    bool proven = vector && challenge(*vector, auts);
    if (auts) {
        // One try, as Open5GS does: a second synchronisation failure ends the attach.
        const auto rand = std::visit([](const auto& one) { return one.rand; }, *vector);
        std::optional<ReSynchronizationInfo> resync(ReSynchronizationInfo{rand, *auts});
        failure_.reset();  // S6a has a message for this one
        vector = co_await ask_vector(resync);
        auts.reset();
        proven = vector && challenge(*vector, auts);
        result_.resynchronised = proven;
    }
    co_return proven;
}

s6a::AuthenticationInformationRequest Attach::vector_request(
    const std::optional<ReSynchronizationInfo>& resync) const {
    s6a::RequestedAuthenticationInfo requested;
    requested.number_of_requested_vectors = options_.number_of_vectors;
    requested.immediate_response_preferred = options_.immediate_response_preferred;
    requested.re_synchronization_info = resync;
    std::optional<s6a::RequestedAuthenticationInfo> others;
    if (options_.number_of_others != 0) {
        others.emplace();
        others->number_of_requested_vectors = options_.number_of_others;
    }
    s6a::AuthenticationInformationRequest request{ue_.usim.imsi(), settings_.identity, plmn()};
    const bool eutran = options_.vectors == VectorKind::eutran;
    (eutran ? request.eutran : request.utran_geran) = requested;
    (eutran ? request.utran_geran : request.eutran) = others;
    request.supported_features = options_.features ? options_.features : settings_.announced();
    request.send_ue_usage_type = options_.send_ue_usage_type;
    return request;
}

asio::awaitable<std::optional<Attach::Vector>> Attach::ask_vector(
    std::optional<ReSynchronizationInfo> resync) {
    Event::Fields fields{{"IMSI", ue_.usim.imsi().str()}, {"Visited-PLMN", plmn().str()}};
    if (resync) {
        fields.emplace_back("Re-Synchronization-Info RAND", to_hex(resync->rand.view()));
        fields.emplace_back("AUTS", to_hex(resync->auts.view()));
    }
    say(settings_.name, "HSS", "Authentication-Information-Request", fields);
    const auto request = vector_request(resync);
    const auto answer = co_await hss_.authentication_information(request);
    if (!answer) {
        reject("AIR", answer.error());
        co_return std::nullopt;
    }
    result_.fields["vectors.eutran"] = std::to_string(answer->eutran_vectors.size());
    result_.fields["vectors.utran"] = std::to_string(answer->utran_vectors.size());
    result_.fields["vectors.geran"] = std::to_string(answer->geran_vectors.size());
    if (answer->ue_usage_type) result_.fields["ue_usage_type"] = std::to_string(*answer->ue_usage_type);
    add_features(result_.fields, answer->supported_features);
    read_access("air", answer->kme_access_info);
    auto vector = first_of(*answer);
    if (!vector) {
        result_.outcome = Outcome::bad_vector;
        result_.detail = "the AIA says success but has no vector of the kind";
        say("HSS", settings_.name, "Authentication-Information-Answer", {{"result", "2001, no vector"}},
            Event::Kind::failure);
    }
    co_return vector;
}

std::optional<Attach::Vector> Attach::first_of(const s6a::AuthenticationInformationAnswer& answer) {
    // An SGSN takes what the subscription has for it: quintuplets or triplets (TS 29.272 5.2.3.1.3).
    std::optional<Vector> vector;
    if (options_.vectors == VectorKind::eutran) {
        if (!answer.eutran_vectors.empty()) {
            const auto& first = lowest(answer.eutran_vectors);
            if (first.kme_access_flags != 0) result_.fields["kme.vector"] = names_of(first.kme_access_flags);
            vector = first;
        }
    } else if (options_.vectors == VectorKind::utran) {
        if (!answer.utran_vectors.empty()) vector = lowest(answer.utran_vectors);
    } else if (!answer.geran_vectors.empty()) {
        vector = lowest(answer.geran_vectors);
    }
    if (vector) {
        std::visit([this](const auto& one) { trace_vector(one.rand, autn_of(one)); }, *vector);
    }
    return vector;
}

void Attach::trace_vector(const Rand& rand, const std::optional<Autn>& autn) {
    Event::Fields fields{{"result", "2001"}, {"RAND", to_hex(rand.view())}};
    if (autn) {
        fields.emplace_back("AUTN", to_hex(autn->view()));
        fields.emplace_back("AMF", amf_text(amf_of(*autn)));
    }
    say("HSS", settings_.name, "Authentication-Information-Answer", fields);
}

bool Attach::challenge(const Vector& vector, std::optional<Auts>& auts) {
    emm_cause_.reset();
    const bool proven = ask_ue(vector, auts);
    set_failure(vector);
    return proven;
}

bool Attach::ask_ue(const Vector& vector, std::optional<Auts>& auts) {
    say(settings_.name, "UE", "AUTHENTICATION REQUEST");
    if (misbehave()) return false;
    const auto answer = std::visit([this](const auto& one) { return ask(ue_, one, plmn()); }, vector);
    result_.encrypted_rand = answer.opened.pre_processed;
    trace_ue(answer);
    if (const auto* failure = std::get_if<AuthenticationFailure>(&answer.answer)) {
        return refuse(*failure, answer.reached_usim, auts);
    }
    say("UE", settings_.name, "AUTHENTICATION RESPONSE");
    session_ = answer.session;
    return accept(std::visit(
        [](const auto& one, const auto& response) -> std::string {
            if constexpr (requires { fault_of(one, response); }) {
                return fault_of(one, response);
            }
            return "the UE answered to another kind of vector";
        },
        vector, answer.answer));
}

void Attach::trace_ue(const UeAnswer& answer) {
    const auto& opened = answer.opened;
    if (!opened.rand) {
        if (!opened.pre_processed) return;
        say("ME", "", "RAND is encrypted, and this device has no KME for it",
            {{"generation parity", std::to_string(opened.parity)}}, Event::Kind::failure);
        return;
    }
    const char* treatment = "RAND handed to the USIM as it came";
    if (opened.pre_processed) treatment = "RAND decrypted with the KME of this device";
    if (ue_.me.feature() == Me::Feature::legacy) treatment = "RAND handed through (a device without KME)";
    say("ME", "USIM", treatment, {{"RAND", to_hex(opened.rand->view())}});
}

bool Attach::accept(const std::string& fault) {
    if (fault.empty()) {
        const char* proven = "RES = XRES, and NAS security works: both sides have the same KASME";
        if (options_.vectors == VectorKind::utran) proven = "RES = XRES, and both sides have the same CK, IK";
        if (options_.vectors == VectorKind::geran)
            proven = "SRES is the same, and both sides have the same Kc";
        say(settings_.name, "", proven, {}, Event::Kind::success);
        return true;
    }
    result_.outcome = Outcome::bad_vector;
    result_.detail = fault;
    if (fault == res_differs) emm_cause_ = s6a::kme_emm_cause::res_mismatch;
    say(settings_.name, "UE", "AUTHENTICATION REJECT", {{"why", fault}}, Event::Kind::failure);
    return false;
}

bool Attach::refuse(const AuthenticationFailure& failure, bool reached_usim, std::optional<Auts>& auts) {
    emm_cause_ = static_cast<std::uint32_t>(failure.cause);
    if (failure.cause == EmmCause::synch_failure) {
        result_.outcome = Outcome::synch_failure;
        result_.detail = "the USIM is out of step";
        auts = failure.auts;
        say("USIM", settings_.name, "AUTHENTICATION FAILURE #21 (synch failure)",
            {{"AUTS", to_hex(auts->view())}});
        return false;
    }
    const bool mac = failure.cause == EmmCause::mac_failure;
    result_.outcome = mac ? Outcome::mac_failure : Outcome::non_eps_challenge;
    result_.detail =
        mac ? (reached_usim ? "MAC-A is wrong for the USIM" : "the device has no key for this RAND")
            : "the separation bit of AMF is not set";
    say(reached_usim ? "USIM" : "ME", settings_.name,
        mac ? "AUTHENTICATION FAILURE #20 (MAC failure)" : "AUTHENTICATION FAILURE #26 (non-EPS)",
        {{"why", result_.detail}}, Event::Kind::failure);
    say(settings_.name, "UE", "AUTHENTICATION REJECT", {{"service", "none"}}, Event::Kind::failure);
    return false;
}

s6a::UpdateLocationRequest Attach::location_request() const {
    s6a::UpdateLocationRequest request{ue_.usim.imsi(), settings_.identity, plmn()};
    request.rat_type = options_.rat_type;
    request.flags = options_.flags;
    request.ue_srvcc_capability = options_.ue_srvcc_capability;
    request.supported_features = options_.features ? options_.features : settings_.announced();
    request.homogeneous_ims_voice = options_.homogeneous_ims_voice;
    request.active_apns = options_.active_apns;
    request.sgsn_number = options_.sgsn_number;
    request.mme_number_for_mt_sms = options_.mme_number_for_mt_sms;
    request.sms_register_request = options_.sms_register_request;
    request.coupled_node = options_.coupled_node;
    return request;
}

asio::awaitable<void> Attach::update_location() {
    const auto request = location_request();
    Event::Fields fields{{"IMSI", request.imsi.str()}};
    const auto terminal = terminal_report(ue_.me, settings_.imei_report);
    if (terminal) fields.emplace_back("IMEI", terminal->imei);
    if (terminal && !terminal->software_version.empty()) {
        fields.emplace_back("Software-Version", terminal->software_version);
    }
    say(settings_.name, "HSS", "Update-Location-Request", fields);
    auto answer = co_await hss_.update_location(request, terminal);
    if (!answer) {
        reject("ULR", answer.error());
        co_return;
    }
    registration_ = std::move(*answer);
    read_registration();
}

void Attach::read_data() {
    const auto& data = registration_->subscription_data;
    result_.fields["data"] = data ? "present" : "absent";
    std::vector<std::string> apns;
    if (data && data->has_eps()) {
        for (const auto& apn : data->apn_configuration_profile->apns) apns.push_back(apn.service_selection);
    }
    if (!apns.empty()) result_.fields["apns"] = joined(apns);
    const bool contexts = data && data->gprs_subscription_data;
    // Without data the node uses what it has.
    result_.fields["bearer"] = !data || !apns.empty() || contexts ? "true" : "false";
    say("HSS", settings_.name, "Update-Location-Answer", {{"result", "2001"}, {"APN", joined(apns)}});
}

void Attach::read_registration() {
    read_data();
    result_.fields["sms_in_mme"] = registration_->mme_registered_for_sms ? "true" : "false";
    add_features(result_.fields, registration_->supported_features);
    read_access("ula", registration_->kme_access_info);
    if (end_provisioning_only()) return;
    const auto& data = registration_->subscription_data;
    if (settings_.behaves_like_open5gs && (!data || !data->ambr || !data->has_eps())) {
        result_.outcome = Outcome::bad_answer;
        result_.detail = "Open5GS drops a ULA without AMBR or APN-Configuration-Profile";
        say(settings_.name, "", result_.detail, {}, Event::Kind::failure);
        registration_.reset();
        return;
    }
    result_.outcome = Outcome::attached;
    result_.detail.clear();
    say(settings_.name, "UE", "ATTACH ACCEPT", {{"service", "granted"}}, Event::Kind::success);
}

void Attach::reject(std::string command, const Failure& failure) {
    const bool air = command == "AIR";
    result_.outcome = Outcome::rejected;
    result_.cause = failure.cause;
    result_.command = std::move(command);
    result_.detail = failure.detail;
    result_.reattach = !air && failure.cause == Cause::unable_to_comply;  // EMM cause #17
    if (failure.diagnostic) {
        result_.fields["diagnostic"] = std::to_string(static_cast<unsigned>(*failure.diagnostic));
    }
    say("HSS", settings_.name, air ? "Authentication-Information-Answer" : "Update-Location-Answer",
        {{"result", result_text(failure)}}, Event::Kind::failure);
    read_access(air ? "air" : "ula", failure.kme_access_info);
    say(settings_.name, "UE", "ATTACH REJECT", {{"service", "none"}}, Event::Kind::failure);
}

}  // namespace bindhss::emu
