// SPDX-License-Identifier: Apache-2.0
// What must hold in the plays of the invariants (spec 4.7).
#include "aka/vectors.h"
#include "invariants_play.h"

namespace bindhss::test {

using namespace std::chrono_literals;
using binding::Acquisition;
using binding::Policy;
using binding::Provenance;
using binding::Reaction;
using binding::State;

namespace {

bool is_update(Kind kind) {
    return kind == Kind::attach || kind == Kind::stale_attach || kind == Kind::handover ||
           kind == Kind::forged_ulr;
}

bool has_emergency(const Snapshot& state) {
    return std::any_of(state.registrations.begin(), state.registrations.end(),
                       [](const auto& one) { return one.emergency && !one.purged; });
}

bool same_registrations(const Snapshot& a, const Snapshot& b) {
    return std::equal(a.registrations.begin(), a.registrations.end(), b.registrations.begin(),
                      b.registrations.end(), [](const auto& one, const auto& other) {
                          return one.node == other.node && one.time == other.time &&
                                 one.verified == other.verified && one.purged == other.purged;
                      });
}

bool locks(const binding::Terms& terms) {
    for (const auto reaction : {terms.on_unauthorised, terms.on_mismatch, terms.on_unproven})
        if (reaction == Reaction::lock) return true;
    return terms.on_suspicion == binding::OnSuspicion::lock;
}

}  // namespace

const store::Registration* Snapshot::at(const std::string& host) const {
    for (const auto& one : registrations)
        if (one.node.host == host) return &one;
    return nullptr;
}

Snapshot Play::snapshot() {
    Snapshot result;
    const auto row = world_.store.subscriber(world_.imsi);
    result.devices = row->devices;
    result.standing = row->standing;
    result.kcv = row->kcv;
    for (const auto& key : world_.store.kmes(std::nullopt, 100))
        result.keys += std::to_string(key.generation) + " " + key.kcv + " " + key.state + "\n";
    result.approvals = world_.store.approvals(100).size();
    for (auto& one : world_.store.registrations(4))
        result.registrations.push_back(std::move(one.registration));
    boost::asio::io_context io;
    boost::asio::co_spawn(io, world_.store.load_subscriber(world_.imsi, evil_, std::nullopt),
                          [&](const std::exception_ptr&, Result<store::SubscriberView> view) {
                              if (view) result.last_seen = view->last_seen_imei;
                          });
    io.run();
    return result;
}

/// Naively: of rules and list, all of which are about single devices.
std::optional<bool> Play::allowed(Imei imei, const Snapshot& state) {
    std::map<std::int32_t, bool, std::greater<>> said;  // by priority, the higher first: a denial counts
    for (const auto& range : state.devices)
        if (range.contains(imei)) said.emplace(0, true);
    for (const auto& rule : world_.store.rules(std::nullopt, 100)) {
        if (!rule.devices.range->contains(imei)) continue;
        const auto [at, fresh] = said.emplace(rule.priority, rule.allow);
        if (!fresh) at->second = at->second && rule.allow;
    }
    if (said.empty()) return std::nullopt;
    return said.begin()->second;
}

bool Play::has_list(const Snapshot& state) {
    if (!state.devices.empty()) return true;
    const auto rules = world_.store.rules(std::nullopt, 100);
    // What is said of everybody is no list of anybody's.
    return std::any_of(rules.begin(), rules.end(), [](const auto& rule) {
        return rule.allow && rule.subscriptions != binding::SubscriptionSet{};
    });
}

/// By what the network gave out, not by what the daemon says of it.
Provenance Play::provenance(const ServingNode& node, const Snapshot& before) {
    const auto now = world_.clock.now();
    const auto& books = books_[node.host];
    if (books.vector_at && now - *books.vector_at <= 24h) return Provenance::authenticated;
    auto best = Provenance::unproven;
    for (const auto& one : before.registrations) {
        const auto how = books_[one.node.host].registered_as;
        if (how == Provenance::unproven) continue;
        const bool here = one.node.host == node.host;
        if (here && how == Provenance::authenticated && (!one.purged || now - one.time <= 24h))
            return Provenance::authenticated;
        if (!one.purged) best = Provenance::taken_over;
    }
    return best;
}

bool Play::regular_is_open(const ServingNode& node) {
    const auto& books = books_[node.host];
    const auto open = [&](const std::optional<WallTime>& at) {
        return at && world_.clock.now() - *at <= world_.settings.regular_vector_open;
    };
    return open(books.regular_at) || open(books.several_at);
}

void Play::watch_step(const Event& event, const Snapshot& before, const Snapshot& after) {
    if (!imported_ && !established_ && before.keys != after.keys)
        breaks(Invariant::i4, "the keys change without an import");
    if (interfered_) return;
    const bool by_operator = event.kind == Kind::list || event.kind == Kind::decision;
    const bool by_key = event.kind == Kind::confirm && established_;
    if (!by_operator && !by_key && !is_update(event.kind) && before.devices != after.devices)
        breaks(Invariant::i5, "the list of devices changes by itself");
    const bool was_locked = before.standing.state == State::locked;
    const bool is_locked = after.standing.state == State::locked;
    if (event.kind == Kind::lock || was_locked == is_locked) return;
    if (was_locked) breaks(Invariant::lock, "a lock ends without the operator");
    if (!locks(terms_)) breaks(Invariant::lock, "locked, although nothing in the terms says so");
    ++seen[Invariant::lock];
}

/// I7 and I2: no SQN twice, SEQ only grows; one IND for each node, and of a binding by key one vector at a
/// time.
void Play::watch_vectors(const ServingNode& at, const s6a::AuthenticationInformationAnswer& answer) {
    if (binding::needs_kme(terms_.policy) && answer.eutran_vectors.size() != 1)
        breaks(Invariant::i2, "more than one vector for a subscription bound by a key");
    for (const auto& vector : answer.eutran_vectors) {
        const auto sqn = sqn_of(vector);
        if (!sqn) return breaks(Invariant::i4, "a vector is under a key that no device has");
        if (!issued_.insert(sqn->number()).second) breaks(Invariant::i7, "an SQN is issued twice");
        if (sqn->seq() <= highest_seq_) breaks(Invariant::i7, "SEQ does not grow");
        highest_seq_ = books_[at.host].seq = sqn->seq();
        const auto [known, fresh] = ind_.emplace(at.host, sqn->ind());
        if (!fresh && known->second != sqn->ind()) breaks(Invariant::i2, "two INDs at one node");
    }
    ++seen[Invariant::i2];
}

/// I3: of a binding by key a regular vector is given while there is no key and the node can give one; or to a
/// suspect, and seldom.
void Play::watch_regular(const Snapshot& before, const Snapshot& after, const ServingNode& at,
                         std::uint32_t features) {
    const auto now = world_.clock.now();
    books_[at.host].regular_at = now;
    if (!binding::needs_kme(terms_.policy)) return;
    ++seen[Invariant::i3];
    const bool restricts = world_.settings.provisioning.stock_mme == procedure::StockMme::restricted_apn;
    if (exchanges_ && before.kcv.empty() && (trusts(at, features) || restricts)) return;
    const bool suspect = before.standing.state == State::suspect || after.standing.state == State::suspect;
    if (terms_.on_suspicion != binding::OnSuspicion::reprovision || !suspect)
        breaks(Invariant::i3, "a regular vector without a suspicion, or against the terms");
    if (unanswered_ < 2) breaks(Invariant::i3, "a regular vector, and nothing speaks against the key");
    if (!regular_.empty() && now - regular_.back() < 600s)
        breaks(Invariant::i3, "two regular vectors in ten minutes");
    regular_.push_back(now);
    const auto today =
        std::count_if(regular_.begin(), regular_.end(), [&](auto given) { return now - given < 24h; });
    if (today > 5) breaks(Invariant::i3, "more than five regular vectors in a day");
}

/// I4: a vector is under the newest key of a device that the binding lists.
void Play::watch_key(const s6a::EutranVector& vector, const Snapshot& state) {
    ++seen[Invariant::i4];
    if (!binding::needs_kme(terms_.policy)) breaks(Invariant::i4, "a vector is under a key without a reason");
    for (const auto& [owner, generations] : keys_) {
        const auto imei = reported_by(owner);
        const bool listed = std::any_of(state.devices.begin(), state.devices.end(),
                                        [&](const auto& range) { return range.contains(imei); });
        if (!listed || generations.empty() || retired_.contains(owner)) continue;
        const auto& newest = generations.rbegin()->second;
        if (open_with(vector, aka::decrypt_rand(newest.view(), vector.rand))) return;
    }
    breaks(Invariant::i4, "a vector is under a key that is not the newest of a listed device");
}

/// A binding that is not locked refuses an AIR once, and only after an Update-Location that it refused.
void Play::watch_denied(const Failure& failure, const Snapshot& before, bool gives_keys) {
    if (before.standing.state == State::locked) return;
    if (failure.cause == Cause::kme_missing && gives_keys)
        breaks(Invariant::usable, "who has no key is given no vector by which to get one");
    if (failure.cause == Cause::access_refused && !refusal_due_)
        breaks(Invariant::usable, "an AIR is refused although no ULR was");
    if (failure.cause == Cause::access_refused) refusal_due_ = false;
    const bool reason = failure.cause == Cause::access_refused || failure.cause == Cause::binding_locked ||
                        (failure.cause == Cause::kme_missing && binding::needs_kme(terms_.policy));
    if (!reason) breaks(Invariant::usable, "an AIR is refused: " + failure.detail);
}

void Play::watch_refused(const Update& update, const Snapshot& before, const Snapshot& after) {
    // A new key leaves unproven what was proven under another device's.
    if (!established_ && !same_registrations(before, after))
        breaks(Invariant::i1, "a refused ULR changes a registration");
    refusal_due_ = true;
    const bool locked = before.standing.state == State::locked;
    if (locked) return;
    if (terms_.policy == Policy::off) breaks(Invariant::usable, "refused although nothing is managed");
    const bool fine = update.imei && allowed(*update.imei, before) == true &&
                      provenance(update.node, before) == Provenance::authenticated;
    if (!fine) return;
    if (!binding::needs_kme(terms_.policy)) breaks(Invariant::usable, "an allowed device is refused");
    if (update.just_proven && !regular_was_open_)
        breaks(Invariant::usable, "an allowed device with the right key is refused");
}

void Play::watch_registered(const Update& update, const Snapshot& before, const Snapshot& after) {
    const auto* now = after.at(update.node.host);
    if (now == nullptr || now->purged) return breaks(Invariant::i1, "a success that registers nobody");
    if (before.standing.state == State::locked &&
        !(has_emergency(before) && !binding::needs_kme(terms_.policy)))
        breaks(Invariant::lock, "a locked subscription is registered");
    const bool walled = now->limited_profile == "walled";
    if (walled && (!exchanges_ || now->verified || !update.imei || !may_have_key(*update.imei, before)))
        breaks(Invariant::i1, "the restricted profile is given to somebody that it is not for");
    if (binding::needs_kme(terms_.policy) && !walled) {
        ++seen[Invariant::i1];
        // A key of a device that was not the chosen one leaves unproven what was so when it was stored.
        if (!now->verified && !established_) breaks(Invariant::i1, "registered, not verified");
        if (!update.keyed) breaks(Invariant::i1, "registered, and no AKA was passed with a key");
        if (update.just_regular) breaks(Invariant::i3, "a regular vector leads to a registration with APNs");
        if (regular_is_open(update.node)) breaks(Invariant::i2, "registered while a regular vector is open");
    }
    if (!binding::enforces_imei(terms_.policy) || has_emergency(before)) return;
    ++seen[Invariant::i5];
    const bool limited = !now->limited_profile.empty();
    if (!update.imei) {
        if (!terms_.imei_absent_allowed.value_or(false)) breaks(Invariant::i5, "registered without an IMEI");
    } else if (!allowed_by_terms(*update.imei, update.node, before, limited)) {
        breaks(Invariant::i5, "a device is registered that nobody authorised");
    }
}

/// May an enforcing policy register this device?
bool Play::allowed_by_terms(Imei imei, const ServingNode& node, const Snapshot& before, bool limited) {
    const auto said = allowed(imei, before);
    if (said == true) return true;
    const bool first = !said && terms_.acquisition == Acquisition::first_use && !has_list(before);
    if (first && provenance(node, before) != Provenance::unproven) return true;
    return terms_.on_unauthorised == Reaction::alarm ||
           (terms_.on_unauthorised == Reaction::limit && limited);
}

/// I5: by itself a list gets its first device alone, and of an access that was authenticated.
void Play::watch_acquisition(const Update& update, const Snapshot& before, const Snapshot& after) {
    if (before.devices == after.devices) return;
    const auto* now = after.at(update.node.host);
    // By a key that it has just proven: watch_commit() has seen to it that it was authorised.
    auto with_this_one = before.devices;
    if (update.imei) with_this_one.push_back(ImeiRange::of(*update.imei));
    if (established_ && after.devices == with_this_one) return;
    const bool as_it_should =
        terms_.acquisition == Acquisition::first_use && before.devices.empty() && after.devices.size() == 1 &&
        update.imei && after.devices[0] == ImeiRange::of(*update.imei) && now != nullptr &&
        now->time == world_.clock.now() && provenance(update.node, before) == Provenance::authenticated &&
        (!binding::needs_kme(terms_.policy) || update.keyed);
    if (!as_it_should) breaks(Invariant::i5, "the device of a binding changes");
}

/// I5: what anybody could have written moves nothing.
void Play::watch_forged(const Snapshot& before, const Snapshot& after) {
    if (before.last_seen != after.last_seen) breaks(Invariant::i5, "a forged report becomes an association");
    if (before.kcv != after.kcv) breaks(Invariant::i5, "a forged report changes the key");
    if (before.devices != after.devices) breaks(Invariant::i5, "a forged report changes the list");
    if (before.approvals != after.approvals) breaks(Invariant::i5, "a forged report asks the operator");
    const bool may_lock = terms_.on_unproven == Reaction::lock && terms_.policy != Policy::off;
    if (!may_lock && before.standing != after.standing)
        breaks(Invariant::i5, "a forged report is evidence, or locks");
}

/// I6: another IMEI with the right key is told of, and what follows is as the terms say.
void Play::watch_mismatch(const Update& update, bool registered, const Snapshot& before,
                          const Snapshot& after) {
    if (terms_.policy != Policy::kme || !update.just_proven || !update.imei || has_emergency(before)) return;
    if (before.standing.state == State::locked || regular_is_open(update.node)) return;
    const auto said = allowed(*update.imei, before);
    if (said == true || (!said && !has_list(before))) return;
    ++seen[Invariant::i6];
    if (world_.alarms.count(alarm::Id::imei_mismatch) == 0)
        breaks(Invariant::i6, "a mismatch is not told of");
    const auto* now = after.at(update.node.host);
    const bool limited = registered && now != nullptr && !now->limited_profile.empty();
    const auto reaction = terms_.on_mismatch;
    if (registered != (reaction == Reaction::alarm || reaction == Reaction::limit) ||
        limited != (reaction == Reaction::limit))
        breaks(Invariant::i6, "what follows a mismatch is not what the terms say");
}

}  // namespace bindhss::test
