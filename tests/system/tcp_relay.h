// SPDX-License-Identifier: Apache-2.0
// A cable between two programs on this machine, which a test can cut, and stop at a chosen moment.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace bindhss::test {

/// Closes what it holds.
class Socket {
  public:
    explicit Socket(int descriptor = -1) : descriptor_(descriptor) {}
    ~Socket() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    [[nodiscard]] int get() const { return descriptor_; }
    [[nodiscard]] bool valid() const { return descriptor_ >= 0; }
    void shut() const { ::shutdown(descriptor_, SHUT_RDWR); }
    /// The other side has closed, and nothing is left to read.
    [[nodiscard]] bool ended() const {
        char octet = 0;
        return ::recv(descriptor_, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    }

  private:
    int descriptor_;
};

inline Socket connect_tcp(std::uint16_t port) {
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return Socket();
    return socket;
}

inline Socket connect_unix(const std::string& path) {
    Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return Socket();
    path.copy(address.sun_path, path.size());
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return Socket();
    return socket;
}

/// Listens on 127.0.0.1 and hands every octet on, both ways. Any thread may call it.
class TcpRelay {
  public:
    /// The way to the far side; an invalid one: it is not there.
    using Connect = std::function<Socket()>;
    enum class Way : std::uint8_t { there, back };

    explicit TcpRelay(Connect connect) : TcpRelay(std::move(connect), Later{}) { begin(); }
    virtual ~TcpRelay() { close(); }
    TcpRelay(const TcpRelay&) = delete;
    TcpRelay& operator=(const TcpRelay&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// Ends every connection, and whoever comes finds nobody.
    void cut() {
        cut_ = true;
        const std::lock_guard lock(mutex_);
        for (const auto& link : links_) link.shut();
    }
    void mend() { cut_ = false; }

  protected:
    /// A derived class begins when it is made whole: its threads call its pass().
    struct Later {};
    TcpRelay(Connect connect, Later /*tag*/) : connect_(std::move(connect)), door_(listening()) {}
    void begin() {
        acceptor_ = std::thread([this] { accept_all(); });
    }

    struct Link {
        Socket near;
        Socket far;
        bool held = false;          ///< what comes back is not for now; guarded by the class that says so
        std::atomic<int> pumps{2};  ///< that work
        std::thread there;
        std::thread back;
        void join() {
            there.join();
            back.join();
        }
        void shut() const {
            near.shut();
            far.shut();
        }
    };
    /// Called with all that has come, before it goes on; may wait. false: the connection ends here.
    virtual bool pass(Link& /*link*/, Way /*way*/, std::string_view /*octets*/) { return true; }
    /// REQUIRES: called in the destructor of the class that has a pass() of its own, which nothing keeps
    /// waiting.
    void close() {
        if (closing_.exchange(true)) return;
        door_.shut();
        acceptor_.join();
        cut();
        for (auto& link : links_) link.join();
    }

  private:
    Socket listening() {
        Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* at = reinterpret_cast<sockaddr*>(&address);
        if (::bind(socket.get(), at, size) != 0 || ::listen(socket.get(), 64) != 0 ||
            ::getsockname(socket.get(), at, &size) != 0)
            throw std::runtime_error("cannot listen");
        port_ = ntohs(address.sin_port);
        return socket;
    }

    void accept_all() {
        while (!closing_) {
            Socket near(::accept4(door_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!near.valid() || cut_) continue;
            Socket far = connect_();
            if (!far.valid()) continue;
            const std::lock_guard lock(mutex_);
            forget_ended();
            auto& link = links_.emplace_back();
            link.near = std::move(near);
            link.far = std::move(far);
            link.there = std::thread([this, &link] { pump(link, Way::there); });
            link.back = std::thread([this, &link] { pump(link, Way::back); });
            if (cut_) link.shut();
        }
    }

    /// REQUIRES: mutex_ is held.
    void forget_ended() {
        links_.remove_if([](Link& link) {
            if (link.pumps != 0) return false;
            link.join();
            return true;
        });
    }

    void pump(Link& link, Way way) {
        const auto& from = way == Way::there ? link.near : link.far;
        const auto& to = way == Way::there ? link.far : link.near;
        std::string octets(65'536, '\0');
        for (;;) {
            const auto got = ::recv(from.get(), octets.data(), octets.size(), 0);
            if (got <= 0) break;
            const std::string_view came(octets.data(), static_cast<std::size_t>(got));
            if (!pass(link, way, came) || !send_all(to, came)) break;
        }
        link.shut();
        --link.pumps;
    }

    static bool send_all(const Socket& to, std::string_view octets) {
        while (!octets.empty()) {
            const auto sent = ::send(to.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            octets.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    const Connect connect_;
    std::uint16_t port_ = 0;
    const Socket door_;
    std::atomic<bool> cut_{false};
    std::atomic<bool> closing_{false};
    std::mutex mutex_;
    std::list<Link> links_;
    std::thread acceptor_;
};

/// Where something is to stop: whoever comes there waits until he is let go. Any thread.
class Stop {
  public:
    void arm() {
        const std::lock_guard lock(mutex_);
        armed_ = true;
        reached_ = false;
    }
    /// Waits, if it is armed. It stops one alone.
    void here() {
        std::unique_lock lock(mutex_);
        if (!armed_) return;
        armed_ = false;
        reached_ = true;
        wake_.notify_all();
        wake_.wait(lock, [this] { return !reached_; });
    }
    [[nodiscard]] bool reached_within(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        return wake_.wait_for(lock, time, [this] { return reached_; });
    }
    void let_go() {
        const std::lock_guard lock(mutex_);
        armed_ = reached_ = false;
        wake_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable wake_;
    bool armed_ = false;
    bool reached_ = false;
};

/// Before a PostgreSQL server: stops a prepared statement before the server has it, or its answer. Who has
/// died meanwhile has sent nothing: what was stopped goes no further.
class DatabaseRelay final : public TcpRelay {
  public:
    enum class Moment : std::uint8_t { before, after };

    explicit DatabaseRelay(const std::string& socket)
        : TcpRelay([socket] { return connect_unix(socket); }, Later{}) {
        begin();
    }
    ~DatabaseRelay() override {
        stop.let_go();
        close();
    }

    void stop_at(std::string_view statement, Moment moment) {
        const std::lock_guard lock(mutex_);
        // Bind (PostgreSQL 55.7): 'B', length, portal (none), statement.
        wanted_.assign(1, '\0').append(statement).append(1, '\0');
        moment_ = moment;
        stop.arm();
    }

    Stop stop;

  private:
    bool pass(Link& link, Way way, std::string_view octets) override {
        if (way == Way::there) return !is_wanted(link, octets) || wait(link);
        {
            const std::lock_guard lock(mutex_);
            if (!std::exchange(link.held, false)) return true;
        }
        return wait(link);
    }

    bool wait(const Link& link) {
        stop.here();
        return !link.near.ended();
    }

    /// To be stopped now; or marked, so that the answer is.
    bool is_wanted(Link& link, std::string_view octets) {
        const std::lock_guard lock(mutex_);
        constexpr std::size_t before_portal = 5;
        if (wanted_.empty()) return false;
        const auto at = octets.find(wanted_);
        if (at == std::string_view::npos || at < before_portal || octets[at - before_portal] != 'B')
            return false;
        wanted_.clear();
        link.held = moment_ == Moment::after;
        return moment_ == Moment::before;
    }

    std::mutex mutex_;
    std::string wanted_;
    Moment moment_ = Moment::before;
};

}  // namespace bindhss::test
