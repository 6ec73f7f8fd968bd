// SPDX-License-Identifier: Apache-2.0
// One TLS connection without its socket: octets of the wire go in and come out through memory.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "crypto/tls_context.h"
#include "types/octets.h"

struct ssl_st;  // SSL, which OpenSSL's headers name

namespace bindhss::crypto {

/// Why a connection failed, so that whoever reports it can say what to mend.
struct TlsProblem {
    enum class Kind : std::uint8_t {
        untrusted,       ///< its certificate leads to nobody whom we trust
        expired,         ///< its certificate is out of date, or not yet valid
        revoked,         ///< its certificate is in a CRL
        crl,             ///< the CRL is missing or out of date
        purpose,         ///< its certificate is for other uses
        no_certificate,  ///< it shows none
        refused,         ///< it refuses us
        not_tls,         ///< what it sends is no TLS
        version,         ///< it offers nothing newer than TLS 1.1
        other,
    };
    Kind kind = Kind::other;
    std::string text;  ///< in the words of OpenSSL
};

/// Used by one thread at a time.
class TlsSession {
  public:
    enum class Role : std::uint8_t { client, server };
    enum class Outcome : std::uint8_t {
        done,
        wants_input,  ///< call again after received()
        ended,        ///< the other side has said that nothing follows
        failed,       ///< problem() tells why; there may be output to send still
    };

    /// `host`: whom a client means to reach; it tells the server (RFC 6066 3).
    TlsSession(const TlsContext& context, Role role, const std::string& host = {});

    /// Until it is done nothing may be read or written.
    Outcome handshake();
    /// done: `octets` were read, one at least.
    Outcome read(std::span<std::uint8_t> into, std::size_t& octets);
    /// done: all of it was taken, for output.
    Outcome write(OctetView octets);
    /// Says that nothing follows.
    void shut_down();

    /// What came over the wire.
    void received(OctetView wire);
    /// Appends what has to go over the wire; false: nothing.
    bool take_output(OctetString& wire);

    [[nodiscard]] const TlsProblem& problem() const { return problem_; }
    /// Empty when nobody was asked for a certificate. REQUIRES: the handshake is done.
    [[nodiscard]] const Certificate& peer() const { return peer_; }
    /// "TLSv1.2" or "TLSv1.3".
    [[nodiscard]] std::string_view version() const;

  private:
    struct Free {
        void operator()(ssl_st* session) const;
    };
    Outcome outcome_of(int returned);

    std::unique_ptr<ssl_st, Free> session_;
    Certificate peer_;
    TlsProblem problem_;
};

}  // namespace bindhss::crypto
