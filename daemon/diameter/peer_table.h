// SPDX-License-Identifier: Apache-2.0
// All connections of the node and the identities they hold (RFC 6733 2.6, 5.6.4).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace bindhss::diameter {

class Peer;
struct PeerIdentity;

/// Any thread may call it; it owns its lock, under which nothing of a peer's strand runs.
class PeerTable {
  public:
    using PeerPointer = std::shared_ptr<Peer>;
    using Time = std::chrono::steady_clock::time_point;

    /// False: the table was closed, or too many (limits::connections_*): all together, or without identity,
    /// or of these from `address`. The latter two do not count for a connection that is `ours`.
    [[nodiscard]] bool add(const PeerPointer& peer, const boost::asio::ip::address& address, bool ours);
    void remove(const Peer& peer);
    /// Refuses further connections and returns those that there are.
    std::vector<PeerPointer> close();
    /// The same, and forgets them.
    std::vector<PeerPointer> clear();
    [[nodiscard]] std::vector<PeerPointer> all() const;
    [[nodiscard]] bool empty() const;

    /// Our own CER to this identity is under way.
    void connecting(const PeerPointer& peer, const std::string& identity);
    /// Gives the identity to a connection whose CER or CEA was accepted, and to one connection only. Null: it
    /// has it now. Otherwise the one that stands in the way: already open, or a CER of ours.
    [[nodiscard]] PeerPointer claim(const PeerPointer& peer, const std::string& identity);
    [[nodiscard]] bool holds(const std::string& identity) const;
    /// The peer has asked us not to connect again before `until`; forgotten when it connects itself.
    void stay_away(const std::string& identity, Time until);
    [[nodiscard]] bool stays_away(const std::string& identity, Time now) const;

    /// Who has an open connection, in lower case.
    [[nodiscard]] std::vector<std::string> open_identities() const;
    /// The open connection of the identity, or null.
    [[nodiscard]] PeerPointer find(const std::string& identity) const;
    /// The open connections that have a rank, the lowest first, those of one rank turn by turn; at most
    /// `most`.
    using Rank = std::function<std::optional<int>(const PeerIdentity&)>;
    [[nodiscard]] std::vector<PeerPointer> open(const Rank& rank, std::size_t most) const;

  private:
    struct Connection {
        PeerPointer peer;
        std::string origin;  ///< where it comes from; empty: it is ours
    };
    struct Holder {
        PeerPointer peer;
        bool open = false;
    };
    [[nodiscard]] bool has_room_for(const std::string& origin) const;

    mutable std::mutex mutex_;
    // guarded by mutex_:
    bool closed_ = false;
    std::map<const Peer*, Connection> peers_;
    std::map<std::string, Holder> identities_;  ///< in lower case
    std::map<std::string, Time> unwanted_;      ///< the same; limits::connections_max of them
    mutable std::size_t turn_ = 0;
};

}  // namespace bindhss::diameter
