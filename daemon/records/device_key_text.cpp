// SPDX-License-Identifier: Apache-2.0
// One key of a manufacturer's file, whatever the format of the file is.
#include <fmt/format.h>

#include "crypto/json_web_key.h"
#include "records/device_key_file.h"
#include "records/record.h"
#include "types/json_object.h"
#include "types/time_text.h"

namespace bindhss::records {

namespace {

namespace json = boost::json;
using crypto::DevicePublicKey;
using crypto::PublicKeyOrRefusal;

/// A mistyped IMEI would have another device's KME sealed to this key.
std::optional<std::string> imei_problem(const std::string& text) {
    if (text.empty()) return "the imei is missing";
    const auto imei = Imei::parse(text);
    if (!imei) return "imei " + shown(text) + " is not 14 to 16 digits";
    constexpr char spare_digit = '0';  // TS 23.003 6.2.1: as it is transmitted
    const bool has_check_digit = text.size() == Imei::digits + 1 && text.back() != spare_digit;
    if (!has_check_digit || text.back() == imei->check_digit()) return std::nullopt;
    return fmt::format("imei {} has check digit {}, it should be {}: mistyped?", shown(text), text.back(),
                       imei->check_digit());
}

std::optional<std::string> read_time(std::string_view name, const std::string& text,
                                     std::optional<WallTime>& target) {
    if (text.empty()) return std::nullopt;
    target = parse_rfc3339(text);
    if (target) return std::nullopt;
    return fmt::format("{} {} is no date (2026-03-01) and no time (2026-03-01T08:30:00Z)", name, shown(text));
}

std::optional<std::string> read_secure(const std::string& text, std::optional<bool>& target) {
    if (text == "yes" || text == "true" || text == "1") target = true;
    if (text == "no" || text == "false" || text == "0") target = false;
    if (target || text.empty() || text == "unknown") return std::nullopt;
    return "secure " + shown(text) + " is none of yes, no and unknown";
}

PublicKeyOrRefusal key_in(const DeviceKeyText& text) {
    if (const auto* read = std::get_if<PublicKeyOrRefusal>(&text.key)) return *read;
    const auto& written = std::get<std::string>(text.key);
    if (written.empty()) return "the key is missing";
    if (!written.starts_with('{')) return crypto::read_public_key(written);
    const auto parsed = parse_json_object(written);
    if (const auto* problem = std::get_if<std::string>(&parsed)) return "the JWK " + *problem;
    return crypto::read_json_web_key(std::get<json::object>(parsed));
}

}  // namespace

std::variant<store::DeviceKey, std::string> device_key_of(const DeviceKeyText& text) {
    if (auto problem = imei_problem(text.imei)) return std::move(*problem);
    store::DeviceKey result{*Imei::parse(text.imei)};
    if (auto problem = read_time("valid_from", text.valid_from, result.valid_from))
        return std::move(*problem);
    if (auto problem = read_time("valid_until", text.valid_until, result.valid_until))
        return std::move(*problem);
    if (auto problem = read_secure(text.secure, result.secure)) return std::move(*problem);
    auto key = key_in(text);
    if (auto* refusal = std::get_if<std::string>(&key)) return std::move(*refusal);
    const auto& read = std::get<DevicePublicKey>(key);
    result.type = read.type();
    result.fingerprint = read.fingerprint();
    result.der = read.der();
    result.origin = text.origin;
    return result;
}

crypto::PublicKeyOrRefusal read_key_file(std::string_view content) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto begin = content.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return "the file is empty";
    constexpr char sequence = 0x30;  // no text that is read here begins with it, the digit 0
    if (content.front() == sequence) return crypto::DevicePublicKey::parse(as_octets(content));
    if (content[begin] != '{') return crypto::read_public_key(content);
    const auto parsed = parse_json_object(content);
    if (const auto* problem = std::get_if<std::string>(&parsed)) return "the JWK " + *problem;
    return crypto::read_json_web_key(std::get<json::object>(parsed));
}

}  // namespace bindhss::records
