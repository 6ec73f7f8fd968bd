// SPDX-License-Identifier: Apache-2.0
#include "diameter/result.h"

#include "diameter/avp_id.h"
#include "diameter/kme_codec.h"
#include "diameter/s6a_codec.h"

namespace bindhss::diameter {

namespace {

void encode_failure(Cause cause, std::string_view detail, Message& answer) {
    const auto code = result_code(cause);
    encode_result(code.number, code.experimental, answer);
    if (!detail.empty()) answer.add(avp_id::error_message, detail);
}

// TS 29.272 7.2.4 and 7.2.6 alone have Error-Diagnostic.
bool has_diagnostic(const Message& answer) {
    const auto header = answer.header();
    return header.application_id == application_s6a &&
           (header.command_code == command_update_location ||
            header.command_code == command_authentication_information);
}

std::optional<ErrorDiagnostic> received_diagnostic(const Message& answer) {
    const auto avp = has_diagnostic(answer) ? answer.find(avp_id::error_diagnostic) : std::nullopt;
    if (!avp || avp->u32() > static_cast<std::uint32_t>(ErrorDiagnostic::odb_vplmn_apn)) return std::nullopt;
    return static_cast<ErrorDiagnostic>(avp->u32());
}

// Spec 4.4: of the two that may have it only ULA says in an error what becomes of the key.
bool has_access_info(const Message& answer) {
    const auto header = answer.header();
    return header.application_id == application_s6a && header.command_code == command_update_location;
}

/// What cannot be read says no more than the result does.
std::optional<s6a::KmeAccessInfo> received_access_info(const Message& answer) {
    if (!has_access_info(answer)) return std::nullopt;
    const auto decoded = decode_kme_access_info(answer);
    const auto* info = std::get_if<std::optional<s6a::KmeAccessInfo>>(&decoded);
    return info != nullptr ? *info : std::nullopt;
}

struct ReceivedCode {
    std::uint32_t number;
    bool experimental;
};

// Error-Message is for people (RFC 6733 7.3), and what a peer sends for people may be anything.
std::string readable(std::string_view text) {
    static constexpr std::size_t octets_max = 256;
    std::string cleaned(text.substr(0, octets_max));
    for (auto& c : cleaned) {
        if (c < 0x20 || c > 0x7e) c = '?';
    }
    return cleaned;
}

std::optional<ReceivedCode> received_code(const Message& answer) {
    if (const auto code = answer.find(avp_id::result_code)) return ReceivedCode{code->u32(), false};
    const auto group = answer.find(avp_id::experimental_result);
    const auto code = group ? group->find(avp_id::experimental_result_code) : std::nullopt;
    if (!code) return std::nullopt;
    return ReceivedCode{code->u32(), true};
}

}  // namespace

void encode_success(Message& answer) {
    answer.add(avp_id::result_code, diameter_success);
}

void encode_result(std::uint32_t number, bool experimental, Message& answer) {
    if (experimental) {
        answer.add_group(avp_id::experimental_result, [number](Message::Group& group) {
            group.add(avp_id::vendor_id, vendor_3gpp);
            group.add(avp_id::experimental_result_code, number);
        });
    } else {
        answer.add(avp_id::result_code, number);
    }
    // RFC 6733 7.1.3: a protocol error has the E bit.
    answer.set_flag(Header::flag_error, !experimental && number / 1000 == 3);
}

void encode(const Failure& failure, Message& answer) {
    encode_failure(failure.cause, failure.detail, answer);
    if (failure.diagnostic && has_diagnostic(answer)) {
        answer.add(avp_id::error_diagnostic, static_cast<std::uint32_t>(*failure.diagnostic));
    }
    if (has_access_info(answer)) encode(failure.kme_access_info, answer);
}

void encode(const Rejection& rejection, Message& answer) {
    encode_failure(rejection.cause, rejection.detail, answer);
    if (rejection.failed_avp.empty()) return;
    answer.add_group(avp_id::failed_avp,
                     [&rejection](Message::Group& group) { group.add_raw(rejection.failed_avp); });
}

std::optional<Failure> failure_of(const Message& answer) {
    const auto code = received_code(answer);
    if (!code) return fail(Cause::unable_to_comply, "an answer without a result");
    if (!code->experimental && code->number / 1000 == 2) return std::nullopt;
    const auto text = answer.find(avp_id::error_message);
    std::string detail = text ? readable(text->text()) : std::string();
    const auto diagnostic = received_diagnostic(answer);
    const auto access_info = received_access_info(answer);
    if (const auto cause = cause_of(code->number, code->experimental)) {
        return Failure{*cause, std::move(detail), diagnostic, access_info};
    }
    return Failure{Cause::unable_to_comply,
                   "result " + std::to_string(code->number) + (detail.empty() ? "" : ": " + detail),
                   diagnostic, access_info};
}

}  // namespace bindhss::diameter
