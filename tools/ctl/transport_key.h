// SPDX-License-Identifier: Apache-2.0
// The key under which device keys travel between a manufacturer, or another operator, and us.
#pragma once

#include <string>

#include "crypto/key_wrap.h"

namespace bindhss::ctl {

/// One key of 16 or 32 octets. Owns it; any thread may read it.
class TransportKey {
  public:
    /// Reads 32 or 64 hexadecimal digits; '#' begins a comment. Throws Refused, naming the file and never the
    /// key: it cannot be read, group or others may read it, it holds no key, or more than one.
    static TransportKey load(const std::string& path);
    /// REQUIRES: 16 or 32 octets.
    explicit TransportKey(SecretString key);

    /// What device keys are wrapped under.
    [[nodiscard]] OctetView wrapping() const { return key_.view(); }
    /// What the whole file is authenticated with: HMAC-SHA-256(key, "BINDHSS-KME 1 authentication").
    [[nodiscard]] OctetView authenticating() const { return mac_key_.view(); }
    /// Its key check value, 6 hexadecimal digits: by this two people compare keys over the telephone.
    [[nodiscard]] std::string kcv() const;

  private:
    SecretString key_;
    Secret<32> mac_key_;
};

}  // namespace bindhss::ctl
