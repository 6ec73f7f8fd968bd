// SPDX-License-Identifier: Apache-2.0
// Alarms as signed HTTP requests.
#pragma once

#include "alarm/address.h"
#include "alarm_outlets/courier.h"
#include "crypto/tls_context.h"
#include "http/message.h"
#include "types/secret.h"

namespace bindhss::alarm {

struct WebhookSettings {
    WebAddress to;
    SecretString secret;                            ///< the key of the signature
    std::shared_ptr<const crypto::TlsContext> tls;  ///< with https
    std::string origin;                             ///< which daemon tells
    std::chrono::milliseconds deadline{limits::alarm_delivery_ms};
};

/// POSTs json_of() of each notice, one request a connection:
///
///     BindHSS-Timestamp: seconds since 1970, of this attempt
///     BindHSS-Signature: "v1=" and HMAC-SHA-256 in hexadecimal over timestamp, "." and body
///     Idempotency-Key:   the same in every attempt at one notice, and in no other notice's
///
/// Any 2xx is success. Without an answer, and after 408, 425, 429 and 5xx, it is tried again; every other
/// answer means that this notice is not wanted. A receiver must be ready for a notice to come twice: an
/// answer may get lost.
class Webhook final : public Courier {
  public:
    Webhook(const boost::asio::any_io_executor& executor, CourierSettings courier, WebhookSettings settings,
            Random& random, const Clock& clock, log::Logger& log);

    /// For attempts from now on, at what waits too. Any thread may call it.
    void change(WebhookSettings settings);

  private:
    using Settings = std::shared_ptr<const WebhookSettings>;
    boost::asio::awaitable<Outcome> attempt(std::vector<Item> items) override;
    [[nodiscard]] http::Request request(const Item& item, const WebhookSettings& settings) const;
    [[nodiscard]] Settings settings() const;

    mutable std::mutex mutex_;
    Settings settings_;  // guarded by mutex_
    const Clock& clock_;
    std::string run_;  ///< tells the notices of this process from those of others
};

/// "v1=..." as above, for receivers in tests too.
[[nodiscard]] std::string webhook_signature(const SecretString& secret, std::string_view timestamp,
                                            std::string_view body);

/// The secret of a file, without the line break at its end. Throws std::runtime_error that names the file: it
/// cannot be read, others may read it, it is too short or too long.
[[nodiscard]] SecretString load_webhook_secret(const std::string& path);

}  // namespace bindhss::alarm
