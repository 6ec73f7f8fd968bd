// SPDX-License-Identifier: Apache-2.0
// What the operator does in the plays of the invariants.
#include "invariants_play.h"

namespace bindhss::test {

using namespace std::chrono_literals;

namespace {

/// The digits of a number one after the other, each to its own base.
class Digits {
  public:
    explicit Digits(unsigned number) : number_(number) {}
    unsigned next(unsigned base) {
        const auto digit = number_ % base;
        number_ /= base;
        return digit;
    }

  private:
    unsigned number_;
};

/// Mostly the milder ones: after a lock nothing happens any more.
binding::Reaction reaction_of(unsigned digit) {
    static constexpr std::array reactions{binding::Reaction::alarm,  binding::Reaction::reject,
                                          binding::Reaction::limit,  binding::Reaction::alarm,
                                          binding::Reaction::reject, binding::Reaction::lock};
    return reactions[digit];
}

}  // namespace

bool Play::tell(store::Item item) {
    // Whoever may have a key may be another one now: what is pending is worth nothing.
    const bool of_keys = std::holds_alternative<store::PutKme>(item.put) ||
                         std::holds_alternative<store::RetireKme>(item.put) ||
                         std::holds_alternative<store::SetLock>(item.put);
    if (!of_keys) pending_.reset();
    std::vector<store::Item> items;
    items.push_back(std::move(item));
    return world_.store.apply(items, false).empty();
}

void Play::store_binding(std::vector<ImeiRange> devices) {
    store::PutBinding put{world_.imsi, terms_.policy, std::move(devices), ""};
    put.terms = terms_.name;
    tell({std::move(put), 0});
}

void Play::set_terms(unsigned number) {
    static constexpr std::array policies{binding::Policy::kme,          binding::Policy::kme_imei,
                                         binding::Policy::imei_enforce, binding::Policy::kme,
                                         binding::Policy::imei_monitor, binding::Policy::off};
    Digits digits(number);
    auto terms = terms_;
    terms.policy = policies[digits.next(policies.size())];
    terms.on_suspicion = static_cast<binding::OnSuspicion>(digits.next(5) % 3);
    terms.acquisition = static_cast<binding::Acquisition>(digits.next(3));
    terms.on_unauthorised = reaction_of(digits.next(6));
    terms.on_mismatch = reaction_of(digits.next(6));
    terms.on_unproven = reaction_of(digits.next(6));
    terms.refuse_next = digits.next(2) == 0 ? 0s : 30s;
    terms.imei_absent_allowed.reset();
    if (digits.next(3) == 0) terms.imei_absent_allowed = true;
    terms.limited_profile = "quarantine";
    world_.settings.provisioning.stock_mme =
        number % 4 == 1 ? procedure::StockMme::restricted_apn : procedure::StockMme::reject;
    if (tell({store::PutTerms{terms}, 0})) terms_ = terms;
    store_binding(snapshot().devices);
}

void Play::set_list(unsigned number) {
    const auto own = ImeiRange::of(world_.own);
    const auto spare = ImeiRange::of(spare_);
    static constexpr unsigned lists = 4;
    switch (number % lists) {
        case 0:
            return store_binding({own});
        case 1:
            return store_binding({own, spare});
        case 2:
            return store_binding({spare, own});
        default:
            return store_binding({});
    }
}

void Play::set_rule(const Event& event) {
    Digits digits(event.number);
    const auto what = digits.next(3);
    if (what == 0) {
        for (const auto& rule : world_.store.rules(std::nullopt, 100)) tell({store::RemoveRule{rule.id}, 0});
        return;
    }
    store::PutRule put;
    put.rule.devices.range = ImeiRange::of(reported_by(event.device));
    put.rule.allow = what == 1;
    put.rule.priority = static_cast<std::int32_t>(digits.next(3)) - 1;
    if (digits.next(2) == 0) put.rule.subscriptions = *binding::SubscriptionSet::parse(world_.imsi.str());
    tell({std::move(put), 0});
}

void Play::renew_key(unsigned number) {
    const auto owner = number % 2 == 0 ? Device::own : Device::spare;
    const auto& generations = keys_[owner];
    Octets<16> key{};
    world_.random.fill(key);
    const SecretString renewed(key);
    const auto generation = generations.empty() ? 0 : generations.rbegin()->first + 1;
    if (!tell({store::PutKme{reported_by(owner), renewed, generation}, 0})) return;
    load(owner, generation, renewed);
    imported_ = true;
}

void Play::retire_keys(unsigned number) {
    const auto owner = number % 3 == 0 ? Device::spare : Device::own;
    if (tell({store::RetireKme{reported_by(owner), std::nullopt}, 0})) retired_.insert(owner);
    imported_ = true;
}

void Play::order_renewal(unsigned number) {
    (void)world_.store.renew_kmes(reported_by(number % 3 == 0 ? Device::spare : Device::own));
}

void Play::decide(const Event& event) {
    const auto imei = reported_by(event.device);
    if (event.number % 2 == 0) {
        tell({store::AuthoriseDevice{world_.imsi, imei, event.number % 4 == 0}, 0});
    } else {
        tell({store::RefuseDevice{world_.imsi, imei}, 0});
    }
}

void Play::set_lock(unsigned number) {
    tell({store::SetLock{world_.imsi, number % 4 == 0}, 0});
    unanswered_ = 0;
}

}  // namespace bindhss::test
