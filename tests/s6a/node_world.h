// SPDX-License-Identifier: Apache-2.0
// Nodes on 127.0.0.1 with threads under them, and a peer that says exactly what a test tells it to.
#pragma once

#include <sys/socket.h>
#include <sys/time.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <thread>

#include "diameter/capabilities.h"
#include "diameter/node.h"
#include "diameter/s6a_client.h"
#include "s6a/wire_builder.h"
#include "types/limits.h"

namespace bindhss::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// An io_context and the threads that run it.
class Threads {
  public:
    explicit Threads(int count = 2) : work_(io.get_executor()) {
        for (int i = 0; i < count; ++i) threads_.emplace_back([this] { io.run(); });
    }
    ~Threads() { stop(); }
    void stop() {
        work_.reset();
        io.stop();
        for (auto& thread : threads_) {
            if (thread.joinable()) thread.join();
        }
    }
    /// Awaits a coroutine; a test that hangs fails.
    void run(asio::awaitable<void> coroutine, std::chrono::seconds limit = 20s) {
        auto future = asio::co_spawn(io, std::move(coroutine), asio::use_future);
        if (future.wait_for(limit) != std::future_status::ready)
            throw std::runtime_error("the coroutine hangs");
        future.get();
    }
    template <class T>
    T run(asio::awaitable<T> coroutine, std::chrono::seconds limit = 20s) {
        std::optional<T> result;
        run(store(std::move(coroutine), result), limit);
        return std::move(*result);
    }

    asio::io_context io;

  private:
    template <class T>
    static asio::awaitable<void> store(asio::awaitable<T> coroutine, std::optional<T>& result) {
        result.emplace(co_await std::move(coroutine));
    }

    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::vector<std::thread> threads_;
};

inline log::Logger& quiet_log() {
    static log::Logger logger({log::Level::error, log::Format::text, ""});
    return logger;
}

template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = 5s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < end) {
        if (condition()) return true;
        std::this_thread::sleep_for(2ms);
    }
    return condition();
}

inline diameter::PeerSettings peer(std::string identity, std::string realm = "example") {
    diameter::PeerSettings settings;
    settings.identity = std::move(identity);
    settings.realm = std::move(realm);
    return settings;
}

/// hss.example, which listens on a free port and knows mme.example.
inline diameter::NodeSettings server_settings() {
    diameter::NodeSettings settings;
    settings.identity = "hss.example";
    settings.realm = "example";
    settings.listen.push_back({"127.0.0.1", 0});
    settings.peers.push_back(peer("mme.example"));
    return settings;
}

inline diameter::NodeSettings client_settings(std::uint16_t port, std::string identity = "mme.example") {
    diameter::NodeSettings settings;
    settings.identity = std::move(identity);
    settings.realm = "example";
    settings.reconnect_interval = 100ms;
    settings.peers.push_back(peer("hss.example"));
    settings.peers.back().connect = diameter::Endpoint{"127.0.0.1", port};
    return settings;
}

/// Answers every request with success, at once.
inline void answer_success(std::unique_ptr<diameter::IncomingRequest> request) {
    auto answer = request->make_answer();
    diameter::encode_success(answer);
    request->answer(answer);
}

inline bool is_open(const diameter::Node& node, std::string_view identity) {
    for (const auto& status : node.peers()) {
        if (status.identity == identity && status.state == diameter::PeerState::open) return true;
    }
    return false;
}

/// A server node, started.
struct Server {
    explicit Server(Threads& threads, diameter::RequestHandler handler = answer_success,
                    diameter::NodeSettings settings = server_settings(), log::Logger& log = quiet_log())
        : node(threads.io, loaded_dictionary(), std::move(settings), std::move(handler), log),
          threads_(threads) {
        node.start();
    }
    ~Server() { stop(); }
    void stop(std::chrono::milliseconds deadline = 500ms) {
        if (!std::exchange(stopped_, true)) {
            threads_.run(node.stop(diameter::DisconnectCause::rebooting, deadline));
        }
    }
    [[nodiscard]] std::uint16_t port() const { return node.listening().front().port; }

    diameter::Node node;

  private:
    Threads& threads_;
    bool stopped_ = false;
};

/// An MME's node with its S6aClient, connected to a server.
struct Client {
    Client(Threads& threads, diameter::NodeSettings settings,
           diameter::S6aClient::Destination destination = {"example", "", ""},
           diameter::S6aClient::CancelLocation on_cancel = {})
        : s6a(std::move(destination), std::move(on_cancel)),
          node(threads.io, loaded_dictionary(), std::move(settings), s6a.handler(), quiet_log()),
          threads_(threads) {
        s6a.attach(node);
        node.start();
    }
    ~Client() { threads_.run(node.stop(diameter::DisconnectCause::rebooting, 200ms)); }

    diameter::S6aClient s6a;
    diameter::Node node;

  private:
    Threads& threads_;
};

/// An AIR of mme.example with other header ids each time.
inline OctetString air(std::uint32_t id = 1, std::string_view origin = "mme.example",
                       std::initializer_list<OctetString> more = {}) {
    using namespace diameter;
    OctetString requested = make_avp({1410, 10415}, OctetView(number_octets(1)), 0xc0);
    auto avps =
        concat({make_avp(avp_id::session_id, "mme.example;1;" + std::to_string(id)),
                make_avp(avp_id::auth_session_state, 1U), make_avp(avp_id::origin_host, origin),
                make_avp(avp_id::origin_realm, "example"), make_avp(avp_id::user_name, "001010000000001"),
                make_avp({1408, 10415}, OctetView(requested), 0xc0),
                make_avp({1407, 10415}, OctetView(OctetString{0x00, 0xf1, 0x10}), 0xc0)});
    bool destination = false;
    for (const auto& avp : more) {
        avps.insert(avps.end(), avp.begin(), avp.end());
        destination =
            destination || (avp.size() > 3 && avp[2] == 0x01 && avp[3] == 0x1b);  // Destination-Realm, 283
    }
    if (!destination) avps = concat({avps, make_avp(avp_id::destination_realm, "example")});
    auto octets = frame(0xc0, 318, 16'777'251, avps);
    const auto ids = number_octets(id);
    std::copy(ids.begin(), ids.end(), octets.begin() + 12);
    return octets;
}

struct CerAvps {
    std::string host = "mme.example";
    std::string realm = "example";
    std::uint32_t application = 16'777'251;
    OctetString extra = {};
};

inline OctetString cer(const CerAvps& avps = {}) {
    using namespace diameter;
    const auto vendor = make_avp(avp_id::vendor_id, vendor_3gpp);
    const auto application = make_avp(avp_id::auth_application_id, avps.application);
    return frame(
        0x80, 257, 0,
        concat({make_avp(avp_id::origin_host, avps.host), make_avp(avp_id::origin_realm, avps.realm),
                make_avp(avp_id::host_ip_address, OctetView(OctetString{0, 1, 127, 0, 0, 1})),
                make_avp(avp_id::vendor_id, 0U),
                make_avp(avp_id::product_name, OctetView(as_octets("raw")), 0),
                make_avp(avp_id::vendor_specific_application_id, OctetView(concat({vendor, application}))),
                avps.extra}));
}

inline OctetString base_request(std::uint32_t code, const OctetString& more = {}) {
    using namespace diameter;
    return frame(0x80, code, 0,
                 concat({make_avp(avp_id::origin_host, "mme.example"),
                         make_avp(avp_id::origin_realm, "example"), more}));
}

/// A peer of single octets and patience. Used by one thread.
class RawPeer {
  public:
    /// `from`: its own address, in 127.0.0.0/8.
    explicit RawPeer(std::uint16_t port, const std::string& from = {}) : socket_(io_) {
        socket_.open(asio::ip::tcp::v4());
        if (!from.empty()) socket_.bind({asio::ip::make_address(from), 0});
        socket_.connect({asio::ip::make_address("127.0.0.1"), port});
    }
    explicit RawPeer(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

    /// False: the other side has closed.
    bool send(OctetView octets) {
        boost::system::error_code error;
        asio::write(socket_, asio::buffer(octets.data(), octets.size()), error);
        return !error;
    }
    /// The next message, checked; nothing when the connection ends or in time nothing comes.
    std::optional<diameter::Message> read(std::chrono::milliseconds limit = 3s) {
        const auto octets = read_octets(limit);
        if (!octets) return std::nullopt;
        auto message = diameter::Message::parse(*octets);
        if (message) message->check(loaded_dictionary()).has_value();
        return message;
    }
    std::optional<OctetString> read_octets(std::chrono::milliseconds limit = 3s) {
        OctetString octets(diameter::header_octets);
        if (!fill(octets, limit)) return std::nullopt;
        const auto header = diameter::Header::read(octets);
        if (!header) return std::nullopt;
        octets.resize(header->length);
        if (!fill(std::span(octets).subspan(diameter::header_octets), limit)) return std::nullopt;
        return octets;
    }
    /// True: the other side closes in time, whatever it sends before.
    bool closed(std::chrono::milliseconds limit = 3s) {
        const auto end = std::chrono::steady_clock::now() + limit;
        OctetString octets(4096);
        while (std::chrono::steady_clock::now() < end) {
            set_timeout(100ms);
            const auto got = ::recv(socket_.native_handle(), octets.data(), octets.size(), 0);
            if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
                return true;
        }
        return false;
    }
    /// CER/CEA; the CEA.
    std::optional<diameter::Message> open(const CerAvps& avps = {}) {
        send(cer(avps));
        return read();
    }
    void close() { socket_.close(); }
    /// Nothing follows; answers may be read on.
    void finish() {
        boost::system::error_code ignored;
        socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    }

  private:
    void set_timeout(std::chrono::milliseconds limit) {
        timeval time{};
        time.tv_sec = limit.count() / 1000;
        time.tv_usec = limit.count() % 1000 * 1000;
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    }
    bool fill(std::span<std::uint8_t> into, std::chrono::milliseconds limit) {
        set_timeout(limit);
        while (!into.empty()) {
            const auto got = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
            if (got <= 0) return false;
            into = into.subspan(static_cast<std::size_t>(got));
        }
        return true;
    }

    asio::io_context io_;
    asio::ip::tcp::socket socket_;
};

inline std::uint32_t result_of(const std::optional<diameter::Message>& answer) {
    if (!answer) return 0;
    const auto code = answer->find(diameter::avp_id::result_code);
    return code ? code->u32() : 1;
}

}  // namespace bindhss::test
