// SPDX-License-Identifier: Apache-2.0
#include "invariants_play.h"

#include "aka/resync.h"
#include "aka/vectors.h"
#include "subscription/document.h"

namespace bindhss::test {

using namespace std::chrono_literals;

namespace {

bool pre_processed(const s6a::EutranVector& vector) {
    return (vector.autn.octets[7] & 0x80) != 0;
}

/// SUCCESS for provisioning alone registers nobody.
bool is_registered(const Result<s6a::UpdateLocationAnswer>& answer) {
    const auto only = s6a::kme_access::provisioning_only;
    return answer && (!answer->kme_access_info || (answer->kme_access_info->flags & only) == 0);
}

}  // namespace

Play::Play(bool exchanges) : exchanges_(exchanges) {
    for (const auto device : {Device::own, Device::spare, Device::thief, Device::forger, Device::rebadged})
        mes_.emplace(device, emu::Me(reported_by(device)));
    load(Device::own, 0, world_.kme);
    load(Device::spare, 0, SecretString(hex<16>("f0e0d0c0b0a090807060504030201000")));
    world_.put(store::PutKme{world_.own, keys_[Device::own].at(0)});
    world_.put(store::PutKme{spare_, keys_[Device::spare].at(0)});
    if (exchanges_) provide_exchanges();
    world_.put(store::PutProfile{"quarantine", subscription::default_document()});
    terms_.name = "ours";
    world_.put(store::PutTerms{terms_});
    store_binding({});
}

void Play::run(const std::vector<Event>& events) {
    for (const auto& event : events) {
        world_.clock.advance(1ms);
        const auto before = snapshot();
        world_.alarms.forget();
        established_ = imported_ = interfered_ = false;
        step(event);
        watch_step(event, before, snapshot());
    }
}

std::string Play::broken(Invariant invariant) const {
    const auto found = broken_.find(invariant);
    return found == broken_.end() ? std::string() : found->second;
}

void Play::breaks(Invariant invariant, const std::string& how) {
    broken_.emplace(invariant, how);
}

const ServingNode& Play::node(const Event& event) const {
    return event.second_mme ? world_.mme2 : world_.mme1;
}

Imei Play::reported_by(Device device) const {
    switch (device) {
        case Device::own:
        case Device::forger:
            return world_.own;
        case Device::spare:
            return spare_;
        default:
            return world_.stranger;
    }
}

void Play::step(const Event& event) {
    switch (event.kind) {
        case Kind::attach:
            return attach(event);
        case Kind::stale_attach:
            return stale_attach(event);
        case Kind::handover:
            return handover(event);
        case Kind::forged_ulr:
            return forged_ulr(event);
        case Kind::replayed_auts:
            return replayed_auts(event);
        case Kind::wrong_auts:
            return wrong_auts(event);
        case Kind::purge:
            return purge(event);
        case Kind::notify:
            return notify(event);
        case Kind::skip_ahead:
            usim_seq_ += event.number % 8 * 10;
            return;
        case Kind::terms:
            return set_terms(event.number);
        case Kind::list:
            return set_list(event.number);
        case Kind::rule:
            return set_rule(event);
        case Kind::new_key:
            return renew_key(event.number);
        case Kind::decision:
            return decide(event);
        case Kind::lock:
            return set_lock(event.number);
        case Kind::wait:
            return wait(event.number % 16);
        case Kind::retire:
            return retire_keys(event.number);
        case Kind::renew:
            return order_renewal(event.number);
        case Kind::offer:
            return offer(event);
        case Kind::confirm:
            return confirm(event);
    }
}

/// Seconds, minutes or a day: what there are limits for.
void Play::wait(unsigned number) {
    if (number == 0) return world_.clock.advance(25h);
    world_.clock.advance(std::chrono::seconds(number < 8 ? number * 20 : (number - 7) * 150));
}

/// What the device hands to the USIM; nothing when it has no such key.
std::optional<Rand> Play::rand_in(const s6a::EutranVector& vector, Device device) const {
    return mes_.at(device).open(vector.rand, vector.autn).rand;
}

/// What the USIM makes of a vector: nothing when MAC-A does not fit.
std::optional<Sqn> Play::open_with(const s6a::EutranVector& vector, const Rand& rand) const {
    const Amf amf{{vector.autn.octets[6], vector.autn.octets[7]}};
    aka::Milenage milenage(world_.k, world_.opc);
    auto sqn_octets = milenage.f2345(rand).ak.octets();
    for (std::size_t i = 0; i < sqn_octets.size(); ++i) sqn_octets[i] ^= vector.autn.octets[i];
    const auto sqn = Sqn::from_octets(sqn_octets);
    const auto mac = milenage.f1(rand, sqn, amf);
    if (!std::equal(mac.octets.begin(), mac.octets.end(), vector.autn.octets.begin() + 8))
        return std::nullopt;
    return sqn;
}

std::optional<Sqn> Play::open(const s6a::EutranVector& vector, Device device) const {
    const auto rand = rand_in(vector, device);
    return rand ? open_with(vector, *rand) : std::nullopt;
}

/// As the UE that it is meant for would see it, whichever that is.
std::optional<Sqn> Play::sqn_of(const s6a::EutranVector& vector) const {
    if (!pre_processed(vector)) return open_with(vector, vector.rand);
    for (const auto& [owner, generations] : keys_)
        for (const auto& [generation, key] : generations)
            if (const auto sqn = open_with(vector, aka::decrypt_rand(key.view(), vector.rand))) return sqn;
    return std::nullopt;
}

Result<s6a::AuthenticationInformationAnswer> Play::air(const Event& event,
                                                       const std::optional<ReSynchronizationInfo>& resync) {
    s6a::AuthenticationInformationRequest request{
        world_.imsi, node(event), world_.plmn, s6a::RequestedAuthenticationInfo{}, {}};
    request.eutran->number_of_requested_vectors = 1 + event.number % 3;
    request.eutran->re_synchronization_info = resync;
    // A node of ours tells of the device already here.
    if (event.number % 11 == 0)
        request.terminal_information = TerminalInformation{reported_by(event.device), "01", false};
    if (const auto features = features_of(event)) request.supported_features = s6a::Features{0, 0, features};
    request.arrival.secured = true;
    auto answer = dispatch(std::move(request));
    if (!answer) return answer.error();
    return std::get<s6a::AuthenticationInformationAnswer>(*answer);
}

std::optional<s6a::EutranVector> Play::fetch(const Event& event,
                                             const std::optional<ReSynchronizationInfo>& resync) {
    const auto before = snapshot();
    const auto& at = node(event);
    const auto answer = air(event, resync);
    if (!answer) {
        if (!resync) watch_denied(answer.error(), before, trusts(at, features_of(event)));
        return std::nullopt;
    }
    if (answer->eutran_vectors.empty()) return std::nullopt;
    watch_stock(at, features_of(event),
                answer->kme_access_info || answer->eutran_vectors[0].kme_access_flags != 0);
    if (before.standing.state == binding::State::locked)
        breaks(Invariant::lock, "a locked subscription gets a vector");
    const auto& vector = answer->eutran_vectors[0];
    auto& books = books_[at.host];
    if (resync && usim_seq_ >= books.seq) {
        books.regular_at.reset();
        books.several_at.reset();
    }
    books.vector_at = world_.clock.now();
    const auto after = snapshot();
    watch_vectors(at, *answer);
    if (pre_processed(vector)) {
        ++unanswered_;
        watch_key(vector, after);
    } else {
        watch_regular(before, after, at, features_of(event));
        kept_regular_.insert_or_assign(at.host, Kept{vector, world_.clock.now()});
        if (answer->eutran_vectors.size() > 1) books.several_at = world_.clock.now();
    }
    if (!resync && before.standing.turns == after.standing.turns && before.kcv != after.kcv)
        breaks(Invariant::i4, "who asks for a vector chooses the key of others");
    return vector;
}

void Play::attach(const Event& event) {
    if (context_ && context_->device != event.device) context_.reset();  // the card is in another device now
    auto vector = fetch(event, std::nullopt);
    if (!vector) return;
    kept_.insert_or_assign(node(event).host, Kept{*vector, world_.clock.now()});
    auto sqn = open(*vector, event.device);
    if (!sqn) {  // AUTHENTICATION REJECT: no ULR follows, and the UE gives up its context (TS 24.301 5.4.2.5)
        context_.reset();
        return;
    }
    if (sqn->seq() <= usim_seq_) {
        vector = resynchronise(event, *vector);
        if (!vector) return;
        sqn = open(*vector, event.device);
        if (!sqn) return;
        if (sqn->seq() <= usim_seq_) breaks(Invariant::i7, "one re-synchronisation does not suffice");
    }
    complete(event, *vector, *sqn);
}

/// AKA is done, and the node tells of the UE.
void Play::complete(const Event& event, const s6a::EutranVector& vector, const Sqn& sqn) {
    usim_seq_ = sqn.seq();
    Update update{node(event), event.device, reported_by(event.device)};
    if (event.number % 7 == 0) update.imei.reset();  // no IMEISV was asked for
    update.keyed = pre_processed(vector);
    update.just_regular = !update.keyed;
    update.features = features_of(event);
    update.number = event.number;
    const auto& generations = keys_[owner_of(event.device)];
    if (update.keyed && event.kind == Kind::attach && !generations.empty()) {
        const auto rand = aka::decrypt_rand(generations.rbegin()->second.view(), vector.rand);
        update.just_proven = open_with(vector, rand).has_value();
    }
    aka::Milenage milenage(world_.k, world_.opc);
    const auto challenge = milenage.f2345(rand_in(vector, event.device).value());
    session_ = emu::AkaSession{challenge.ck, challenge.ik, vector.autn};
    update_location(update);
}

std::optional<s6a::EutranVector> Play::resynchronise(const Event& event, const s6a::EutranVector& vector) {
    aka::Milenage milenage(world_.k, world_.opc);
    const auto rand = rand_in(vector, event.device);
    const ReSynchronizationInfo info{vector.rand, aka::make_auts(milenage, *rand, Sqn(usim_seq_, 0))};
    auto next = fetch(event, info);
    if (next) {
        accepted_.push_back(info);
        if (pre_processed(vector)) unanswered_ = pre_processed(*next) ? 1 : 0;
    }
    return next;
}

/// An MME uses a vector that it was given before, as long as a NAS procedure may last.
void Play::stale_attach(const Event& event) {
    const auto& vectors = exchanges_ && event.number % 2 == 0 ? kept_regular_ : kept_;
    const auto kept = vectors.find(node(event).host);
    if (kept == vectors.end()) return;
    const auto vector = kept->second.vector;
    if (world_.clock.now() - kept->second.since > world_.settings.regular_vector_open) return;
    if (context_ && context_->device != event.device) context_.reset();
    auto sqn = open(vector, event.device);
    if (!sqn) return;
    if (sqn->seq() <= usim_seq_) {
        const auto next = resynchronise(event, vector);
        sqn = next ? open(*next, event.device) : std::nullopt;
        if (sqn && sqn->seq() > usim_seq_) complete(event, *next, *sqn);
        return;
    }
    complete(event, vector, *sqn);
}

/// The security context moves to another MME with the device that is attached: ULR without AIR.
void Play::handover(const Event& event) {
    if (!context_) return;
    Update update{node(event), context_->device, reported_by(context_->device), context_->keyed};
    // Open5GS repeats the IMEI of the device before.
    if (event.number % 5 == 0) update.imei = snapshot().last_seen;
    update.features = features_of(event);
    update.number = event.number;
    update_location(update);
}

void Play::forged_ulr(const Event& event) {
    Update update{evil_, event.device, reported_by(event.device)};
    // Nobody can tell it from a context that has moved.
    const auto registrations = snapshot().registrations;
    update.keyed = registered_keyed_ && std::any_of(registrations.begin(), registrations.end(),
                                                    [](const auto& one) { return !one.purged; });
    update.features = features_of(event);
    update_location(update);
}

void Play::replayed_auts(const Event& event) {
    if (accepted_.empty()) return;
    ++seen[Invariant::i7];
    if (fetch(event, accepted_[event.number % accepted_.size()]))
        breaks(Invariant::i7, "an AUTS is accepted twice");
}

/// A USIM makes none such; somebody who plays with what he has seen might.
void Play::wrong_auts(const Event& event) {
    const auto kept = kept_.find(node(event).host);
    if (kept == kept_.end()) return;
    aka::Milenage milenage(world_.k, world_.opc);
    Rand other = kept->second.vector.rand;
    other.octets[event.number % 16] ^= 1;
    const ReSynchronizationInfo info{kept->second.vector.rand,
                                     aka::make_auts(milenage, other, Sqn(usim_seq_ + 1'000'000, 0))};
    if (fetch(event, info)) breaks(Invariant::i7, "an AUTS of another RAND is accepted");
}

void Play::purge(const Event& event) {
    if (context_ && context_->host == node(event).host) context_.reset();
    if (pending_ && pending_->host == node(event).host) pending_.reset();
    (void)dispatch(s6a::PurgeUeRequest{world_.imsi, node(event), {}, {}, {}, {}});
}

Result<s6a::Answer> Play::dispatch(s6a::Request request) {
    std::optional<Result<s6a::Answer>> result;
    boost::asio::io_context io;
    boost::asio::co_spawn(io, procedure::dispatch(ports_, std::move(request), world_.via),
                          [&](const std::exception_ptr& failed, Result<s6a::Answer> answer) {
                              if (failed) std::rethrow_exception(failed);
                              result = std::move(answer);
                          });
    io.run();
    return std::move(*result);
}

Result<s6a::UpdateLocationAnswer> Play::ulr(const Update& update) {
    s6a::UpdateLocationRequest request{world_.imsi, update.node, world_.plmn};
    if (update.imei) request.terminal_information = TerminalInformation{update.imei, "01", false};
    if (update.features != 0) request.supported_features = s6a::Features{0, 0, update.features};
    request.arrival.secured = true;
    request.arrival.end_to_end = ++requests_;
    auto answer = dispatch(std::move(request));
    if (!answer) return answer.error();
    return std::get<s6a::UpdateLocationAnswer>(*answer);
}

/// The answer is what counts here; what is sent to nodes after a while is not waited for.
Result<s6a::Answer> Play::dispatch_without_waiting(s6a::Request request) {
    std::optional<Result<s6a::Answer>> result;
    boost::asio::io_context io;
    boost::asio::co_spawn(io, procedure::dispatch(ports_, std::move(request), world_.via),
                          [&](const std::exception_ptr& failed, Result<s6a::Answer> answer) {
                              if (failed) std::rethrow_exception(failed);
                              result = std::move(answer);
                          });
    while (!result) io.run_one();
    return std::move(*result);
}

void Play::notify(const Event& event) {
    const auto before = snapshot();
    const auto* registration = before.at(node(event).host);
    if (registration == nullptr || registration->purged) return;
    s6a::NotifyRequest request{world_.imsi, node(event), {}, {}, {}, {}, {}, {}, {}, {}};
    request.terminal_information = TerminalInformation{reported_by(event.device), "01", false};
    if (event.number % 3 != 0) request.emergency = event.number % 3 == 1;
    const bool emergency = request.emergency.value_or(registration->emergency);
    (void)dispatch_without_waiting(std::move(request));
    const auto after = snapshot();
    const auto* now = after.at(node(event).host);
    const bool withdrawn = now == nullptr || now->purged;
    if (withdrawn && context_ && context_->host == node(event).host) context_.reset();
    if (!emergency) return;
    ++seen[Invariant::emergency];
    if (withdrawn) breaks(Invariant::emergency, "an IMEI check ends an emergency service");
    if (after.standing.state != before.standing.state)
        breaks(Invariant::emergency, "an IMEI check locks a UE with an emergency service");
}

void Play::update_location(const Update& update) {
    const auto before = snapshot();
    world_.alarms.forget();
    const auto started = world_.clock.now();
    regular_was_open_ = regular_is_open(update.node);
    delivered_.reset();
    interleaved_ = false;
    const auto* around = std::exchange(update_, &update);
    const auto answer = ulr(update);
    update_ = around;
    const auto after = snapshot();
    const auto how = provenance(update.node, before);
    const bool told =
        answer ? answer->kme_access_info.has_value() : answer.error().kme_access_info.has_value();
    watch_stock(update.node, update.features, told);
    const bool comparable = !delivered_ || end_exchange(update, answer, started);
    if (is_registered(answer)) {
        if (comparable) watch_registered(update, before, after);
        context_ = Context{update.device, update.keyed, update.node.host};
        registered_keyed_ = update.keyed;
        if (update.just_proven) unanswered_ = 0;
    } else if (comparable) {
        watch_refused(update, before, after);
    }
    if (comparable) {
        watch_acquisition(update, before, after);
        if (how == binding::Provenance::unproven) watch_forged(before, after);
        watch_mismatch(update, is_registered(answer), before, after);
    }
    if (!is_registered(answer)) return;
    books_[update.node.host].regular_at.reset();
    books_[update.node.host].registered_as = how;
}

}  // namespace bindhss::test
