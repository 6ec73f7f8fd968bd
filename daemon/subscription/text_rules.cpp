// SPDX-License-Identifier: Apache-2.0
#include "subscription/text_rules.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace bindhss::subscription {

namespace {

constexpr std::size_t label_max = 63;
constexpr std::size_t apn_max = 62;  // the network identifier alone (TS 23.003 9.1)
constexpr std::size_t name_max = 255;
constexpr std::size_t prefix_octets = 8;

bool digit(char c) {
    return c >= '0' && c <= '9';
}
bool hex_digit(char c) {
    return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool name_character(char c) {
    return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

bool all(std::string_view text, bool (*is)(char)) {
    return std::all_of(text.begin(), text.end(), is);
}

/// Labels of letters, digits and hyphens with dots between them.
bool domain_name(std::string_view text) {
    if (text.empty() || text.size() > name_max) return false;
    while (true) {
        const auto dot = std::min(text.find('.'), text.size());
        const auto label = text.substr(0, dot);
        if (label.empty() || label.size() > label_max || !all(label, name_character)) return false;
        if (label.front() == '-' || label.back() == '-') return false;
        if (dot == text.size()) return true;
        text.remove_prefix(dot + 1);
    }
}

/// Reads an address; false when the text is none of the family.
bool read_address(int family, std::string_view text, void* octets) {
    return inet_pton(family, std::string(text).c_str(), octets) == 1;
}

std::string address_text(int family, const void* octets) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    return inet_ntop(family, octets, text.data(), text.size());
}

std::string_view without_length(std::string_view text) {
    return text.ends_with("/64") ? text.substr(0, text.size() - 3) : text;
}

}  // namespace

std::string_view E164Number::problem(std::string_view text) {
    return !text.empty() && text.size() <= 15 && all(text, digit) ? ""
                                                                  : "is not 1 to 15 digits (ITU-T E.164)";
}

std::string_view ChargingCharacteristics::problem(std::string_view text) {
    return text.size() == 4 && all(text, hex_digit) ? "" : "is not 4 hexadecimal digits (TS 32.298)";
}

std::string_view ApnName::problem(std::string_view text) {
    if (text == "*") return "";
    if (text.size() > apn_max || !domain_name(text)) return "is no APN network identifier (TS 23.003 9.1.1)";
    return text.ends_with(".gprs") ? "has an operator identifier: the network identifier alone is meant" : "";
}

std::string_view ApnOiReplacement::problem(std::string_view text) {
    return domain_name(text) && text.ends_with(".gprs")
               ? ""
               : "does not end in mncXXX.mccXXX.gprs (TS 23.003 9.1.2)";
}

std::string_view DomainName::problem(std::string_view text) {
    return domain_name(text) ? "" : "is no domain name";
}

std::string_view ExternalIdentifier::problem(std::string_view text) {
    const auto at = text.find('@');
    const bool good = at != std::string_view::npos && at > 0 && text.size() <= name_max &&
                      std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at),
                                  [](char c) { return c > ' ' && c < 0x7f; }) &&
                      domain_name(text.substr(at + 1));
    return good ? "" : "is not name@domain (TS 23.003 19.7.2)";
}

std::string_view Ipv4Address::problem(std::string_view text) {
    in_addr octets{};
    return read_address(AF_INET, text, &octets) ? "" : "is no IPv4 address";
}

std::string Ipv4Address::canonical(std::string_view text) {
    in_addr octets{};
    read_address(AF_INET, text, &octets);
    return address_text(AF_INET, &octets);
}

std::string_view Ipv6Prefix::problem(std::string_view text) {
    in6_addr octets{};
    if (!read_address(AF_INET6, without_length(text), &octets)) return "is no IPv6 prefix";
    const bool prefix = std::all_of(octets.s6_addr + prefix_octets, octets.s6_addr + sizeof octets.s6_addr,
                                    [](std::uint8_t octet) { return octet == 0; });
    return prefix ? "" : "has bits beyond the first 64: a prefix is meant (TS 29.272 7.3.35)";
}

std::string Ipv6Prefix::canonical(std::string_view text) {
    in6_addr octets{};
    read_address(AF_INET6, without_length(text), &octets);
    return address_text(AF_INET6, &octets);
}

std::string_view IpAddress::problem(std::string_view text) {
    in6_addr octets{};
    const bool good = read_address(AF_INET, text, &octets) || read_address(AF_INET6, text, &octets);
    return good ? "" : "is no IP address";
}

std::string IpAddress::canonical(std::string_view text) {
    in6_addr octets{};
    if (read_address(AF_INET, text, &octets)) return address_text(AF_INET, &octets);
    read_address(AF_INET6, text, &octets);
    return address_text(AF_INET6, &octets);
}

std::string_view PlmnRule::problem(std::string_view text) {
    const bool digits = (text.size() == 3 || text.size() == 5 || text.size() == 6) && all(text, digit);
    return digits || text == "*" ? "" : "is none of \"*\", an MCC (3 digits), MCC and MNC (5 or 6 digits)";
}

}  // namespace bindhss::subscription
