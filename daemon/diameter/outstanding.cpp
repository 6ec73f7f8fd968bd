// SPDX-License-Identifier: Apache-2.0
#include "diameter/outstanding.h"

namespace bindhss::diameter {

void Outstanding::add(SentRequest request, Time deadline) {
    const auto hop_by_hop = request.hop_by_hop;
    requests_.insert_or_assign(hop_by_hop, std::move(request));
    order_.push_back({deadline, hop_by_hop});
}

std::unique_ptr<Waiter> Outstanding::take(const Header& answer) {
    const auto found = requests_.find(answer.hop_by_hop);
    if (found == requests_.end() || found->second.command_code != answer.command_code ||
        found->second.application_id != answer.application_id) {
        return nullptr;
    }
    auto waiter = std::move(found->second.waiter);
    requests_.erase(found);
    forget_answered();
    return waiter;
}

void Outstanding::forget_answered() {
    while (!order_.empty() && !requests_.contains(order_.front().hop_by_hop)) order_.pop_front();
}

std::vector<std::unique_ptr<Waiter>> Outstanding::take_expired(Time now) {
    std::vector<std::unique_ptr<Waiter>> expired;
    while (!order_.empty() && order_.front().deadline <= now) {
        const auto found = requests_.find(order_.front().hop_by_hop);
        if (found != requests_.end()) {
            expired.push_back(std::move(found->second.waiter));
            requests_.erase(found);
        }
        order_.pop_front();
    }
    forget_answered();
    return expired;
}

std::vector<std::unique_ptr<Waiter>> Outstanding::take_all() {
    std::vector<std::unique_ptr<Waiter>> all;
    for (auto& [hop_by_hop, request] : requests_) all.push_back(std::move(request.waiter));
    requests_.clear();
    order_.clear();
    return all;
}

}  // namespace bindhss::diameter
