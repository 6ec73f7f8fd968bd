// SPDX-License-Identifier: Apache-2.0
#include "store/memory/memory_store.h"

#include <algorithm>

#include "store/refusals.h"
#include "subscription/document.h"
#include "subscription/merge.h"

namespace bindhss::store {

MemoryStore::MemoryStore() {
    const auto document = subscription::default_document();
    store_profile(tables_, "default", document, subscription::read_document(document).value());
}

void MemoryStore::put_profile(const std::string& name, const SubscriptionData& data) {
    const std::lock_guard lock(mutex_);
    const Subscription subscription{data, {}};
    store_profile(tables_, name, subscription::write_document(subscription), subscription);
    ++profile_changes_;
}

void MemoryStore::fail_with(std::optional<Failure> failure) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
}

Awaitable<AuthenticationSubscription> MemoryStore::load_authentication(Imsi imsi) {
    co_return authentication(imsi);
}

Awaitable<VectorReservation> MemoryStore::reserve_vectors(VectorReservationRequest request) {
    co_return reserve(request);
}

Awaitable<SubscriberView> MemoryStore::load_subscriber(Imsi imsi, ServingNode node) {
    co_return view(imsi, node);
}

boost::asio::awaitable<void> MemoryStore::record_alarm(alarm::Notice notice) {
    count(notice);
    co_return;
}

const binding::Kme* MemoryStore::kme_of(const Tables& tables, const ImeiRange& range) {
    if (range.low == range.high) {
        const auto own = tables.kmes.find("imei:" + range.low.str());
        if (own != tables.kmes.end()) return &own->second;
    }
    const binding::Kme* shared = nullptr;
    std::uint64_t narrowest = UINT64_MAX;
    for (const auto& [of, device] : tables.devices) {
        const auto width = of.high.number() - of.low.number();
        if (range.low < of.low || of.high < range.high || width >= narrowest) continue;
        const auto kme = tables.kmes.find("group:" + device.group);
        if (device.group.empty() || kme == tables.kmes.end()) continue;
        narrowest = width;
        shared = &kme->second;
    }
    return shared;
}

const binding::Kme* MemoryStore::active_kme(const Tables& tables, const Record& record) {
    if (!record.group.empty()) {
        const auto found = tables.kmes.find("group:" + record.group);
        return found == tables.kmes.end() ? nullptr : &found->second;
    }
    for (const auto& range : record.devices)
        if (const auto* kme = kme_of(tables, range); kme != nullptr) return kme;
    return nullptr;
}

bool MemoryStore::has_service(const Tables& tables, const Record& record) {
    const auto subscription = subscription_of(tables, record);
    return subscription.data.has_eps() || subscription.data.has_gprs();
}

AuthenticationSubscription MemoryStore::authentication_of(const Tables& tables, const Record& record) {
    AuthenticationSubscription result{record.keys, record.amf, record.policy, std::nullopt, record.sim_only};
    if (const auto* kme = active_kme(tables, record); kme != nullptr) result.kme = *kme;
    return result;
}

Result<AuthenticationSubscription> MemoryStore::authentication(const Imsi& imsi) {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    const auto found = tables_.subscribers.find(imsi);
    if (found == tables_.subscribers.end()) return unknown_subscription();
    if (!has_service(tables_, found->second)) return no_eps_subscription();
    return authentication_of(tables_, found->second);
}

MemoryStore::Slot& MemoryStore::slot_of(Record& record, const ServingNode& node) {
    auto& slots = record.slots;
    auto found =
        std::find_if(slots.begin(), slots.end(), [&](const Slot& slot) { return slot.node == node; });
    if (found != slots.end()) return *found;
    if (slots.size() < Sqn::ind_count) return slots.emplace_back(Slot{node, 0, {}});
    // The counter is one for all slots, so the USIM takes the next SEQ in a slot whoever had it before.
    found = std::min_element(slots.begin(), slots.end(),
                             [](const Slot& a, const Slot& b) { return a.seq < b.seq; });
    return *found = Slot{node, 0, {}};
}

Result<VectorReservation> MemoryStore::reserve(const VectorReservationRequest& request) {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    const auto found = tables_.subscribers.find(request.imsi);
    if (found == tables_.subscribers.end()) return unknown_subscription();
    auto& record = found->second;
    if (!has_service(tables_, record)) return no_eps_subscription();
    VectorReservation result{authentication_of(tables_, record), {}};
    const auto& kme = result.subscription.kme;
    const bool pre_processed = binding::needs_kme(record.policy);
    if (pre_processed && !kme) return fail(Cause::kme_missing, "no KME");
    const auto count = pre_processed ? 1 : request.count;
    const auto base = std::max(record.seq, request.seq_at_least.value_or(0));
    if (base > Sqn::seq_issue_max - count) return fail(Cause::sqn_exhausted, "SQN exhausted");
    record.seq = base + count;
    auto& slot = slot_of(record, request.node);
    slot.seq = record.seq;
    if (pre_processed) {
        slot.issued.pre_processed_at = request.now;
        slot.issued.kme_id = kme->id;
    } else {
        slot.issued.regular_at = request.now;
    }
    result.sequence = {base + 1, count, static_cast<std::uint8_t>(&slot - record.slots.data())};
    return result;
}

Subscription MemoryStore::subscription_of(const Tables& tables, const Record& record) {
    const auto& profile = tables.profiles.at(record.profile);
    auto subscription = profile.subscription;
    subscription.data.msisdn = record.msisdn;
    if (record.override_document == "{}") return subscription;
    return subscription::subscription_of(profile.document, record.override_document, record.msisdn).value();
}

Result<SubscriberView> MemoryStore::view(const Imsi& imsi, const ServingNode& node) {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    const auto found = tables_.subscribers.find(imsi);
    if (found == tables_.subscribers.end()) return unknown_subscription();
    const auto& record = found->second;
    SubscriberView view;
    view.subscription = subscription_of(tables_, record);
    view.version = version_of(view.subscription);
    view.binding.policy = record.policy;
    view.binding.devices = record.devices;
    if (!record.group.empty()) {
        for (const auto& [range, device] : tables_.devices)
            if (device.group == record.group) view.binding.devices.push_back(range);
    }
    if (const auto* kme = active_kme(tables_, record); kme != nullptr) view.active_kme_id = kme->id;
    view.binding.has_kme = view.active_kme_id.has_value();
    view.registrations = record.registrations;
    view.last_seen_imei = record.last_seen;
    for (const auto& slot : record.slots)
        if (slot.node == node) view.issued = slot.issued;
    return view;
}

void MemoryStore::count(const alarm::Notice& notice) {
    const std::lock_guard lock(mutex_);
    if (failure_) return;
    const auto& alarm = notice.alarm;
    const auto name = alarm::describe(alarm.id).name;
    const auto imsi = alarm.imsi ? alarm.imsi->str() : std::string();
    const auto imei = alarm.imei ? alarm.imei->str() : std::string();
    const bool clears = notice.change == alarm::Change::cleared;
    const auto fits = [clears](const std::string& stored, const std::string& told) {
        return stored == told || (clears && told.empty());
    };
    bool counted = clears;
    for (auto& row : alarms_) {
        if (row.cleared || row.name != name || !fits(row.imsi, imsi) || !fits(row.imei, imei) ||
            !fits(row.peer, alarm.peer))
            continue;
        counted = true;
        row.count += notice.count;
        if (clears) {
            row.cleared = alarm.time;
            continue;
        }
        row.last = std::max(row.last, alarm.time);
        row.detail = alarm.detail;
        if (notice.change != alarm::Change::escalated) continue;
        row.severity = alarm::name_of(notice.severity);
        row.acknowledged_by.clear();
    }
    if (counted) return;
    AlarmRow row;
    row.id = static_cast<std::int64_t>(alarms_.size()) + 1;
    row.name = name;
    row.severity = alarm::name_of(notice.severity);
    row.imsi = imsi;
    row.imei = imei;
    row.peer = alarm.peer;
    row.detail = alarm.detail;
    row.first = row.last = alarm.time;
    row.count = notice.count;
    alarms_.push_back(std::move(row));
}

}  // namespace bindhss::store
