// SPDX-License-Identifier: Apache-2.0
// Reading certificates; for crypto/ alone, because it shows OpenSSL.
#pragma once

#include <openssl/x509.h>

#include "crypto/tls_context.h"

namespace bindhss::crypto {

/// Names with a NUL octet or anything else that no host name has are left out: they may not fool a
/// comparison.
[[nodiscard]] Certificate describe(X509& certificate);

}  // namespace bindhss::crypto
