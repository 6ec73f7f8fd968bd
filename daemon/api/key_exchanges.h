// SPDX-License-Identifier: Apache-2.0
// The provisioning of keys by HTTPS (spec 4.4): what procedure/kme_by_https.h does, for devices and for
// servers that act for them. docs/operations.md "Provisioning by HTTPS" describes it for those.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "api/key_limits.h"
#include "http/bearer.h"
#include "http/message.h"
#include "log/event_budget.h"
#include "log/log.h"
#include "procedure/live_ports.h"

namespace bindhss::api {

struct KeyExchangeSettings {
    KeyRates rates;
    std::optional<http::BearerTokens> tokens;  ///< absent: no token is asked for
};

/// POST /kme/v1/exchanges                 {"imsi", "imei"}  201 {"transaction", "generation", "container",
///                                                               "expires"}
/// POST /kme/v1/exchanges/<transaction>   {"container"}     200 {"outcome": "established"}
///
/// Errors are those of RFC 9457. Whoever asks learns nothing of subscribers: one that nobody knows, one that
/// needs no key and one whose device is another one are all the same 403. The log says which it was.
///
/// Any thread may call it; as many requests at once as the server brings. What the ports borrow, and the
/// logger outlive it and the requests. REQUIRES: ports.exchanges.
class KeyExchanges {
  public:
    KeyExchanges(procedure::LivePorts ports, KeyExchangeSettings settings, log::Logger& log);

    [[nodiscard]] boost::asio::awaitable<http::Response> serve(http::Request request);
    /// For requests that come from now on; who has used up a part of his rate has as much less of the new
    /// one.
    void change(KeyExchangeSettings settings);

  private:
    /// Who asks, for the log.
    struct Client {
        std::string address;
        std::string name;  ///< of its certificate or token; empty: it has none
    };

    [[nodiscard]] std::optional<http::Response> turned_away(const http::Request& request, Client& client);
    [[nodiscard]] boost::asio::awaitable<http::Response> begin(std::string body, Client client);
    [[nodiscard]] boost::asio::awaitable<http::Response> finish(std::string transaction, std::string body,
                                                                Client client);
    [[nodiscard]] http::Response refused(const Failure& failure, std::string_view what, const Client& client);
    void tell(log::Level level, std::string_view event, const Client& client, std::string_view object,
              std::string_view detail);

    using Tokens = std::shared_ptr<const std::optional<http::BearerTokens>>;
    [[nodiscard]] Tokens tokens() const;

    const procedure::LivePorts ports_;
    mutable std::mutex mutex_;
    Tokens tokens_;  // guarded by mutex_
    log::Logger& log_;
    KeyLimits limits_;
    log::EventBudget told_{limits::failure_events_per_second_max};
};

}  // namespace bindhss::api
