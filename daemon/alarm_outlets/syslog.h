// SPDX-License-Identifier: Apache-2.0
// Alarms to a receiver of syslog: UDP (RFC 5426), TCP with counted octets (RFC 6587 3.4.1), or a socket of
// this machine such as /dev/log.
#pragma once

#include "alarm/address.h"
#include "alarm_outlets/courier.h"
#include "alarm_outlets/syslog_message.h"

namespace bindhss::alarm {

struct SyslogSettings {
    SyslogAddress to;
    SyslogSender sender;
};

/// UDP and TCP confirm nothing: what a receiver loses is lost. A TCP connection that the receiver has ended
/// is noticed before the next message, and made anew; a socket of this machine is found again when its daemon
/// is restarted.
class Syslog final : public Courier {
  public:
    Syslog(const boost::asio::any_io_executor& executor, CourierSettings courier, SyslogSettings settings,
           log::Logger& log);
    ~Syslog() override;

  private:
    struct Channels;
    boost::asio::awaitable<Outcome> attempt(std::vector<Item> items) override;
    boost::asio::awaitable<std::string> send_udp(std::string message);
    std::string send_unix(const std::string& message);
    boost::asio::awaitable<std::string> send_tcp(std::string message);

    const SyslogSettings settings_;
    const std::unique_ptr<Channels> channels_;
};

}  // namespace bindhss::alarm
