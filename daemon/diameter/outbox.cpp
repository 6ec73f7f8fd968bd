// SPDX-License-Identifier: Apache-2.0
#include "diameter/outbox.h"

#include "types/limits.h"

namespace bindhss::diameter {

Outbox::Put Outbox::append(OctetView message) {
    if (sealed_) return Put::closed;
    if (octets_.size() + message.size() > limits::peer_output_octets_max) return Put::overflow;
    octets_.insert(octets_.end(), message.begin(), message.end());
    return std::exchange(writer_awake_, true) ? Put::queued : Put::wake_writer;
}

bool Outbox::full() const {
    return in_flight_ >= limits::peer_requests_in_flight_max ||
           octets_.size() >= limits::peer_output_octets_pause;
}

bool Outbox::room_now() {
    return room_awaited_ && !full() && std::exchange(room_awaited_, false);
}

Outbox::Put Outbox::put(OctetView message) {
    const std::lock_guard lock(mutex_);
    return append(message);
}

Outbox::Put Outbox::put_answer(OctetView message, bool& room) {
    const std::lock_guard lock(mutex_);
    --in_flight_;
    const auto result = append(message);
    room = room_now();
    return result;
}

Outbox::Put Outbox::put_request(OctetView message, SentRequest& request) {
    const std::lock_guard lock(mutex_);
    const auto result = append(message);
    if (result == Put::queued || result == Put::wake_writer) requests_.push_back(std::move(request));
    return result;
}

void Outbox::request_in_flight() {
    const std::lock_guard lock(mutex_);
    ++in_flight_;
}

bool Outbox::await_room() {
    const std::lock_guard lock(mutex_);
    room_awaited_ = full();
    return room_awaited_;
}

std::size_t Outbox::in_flight() const {
    const std::lock_guard lock(mutex_);
    return in_flight_;
}

bool Outbox::take(OctetString& octets, std::vector<SentRequest>& requests, bool& room) {
    const std::lock_guard lock(mutex_);
    if (octets_.empty()) {
        writer_awake_ = false;
        return false;
    }
    octets_.swap(octets);
    requests_.swap(requests);
    room = room_now();
    return true;
}

void Outbox::seal() {
    const std::lock_guard lock(mutex_);
    sealed_ = true;
}

std::vector<SentRequest> Outbox::close() {
    const std::lock_guard lock(mutex_);
    sealed_ = true;
    octets_.clear();
    return std::exchange(requests_, {});
}

}  // namespace bindhss::diameter
