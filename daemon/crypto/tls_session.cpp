// SPDX-License-Identifier: Apache-2.0
#include "crypto/tls_session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <limits>
#include <stdexcept>

#include "crypto/x509_names.h"

namespace bindhss::crypto {

namespace {

using Kind = TlsProblem::Kind;

Kind kind_of_verification(long result) {
    switch (result) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return Kind::expired;
        case X509_V_ERR_CERT_REVOKED:
            return Kind::revoked;
        case X509_V_ERR_UNABLE_TO_GET_CRL:
        case X509_V_ERR_CRL_HAS_EXPIRED:
        case X509_V_ERR_CRL_NOT_YET_VALID:
        case X509_V_ERR_CRL_SIGNATURE_FAILURE:
            return Kind::crl;
        case X509_V_ERR_INVALID_PURPOSE:
            return Kind::purpose;
        default:
            return Kind::untrusted;
    }
}

Kind kind_of_error(unsigned long error) {
    const auto reason = ERR_GET_REASON(error);
    // An alert of the other side: SSL_AD_REASON_OFFSET and its number.
    if (reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256) return Kind::refused;
    switch (reason) {
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            return Kind::no_certificate;
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_VERSION_TOO_LOW:
        case SSL_R_WRONG_SSL_VERSION:
            return Kind::version;
        // Diameter begins with 01, for which OpenSSL has this reason.
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_HTTP_REQUEST:
        case SSL_R_BAD_PACKET_LENGTH:
        case SSL_R_PACKET_LENGTH_TOO_LONG:
            return Kind::not_tls;
        default:
            return Kind::other;
    }
}

TlsProblem problem_of(SSL* session) {
    const auto verification = SSL_get_verify_result(session);
    const auto error = ERR_peek_error();
    if (verification != X509_V_OK)
        return {kind_of_verification(verification), X509_verify_cert_error_string(verification)};
    const auto* const reason = ERR_reason_error_string(error);
    return {kind_of_error(error), reason != nullptr ? reason : "the TLS connection broke"};
}

}  // namespace

void TlsSession::Free::operator()(ssl_st* session) const {
    SSL_free(session);
}

TlsSession::TlsSession(const TlsContext& context, Role role, const std::string& host)
    : session_(SSL_new(context.native())) {
    auto* const from_wire = BIO_new(BIO_s_mem());
    auto* const to_wire = BIO_new(BIO_s_mem());
    if (session_ == nullptr || from_wire == nullptr || to_wire == nullptr) {
        BIO_free(from_wire);
        BIO_free(to_wire);
        throw std::runtime_error("OpenSSL cannot begin with a TLS connection");
    }
    SSL_set_bio(session_.get(), from_wire, to_wire);  // which owns them from here on
    if (role == Role::server) {
        SSL_set_accept_state(session_.get());
    } else {
        SSL_set_connect_state(session_.get());
        if (!host.empty()) SSL_set_tlsext_host_name(session_.get(), host.c_str());
    }
}

// OpenSSL keeps errors in a queue of the thread: it is empty before and after each call.
TlsSession::Outcome TlsSession::outcome_of(int returned) {
    if (returned > 0) return Outcome::done;
    const auto error = SSL_get_error(session_.get(), returned);
    if (error == SSL_ERROR_WANT_READ) return Outcome::wants_input;
    if (error == SSL_ERROR_ZERO_RETURN) return Outcome::ended;
    problem_ = problem_of(session_.get());
    ERR_clear_error();
    return Outcome::failed;
}

TlsSession::Outcome TlsSession::handshake() {
    ERR_clear_error();
    const auto outcome = outcome_of(SSL_do_handshake(session_.get()));
    if (outcome != Outcome::done) return outcome;
    const auto mode = SSL_get_verify_mode(session_.get());
    if ((mode & SSL_VERIFY_PEER) == 0) return outcome;
    auto* const certificate = SSL_get0_peer_certificate(session_.get());
    if (certificate == nullptr && (mode & SSL_VERIFY_FAIL_IF_NO_PEER_CERT) == 0) return outcome;
    if (certificate == nullptr || SSL_get_verify_result(session_.get()) != X509_V_OK) {
        problem_ = {Kind::no_certificate, "the handshake ended without a certificate"};
        return Outcome::failed;
    }
    peer_ = describe(*certificate);
    ERR_clear_error();
    return outcome;
}

TlsSession::Outcome TlsSession::read(std::span<std::uint8_t> into, std::size_t& octets) {
    ERR_clear_error();
    return outcome_of(SSL_read_ex(session_.get(), into.data(), into.size(), &octets));
}

TlsSession::Outcome TlsSession::write(OctetView octets) {
    if (octets.empty()) return Outcome::done;
    ERR_clear_error();
    std::size_t written = 0;
    return outcome_of(SSL_write_ex(session_.get(), octets.data(), octets.size(), &written));
}

void TlsSession::shut_down() {
    ERR_clear_error();
    if (SSL_is_init_finished(session_.get()) == 1) SSL_shutdown(session_.get());
    ERR_clear_error();
}

void TlsSession::received(OctetView wire) {
    while (!wire.empty()) {
        const auto most = std::min<std::size_t>(wire.size(), std::numeric_limits<int>::max());
        const auto taken = BIO_write(SSL_get_rbio(session_.get()), wire.data(), static_cast<int>(most));
        if (taken <= 0) throw std::bad_alloc();  // memory is all that it can lack
        wire = wire.subspan(static_cast<std::size_t>(taken));
    }
}

bool TlsSession::take_output(OctetString& wire) {
    auto* const bio = SSL_get_wbio(session_.get());
    const auto waiting = BIO_pending(bio);
    if (waiting <= 0) return false;
    const auto before = wire.size();
    wire.resize(before + static_cast<std::size_t>(waiting));
    const auto taken = BIO_read(bio, wire.data() + before, waiting);
    wire.resize(before + static_cast<std::size_t>(std::max(taken, 0)));
    return taken > 0;
}

std::string_view TlsSession::version() const {
    return SSL_get_version(session_.get());
}

}  // namespace bindhss::crypto
