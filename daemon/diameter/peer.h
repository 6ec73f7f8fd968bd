// SPDX-License-Identifier: Apache-2.0
// One connection to a peer, from its first octet to its last (RFC 6733 5.6).
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "diameter/capabilities.h"
#include "diameter/frame_reader.h"
#include "diameter/node_context.h"
#include "diameter/outbox.h"
#include "diameter/stream.h"
#include "diameter/watchdog.h"

namespace bindhss::diameter {

/// Lives as long as its coroutines and the requests it received; the table refers to it while it is
/// connected. Everything happens on its strand unless said otherwise.
class Peer : public std::enable_shared_from_this<Peer> {
  public:
    using Strand = boost::asio::strand<boost::asio::io_context::executor_type>;
    using Time = std::chrono::steady_clock::time_point;

    /// `expected`: we connected, and this peer has to be there. Null: it connected to us.
    Peer(std::shared_ptr<NodeContext> node, std::unique_ptr<Stream> stream,
         std::optional<PeerSettings> expected);
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    [[nodiscard]] const Strand& strand() const { return strand_; }
    /// The connection from beginning to end; does not throw.
    boost::asio::awaitable<void> run();
    /// Waits for answers to requests in flight until `deadline`, then DPR (RFC 6733 5.4). Requests that come
    /// meanwhile are answered TOO_BUSY. Ends when DPR is on its way; DPA or a short wait close the
    /// connection.
    boost::asio::awaitable<void> disconnect(DisconnectCause cause, Time deadline);
    /// Sends DWR; true when anything comes within limits::peer_probe_ms.
    boost::asio::awaitable<bool> alive();

    // Any thread:
    [[nodiscard]] PeerState state() const { return state_.load(std::memory_order_acquire); }
    /// Of an open, suspect or closing peer; constant from then on.
    [[nodiscard]] const PeerIdentity& who() const { return who_; }
    [[nodiscard]] PeerStatus status() const;
    [[nodiscard]] const NodeContext& node() const { return *node_; }
    /// Sends a request that has its End-to-End Identifier; the Hop-by-Hop Identifier is put in here.
    /// unable_to_deliver: the connection was lost, or there was no answer by the deadline; too_busy:
    /// limits::peer_requests_outstanding_max.
    boost::asio::awaitable<Result<Message>> request(OctetString message, Time deadline);
    void answer(OctetView message);
    void close_soon(std::string reason);
    /// NodeContext::neighbours() are others: an open connection that they do not allow as it is comes to its
    /// end, see Node::set_peers().
    void neighbours_changed();
    /// On the strand, or when no thread runs the io_context.
    void close(std::string_view reason);

  private:
    enum class Phase : std::uint8_t { capabilities, open, closing, closed };

    boost::asio::awaitable<void> read();
    boost::asio::awaitable<void> write();
    boost::asio::awaitable<void> keep_time();
    [[nodiscard]] Time deadline() const;
    void on_time(Time now);
    void heard(Time now, bool answer);
    void unprotected(const std::string& detail);

    boost::asio::awaitable<void> exchange_capabilities(OctetString frame);
    boost::asio::awaitable<std::optional<Refusal>> admit(PeerIdentity claimed);
    [[nodiscard]] std::variant<PeerIdentity, Refusal> judge(const Message& message,
                                                            const std::optional<Rejection>& rejection) const;
    void refuse(const Refusal& refusal, const Header& cer);
    void open(PeerIdentity identity);
    [[nodiscard]] const PeerSettings* entry_now(const Neighbours& neighbours) const;
    void follow_neighbours();
    boost::asio::awaitable<void> part(DisconnectCause cause);

    void receive(OctetView frame);
    void receive_base_request(Message message);
    void hear_goodbye(const Message& dpr);
    boost::asio::awaitable<void> take_leave(Message dpa);
    void receive_request(Message message);
    void receive_answer(Message message);
    [[nodiscard]] Message base_request(std::uint32_t command_code);
    void send(Message message);
    void spawn(boost::asio::awaitable<void> coroutine);
    void handle(Outbox::Put result);

    void enter(Phase phase, PeerState state, std::chrono::milliseconds longest);

    std::shared_ptr<NodeContext> node_;
    std::unique_ptr<Stream> stream_;
    const std::optional<PeerSettings> expected_;
    Strand strand_;
    boost::asio::steady_timer timer_;  ///< the one timer: handshake, watchdog, answers, closing
    boost::asio::steady_timer room_;   ///< cancelled when a full reader may go on
    FrameReader frames_;
    OctetString writing_;
    Time write_began_ = Time::max();
    std::vector<SentRequest> sent_;
    Phase phase_ = Phase::capabilities;
    Time phase_deadline_{};
    Watchdog watchdog_;
    Outstanding outstanding_;
    PeerIdentity who_;
    std::optional<PeerSettings> entry_;  ///< by which it is open
    bool draining_ = false;
    bool paused_ = false;
    std::uint64_t reads_ = 0;

    // Any thread:
    Outbox outbox_;
    std::atomic<PeerState> state_;
    std::atomic<std::uint32_t> next_hop_by_hop_;
    std::atomic<std::size_t> outstanding_count_ = 0;
    std::atomic<std::uint64_t> requests_received_ = 0;
    std::atomic<std::uint64_t> requests_sent_ = 0;
    std::atomic<std::uint64_t> answers_dropped_ = 0;
};

}  // namespace bindhss::diameter
