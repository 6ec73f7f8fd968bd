// SPDX-License-Identifier: Apache-2.0
#include "diameter/peer.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "diameter/avp_id.h"
#include "diameter/wire.h"
#include "types/limits.h"

namespace bindhss::diameter {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

constexpr auto with_error = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kept_output_octets = 1024 * 1024;

template <class Handler>
class HandlerWaiter final : public Waiter {
  public:
    explicit HandlerWaiter(Handler handler) : handler_(std::move(handler)) {}
    void complete(Result<Message> result) override {
        const auto executor = asio::get_associated_executor(handler_);
        asio::post(executor, [handler = std::move(handler_), result = std::move(result)]() mutable {
            std::move(handler)(std::move(result));
        });
    }

  private:
    Handler handler_;
};

Result<Message> undelivered(std::string detail) {
    return fail(Cause::unable_to_deliver, std::move(detail));
}

}  // namespace

Peer::Peer(std::shared_ptr<NodeContext> node, std::unique_ptr<Stream> stream,
           std::optional<PeerSettings> expected)
    : node_(std::move(node)),
      stream_(std::move(stream)),
      expected_(std::move(expected)),
      strand_(node_->executor),
      timer_(strand_),
      room_(strand_, Time::max()),
      watchdog_(node_->settings.watchdog_interval, std::random_device{}()),
      state_(expected_ ? PeerState::waiting_cea : PeerState::connecting),
      next_hop_by_hop_(std::random_device{}()) {}

asio::awaitable<void> Peer::run() {
    const auto self = shared_from_this();
    if (!node_->table.add(self, stream_->remote_address(), expected_.has_value())) {
        const auto address = stream_->remote_address().to_string();
        node_->tell_of_stranger(log::Level::warning, "peer_refused",
                                {{"address", address}, {"detail", "too many connections"}});
        stream_->close();
        co_return;
    }
    enter(Phase::capabilities, state(), node_->settings.capabilities_timeout);
    spawn(keep_time());
    std::string reason = "end of the connection";
    try {
        co_await read();
    } catch (const std::exception& e) {
        reason = e.what();
    }
    close(reason);
}

asio::awaitable<void> Peer::read() {
    const auto failure = co_await stream_->start();
    if (phase_ == Phase::closed) co_return;
    if (!failure.empty()) co_return unprotected(failure);
    if (expected_) {
        if (expected_->identity != "*") node_->table.connecting(shared_from_this(), expected_->identity);
        auto cer = make_cer(node_->settings, node_->dictionary, stream_->local_address());
        send(std::move(cer));
    }
    while (phase_ != Phase::closed) {
        while (phase_ != Phase::closed) {
            const auto frame = frames_.next();
            if (!frame) break;
            if (phase_ == Phase::capabilities) {
                OctetString copy(frame->begin(), frame->end());
                co_await exchange_capabilities(std::move(copy));
            } else {
                receive(*frame);
            }
            while (phase_ == Phase::open && outbox_.await_room()) {
                paused_ = true;
                co_await room_.async_wait(with_error);
                paused_ = false;
            }
        }
        if (frames_.broken()) close("what it sends is not Diameter");
        if (phase_ == Phase::closed) co_return;
        const auto read = co_await stream_->read_some(frames_.space());
        if (read.error) co_return close(stream_->explain(read.error));
        frames_.received(read.octets);
        ++reads_;
        heard(steady_clock::now(), false);
    }
}

void Peer::unprotected(const std::string& detail) {
    const auto address = stream_->remote_address().to_string();
    const auto peer = expected_ ? expected_->identity : std::string();
    if (!node_->gone) {
        node_->tell_of_stranger(log::Level::warning, "tls_refused",
                                {{"address", address}, {"peer", peer}, {"detail", detail}});
    }
    close("no TLS");
}

void Peer::heard(Time now, bool answer) {
    if (phase_ != Phase::open) return;
    if (watchdog_.received(now, answer) && state() == PeerState::suspect) {
        state_ = PeerState::open;
        node_->log.info("peer_recovered", {{"peer", who_.identity}});
    }
}

asio::awaitable<void> Peer::write() {
    const auto self = shared_from_this();
    bool room = false;
    while (phase_ != Phase::closed && outbox_.take(writing_, sent_, room)) {
        if (room) room_.cancel();
        write_began_ = steady_clock::now();
        for (auto& request : sent_) outstanding_.add(std::move(request));
        if (!sent_.empty() && outstanding_.deadline() < timer_.expiry()) timer_.cancel();
        sent_.clear();
        const auto error = co_await stream_->write(writing_);
        if (error) co_return close(stream_->explain(error));
        writing_.clear();
        write_began_ = Time::max();
        if (writing_.capacity() > kept_output_octets) writing_.shrink_to_fit();
    }
}

asio::awaitable<void> Peer::keep_time() {
    const auto self = shared_from_this();
    while (phase_ != Phase::closed) {
        timer_.expires_at(deadline());
        co_await timer_.async_wait(with_error);
        if (phase_ != Phase::closed) on_time(steady_clock::now());
    }
}

Peer::Time Peer::deadline() const {
    if (phase_ != Phase::open) return phase_deadline_;
    return std::min(watchdog_.deadline(), outstanding_.deadline());
}

void Peer::on_time(Time now) {
    if (phase_ != Phase::open) {
        if (now < phase_deadline_) return;
        return close(phase_ == Phase::closing ? "disconnected" : "no capabilities in time");
    }
    for (auto& waiter : outstanding_.take_expired(now)) {
        --outstanding_count_;
        waiter->complete(undelivered("no answer in time from " + who_.identity));
    }
    if (now < watchdog_.deadline()) return;
    if (write_began_ < now - 2 * node_->settings.watchdog_interval) return close("does not read");
    // Nothing can be heard while nothing is read.
    if (paused_) return watchdog_.restart(now);
    switch (watchdog_.expired(now)) {
        case Watchdog::Action::send_dwr:
            return send(base_request(command_device_watchdog));
        case Watchdog::Action::suspect:
            state_ = PeerState::suspect;
            node_->log.warning("peer_suspect", {{"peer", who_.identity}});
            return;
        case Watchdog::Action::close:
            return close("silent: no answer to the watchdog");
    }
}

asio::awaitable<bool> Peer::alive() {
    const auto self = shared_from_this();
    if (phase_ != Phase::open || state() == PeerState::suspect) co_return false;
    if (paused_) co_return true;
    const auto reads = reads_;
    send(base_request(command_device_watchdog));
    asio::steady_timer timer(strand_);
    const auto end = steady_clock::now() + std::chrono::milliseconds(limits::peer_probe_ms);
    while (phase_ == Phase::open && reads_ == reads && steady_clock::now() < end) {
        timer.expires_after(std::chrono::milliseconds(limits::poll_ms));
        co_await timer.async_wait(with_error);
    }
    co_return phase_ == Phase::open&& reads_ != reads;
}

asio::awaitable<void> Peer::disconnect(DisconnectCause cause, Time deadline) {
    const auto self = shared_from_this();
    if (phase_ == Phase::capabilities) co_return close("this node stops");
    draining_ = true;
    asio::steady_timer timer(strand_);
    while (phase_ == Phase::open && outbox_.in_flight() > 0 && steady_clock::now() < deadline) {
        timer.expires_after(std::chrono::milliseconds(limits::poll_ms));
        co_await timer.async_wait(with_error);
    }
    if (phase_ != Phase::open) co_return;
    auto dpr = base_request(command_disconnect_peer);
    dpr.add(avp_id::disconnect_cause, static_cast<std::uint32_t>(cause));
    send(std::move(dpr));
    outbox_.seal();
    enter(Phase::closing, PeerState::closing, std::chrono::milliseconds(limits::disconnect_answer_ms));
}

// RFC 6733 5.4: whoever gets the DPA closes; nothing follows it. What the peer asked for comes before it.
asio::awaitable<void> Peer::take_leave(Message dpa) {
    const auto self = shared_from_this();
    asio::steady_timer timer(strand_);
    const auto end = steady_clock::now() + std::chrono::milliseconds(limits::farewell_ms);
    while (phase_ == Phase::open && outbox_.in_flight() > 0 && steady_clock::now() < end) {
        timer.expires_after(std::chrono::milliseconds(limits::poll_ms));
        co_await timer.async_wait(with_error);
    }
    if (phase_ != Phase::open) co_return;
    send(std::move(dpa));
    outbox_.seal();
    enter(Phase::closing, PeerState::closing, std::chrono::milliseconds(limits::disconnect_answer_ms));
}

void Peer::enter(Phase phase, PeerState state, std::chrono::milliseconds longest) {
    if (phase_ == Phase::closed) return;
    phase_ = phase;
    phase_deadline_ = steady_clock::now() + longest;
    state_.store(state, std::memory_order_release);
    timer_.cancel();
}

void Peer::close(std::string_view reason) {
    if (phase_ == Phase::closed) return;
    const bool was_open = !who_.identity.empty();
    enter(Phase::closed, PeerState::closed, {});
    stream_->close();
    room_.cancel();
    auto lost = outstanding_.take_all();
    for (auto& request : outbox_.close()) lost.push_back(std::move(request.waiter));
    for (auto& waiter : lost) waiter->complete(undelivered("the connection to the peer was lost"));
    if (!node_->gone) {
        const auto address = stream_->remote_address().to_string();
        if (was_open) {
            node_->log.info("peer_closed",
                            {{"peer", who_.identity}, {"address", address}, {"detail", reason}});
        } else {
            node_->tell_of_stranger(log::Level::info, "connection_closed",
                                    {{"address", address}, {"detail", reason}});
        }
    }
    // Last: Node::stop() waits for the table to be empty, and then the log may go.
    node_->table.remove(*this);
}

void Peer::spawn(asio::awaitable<void> coroutine) {
    asio::co_spawn(strand_, std::move(coroutine),
                   [self = shared_from_this()](const std::exception_ptr& fault) {
                       if (fault) self->close("a fault of this node");
                   });
}

void Peer::close_soon(std::string reason) {
    asio::post(strand_, [self = shared_from_this(), reason = std::move(reason)] { self->close(reason); });
}

void Peer::handle(Outbox::Put result) {
    if (result == Outbox::Put::overflow) return close_soon("does not read what it is sent");
    if (result == Outbox::Put::wake_writer) {
        // Posted, not run here: what is queued until then goes out in the same write.
        asio::post(strand_, [self = shared_from_this()] { self->spawn(self->write()); });
    }
}

void Peer::answer(OctetView message) {
    bool room = false;
    handle(outbox_.put_answer(message, room));
    if (room) asio::post(strand_, [self = shared_from_this()] { self->room_.cancel(); });
}

asio::awaitable<Result<Message>> Peer::request(OctetString message, Time deadline) {
    if (outstanding_count_.fetch_add(1) >= limits::peer_requests_outstanding_max) {
        --outstanding_count_;
        co_return fail(Cause::too_busy, "too many requests await answers of " + who_.identity);
    }
    ++requests_sent_;
    set_hop_by_hop(message, next_hop_by_hop_++);
    const auto header = *Header::read(message);
    auto initiate = [this, &message, &header, deadline](auto handler) {
        using Handler = decltype(handler);
        SentRequest sent{header.hop_by_hop, header.command_code, header.application_id, deadline,
                         std::make_unique<HandlerWaiter<Handler>>(std::move(handler))};
        // Once it is queued another thread may bring the answer, and the coroutine that owns this lambda and
        // its captures may have ended before the next line.
        const auto self = shared_from_this();
        const auto result = self->outbox_.put_request(message, sent);
        self->handle(result);
        if (!sent.waiter) return;
        --self->outstanding_count_;
        sent.waiter->complete(undelivered("the peer takes no more requests"));
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Message>)>(
        initiate, asio::use_awaitable);
}

PeerStatus Peer::status() const {
    PeerStatus status{};
    status.state = state();
    if (status.state >= PeerState::open) {
        status.identity = who_.identity;
        status.realm = who_.realm;
        status.protection = who_.protection;
    }
    status.address = stream_->remote_address().to_string();
    status.requests_received = requests_received_;
    status.requests_sent = requests_sent_;
    status.answers_dropped = answers_dropped_;
    return status;
}

}  // namespace bindhss::diameter
