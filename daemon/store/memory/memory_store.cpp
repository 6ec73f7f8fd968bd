// SPDX-License-Identifier: Apache-2.0
#include "store/memory/memory_store.h"

#include <algorithm>

#include "store/memory/memory_import.h"
#include "store/refusals.h"
#include "subscription/document.h"

namespace bindhss::store {

using memory::Slot;

namespace {

constexpr std::array policies{binding::Policy::off, binding::Policy::imei_monitor,
                              binding::Policy::imei_enforce, binding::Policy::kme, binding::Policy::kme_imei};
/// What a token bucket of a day looks back at (binding::may_reprovision).
constexpr std::size_t reprovisions_kept = 16;

bool has_service(const memory::Tables& tables, const memory::Record& record) {
    const auto subscription = subscription_of(tables, record);
    return subscription.data.has_eps() || subscription.data.has_gprs();
}

AuthenticationSubscription authentication_of(const memory::Tables& tables, const memory::Record& record) {
    AuthenticationSubscription result;
    result.keys = record.keys;
    result.amf = record.amf;
    result.policy = terms_of(tables, record).policy;
    if (const auto* kme = active_kme(tables, record); kme != nullptr) result.kme = *kme;
    result.sim_only = record.sim_only;
    return result;
}

bool serves(const Registrations& registrations, const ServingNode& node) {
    const auto there = [&](const std::optional<Registration>& registration) {
        return registration && !registration->purged && registration->node == node;
    };
    return there(registrations.mme) || there(registrations.sgsn);
}

Slot& slot_of(memory::Record& record, const ServingNode& node) {
    auto& slots = record.slots;
    auto found =
        std::find_if(slots.begin(), slots.end(), [&](const Slot& slot) { return slot.node == node; });
    if (found != slots.end()) return *found;
    if (slots.size() < Sqn::ind_count) return slots.emplace_back(Slot{node, 0, {}, {}});
    // The counter is one for all slots, so the USIM takes the next SEQ in a slot whoever had it before.
    // Those who serve the UE keep theirs, whoever asks beside them.
    const auto age = [&](const Slot& slot) {
        return std::pair(serves(record.registrations, slot.node), slot.seq);
    };
    found = std::min_element(slots.begin(), slots.end(),
                             [&](const Slot& a, const Slot& b) { return age(a) < age(b); });
    return *found = Slot{node, 0, {}, {}};
}

/// An AUTS is accepted once: SQN_MS grows, and of one SQN two different ones may be on their way.
bool is_replayed(const memory::Record& record, const std::optional<ReSynchronisation>& resync) {
    const auto& last = record.resync;
    if (!resync || !last) return false;
    return resync->sqn_ms < last->sqn_ms ||
           (resync->sqn_ms == last->sqn_ms && resync->fingerprint == last->fingerprint);
}

std::optional<WallTime> last_reprovision(const memory::Record& record) {
    const auto& given = record.standing.reprovisions;
    return given.empty() ? std::nullopt : std::optional(given.back());
}

/// Is the next AIR refused because of the last Update-Location? Once, whichever comes.
bool takes_refusal(memory::Record& record, WallTime now) {
    const auto until = std::exchange(record.refuse_until, std::nullopt);
    return until && now < *until;
}

/// Which kind of vectors, and how many.
struct Grant {
    bool pre_processed = false;
    bool reprovision = false;
    std::uint32_t count = 0;
};

/// `kme`: the key that the vectors would be under, if there is one.
Grant grant_of(binding::Policy policy, const VectorReservationRequest& request,
               const std::optional<binding::Kme>& kme) {
    if (!binding::needs_kme(policy)) return {false, false, request.count};
    if (request.regular == Regular::without_key) return {kme.has_value(), false, 1};
    const bool always = request.regular == Regular::always;
    return {!always, always, 1};
}

void note_reprovision(memory::Record& record, WallTime now) {
    auto& given = record.standing.reprovisions;
    given.push_back(now);
    if (given.size() > reprovisions_kept) given.erase(given.begin());
}

/// Does somebody have to answer the vectors? For where the UE is registered that is not heard of.
bool is_watched(const memory::Record& record, const Grant& grant, const ServingNode& node) {
    return grant.pre_processed && !is_registered_at(record, node.host);
}

bool shows_unanswered(const memory::Record& record, const VectorReservationRequest& request) {
    binding::EvidenceSettings settings;
    settings.unanswered_after = request.unanswered_after;
    binding::OpenVector open;
    if (record.open) open.since = record.open->since;
    open.registered_there = is_registered_at(record, request.node.host);
    open.resynchronisation = request.seq_at_least.has_value();
    open.now = request.now;
    return binding::is_unanswered(open, settings);
}

/// What the ledger and the evidence keep of vectors that are given out.
void note_issue(memory::Record& record, Slot& slot, const Grant& grant,
                const VectorReservationRequest& request, const std::optional<binding::Kme>& kme) {
    if (request.resync) record.resync = request.resync;
    if (grant.reprovision) note_reprovision(record, request.now);
    if (!grant.pre_processed) {
        slot.issued.regular_at = request.now;
        slot.issued.pre_processed_at.reset();  // it proves nothing any more (spec 4.7, I2)
        if (grant.count > 1) slot.several_at = request.now;
        return;
    }
    slot.issued.pre_processed_at = request.now;
    slot.issued.kme_id = kme->id;
    if (!is_watched(record, grant, request.node)) return;
    // An AUTS answers what was open, and a sign that is told of has been counted.
    const bool stays = record.open && !request.seq_at_least && !shows_unanswered(record, request);
    record.open = memory::Open{stays ? record.open->since : request.now, request.node};
}

}  // namespace

MemoryStore::MemoryStore(const Clock* clock) : clock_(clock) {
    const auto document = subscription::default_document();
    memory::store_profile(tables_, "default", document, subscription::read_document(document).value());
    for (const auto policy : policies) {
        memory::StoredTerms terms;
        terms.terms.name = binding::name_of(policy);
        terms.terms.policy = policy;
        terms.fixed = true;
        tables_.terms.emplace(terms.terms.name, terms);
    }
    tables_.default_terms = binding::name_of(binding::Policy::off);
}

void MemoryStore::put_profile(const std::string& name, const SubscriptionData& data) {
    const std::lock_guard lock(mutex_);
    const Subscription subscription{data, {}};
    memory::store_profile(tables_, name, subscription::write_document(subscription), subscription);
    ++profile_changes_;
}

void MemoryStore::fail_with(std::optional<Failure> failure) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
}

Awaitable<AuthenticationSubscription> MemoryStore::load_authentication(Imsi imsi, ServingNode node,
                                                                       KeyGrace grace) {
    co_return authentication(imsi, node, grace);
}

Awaitable<VectorReservation> MemoryStore::reserve_vectors(VectorReservationRequest request) {
    co_return reserve(request);
}

Awaitable<SubscriberView> MemoryStore::load_subscriber(Imsi imsi, ServingNode node,
                                                       std::optional<TerminalInformation> reported) {
    co_return view(imsi, node, reported);
}

Result<AuthenticationSubscription> MemoryStore::authentication(const Imsi& imsi, const ServingNode& node,
                                                               const KeyGrace& grace) {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    const auto* record = record_of(imsi);
    if (record == nullptr) return unknown_subscription();
    if (!has_service(tables_, *record)) return no_eps_subscription();
    auto result = authentication_of(tables_, *record);
    result.other_kmes = other_kmes(tables_, *record, node, grace);
    return result;
}

Result<VectorReservation> MemoryStore::reserve(const VectorReservationRequest& request) {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    auto* found = record_of(request.imsi);
    if (found == nullptr) return unknown_subscription();
    auto& record = *found;
    if (!has_service(tables_, record)) return no_eps_subscription();
    if (record.standing.state == binding::State::locked) return locked_binding();
    if (takes_refusal(record, request.now)) return refused_a_moment_ago();

    const auto& terms = terms_of(tables_, record);
    VectorReservation result;
    result.subscription = authentication_of(tables_, record);
    if (request.kme_id) {
        const auto* kme = kme_for(tables_, record, *request.kme_id);
        result.subscription.kme = kme == nullptr ? std::nullopt : std::optional(*kme);
    }
    auto grant = grant_of(terms.policy, request, result.subscription.kme);
    // Who has no key is given one for the first time, and spends nothing of what re-provisioning may.
    grant.reprovision = grant.reprovision && active_kme(tables_, record) != nullptr;
    if (grant.pre_processed && !result.subscription.kme) return no_kme();
    if (is_replayed(record, request.resync)) return replayed_auts();
    if (grant.reprovision && last_reprovision(record) != request.last_reprovision)
        return reprovisioned_already();
    const auto base = std::max(record.seq, request.seq_at_least.value_or(0));
    if (base > Sqn::seq_issue_max - grant.count) return out_of_sequence_numbers();

    result.unanswered = is_watched(record, grant, request.node) && shows_unanswered(record, request);
    record.seq = base + grant.count;
    auto& slot = slot_of(record, request.node);
    // The USIM's SQN has passed it: an open regular vector of that node is dead (spec 4.7, I2).
    if (request.seq_at_least && *request.seq_at_least >= slot.seq) {
        slot.issued.regular_at.reset();
        slot.several_at.reset();
    }
    slot.seq = record.seq;
    note_issue(record, slot, grant, request, result.subscription.kme);
    result.sequence = {base + 1, grant.count, static_cast<std::uint8_t>(&slot - record.slots.data())};
    result.state = record.standing.state;
    result.on_suspicion = terms.on_suspicion;
    if (result.state == binding::State::suspect) result.reprovisions = record.standing.reprovisions;
    return result;
}

Result<SubscriberView> MemoryStore::view(const Imsi& imsi, const ServingNode& node,
                                         const std::optional<TerminalInformation>& reported) {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    const auto* found = record_of(imsi);
    if (found == nullptr) return unknown_subscription();
    const auto& record = *found;
    SubscriberView view;
    view.subscription = subscription_of(tables_, record);
    view.version = version_of(view.subscription);
    view.binding = binding_of(tables_, imsi, record, reported, now());
    // A binding that is off is not managed (spec 4.1): nothing of the device decides.
    if (view.binding.terms.policy == binding::Policy::off) {
        view.binding.rules.clear();
        view.binding.has_list = false;
    } else {
        view.device = facts_of(tables_, imsi, reported);
    }
    if (const auto* kme = active_kme(tables_, record); kme != nullptr) {
        view.active_kme_id = kme->id;
        view.kme_not_after = kme->not_after;
    }
    view.suspect = record.standing.state == binding::State::suspect;
    view.registrations = record.registrations;
    if (record.last_seen) view.last_seen_imei = record.last_seen->imei;
    if (record.last_seen) view.last_seen_svn = record.last_seen->svn;
    for (const auto& slot : record.slots) {
        if (slot.node != node) continue;
        view.issued = slot.issued;
        view.issued.regular_at = std::max(slot.issued.regular_at, slot.several_at);
    }
    view.issued_under_candidate =
        view.issued.kme_id && !candidate_with(tables_, record, *view.issued.kme_id).empty();
    if (const auto& limited = view.binding.terms.limited_profile; !limited.empty()) {
        view.limited = limited_subscription(tables_, record, limited);
        view.limited_version = version_of(*view.limited);
    }
    return view;
}

}  // namespace bindhss::store
