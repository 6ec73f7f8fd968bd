// SPDX-License-Identifier: Apache-2.0
// Where alarms are sent, as an operator writes it.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bindhss::alarm {

/// Why a text is no address; a phrase such as "has no host".
class BadAddress : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// "https://host[:port]/path?query", or http.
struct WebAddress {
    bool tls = false;
    std::string host;  ///< IPv6 without its brackets
    std::uint16_t port = 0;
    std::string target;  ///< path and query, "/" at least
    /// Throws BadAddress: also for a user or password in it, which would be shown with the configuration.
    static WebAddress parse(std::string_view text);
    /// As in the field Host (RFC 9110 7.2).
    [[nodiscard]] std::string authority() const;
};

/// Of a message of syslog (RFC 5424 6.2.1): those that are for services.
enum class Facility : std::uint8_t {
    user = 1,
    daemon = 3,
    auth = 4,
    authpriv = 10,
    local0 = 16,
    local1,
    local2,
    local3,
    local4,
    local5,
    local6,
    local7,
};

/// "udp://host[:514]" (RFC 5426), "tcp://host[:601]" (RFC 6587 3.4.1) or "unix:/path".
struct SyslogAddress {
    enum class Transport : std::uint8_t { udp, tcp, unix_datagram };
    Transport transport = Transport::udp;
    std::string host;  ///< or the path
    std::uint16_t port = 0;
    /// Throws BadAddress.
    static SyslogAddress parse(std::string_view text);
};

}  // namespace bindhss::alarm
