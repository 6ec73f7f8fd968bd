// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "types/secret.h"

struct evp_mac_ctx_st;

namespace bindhss::crypto {

/// HMAC-SHA-256 (FIPS 198-1), the KDF of TS 33.220 B.2. Any thread may call it.
[[nodiscard]] Secret<32> hmac_sha256(OctetView key, OctetView message);

/// The same over a message that comes in pieces. One thread at a time.
class HmacSha256 {
  public:
    explicit HmacSha256(OctetView key);
    void update(OctetView piece);
    /// The code of all pieces; nothing may be added behind it.
    [[nodiscard]] Secret<32> finish();

  private:
    struct ContextDeleter {
        void operator()(evp_mac_ctx_st* context) const;
    };
    std::unique_ptr<evp_mac_ctx_st, ContextDeleter> context_;
};

}  // namespace bindhss::crypto
