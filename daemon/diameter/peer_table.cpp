// SPDX-License-Identifier: Apache-2.0
#include "diameter/peer_table.h"

#include "diameter/capabilities.h"
#include "diameter/peer.h"
#include "types/limits.h"

namespace bindhss::diameter {

bool PeerTable::add(const PeerPointer& peer) {
    const std::lock_guard lock(mutex_);
    if (closed_ || peers_.size() >= limits::connections_max) return false;
    if (peers_.size() >= identities_.size() + limits::connections_unidentified_max) return false;
    peers_.emplace(peer.get(), peer);
    return true;
}

void PeerTable::remove(const Peer& peer) {
    PeerPointer last;  // destroyed after the lock is gone
    const std::lock_guard lock(mutex_);
    std::erase_if(identities_, [&peer](const auto& entry) { return entry.second.peer.get() == &peer; });
    const auto found = peers_.find(&peer);
    if (found == peers_.end()) return;
    last = std::move(found->second);
    peers_.erase(found);
}

std::vector<PeerTable::PeerPointer> PeerTable::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    std::vector<PeerPointer> peers;
    for (const auto& [key, peer] : peers_) peers.push_back(peer);
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
    for (const auto& [key, peer] : peers_) peers.push_back(peer);
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
    return nullptr;
}

bool PeerTable::holds(const std::string& identity) const {
    const std::lock_guard lock(mutex_);
    return identities_.contains(lower_case(identity));
}

PeerTable::PeerPointer PeerTable::find(const std::string& identity) const {
    const auto key = lower_case(identity);
    const std::lock_guard lock(mutex_);
    const auto found = identities_.find(key);
    const bool usable =
        found != identities_.end() && found->second.open && found->second.peer->state() == PeerState::open;
    return usable ? found->second.peer : nullptr;
}

PeerTable::PeerPointer PeerTable::next_open(const std::function<bool(const Peer&)>& fits) const {
    const std::lock_guard lock(mutex_);
    std::vector<const PeerPointer*> fitting;
    for (const auto& [identity, holder] : identities_) {
        if (holder.open && holder.peer->state() == PeerState::open && fits(*holder.peer)) {
            fitting.push_back(&holder.peer);
        }
    }
    return fitting.empty() ? nullptr : *fitting[turn_++ % fitting.size()];
}

}  // namespace bindhss::diameter
