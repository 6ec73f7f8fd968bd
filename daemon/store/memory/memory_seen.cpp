// SPDX-License-Identifier: Apache-2.0
// Which subscriptions and devices were seen together, and what judges them today.
#include <tuple>

#include "store/memory/memory_store.h"

namespace bindhss::store {

using memory::Record;

namespace {

bool comes_after(const SeenPosition& here, const SeenPosition& there) {
    const auto rank = [](const SeenPosition& position) {
        return std::tie(position.imsi, position.imei, position.svn, position.domain);
    };
    return rank(there) < rank(here);
}

const memory::Association* association_of(const Record& record, const TerminalInformation& device) {
    if (!device.imei) return nullptr;
    const auto found = record.associations.find({*device.imei, device.svn.value_or("")});
    return found == record.associations.end() ? nullptr : &found->second;
}

bool wanted(const SeenFilter& filter, const SeenPair& pair) {
    if (filter.imei && pair.device.imei != filter.imei) return false;
    return !filter.since || pair.last >= *filter.since;
}

}  // namespace

SeenPair MemoryStore::pair_of(const Imsi& imsi, const Record& record,
                              const TerminalInformation& device) const {
    SeenPair pair{imsi, device, binding_of(tables_, imsi, record, device, now()),
                  facts_of(tables_, imsi, device)};
    const auto* association = association_of(record, device);
    if (association == nullptr) return pair;
    pair.node = association->host;
    pair.provenance = association->provenance;
    pair.first = association->first;
    pair.last = association->last;
    return pair;
}

std::vector<std::pair<SeenPosition, SeenPair>> MemoryStore::seen_by(const Imsi& imsi, const Record& record,
                                                                    bool registered) const {
    std::vector<std::pair<SeenPosition, SeenPair>> pairs;
    if (!registered) {
        for (const auto& [key, association] : record.associations) {
            const auto& [imei, svn] = key;
            const TerminalInformation device{imei, svn.empty() ? std::nullopt : std::optional(svn), false};
            pairs.push_back({{imsi.str(), imei.number(), svn}, pair_of(imsi, record, device)});
        }
        return pairs;
    }
    for (const auto* registration : {&record.registrations.mme, &record.registrations.sgsn}) {
        if (!*registration || (*registration)->purged) continue;
        const auto device = (*registration)->terminal_information.value_or(TerminalInformation{});
        auto pair = pair_of(imsi, record, device);
        if (association_of(record, device) == nullptr) pair.first = pair.last = (*registration)->time;
        pair.node = (*registration)->node.host;
        pair.provenance = (*registration)->provenance;
        pair.registration = **registration;
        pairs.push_back({{imsi.str(), 0, {}, (*registration)->domain}, pair});
    }
    return pairs;
}

SeenPage MemoryStore::seen(const SeenFilter& filter, const std::optional<SeenPosition>& after,
                           std::size_t limit) {
    const std::lock_guard lock(mutex_);
    SeenPage page;
    std::optional<SeenPosition> last = after;
    for (const auto& [imsi, record] : tables_.subscribers) {
        if ((after && imsi.digits() < after->imsi) || (filter.imsi && *filter.imsi != imsi)) continue;
        if (!covers(filter.subscriptions, imsi, record)) continue;
        for (auto& [position, pair] : seen_by(imsi, record, filter.registered)) {
            if ((after && !comes_after(position, *after)) || !wanted(filter, pair)) continue;
            if (page.pairs.size() == limit) {
                page.next = last;
                return page;
            }
            last = position;
            page.pairs.push_back(std::move(pair));
        }
    }
    return page;
}

std::optional<SeenPair> MemoryStore::pair(const Imsi& imsi, const TerminalInformation& device) {
    const std::lock_guard lock(mutex_);
    const auto* record = record_of(imsi);
    if (record == nullptr) return std::nullopt;
    auto pair = pair_of(imsi, *record, device);
    const auto* association = association_of(*record, device);
    for (const auto& [key, other] : record->associations) {
        const bool same = key.first == device.imei && association == nullptr;
        if (!same || other.last < pair.last) continue;  // with another software version, the last one
        pair.node = other.host;
        pair.provenance = other.provenance;
        pair.first = other.first;
        pair.last = other.last;
    }
    return pair;
}

}  // namespace bindhss::store
