// SPDX-License-Identifier: Apache-2.0
// The part of an attach that an MME with the KME AVPs adds (spec 4.4, 4.7).
#include <array>

#include "emu/attach.h"
#include "types/result_code.h"

namespace bindhss::emu {

namespace asio = boost::asio;

std::string names_of(std::uint32_t flags) {
    constexpr std::array<std::pair<std::uint32_t, const char*>, 5> names{{
        {s6a::kme_access::provisioning_only, "provisioning_only"},
        {s6a::kme_access::av_pre_processed, "av_pre_processed"},
        {s6a::kme_access::binding_established, "binding_established"},
        {s6a::kme_access::reattach_expected, "reattach_expected"},
        {s6a::kme_access::imei_required, "imei_required"},
    }};
    std::string text;
    for (const auto& [flag, name] : names) {
        if ((flags & flag) != 0) text += (text.empty() ? "" : ",") + std::string(name);
    }
    return text;
}

std::optional<s6a::Features> CoreNodeSettings::announced() const {
    if (kme_features == 0) return features;
    auto all = features.value_or(s6a::Features{});
    all.vendor |= kme_features;
    return all;
}

void Attach::read_access(const char* name, const std::optional<s6a::KmeAccessInfo>& info) {
    if (!info) return;
    access_flags_ |= info->flags;
    result_.fields[std::string("kme.") + name] = names_of(info->flags);
    Event::Fields fields{{"KME-Access-Flags", names_of(info->flags)}};
    if (info->cause) {
        const auto cause = std::to_string(static_cast<unsigned>(*info->cause));
        result_.fields[name == std::string_view("ula") ? "kme.cause" : "kme.air_cause"] = cause;
        fields.emplace_back("KME-Cause", cause);
    }
    say("HSS", settings_.name, "KME-Access-Info", fields);
}

bool Attach::end_provisioning_only() {
    constexpr auto none = s6a::kme_access::provisioning_only | s6a::kme_access::binding_established |
                          s6a::kme_access::reattach_expected;
    if (!settings_.has(s6a::feature_kme::provisioning_only) || (access_flags_ & none) == 0) return false;
    const bool established = (access_flags_ & s6a::kme_access::binding_established) != 0;
    result_.outcome = established ? Outcome::provisioned : Outcome::no_bearer;
    result_.detail = established ? "the device has its key, and is to attach again"
                                 : "the access is for provisioning alone";
    result_.reattach = (access_flags_ & s6a::kme_access::reattach_expected) != 0;
    say(settings_.name, "UE", "ATTACH REJECT #17 (network failure)",
        {{"service", "none"}, {"why", result_.detail}},
        established ? Event::Kind::success : Event::Kind::failure);
    registration_.reset();
    return true;
}

bool Attach::misbehave() {
    if (options_.ue == UeConduct::right) return false;
    const bool silent = options_.ue == UeConduct::silent;
    result_.outcome = silent ? Outcome::no_answer : Outcome::res_mismatch;
    result_.detail = silent ? "the UE did not answer" : "RES differs from XRES";
    emm_cause_ = silent ? s6a::kme_emm_cause::no_answer : s6a::kme_emm_cause::res_mismatch;
    if (!silent) say("UE", settings_.name, "AUTHENTICATION RESPONSE");
    say(settings_.name, "UE", "AUTHENTICATION REJECT", {{"why", result_.detail}}, Event::Kind::failure);
    return true;
}

void Attach::set_failure(const Vector& vector) {
    failure_.reset();
    if (!emm_cause_) return;
    failure_.emplace();
    failure_->emm_cause = *emm_cause_;
    std::visit(
        [this](const auto& one) {
            failure_->rand = one.rand;
            if constexpr (requires { one.autn; }) failure_->autn = one.autn;
        },
        vector);
}

asio::awaitable<void> Attach::report_failure() {
    if (!failure_ || !settings_.has(s6a::feature_kme::auth_failure_report)) co_return;
    s6a::NotifyRequest request{ue_.usim.imsi(), settings_.identity};
    request.supported_features = settings_.announced();
    request.auth_failure_report = failure_;
    Event::Fields fields{{"IMSI", request.imsi.str()},
                         {"KME-EMM-Cause", std::to_string(failure_->emm_cause)}};
    say(settings_.name, "HSS", "Notify-Request", fields);
    const auto terminal = terminal_report(ue_.me, settings_.imei_report);
    const auto answer = co_await hss_.notify(request, terminal);
    const auto result = answer ? diameter_success : result_code(answer.error().cause).number;
    result_.fields["report"] = std::to_string(result);
    Event::Fields told{{"result", std::to_string(result)}};
    say("HSS", settings_.name, "Notify-Answer", told, answer ? Event::Kind::message : Event::Kind::failure);
}

}  // namespace bindhss::emu
