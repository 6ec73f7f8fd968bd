// SPDX-License-Identifier: Apache-2.0
// Certificates, keys and rules of TLS for connections with mutual authentication (RFC 6733 13.1, RFC 9325).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;  // SSL_CTX, which OpenSSL's headers name

namespace bindhss::crypto {

/// PEM files.
struct TlsFiles {
    std::string certificate;  ///< ours, then those of the CAs between it and the root
    std::string private_key;  ///< without a passphrase; readable by its owner alone
    std::string ca;           ///< whom we trust: CAs, or single peers
    std::string crl;          ///< revoked certificates; empty: none are looked for
    /// false: a server that asks nobody for a certificate; `ca` and `crl` are not read.
    bool ask_for_certificates = true;
    /// false: who has none may come without; one that is shown has to be good.
    bool certificates_required = true;
};

/// What is of interest in a certificate.
struct Certificate {
    std::vector<std::string> names;  ///< subjectAltName DNS; its CN when it has none (RFC 6125 6.4.4)
    std::string subject;             ///< for people
    std::chrono::sys_seconds not_before{};
    std::chrono::sys_seconds not_after{};
};

/// Is the certificate made out to this host? Without case; "*." stands for one whole label and no more, and
/// not for one right below a top-level domain.
[[nodiscard]] bool is_for_host(const Certificate& certificate, std::string_view host);

/// Immutable: any thread may use it for new connections.
class TlsContext {
  public:
    /// Reads the files. Throws std::runtime_error with one line that names the file and what is wrong; it
    /// never holds anything of the key.
    static std::shared_ptr<const TlsContext> load(const TlsFiles& files);
    /// For clients that show no certificate of their own; `ca` empty: the CAs that this machine trusts.
    /// Throws as load() does.
    static std::shared_ptr<const TlsContext> load_client(const std::string& ca);

    /// Our own certificate, if there is one.
    [[nodiscard]] const Certificate& certificate() const { return certificate_; }
    /// Of our certificate and those of the CAs sent with it: when the first becomes invalid.
    [[nodiscard]] std::chrono::sys_seconds expires() const { return expires_; }
    /// For TlsSession.
    [[nodiscard]] ssl_ctx_st* native() const { return context_.get(); }

  private:
    TlsContext() = default;
    static TlsContext make();
    struct Free {
        void operator()(ssl_ctx_st* context) const;
    };
    std::unique_ptr<ssl_ctx_st, Free> context_;
    Certificate certificate_;
    std::chrono::sys_seconds expires_{};
};

}  // namespace bindhss::crypto
