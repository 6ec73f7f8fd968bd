// SPDX-License-Identifier: Apache-2.0
#include "alarm/address.h"

#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace bindhss::alarm {

namespace {

constexpr std::uint16_t port_http = 80;
constexpr std::uint16_t port_https = 443;
constexpr std::uint16_t port_syslog_udp = 514;
constexpr std::uint16_t port_syslog_tcp = 601;
constexpr std::size_t host_octets_max = 255;
constexpr std::size_t target_octets_max = 2'048;

/// What follows a prefix; nothing when the text begins otherwise.
std::optional<std::string_view> after(std::string_view text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return std::nullopt;
    return text.substr(prefix.size());
}

bool is_host_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

bool is_ipv6_char(char c) {
    return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

std::uint16_t port_of(std::string_view text) {
    std::uint16_t port = 0;
    const auto* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, port);
    if (text.empty() || error != std::errc() || end != last || port == 0)
        throw BadAddress("has a port that is not 1 to 65535");
    return port;
}

/// "host", "host:port", "[IPv6]" or "[IPv6]:port".
void split(std::string_view text, std::uint16_t usual_port, std::string& host, std::uint16_t& port) {
    auto name = text;
    auto rest = std::string_view();
    bool good = false;
    if (text.starts_with('[')) {
        const auto close = std::min(text.find(']'), text.size() - 1);
        name = text.substr(1, close - 1);
        rest = text.substr(close + 1);
        good = text[close] == ']' && std::all_of(name.begin(), name.end(), is_ipv6_char);
    } else {
        const auto colon = std::min(text.find(':'), text.size());
        name = text.substr(0, colon);
        rest = text.substr(colon);
        good = std::all_of(name.begin(), name.end(), is_host_char);
    }
    if (name.empty()) throw BadAddress("has no host");
    if (!good || name.size() > host_octets_max || (!rest.empty() && rest[0] != ':'))
        throw BadAddress("has a host that is neither a name nor an address (IPv6 stands in brackets)");
    host = name;
    port = rest.empty() ? usual_port : port_of(rest.substr(1));
}

}  // namespace

WebAddress WebAddress::parse(std::string_view text) {
    WebAddress address;
    auto rest = after(text, "https://");
    address.tls = rest.has_value();
    if (!rest) rest = after(text, "http://");
    if (!rest) throw BadAddress("begins with neither https:// nor http://");
    const auto end = std::min(rest->find_first_of("/?#"), rest->size());
    const auto authority = rest->substr(0, end);
    if (authority.find('@') != std::string_view::npos) {
        throw BadAddress(
            "names a user: what has to be secret belongs into a file that the configuration names");
    }
    split(authority, address.tls ? port_https : port_http, address.host, address.port);
    address.target = rest->substr(end);
    if (!address.target.starts_with('/')) address.target.insert(0, "/");
    const bool visible = std::all_of(address.target.begin(), address.target.end(),
                                     [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
    if (!visible || address.target.size() > target_octets_max)
        throw BadAddress("has a path that is too long, or holds a blank, a '#' or anything but ASCII");
    return address;
}

std::string WebAddress::authority() const {
    const auto name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == (tls ? port_https : port_http) ? name : name + ":" + std::to_string(port);
}

SyslogAddress SyslogAddress::parse(std::string_view text) {
    SyslogAddress address;
    if (const auto path = after(text, "unix:")) {
        address.transport = Transport::unix_datagram;
        address.host = *path;
        if (!path->starts_with('/'))
            throw BadAddress("has no absolute path behind unix:, such as unix:/dev/log");
        if (path->size() >= sizeof(sockaddr_un::sun_path))
            throw BadAddress("has a path too long for a socket");
    } else if (const auto udp = after(text, "udp://")) {
        address.transport = Transport::udp;
        split(*udp, port_syslog_udp, address.host, address.port);
    } else if (const auto tcp = after(text, "tcp://")) {
        address.transport = Transport::tcp;
        split(*tcp, port_syslog_tcp, address.host, address.port);
    } else {
        throw BadAddress("is neither udp://host:port, tcp://host:port nor unix:/path");
    }
    return address;
}

}  // namespace bindhss::alarm
