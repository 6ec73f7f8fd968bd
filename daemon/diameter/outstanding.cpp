// SPDX-License-Identifier: Apache-2.0
#include "diameter/outstanding.h"

namespace bindhss::diameter {

void Outstanding::add(SentRequest request) {
    order_.emplace(request.deadline, request.hop_by_hop);
    const auto hop_by_hop = request.hop_by_hop;
    requests_.insert_or_assign(hop_by_hop, std::move(request));
}

std::unique_ptr<Waiter> Outstanding::take(const Header& answer) {
    const auto found = requests_.find(answer.hop_by_hop);
    if (found == requests_.end() || found->second.command_code != answer.command_code ||
        found->second.application_id != answer.application_id) {
        return nullptr;
    }
    auto waiter = std::move(found->second.waiter);
    order_.erase({found->second.deadline, found->first});
    requests_.erase(found);
    return waiter;
}

std::vector<std::unique_ptr<Waiter>> Outstanding::take_expired(Time now) {
    std::vector<std::unique_ptr<Waiter>> expired;
    while (!order_.empty() && order_.begin()->first <= now) {
        const auto found = requests_.find(order_.begin()->second);
        order_.erase(order_.begin());
        if (found == requests_.end()) continue;
        expired.push_back(std::move(found->second.waiter));
        requests_.erase(found);
    }
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
