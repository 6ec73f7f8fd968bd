// SPDX-License-Identifier: Apache-2.0
// The certificates that new connections use: read at start, when their files change, and when told to.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>

#include "crypto/tls_context.h"
#include "log/log.h"
#include "types/seams.h"

namespace bindhss::net {

/// Any thread may call it. Connections keep the context that they began with.
class TlsKeeper {
  public:
    /// Throws std::runtime_error when a file cannot be used. `identity`: ours, which the certificate should
    /// be made out to; empty: others know.
    TlsKeeper(crypto::TlsFiles files, std::string identity, log::Logger& log, WallTime now);

    [[nodiscard]] std::shared_ptr<const crypto::TlsContext> current() const;
    /// Reads the files. False: they cannot be used, which the log tells, and the old ones stay.
    bool reload(WallTime now);
    /// The same if a file has changed; once a day it tells of a certificate that ends soon.
    void look(WallTime now);

  private:
    /// What tells that a file is another one than before.
    struct Stamp {
        std::int64_t modified = 0;
        std::uint64_t inode = 0;
        std::int64_t size = -1;  ///< -1: it is not there
        bool operator==(const Stamp&) const = default;
    };
    using Stamps = std::array<Stamp, 4>;

    [[nodiscard]] Stamps stamps() const;
    void tell_of_expiry(const crypto::TlsContext& context, WallTime now);
    void tell_of(const crypto::TlsContext& context, WallTime now);

    const crypto::TlsFiles files_;
    const std::string identity_;
    log::Logger& log_;
    mutable std::mutex mutex_;
    // guarded by mutex_:
    std::shared_ptr<const crypto::TlsContext> context_;
    Stamps seen_;
    WallTime reminded_{};
};

}  // namespace bindhss::net
