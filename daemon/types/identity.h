// SPDX-License-Identifier: Apache-2.0
// Identities of TS 23.003: IMSI, IMEI(SV), PLMN. Parsed once at the edge, valid for ever after.
#pragma once

#include <functional>

#include "types/octets.h"

namespace bindhss {

/// International Mobile Subscriber Identity: 6 to 15 decimal digits (TS 23.003 2.2). A plain value.
class Imsi {
  public:
    static constexpr std::size_t digits_min = 6;
    static constexpr std::size_t digits_max = 15;

    /// Nothing when the text is not 6..15 decimal digits (a NUL octet is not a digit).
    static std::optional<Imsi> parse(std::string_view text);

    [[nodiscard]] std::string_view digits() const { return {digits_.data(), size_}; }
    [[nodiscard]] std::string str() const { return std::string(digits()); }
    friend bool operator==(const Imsi& a, const Imsi& b) { return a.digits() == b.digits(); }
    friend auto operator<=>(const Imsi& a, const Imsi& b) { return a.digits() <=> b.digits(); }

  private:
    Imsi() = default;
    std::array<char, digits_max> digits_{};
    std::uint8_t size_ = 0;
};

/// What identifies a device: TAC (8 digits) and SNR (6 digits) of its IMEI (TS 23.003 6.2.1), without check
/// digit or software version. Numeric, so that ranges of devices and whole TACs are intervals.
class Imei {
  public:
    static constexpr std::size_t digits = 14;

    /// Accepts 14 digits, 15 (the check digit is ignored, TS 29.272 7.3.4) or 16 (IMEISV); nothing for other
    /// lengths, for anything but digits, and for all zeros.
    static std::optional<Imei> parse(std::string_view text);
    /// From its value as a number, 1 to 99999999999999.
    static std::optional<Imei> from_number(std::uint64_t number);

    [[nodiscard]] std::uint64_t number() const { return number_; }
    [[nodiscard]] std::uint32_t tac() const { return static_cast<std::uint32_t>(number_ / 1'000'000); }
    /// The 14 digits, leading zeros included.
    [[nodiscard]] std::string str() const;
    /// The Luhn check digit of TS 23.003 Annex B: for display and for a warning at import, never for a
    /// decision.
    [[nodiscard]] char check_digit() const;
    auto operator<=>(const Imei&) const = default;

  private:
    explicit Imei(std::uint64_t number) : number_(number) {}
    std::uint64_t number_;
};

/// An interval of devices, both ends included: one device, a range of serial numbers, or every device of a
/// TAC.
struct ImeiRange {
    Imei low;
    Imei high;

    /// "35824005111111" (14, 15 or 16 digits), "35824005" (a TAC) or "35824005000000-35824005999999".
    static std::optional<ImeiRange> parse(std::string_view text);
    static ImeiRange of(Imei imei) { return {imei, imei}; }

    [[nodiscard]] bool contains(Imei imei) const { return low <= imei && imei <= high; }
    [[nodiscard]] std::string str() const;
    auto operator<=>(const ImeiRange&) const = default;
};

/// Terminal-Information as reported by Automatic Device Detection (TS 29.272 7.3.3), normalised.
struct TerminalInformation {
    std::optional<Imei> imei;        ///< absent: not reported, or not a valid IMEI
    std::optional<std::string> svn;  ///< Software-Version, two digits
    bool imei_invalid = false;       ///< an IMEI was reported that is none (alarm imei_invalid)

    /// Applies the normalisation: 14/15/16 digits, SVN from Software-Version or from digits 15 and 16.
    static TerminalInformation normalise(std::optional<std::string_view> imei,
                                         std::optional<std::string_view> software_version);
    bool operator==(const TerminalInformation&) const = default;
};

/// Visited-PLMN-Id: MCC and MNC in the three octets of TS 29.272 7.3.9 (also SNid of TS 33.401 A.2).
class Plmn {
  public:
    /// Nothing when the length is not 3 or a nibble is not a digit (MNC digit 3 may be the filler F).
    static std::optional<Plmn> from(OctetView octets);
    /// "00101" or "001/01": MCC of 3 digits, MNC of 2 or 3.
    static std::optional<Plmn> parse(std::string_view text);

    [[nodiscard]] const Octets<3>& octets() const { return octets_; }
    /// "001/01"
    [[nodiscard]] std::string str() const;
    auto operator<=>(const Plmn&) const = default;

  private:
    explicit Plmn(const Octets<3>& octets) : octets_(octets) {}
    Octets<3> octets_;
};

/// The Diameter identity of an MME or SGSN, as Origin-Host and Origin-Realm give it (RFC 6733 6.3, 6.4).
struct ServingNode {
    std::string host;
    std::string realm;
    bool operator==(const ServingNode&) const = default;
};

}  // namespace bindhss

template <>
struct std::hash<bindhss::Imsi> {
    std::size_t operator()(const bindhss::Imsi& imsi) const noexcept {
        return std::hash<std::string_view>{}(imsi.digits());
    }
};
