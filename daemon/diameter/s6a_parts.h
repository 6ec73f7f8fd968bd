// SPDX-License-Identifier: Apache-2.0
// What several commands of S6a and S13 have in common (TS 29.272 7.3). Private to the codec; pure.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "diameter/avp_id.h"
#include "diameter/s6a_codec.h"

namespace bindhss::diameter {

/// A bit of a mask and the member that says the same. A table of them reads and writes the mask, so that
/// bits that nobody defined are neither sent nor seen (each flag table of 7.3).
template <class Flags>
struct FlagBit {
    std::uint32_t bit;
    bool Flags::*member;
};

template <class Flags, std::size_t N>
[[nodiscard]] Flags from_bits(const std::array<FlagBit<Flags>, N>& table, std::uint32_t bits) {
    Flags flags;
    for (const auto& row : table) flags.*row.member = (bits & row.bit) != 0;
    return flags;
}

template <class Flags, std::size_t N>
[[nodiscard]] std::uint32_t to_bits(const std::array<FlagBit<Flags>, N>& table, const Flags& flags) {
    std::uint32_t bits = 0;
    for (const auto& row : table) bits |= flags.*row.member ? row.bit : 0;
    return bits;
}

/// INVALID_AVP_VALUE with the AVP as it came. What is wrong with the value stays out of the text: it may be
/// anything, and the text goes to the log.
[[nodiscard]] Rejection invalid_value(const AvpView& avp, std::string detail);
[[nodiscard]] Rejection missing(AvpId id, std::string detail);

/// `Parent` is a Message, or an AvpView that is a group.
template <class Parent>
[[nodiscard]] std::optional<std::uint32_t> number_of(const Parent& parent, AvpId id) {
    const auto avp = parent.find(id);
    return avp ? std::optional(avp->u32()) : std::nullopt;
}

/// Empty when it is absent.
template <class Parent>
[[nodiscard]] std::string text_of(const Parent& parent, AvpId id) {
    const auto avp = parent.find(id);
    return avp ? std::string(avp->text()) : std::string();
}

/// User-Name, which has to be there.
[[nodiscard]] Decoded<Imsi> decode_imsi(const Message& message);
/// Visited-PLMN-Id, which has to be there.
[[nodiscard]] Decoded<Plmn> decode_visited_plmn(const Message& message);
/// Origin-Host and Origin-Realm.
[[nodiscard]] ServingNode decode_origin(const Message& message);
/// Destination-Host and Destination-Realm.
[[nodiscard]] ServingNode decode_destination(const Message& message);

/// Terminal-Information (7.3.3). An IMEI of no octets is taken as none reported; any other text is for
/// TerminalInformation::normalise() to judge.
[[nodiscard]] std::optional<TerminalInformation> decode_terminal(const Message& message);
void encode(const TerminalInformation& terminal, Message& message);

/// Supported-Features (7.3.10): both lists of 3GPP and the one of the dictionary's KME vendor; lists of
/// others are none of ours. Absent: none of the AVPs was there.
[[nodiscard]] std::optional<s6a::Features> decode_features(const Message& message);
/// List 1 always, the others when they are not empty.
void encode(const std::optional<s6a::Features>& features, Message& message);

/// An E.164 number as TBCD (SGSN-Number 7.3.102, MME-Number-for-MT-SMS 7.3.159); empty when it is absent.
[[nodiscard]] Decoded<std::string> decode_e164(const Message& message, AvpId id);
/// Nothing for an empty number.
void encode_e164(std::string_view digits, AvpId id, Message& message);

/// Context-Identifier, Service-Selection, MIP6-Agent-Info and Visited-Network-Identifier: an Active-APN
/// (7.3.127), and the parts of a NOR (7.2.17). Names that are no names are INVALID_AVP_VALUE: they are
/// stored.
template <class Parent>
[[nodiscard]] Decoded<s6a::ActiveApn> decode_apn(const Parent& parent);
template <class Parent>
void encode_apn(const s6a::ActiveApn& apn, Parent& parent);

/// EPS-Location-Information (7.3.111). A value whose length is not that of its clause is left out.
[[nodiscard]] std::optional<s6a::EpsLocationInformation> decode_location(const Message& message);
void encode(const std::optional<s6a::EpsLocationInformation>& location, Message& message);

/// Reset-ID (7.3.184) and the like: each AVP with the id, as octets.
[[nodiscard]] std::vector<OctetString> octets_of_each(const Message& message, AvpId id);

}  // namespace bindhss::diameter
