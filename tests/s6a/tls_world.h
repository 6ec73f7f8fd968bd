// SPDX-License-Identifier: Apache-2.0
// Nodes with certificates, their log, and a TLS peer that does what a test tells it to.
#pragma once

#include <boost/asio/ssl.hpp>
#include <sstream>

#include "s6a/certificates.h"
#include "s6a/node_world.h"

namespace bindhss::test {

/// The files of a node, below the folder, under a name of their own.
inline crypto::TlsFiles files_of(const Folder& folder, const std::string& name, const Issued& issued,
                                 const std::string& ca) {
    return {folder.write(name + ".pem", issued.certificate),
            folder.write(name + ".key", issued.key),
            folder.write(name + ".ca", ca),
            {}};
}

/// hss.example with TLS on a free port, which knows mme.example; whatever it logs is kept.
class TlsServer {
  public:
    explicit TlsServer(Threads& threads) : threads_(threads) {
        settings.listen.clear();
        settings.peers[0].transport = diameter::Transport::tls;
        settings.tls.emplace();
        settings.tls->files = files_of(folder, "hss", authority.issue_for("hss.example"), authority.pem());
        settings.tls->listen.push_back({"127.0.0.1", 0});
    }
    ~TlsServer() { stop(); }
    /// After the test has changed the settings.
    void start(diameter::RequestHandler handler = answer_success) {
        log_ = std::make_unique<log::Logger>(
            log::Settings{log::Level::info, log::Format::text, folder.path("log")});
        node_ = std::make_unique<diameter::Node>(threads_.io, loaded_dictionary(), settings,
                                                 std::move(handler), *log_);
        node_->start();
    }
    void stop() {
        if (node_) threads_.run(node_->stop(diameter::DisconnectCause::rebooting, 500ms));
        node_.reset();
    }
    [[nodiscard]] std::uint16_t port() const { return node_->listening_tls().front().port; }
    [[nodiscard]] diameter::Node& node() { return *node_; }
    [[nodiscard]] std::string log() {
        log_->flush();
        std::ostringstream text;
        text << std::ifstream(folder.path("log")).rdbuf();
        return text.str();
    }
    /// Waits until the log has it.
    [[nodiscard]] bool logs(const std::string& text) {
        return eventually([&] { return log().find(text) != std::string::npos; });
    }
    /// Of a node that connects to this one.
    diameter::NodeSettings client(const Issued& issued, const std::string& identity = "mme.example") {
        auto client = client_settings(port(), identity);
        client.peers[0].transport = diameter::Transport::tls;
        client.tls.emplace();
        client.tls->files = files_of(folder, identity, issued, authority.pem());
        return client;
    }

    Folder folder;
    Authority authority;
    diameter::NodeSettings settings = server_settings();

  private:
    Threads& threads_;
    std::unique_ptr<log::Logger> log_;
    std::unique_ptr<diameter::Node> node_;
};

/// A TLS client of octets and patience. Used by one thread.
class RawTls {
  public:
    /// With a certificate, if one is given; `adjust` may change the context.
    RawTls(std::uint16_t port, const Authority& authority, const Issued* issued,
           const std::function<void(SSL_CTX*)>& adjust = {})
        : context_(asio::ssl::context::tls_client), stream_(io_, prepare(authority, issued, adjust)) {
        stream_.next_layer().connect({asio::ip::make_address("127.0.0.1"), port});
    }
    /// False: refused by this side or, before TLS 1.3, the other.
    bool handshake() {
        boost::system::error_code error;
        stream_.handshake(asio::ssl::stream_base::client, error);
        return !error;
    }
    bool send(OctetView octets) {
        boost::system::error_code error;
        asio::write(stream_, asio::buffer(octets.data(), octets.size()), error);
        return !error;
    }
    /// The next message; nothing when the connection ends.
    std::optional<diameter::Message> read() {
        OctetString octets(diameter::header_octets);
        boost::system::error_code error;
        asio::read(stream_, asio::buffer(octets), error);
        const auto header = error ? std::nullopt : diameter::Header::read(octets);
        if (!header) return std::nullopt;
        octets.resize(header->length);
        asio::read(stream_, asio::buffer(octets) + diameter::header_octets, error);
        if (error) return std::nullopt;
        auto message = diameter::Message::parse(octets);
        if (message) message->check(loaded_dictionary()).has_value();
        return message;
    }
    /// Handshake and CER; the CEA, if one comes.
    std::optional<diameter::Message> open(const CerAvps& avps = {}) {
        if (!handshake() || !send(cer(avps))) return std::nullopt;
        return read();
    }
    [[nodiscard]] std::string version() { return SSL_get_version(stream_.native_handle()); }
    [[nodiscard]] asio::ssl::stream<asio::ip::tcp::socket>& stream() { return stream_; }

  private:
    asio::ssl::context& prepare(const Authority& authority, const Issued* issued,
                                const std::function<void(SSL_CTX*)>& adjust) {
        context_.add_certificate_authority(asio::buffer(authority.pem()));
        context_.set_verify_mode(asio::ssl::verify_peer);
        if (issued != nullptr) {
            context_.use_certificate_chain(asio::buffer(issued->certificate));
            context_.use_private_key(asio::buffer(issued->key), asio::ssl::context::pem);
        }
        if (adjust) adjust(context_.native_handle());
        return context_;
    }

    asio::io_context io_;
    asio::ssl::context context_;
    asio::ssl::stream<asio::ip::tcp::socket> stream_;
};

}  // namespace bindhss::test
