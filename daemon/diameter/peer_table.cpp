// SPDX-License-Identifier: Apache-2.0
#include "diameter/peer_table.h"

#include <algorithm>
#include <set>

#include "diameter/capabilities.h"
#include "diameter/peer.h"
#include "net/address.h"
#include "types/diameter_identity.h"
#include "types/limits.h"

namespace bindhss::diameter {

bool PeerTable::add(const PeerPointer& peer, const boost::asio::ip::address& address, bool ours) {
    const auto origin = ours ? std::string() : net::origin_of(address);
    const std::lock_guard lock(mutex_);
    if (closed_ || peers_.size() >= limits::connections_max) return false;
    if (!ours && !has_room_for(origin)) return false;
    peers_.emplace(peer.get(), Connection{peer, origin});
    return true;
}

bool PeerTable::has_room_for(const std::string& origin) const {
    std::set<const Peer*> identified;
    for (const auto& [identity, holder] : identities_) identified.insert(holder.peer.get());
    std::size_t strangers = 0;
    std::size_t neighbours = 0;
    for (const auto& [key, connection] : peers_) {
        if (connection.origin.empty() || identified.contains(key)) continue;
        ++strangers;
        if (connection.origin == origin) ++neighbours;
    }
    return strangers < limits::connections_unidentified_max &&
           neighbours < limits::connections_unidentified_per_address_max;
}

void PeerTable::stay_away(const std::string& identity, Time until) {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    std::erase_if(unwanted_, [now](const auto& entry) { return entry.second <= now; });
    if (unwanted_.size() < limits::connections_max) unwanted_.insert_or_assign(lower_case(identity), until);
}

bool PeerTable::stays_away(const std::string& identity, Time now) const {
    const std::lock_guard lock(mutex_);
    const auto found = unwanted_.find(lower_case(identity));
    return found != unwanted_.end() && now < found->second;
}

void PeerTable::remove(const Peer& peer) {
    PeerPointer last;  // destroyed after the lock is gone
    const std::lock_guard lock(mutex_);
    std::erase_if(identities_, [&peer](const auto& entry) { return entry.second.peer.get() == &peer; });
    const auto found = peers_.find(&peer);
    if (found == peers_.end()) return;
    last = std::move(found->second.peer);
    peers_.erase(found);
}

std::vector<PeerTable::PeerPointer> PeerTable::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    std::vector<PeerPointer> peers;
    for (const auto& [key, connection] : peers_) peers.push_back(connection.peer);
    return peers;
}

std::vector<PeerTable::PeerPointer> PeerTable::clear() {
    auto peers = close();
    const std::lock_guard lock(mutex_);
    identities_.clear();
    peers_.clear();
    return peers;
}

std::vector<PeerTable::PeerPointer> PeerTable::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<PeerPointer> peers;
    for (const auto& [key, connection] : peers_) peers.push_back(connection.peer);
    return peers;
}

bool PeerTable::empty() const {
    const std::lock_guard lock(mutex_);
    return peers_.empty();
}

void PeerTable::connecting(const PeerPointer& peer, const std::string& identity) {
    const std::lock_guard lock(mutex_);
    identities_.emplace(lower_case(identity), Holder{peer, false});
}

PeerTable::PeerPointer PeerTable::claim(const PeerPointer& peer, const std::string& identity) {
    const std::lock_guard lock(mutex_);
    if (!peers_.contains(peer.get())) return peer;  // it was closed meanwhile
    auto& holder = identities_[lower_case(identity)];
    if (holder.peer && holder.peer != peer) return holder.peer;
    holder = {peer, true};
    unwanted_.erase(lower_case(identity));
    return nullptr;
}

bool PeerTable::holds(const std::string& identity) const {
    const std::lock_guard lock(mutex_);
    return identities_.contains(lower_case(identity));
}

std::vector<std::string> PeerTable::open_identities() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> open;
    for (const auto& [identity, holder] : identities_)
        if (holder.open && holder.peer->state() == PeerState::open) open.push_back(identity);
    return open;
}

PeerTable::PeerPointer PeerTable::find(const std::string& identity) const {
    const auto key = lower_case(identity);
    const std::lock_guard lock(mutex_);
    const auto found = identities_.find(key);
    const bool usable =
        found != identities_.end() && found->second.open && found->second.peer->state() == PeerState::open;
    return usable ? found->second.peer : nullptr;
}

std::vector<PeerTable::PeerPointer> PeerTable::open(const Rank& rank, std::size_t most) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::pair<int, const PeerPointer*>> fitting;
    for (const auto& [identity, holder] : identities_) {
        if (!holder.open || holder.peer->state() != PeerState::open) continue;
        if (const auto its_rank = rank(holder.peer->who())) fitting.emplace_back(*its_rank, &holder.peer);
    }
    if (fitting.size() > 1) {
        const auto turn = static_cast<std::ptrdiff_t>(turn_++ % fitting.size());
        std::rotate(fitting.begin(), fitting.begin() + turn, fitting.end());
        std::stable_sort(fitting.begin(), fitting.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
    }
    std::vector<PeerPointer> peers;
    for (const auto& [its_rank, peer] : fitting) {
        if (peers.size() < most) peers.push_back(*peer);
    }
    return peers;
}

}  // namespace bindhss::diameter
