// SPDX-License-Identifier: Apache-2.0
// The registry of public keys that somebody else has, asked over HTTPS (R20 "a common database").
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "alarm/address.h"
#include "crypto/tls_context.h"
#include "log/log.h"
#include "procedure/ports.h"
#include "types/limits.h"

namespace bindhss::registry {

struct HttpsKeyRegistrySettings {
    alarm::WebAddress url;                                 ///< "/" and the 14 digits of the IMEI are added
    std::shared_ptr<const crypto::TlsContext> tls;         ///< with https
    SecretString token;                                    ///< Authorization: Bearer; empty: none
    std::chrono::milliseconds timeout{1'000};              ///< for one look-up
    std::chrono::milliseconds cache_for{60'000};           ///< a key
    std::chrono::milliseconds cache_negative_for{10'000};  ///< that there is none
    std::size_t lookups_max = limits::registry_lookups_max;
    std::size_t waiting_max = limits::registry_waiting_max;
    std::size_t cached_max = limits::registry_cached_max;
};

/// GET <url>/<IMEI>: 200 with a record (registry_record.h), 404 where there is no key; everything else is a
/// failure, which is told in the log and not remembered. A record that is wrong, or whose key is weak, is as
/// good as none; whether a key is revoked or valid now is store::is_valid()'s to say. Look-ups of one device
/// that come at the same time are one. Answers are remembered for as long as the settings say: for as long,
/// and no longer, a revocation may be overlooked. Of too many the one that was asked for longest ago is
/// forgotten.
///
/// The logger and the clock outlive the work of `io`.
class HttpsKeyRegistry final : public procedure::KeyRegistry {
  public:
    HttpsKeyRegistry(boost::asio::io_context& io, HttpsKeyRegistrySettings settings, const Clock& clock,
                     log::Logger& log);
    ~HttpsKeyRegistry() override;

    boost::asio::awaitable<Result<std::optional<store::DeviceKey>>> find(Imei imei) override;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace bindhss::registry
