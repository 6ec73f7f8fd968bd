// SPDX-License-Identifier: Apache-2.0
#include "crypto/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "crypto/secret_file.h"
#include "crypto/x509_names.h"

namespace bindhss::crypto {

namespace {

// RFC 9325 4.2: forward secrecy and authenticated encryption only. TLS 1.3 has no others.
constexpr const char* tls12_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:!aNULL";

struct BioFree {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioFree>;

/// What OpenSSL has to say; its queue of errors is empty afterwards.
std::string openssl_error() {
    const auto code = ERR_get_error();
    ERR_clear_error();
    const auto* const reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "OpenSSL gives no reason";
}

std::runtime_error file_error(std::string_view what, const std::string& path, const std::string& why) {
    return std::runtime_error(std::string(what) + " " + path + ": " + why);
}

void check_readable(std::string_view what, const std::string& path, bool secret) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) throw file_error(what, path, std::strerror(errno));
    if (!S_ISREG(status.st_mode)) throw file_error(what, path, "is not a regular file");
    if (secret && open_to_others(status)) throw file_error(what, path, std::string(open_to_others_text));
    const Bio file(BIO_new_file(path.c_str(), "r"));
    ERR_clear_error();
    if (!file) throw file_error(what, path, std::strerror(errno));
}

// Of the certificate and each that is sent with it the one that ends first.
std::chrono::sys_seconds first_end(SSL_CTX* context, std::chrono::sys_seconds end) {
    STACK_OF(X509)* chain = nullptr;
    SSL_CTX_get0_chain_certs(context, &chain);
    for (int i = 0; i < sk_X509_num(chain); ++i)
        end = std::min(end, describe(*sk_X509_value(chain, i)).not_after);
    return end;
}

void set_rules(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_dh_auto(context, 1);
    // A session that is resumed would not be asked for its certificate again, which may be revoked by then.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Thousands of connections are idle most of the time.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    if (SSL_CTX_set_cipher_list(context, tls12_ciphers) != 1)
        throw std::runtime_error("OpenSSL knows none of our ciphers: " + openssl_error());
}

// A passphrase cannot be asked for: the callback says that there is none.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
    return -1;
}

void load_own(SSL_CTX* context, const TlsFiles& files) {
    check_readable("certificate", files.certificate, false);
    check_readable("private key", files.private_key, true);
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1)
        throw file_error("certificate", files.certificate, "holds no certificate in PEM: " + openssl_error());
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    const Bio file(BIO_new_file(files.private_key.c_str(), "r"));
    const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
        file ? PEM_read_bio_PrivateKey(file.get(), nullptr, no_passphrase, nullptr) : nullptr, EVP_PKEY_free);
    ERR_clear_error();
    if (!key)
        throw file_error("private key", files.private_key, "holds no key in PEM that needs no passphrase");
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
        ERR_clear_error();
        throw file_error("private key", files.private_key,
                         "does not belong to certificate " + files.certificate);
    }
}

void load_trust(SSL_CTX* context, const TlsFiles& files) {
    auto* const store = SSL_CTX_get_cert_store(context);
    check_readable("CA file", files.ca, false);
    if (X509_STORE_load_file(store, files.ca.c_str()) != 1)
        throw file_error("CA file", files.ca, "holds no certificate in PEM: " + openssl_error());
    // A server tells which CAs it accepts: helps a peer that has several certificates.
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(files.ca.c_str()));
    // The certificate of one peer, or of a CA that is not a root, may be trusted by itself.
    unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
    if (!files.crl.empty()) {
        check_readable("CRL", files.crl, false);
        auto* const lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
        if (lookup == nullptr || X509_load_crl_file(lookup, files.crl.c_str(), X509_FILETYPE_PEM) < 1) {
            throw file_error("CRL", files.crl,
                             "holds no list of revoked certificates in PEM: " + openssl_error());
        }
        flags |= X509_V_FLAG_CRL_CHECK;
    }
    X509_STORE_set_flags(store, flags);
    ERR_clear_error();
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const {
    SSL_CTX_free(context);
}

TlsContext TlsContext::make() {
    TlsContext result;
    result.context_.reset(SSL_CTX_new(TLS_method()));
    auto* const context = result.context_.get();
    if (context == nullptr) throw std::runtime_error("OpenSSL cannot begin with TLS: " + openssl_error());
    set_rules(context);
    return result;
}

std::shared_ptr<const TlsContext> TlsContext::load_client(const std::string& ca) {
    auto result = make();
    auto* const context = result.context_.get();
    if (!ca.empty()) {
        load_trust(context, {"", "", ca, "", true});
    } else if (SSL_CTX_set_default_verify_paths(context) != 1) {
        throw std::runtime_error("the CAs that this machine trusts cannot be read: " + openssl_error());
    }
    return std::make_shared<const TlsContext>(std::move(result));
}

std::shared_ptr<const TlsContext> TlsContext::load(const TlsFiles& files) {
    auto result = make();
    auto* const context = result.context_.get();
    load_own(context, files);
    if (files.ask_for_certificates) {
        load_trust(context, files);
        if (!files.certificates_required) SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    } else {
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    }
    result.certificate_ = describe(*SSL_CTX_get0_certificate(context));
    result.expires_ = first_end(context, result.certificate_.not_after);
    return std::make_shared<const TlsContext>(std::move(result));
}

}  // namespace bindhss::crypto
