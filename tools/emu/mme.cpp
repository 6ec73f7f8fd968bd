// SPDX-License-Identifier: Apache-2.0
#include "emu/mme.h"

#include <array>

#include "types/limits.h"

namespace bindhss::emu {
namespace {

namespace asio = boost::asio;

constexpr std::array<std::pair<Outcome, std::string_view>, 6> outcome_names{{
    {Outcome::attached, "attached"},
    {Outcome::mac_failure, "mac_failure"},
    {Outcome::synch_failure, "synch_failure"},
    {Outcome::non_eps_challenge, "non_eps_challenge"},
    {Outcome::rejected, "rejected"},
    {Outcome::bad_vector, "bad_vector"},
}};

std::string result_text(const Failure& failure) {
    const auto code = result_code(failure.cause);
    return std::to_string(code.number) + (code.experimental ? " (experimental) " : " ") +
           std::string(code.name);
}

std::string amf_text(std::uint16_t amf) {
    const std::array<std::uint8_t, 2> octets{static_cast<std::uint8_t>(amf >> 8),
                                             static_cast<std::uint8_t>(amf)};
    return to_hex(octets);
}

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

}  // namespace

std::string_view name_of(Outcome outcome) {
    for (const auto& [value, name] : outcome_names) {
        if (value == outcome) return name;
    }
    return "unknown";
}

std::optional<Outcome> parse_outcome(std::string_view text) {
    for (const auto& [value, name] : outcome_names) {
        if (name == text) return value;
    }
    return std::nullopt;
}

std::string AttachResult::str() const {
    std::string text(name_of(outcome));
    if (cause) text += " " + std::to_string(result_code(*cause).number);
    return text;
}

/// What one attach knows of itself.
struct Mme::Attempt {
    Ue ue;
    AttachResult result;
};

void Mme::say(std::string from, std::string to, std::string message,
              std::vector<std::pair<std::string, std::string>> fields, Event::Kind kind) {
    const Event event{std::move(from), std::move(to), std::move(message), std::move(fields), kind};
    trace_.event(event);
}

asio::awaitable<AttachResult> Mme::attach(Ue ue) {
    Attempt attempt{ue, {}};
    say("UE", settings_.name, "ATTACH REQUEST",
        {{"IMSI", ue.usim.imsi().str()}, {"device", ue.me.imei().str()}, {"PLMN", settings_.plmn.str()}});

    auto vector = co_await ask_vector(attempt, std::nullopt);
    std::optional<Auts> auts;
    bool proven = vector && challenge(attempt, *vector, auts);
    if (auts) {
        // One try, as Open5GS does: a second synchronisation failure ends the attach.
        const ReSynchronizationInfo resync{vector->rand, *auts};
        vector = co_await ask_vector(attempt, resync);
        auts.reset();
        proven = vector && challenge(attempt, *vector, auts);
        attempt.result.resynchronised = proven;
    }
    if (proven) {
        co_await update_location(attempt);
    }
    co_return attempt.result;
}

asio::awaitable<std::optional<s6a::EutranVector>> Mme::ask_vector(
    Attempt& attempt, std::optional<ReSynchronizationInfo> resync) {
    std::vector<std::pair<std::string, std::string>> fields{{"IMSI", attempt.ue.usim.imsi().str()},
                                                            {"Visited-PLMN", settings_.plmn.str()}};
    if (resync) {
        fields.emplace_back("Re-Synchronization-Info RAND", to_hex(resync->rand.view()));
        fields.emplace_back("AUTS", to_hex(resync->auts.view()));
    }
    say(settings_.name, "HSS", "Authentication-Information-Request", fields);

    s6a::RequestedAuthenticationInfo requested;
    requested.immediate_response_preferred = true;
    requested.re_synchronization_info = resync;
    const s6a::AuthenticationInformationRequest request{attempt.ue.usim.imsi(), settings_.identity,
                                                        settings_.plmn, requested, std::nullopt};
    auto answer = co_await hss_.authentication_information(request);
    if (!answer) {
        reject(attempt, "AIR", answer.error());
        co_return std::nullopt;
    }
    if (answer->eutran_vectors.empty()) {
        attempt.result.outcome = Outcome::bad_vector;
        attempt.result.detail = "the AIA says success but has no E-UTRAN vector";
        say("HSS", settings_.name, "Authentication-Information-Answer", {{"result", "2001, no vector"}},
            Event::Kind::failure);
        co_return std::nullopt;
    }
    const auto& vectors = answer->eutran_vectors;
    const auto first = std::min_element(vectors.begin(), vectors.end(), [](const auto& a, const auto& b) {
        return a.item_number < b.item_number;  // the lower is used first (TS 29.272 7.3.20)
    });
    trace_challenge(*first);
    co_return *first;
}

void Mme::trace_challenge(const s6a::EutranVector& vector) {
    say("HSS", settings_.name, "Authentication-Information-Answer",
        {{"result", "2001"},
         {"RAND", to_hex(vector.rand.view())},
         {"AUTN", to_hex(vector.autn.view())},
         {"AMF", amf_text(amf_of(vector.autn))}});
}

bool Mme::challenge(Attempt& attempt, const s6a::EutranVector& vector, std::optional<Auts>& auts) {
    say(settings_.name, "UE", "AUTHENTICATION REQUEST");
    const auto answer = attempt.ue.authenticate(vector.rand, vector.autn, settings_.plmn);
    attempt.result.encrypted_rand = answer.opened.pre_processed;
    trace_ue(answer, attempt.ue.me);
    if (const auto* response = std::get_if<AuthenticationResponse>(&answer.answer)) {
        return accept(attempt, vector, *response);
    }
    return refuse(attempt, std::get<AuthenticationFailure>(answer.answer), answer.reached_usim, auts);
}

void Mme::trace_ue(const UeAnswer& answer, const Me& me) {
    const auto& opened = answer.opened;
    if (!opened.rand) {
        if (!opened.pre_processed) return;
        say("ME", "", "RAND is encrypted, and this device has no KME for it",
            {{"generation parity", std::to_string(opened.parity)}}, Event::Kind::failure);
        return;
    }
    const char* treatment = "RAND handed to the USIM as it came";
    if (opened.pre_processed) treatment = "RAND decrypted with the KME of this device";
    if (me.feature() == Me::Feature::legacy) treatment = "RAND handed through (a device without KME)";
    say("ME", "USIM", treatment, {{"RAND", to_hex(opened.rand->view())}});
}

bool Mme::accept(Attempt& attempt, const s6a::EutranVector& vector, const AuthenticationResponse& response) {
    say("UE", settings_.name, "AUTHENTICATION RESPONSE");
    const bool res_fits = response.res == vector.xres;
    if (res_fits && response.kasme == vector.kasme) {
        say(settings_.name, "", "RES = XRES, and NAS security works: both sides have the same KASME", {},
            Event::Kind::success);
        return true;
    }
    attempt.result.outcome = Outcome::bad_vector;
    attempt.result.detail = res_fits ? "the KASME of the AIA is not that of the UE" : "RES differs from XRES";
    say(settings_.name, "UE", "AUTHENTICATION REJECT", {{"why", attempt.result.detail}},
        Event::Kind::failure);
    return false;
}

bool Mme::refuse(Attempt& attempt, const AuthenticationFailure& failure, bool reached_usim,
                 std::optional<Auts>& auts) {
    auto& result = attempt.result;
    if (failure.cause == EmmCause::synch_failure) {
        result.outcome = Outcome::synch_failure;
        result.detail = "the USIM is out of step";
        auts = failure.auts;
        say("USIM", settings_.name, "AUTHENTICATION FAILURE #21 (synch failure)",
            {{"AUTS", to_hex(auts->view())}});
        return false;
    }
    const bool mac = failure.cause == EmmCause::mac_failure;
    result.outcome = mac ? Outcome::mac_failure : Outcome::non_eps_challenge;
    result.detail =
        mac ? (reached_usim ? "MAC-A is wrong for the USIM" : "the device has no key for this RAND")
            : "the separation bit of AMF is not set";
    say(reached_usim ? "USIM" : "ME", settings_.name,
        mac ? "AUTHENTICATION FAILURE #20 (MAC failure)" : "AUTHENTICATION FAILURE #26 (non-EPS)",
        {{"why", result.detail}}, Event::Kind::failure);
    say(settings_.name, "UE", "AUTHENTICATION REJECT", {{"service", "none"}}, Event::Kind::failure);
    return false;
}

asio::awaitable<void> Mme::update_location(Attempt& attempt) {
    const auto& me = attempt.ue.me;
    s6a::UpdateLocationRequest request{attempt.ue.usim.imsi(), settings_.identity, settings_.plmn};
    request.flags.s6a_indicator = true;  // with the next one 0x22, as Open5GS always sends
    request.flags.initial_attach_indicator = true;
    request.ue_srvcc_capability = 0;
    std::vector<std::pair<std::string, std::string>> fields{{"IMSI", request.imsi.str()}};
    const auto terminal = terminal_report(me, settings_.imei_report);
    if (terminal) fields.emplace_back("IMEI", terminal->imei);
    if (terminal && !terminal->software_version.empty()) {
        fields.emplace_back("Software-Version", terminal->software_version);
    }
    say(settings_.name, "HSS", "Update-Location-Request", fields);

    const auto answer = co_await hss_.update_location(request, terminal);
    if (!answer) {
        reject(attempt, "ULR", answer.error());
        co_return;
    }
    std::string apns;
    if (answer->subscription_data && answer->subscription_data->has_eps()) {
        for (const auto& apn : answer->subscription_data->apn_configuration_profile->apns) {
            apns += (apns.empty() ? "" : ",") + apn.service_selection;
        }
    }
    say("HSS", settings_.name, "Update-Location-Answer", {{"result", "2001"}, {"APN", apns}});
    attempt.result.outcome = Outcome::attached;
    attempt.result.detail.clear();
    say(settings_.name, "UE", "ATTACH ACCEPT", {{"service", "granted"}}, Event::Kind::success);
}

void Mme::reject(Attempt& attempt, std::string command, const Failure& failure) {
    const bool air = command == "AIR";
    attempt.result.outcome = Outcome::rejected;
    attempt.result.cause = failure.cause;
    attempt.result.command = std::move(command);
    attempt.result.detail = failure.detail;
    say("HSS", settings_.name, air ? "Authentication-Information-Answer" : "Update-Location-Answer",
        {{"result", result_text(failure)}}, Event::Kind::failure);
    say(settings_.name, "UE", "ATTACH REJECT", {{"service", "none"}}, Event::Kind::failure);
}

void Mme::cancel_location(const s6a::CancelLocationRequest& request) {
    say("HSS", settings_.name, "Cancel-Location-Request",
        {{"IMSI", request.imsi.str()},
         {"Cancellation-Type", std::to_string(static_cast<unsigned>(request.cancellation_type))}});
    say(settings_.name, "HSS", "Cancel-Location-Answer", {{"result", "2001"}});
    if (cancelled_.size() == limits::emu_cancellations_max) cancelled_.erase(cancelled_.begin());
    cancelled_.push_back({request.imsi, request.cancellation_type});
}

std::optional<Cancelled> Mme::take_cancelled(const Imsi& imsi) {
    const auto found = std::find_if(cancelled_.begin(), cancelled_.end(),
                                    [&imsi](const Cancelled& cancelled) { return cancelled.imsi == imsi; });
    if (found == cancelled_.end()) return std::nullopt;
    const auto result = *found;
    cancelled_.erase(found);
    return result;
}

}  // namespace bindhss::emu
