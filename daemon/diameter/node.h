// SPDX-License-Identifier: Apache-2.0
// A Diameter node (RFC 6733): listeners, connections, the peer table, and the routing of our own requests.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/tls_context.h"
#include "diameter/message.h"
#include "diameter/quirks.h"
#include "log/log.h"
#include "types/identity.h"
#include "types/limits.h"
#include "types/seams.h"

namespace bindhss::diameter {

class Stream;

struct Endpoint {
    std::string host;
    std::uint16_t port = 3868;
    bool operator==(const Endpoint&) const = default;
};

/// tls: the peer has to prove its identity by a certificate. tcp: it need not.
enum class Transport : std::uint8_t { tcp, tls };

/// A peer that may talk to us.
struct PeerSettings {
    std::string identity;  ///< its Origin-Host; "*" allows any identity of the realm
    std::string realm;     ///< its Origin-Realm
    std::vector<std::string>
        addresses;                    ///< or prefixes: it may connect from these only; empty: from anywhere
    std::optional<Endpoint> connect;  ///< we connect to it; absent: it connects to us
    bool relay = false;               ///< may carry requests of other hosts (Route-Record)
    Transport transport = Transport::tcp;
    bool operator==(const PeerSettings&) const = default;
};

struct TlsSettings {
    crypto::TlsFiles files;
    std::vector<Endpoint> listen;  ///< as NodeSettings::listen; see Node::listening_tls()
    std::chrono::milliseconds check_interval{limits::tls_files_check_ms};  ///< for changes of the files
};

struct NodeSettings {
    std::string identity;
    std::string realm;
    std::string product_name = "BindHSS";
    std::vector<Endpoint> listen;     ///< port 0: any free port, see Node::listening()
    std::vector<PeerSettings> peers;  ///< and quirks: at the start, see Node::set_peers()
    std::optional<TlsSettings> tls;   ///< needed by each peer with Transport::tls
    std::vector<NodeQuirks> quirks;
    std::chrono::milliseconds watchdog_interval{30'000};     ///< Tw of RFC 3539, jitter is added
    std::chrono::milliseconds reconnect_interval{5'000};     ///< Tc
    std::chrono::milliseconds capabilities_timeout{10'000};  ///< for CER/CEA
    std::chrono::milliseconds request_timeout{6'000};        ///< for answers to our requests
    std::uint32_t origin_state_id = 0;                       ///< 0: not sent
    /// Applications as Vendor-Specific-Application-Id {10415, id}, S6a/S6d and S13; peers without one in
    /// common are refused (5010).
    std::vector<std::uint32_t> applications{16'777'251, 16'777'252};
};

/// A request from a peer, and the only way to answer it. Destroyed unanswered it answers UNABLE_TO_COMPLY.
/// Any thread may answer, once. Holds a place among limits::peer_requests_in_flight_max until it is answered.
class IncomingRequest {
  public:
    virtual ~IncomingRequest() = default;
    [[nodiscard]] virtual const Message& message() const = 0;
    [[nodiscard]] virtual const std::string& peer() const = 0;  ///< Diameter identity of the connected peer
    /// Of the node that sent it (Origin-Host), whoever carried it here.
    [[nodiscard]] virtual Quirks quirks() const = 0;
    /// The connection is protected by TLS; of what is beyond a relay this says nothing.
    [[nodiscard]] virtual bool secured() const = 0;
    /// An answer with Session-Id first, Vendor-Specific-Application-Id and Auth-Session-State
    /// (NO_STATE_MAINTAINED), Origin-Host, Origin-Realm, and the request's Proxy-Info in their order; the
    /// caller adds result and application AVPs.
    [[nodiscard]] virtual Message make_answer() = 0;
    virtual void answer(const Message& answer) = 0;
    /// Error answer with Result-Code or Experimental-Result and Failed-AVP.
    virtual void reject(const Rejection& rejection) = 0;
    /// No answer at all, not even when it is destroyed: for an emulated node that is silent.
    virtual void abandon() = 0;
    /// Where work for this request may run: the io_context of the node, no strand.
    [[nodiscard]] virtual boost::asio::any_io_executor executor() const = 0;
};

/// Called on the peer's strand; must not block. The request may be kept and answered later.
using RequestHandler = std::function<void(std::unique_ptr<IncomingRequest>)>;

enum class PeerState : std::uint8_t { closed, connecting, waiting_cea, open, suspect, closing };

struct PeerStatus {
    std::string identity;
    std::string realm;
    std::string address;
    PeerState state;
    std::string protection;  ///< "tcp" or the version of TLS; of an open peer
    std::uint64_t requests_received = 0;
    std::uint64_t requests_sent = 0;
    std::uint64_t answers_dropped = 0;  ///< too late, or to no request of ours
};

/// DPR's Disconnect-Cause (RFC 6733 5.4.3).
enum class DisconnectCause : std::uint32_t { rebooting = 0, busy = 1, do_not_want_to_talk_to_you = 2 };

/// Any thread may call start(), send(), peers(). Runs on the executor of `io`, which must outlive it, as the
/// dictionary and the log do. REQUIRES of the destructor: stop() has ended, or no thread runs `io`.
class Node {
  public:
    /// Throws std::runtime_error when the files of TLS cannot be used.
    Node(boost::asio::io_context& io, const diameter_dict::Dictionary& dictionary, NodeSettings settings,
         RequestHandler handler, log::Logger& log);
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    /// Serves a connection that was accepted elsewhere, as one that came in through a listener.
    void adopt(std::unique_ptr<Stream> stream);

    /// Opens listeners and begins to connect. Throws std::runtime_error when an endpoint cannot be bound.
    void start();
    /// Other peers may talk to us from now on. A connection whose entry is the same as before, but for
    /// addresses that still allow it, is not touched. One that has no entry any more ends: requests in flight
    /// are answered, further ones TOO_BUSY, then comes DPR with DO_NOT_WANT_TO_TALK_TO_YOU. One whose entry
    /// is another one ends likewise, with REBOOTING, so that it comes again. Any thread. Throws as
    /// check_peers().
    void set_peers(std::vector<PeerSettings> peers, std::vector<NodeQuirks> quirks);
    /// Throws std::runtime_error when a peer needs TLS and there is none.
    void check_peers(const std::vector<PeerSettings>& peers) const;
    /// Reads the files of TLS again; false: they cannot be used, which the log tells, and the old ones stay.
    /// Connections live on. Any thread; does nothing without TLS.
    bool reload_certificates();
    /// Stops accepting, lets requests in flight be answered until the deadline, sends DPR, closes.
    boost::asio::awaitable<void> stop(DisconnectCause cause, std::chrono::milliseconds deadline);

    /// Sends a request and awaits its answer: to its Destination-Host, if that is a connected peer; else
    /// through a connected relay, one of its Destination-Realm first; without Destination-Host to any
    /// connected peer of the realm (RFC 6733 6.1.4 to 6.1.6). When that way fails (lost, silent,
    /// UNABLE_TO_DELIVER or TOO_BUSY) the next one is tried with the T flag and the same End-to-End
    /// Identifier (5.5.4), all within settings.request_timeout. unable_to_deliver: no way, or none that
    /// answered; too_busy: limits::peer_requests_outstanding_max.
    ///
    /// `patience`: the answer may take this long, because it is somebody beyond the node who makes it. Then a
    /// way that is silent keeps the request until its time is over, and only one that fails makes room for
    /// the next.
    boost::asio::awaitable<Result<Message>> send(
        Message request, std::optional<std::chrono::milliseconds> patience = std::nullopt);
    /// The same through one connected peer named by its identity.
    boost::asio::awaitable<Result<Message>> send_to(std::string peer, Message request);

    /// A new Session-Id "<identity>;<high>;<low>" (RFC 6733 8.8).
    [[nodiscard]] std::string new_session_id();
    [[nodiscard]] const NodeSettings& settings() const;
    [[nodiscard]] const diameter_dict::Dictionary& dictionary() const;
    [[nodiscard]] std::vector<PeerStatus> peers() const;
    /// When our certificate, or one of the CAs sent with it, becomes invalid; nothing: without TLS.
    [[nodiscard]] std::optional<std::chrono::sys_seconds> certificate_expires() const;
    /// The identities of those that are open, in lower case.
    [[nodiscard]] std::vector<std::string> open_peers() const;
    /// The endpoints really bound, in the order of settings.listen.
    [[nodiscard]] std::vector<Endpoint> listening() const;
    [[nodiscard]] std::vector<Endpoint> listening_tls() const;

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace bindhss::diameter
