// SPDX-License-Identifier: Apache-2.0
// What texts in the document may look like. Each rule has type() (for the reference), problem(), which is
// empty for a good text, and canonical(), the form in which a good text is kept. Private to the layer.
#pragma once

#include <string>
#include <string_view>

namespace bindhss::subscription {

struct AnyGoodText {
    static std::string canonical(std::string_view text) { return std::string(text); }
};

/// A telephone number of ITU-T E.164.
struct E164Number : AnyGoodText {
    static std::string type() { return "1 to 15 digits"; }
    static std::string_view problem(std::string_view text);
};

/// 3GPP-Charging-Characteristics (TS 32.298 5.1.2.2.7).
struct ChargingCharacteristics : AnyGoodText {
    static std::string type() { return "4 hexadecimal digits"; }
    static std::string_view problem(std::string_view text);
};

/// An APN network identifier (TS 23.003 9.1.1), or "*".
struct ApnName : AnyGoodText {
    static std::string type() { return "APN, or \"*\""; }
    static std::string_view problem(std::string_view text);
};

/// The domain name that replaces the APN operator identifier (TS 23.003 9.1.2).
struct ApnOiReplacement : AnyGoodText {
    static std::string type() { return "\"mnc001.mcc001.gprs\", labels may go before"; }
    static std::string_view problem(std::string_view text);
};

/// A host, realm or network by its domain name.
struct DomainName : AnyGoodText {
    static std::string type() { return "domain name"; }
    static std::string_view problem(std::string_view text);
};

/// An External Identifier (TS 23.003 19.7.2).
struct ExternalIdentifier : AnyGoodText {
    static std::string type() { return "name@domain"; }
    static std::string_view problem(std::string_view text);
};

struct Ipv4Address {
    static std::string type() { return "IPv4 address"; }
    static std::string_view problem(std::string_view text);
    static std::string canonical(std::string_view text);
};

/// A prefix of 64 bits; "/64" may stand behind it.
struct Ipv6Prefix {
    static std::string type() { return "IPv6 prefix (/64)"; }
    static std::string_view problem(std::string_view text);
    static std::string canonical(std::string_view text);
};

/// An address of either family.
struct IpAddress {
    static std::string type() { return "IP address"; }
    static std::string_view problem(std::string_view text);
    static std::string canonical(std::string_view text);
};

/// Whom a roaming rule is about.
struct PlmnRule : AnyGoodText {
    static std::string type() { return "\"*\", MCC, or MCC and MNC"; }
    static std::string_view problem(std::string_view text);
};

}  // namespace bindhss::subscription
