// SPDX-License-Identifier: Apache-2.0
#include "types/identity.h"

#include <algorithm>

#include "types/digits.h"

namespace bindhss {

std::optional<Imsi> Imsi::parse(std::string_view text) {
    if (text.size() < digits_min || text.size() > digits_max || !all_digits(text)) return std::nullopt;
    Imsi imsi;
    std::copy(text.begin(), text.end(), imsi.digits_.begin());
    imsi.size_ = static_cast<std::uint8_t>(text.size());
    return imsi;
}

std::optional<Imei> Imei::parse(std::string_view text) {
    if (text.size() < digits || text.size() > digits + 2 || !all_digits(text)) return std::nullopt;
    return from_number(to_number(text.substr(0, digits)));
}

std::optional<Imei> Imei::from_number(std::uint64_t number) {
    if (number == 0 || number > 99'999'999'999'999) return std::nullopt;
    return Imei(number);
}

std::string Imei::str() const {
    auto text = std::to_string(number_);
    return std::string(digits - text.size(), '0') + text;
}

char Imei::check_digit() const {
    const auto text = str();
    int sum = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const int digit = text[i] - '0';
        const int weighed = i % 2 == 0 ? digit : digit * 2;
        sum += weighed / 10 + weighed % 10;
    }
    return static_cast<char>('0' + (10 - sum % 10) % 10);
}

std::optional<ImeiRange> ImeiRange::parse(std::string_view text) {
    static constexpr std::size_t tac_digits = 8;
    if (text.size() == tac_digits && all_digits(text)) {
        const auto base = to_number(text) * 1'000'000;
        const auto low = Imei::from_number(std::max<std::uint64_t>(base, 1));
        const auto high = Imei::from_number(base + 999'999);
        return ImeiRange{*low, *high};
    }
    if (const auto dash = text.find('-'); dash != std::string_view::npos) {
        const auto low = Imei::parse(text.substr(0, dash));
        const auto high = Imei::parse(text.substr(dash + 1));
        if (!low || !high || *high < *low) return std::nullopt;
        return ImeiRange{*low, *high};
    }
    const auto imei = Imei::parse(text);
    if (!imei) return std::nullopt;
    return of(*imei);
}

std::string ImeiRange::str() const {
    return low == high ? low.str() : low.str() + "-" + high.str();
}

TerminalInformation TerminalInformation::normalise(std::optional<std::string_view> imei,
                                                   std::optional<std::string_view> software_version) {
    TerminalInformation terminal;
    if (imei) {
        terminal.imei = Imei::parse(*imei);
        terminal.imei_invalid = !terminal.imei;
        if (terminal.imei && imei->size() == Imei::digits + 2) terminal.svn = imei->substr(Imei::digits);
    }
    if (software_version && software_version->size() == 2 && all_digits(*software_version)) {
        terminal.svn = *software_version;
    }
    return terminal;
}

std::optional<Plmn> Plmn::from(OctetView octets) {
    if (octets.size() != 3) return std::nullopt;
    const auto low = [&](int i) { return octets[i] & 0x0f; };
    const auto high = [&](int i) { return octets[i] >> 4; };
    const bool mcc_valid = low(0) <= 9 && high(0) <= 9 && low(1) <= 9;
    const bool mnc_valid = low(2) <= 9 && high(2) <= 9 && (high(1) <= 9 || high(1) == 0x0f);
    if (!mcc_valid || !mnc_valid) return std::nullopt;
    return Plmn({octets[0], octets[1], octets[2]});
}

std::optional<Plmn> Plmn::parse(std::string_view text) {
    std::string digits(text);
    if (digits.size() > 3 && digits[3] == '/') digits.erase(3, 1);
    if ((digits.size() != 5 && digits.size() != 6) || !all_digits(digits)) return std::nullopt;
    const auto digit = [&](int i) { return static_cast<std::uint8_t>(digits[i] - '0'); };
    const std::uint8_t mnc3 = digits.size() == 6 ? digit(5) : 0x0f;
    return Plmn({static_cast<std::uint8_t>(digit(1) << 4 | digit(0)),
                 static_cast<std::uint8_t>(mnc3 << 4 | digit(2)),
                 static_cast<std::uint8_t>(digit(4) << 4 | digit(3))});
}

std::string Plmn::str() const {
    const auto low = [&](int i) { return static_cast<char>('0' + (octets_[i] & 0x0f)); };
    const auto high = [&](int i) { return static_cast<char>('0' + (octets_[i] >> 4)); };
    std::string text{low(0), high(0), low(1), '/', low(2), high(2)};
    if (octets_[1] >> 4 != 0x0f) text.push_back(high(1));
    return text;
}

}  // namespace bindhss
