// SPDX-License-Identifier: Apache-2.0
// Keys that are provisioned over the network in the plays of the invariants (spec 4.4, 4.5): what devices
// answer, what happens in between, and what must hold. Here alone a key becomes active otherwise than by
// import.
#include "binding/container.h"
#include "crypto/aes.h"
#include "invariants_play.h"

namespace bindhss::test {

using namespace std::chrono_literals;

namespace {

template <class T>
T await(boost::asio::awaitable<T> coroutine) {
    boost::asio::io_context io;
    std::optional<T> result;
    boost::asio::co_spawn(io, std::move(coroutine), [&](const std::exception_ptr& failed, T value) {
        if (failed) std::rethrow_exception(failed);
        result = std::move(value);
    });
    io.run();
    return std::move(*result);
}

binding::KmeProvision provision_in(OctetView container) {
    const auto parsed = binding::parse_container(container);
    return std::get<binding::KmeProvision>(std::get<binding::Container>(parsed));
}

std::string row_of(std::uint32_t generation, const SecretString& key) {
    return std::to_string(generation) + " " + to_hex(crypto::key_check_value(key.view())) + " active\n";
}

/// Made once: none is a secret, and RSA takes its time.
const emu::DeviceKeyPair& pair_of(Device owner) {
    static const std::map<Device, emu::DeviceKeyPair> pairs = [] {
        std::map<Device, emu::DeviceKeyPair> made;
        using crypto::KeyType;
        for (const auto& [device, type] :
             {std::pair(Device::own, KeyType::x25519), std::pair(Device::spare, KeyType::p256),
              std::pair(Device::thief, KeyType::x25519)})
            made.emplace(device, emu::DeviceKeyPair(crypto::DevicePrivateKey::generate(type)));
        return made;
    }();
    return pairs.at(owner);
}

}  // namespace

void Play::provide_exchanges() {
    ports_.exchanges = &world_.store;
    world_.settings.features.vendor = KeyWorld::all;
    auto& provisioning = world_.settings.provisioning;
    provisioning.on = true;
    provisioning.nodes = {world_.mme1.host, world_.mme2.host};
    provisioning.pauses = {20s};
    provisioning.reattach_after = 0ms;
    provisioning.behind_answer = 0ms;
    provisioning.restricted_profile = "walled";
    world_.store.put_profile("walled", KeyWorld::default_data());
    for (const auto owner : {Device::own, Device::spare, Device::thief}) {
        OneKey source(device_key(reported_by(owner), pair_of(owner).public_half));
        if (!world_.store.import_device_keys(source, {}, "test").stored)
            throw std::runtime_error("the key is refused");
    }
    nodes_.device = [this](OctetView container) { return take_container(container); };
    for (const auto& [device, me] : mes_)
        elements_.emplace(device, emu::SecureElement(pair_of(owner_of(device))));
}

/// By number: an MME of today, or one with the KME AVPs.
std::uint32_t Play::features_of(const Event& event) const {
    if (!exchanges_ || event.number % 5 == 0) return 0;
    return event.number % 3 == 0 ? s6a::feature_kme::provisioning : KeyWorld::all;
}

bool Play::trusts(const ServingNode& node, std::uint32_t features) const {
    return exchanges_ && node.host != evil_.host && (features & s6a::feature_kme::provisioning) != 0;
}

void Play::watch_stock(const ServingNode& node, std::uint32_t features, bool told) {
    if (told && (features == 0 || node.host == evil_.host))
        breaks(Invariant::stock, "a node without the KME AVPs, or one that is not trusted, sees them");
    if (exchanges_ && features == 0) ++seen[Invariant::stock];
}

/// Into the device and its books; a device that claims another IMEI is the same device.
void Play::load(Device owner, std::uint32_t generation, const SecretString& key) {
    keys_[owner].insert_or_assign(generation, key);
    retired_.erase(owner);
    for (auto& [device, me] : mes_)
        if (owner_of(device) == owner) me.load_kme(generation, key);
}

/// By a rule or the list, or as the first of an empty one.
bool Play::may_have_key(Imei imei, const Snapshot& state) {
    const auto said = allowed(imei, state);
    if (said) return *said;
    return terms_.acquisition == binding::Acquisition::first_use && !has_list(state);
}

/// I5: a container is made for a device that is authorised, by whoever may be asked, and for a reason.
void Play::watch_begun(const Pending& exchange, const Snapshot& state) {
    if (!transactions_.insert(exchange.transaction).second)
        breaks(Invariant::i4, "a transaction comes twice");
    if (!binding::needs_kme(terms_.policy))
        breaks(Invariant::i5, "a key is given, and the policy needs none");
    if (state.standing.state == binding::State::locked) breaks(Invariant::lock, "a locked one gets a key");
    const bool seen_here =
        !exchange.host.empty() || allowed(exchange.imei, state) == true || state.last_seen == exchange.imei;
    if (!may_have_key(exchange.imei, state) || !seen_here)
        breaks(Invariant::i5, "a container is made for a device that nobody authorised");
}

/// The MME hands the container to whoever is there; the answer goes back.
std::optional<OctetString> Play::take_container(OctetView container) {
    const auto& update = *update_;
    const auto provision = provision_in(container);
    if (!trusts(update.node, update.features))
        breaks(Invariant::stock, "an MME that has it not is sent a key");
    Pending exchange{provision.transaction,
                     OctetString(container.begin(), container.end()),
                     update.node.host,
                     update.imei.value_or(world_.stranger),
                     provision.generation,
                     world_.clock.now(),
                     world_.clock.now() + world_.settings.provisioning.deadline};
    watch_begun(exchange, snapshot());
    pending_ = exchange;
    Delivered delivered{exchange, std::nullopt, {}};
    auto answer = answer_of(update.device, container, update.number, delivered);
    happen_meanwhile(update);
    delivered.before = snapshot();
    delivered_ = std::move(delivered);
    return answer;
}

/// What the device says: mostly what is right, as far as it can.
std::optional<OctetString> Play::answer_of(Device device, OctetView container, unsigned number,
                                           Delivered& delivered) {
    auto& me = mes_.at(device);
    auto& element = elements_.at(device);
    auto answer = element.answer(container, world_.imsi, session_, me);
    const bool took_it = answer && element.last_status() == binding::DeviceStatus::ok;
    const auto generation = delivered.exchange.generation;
    // Where it says that it is another device, it is the same one all the same.
    if (took_it)
        for (auto& [other, its_me] : mes_)
            if (owner_of(other) == owner_of(device)) its_me.load_kme(generation, me.kme(generation));
    switch (number / 7 % 8) {
        case 0:  // silent
            return std::nullopt;
        case 1:  // lying
            if (answer) answer->back() ^= 1;
            return answer;
        case 2: {  // replaying
            auto before = last_answers_.find(device);
            if (before != last_answers_.end()) return before->second;
            break;
        }
        default:
            break;
    }
    if (answer) last_answers_[device] = *answer;
    if (took_it) delivered.proven = me.kme(generation);
    return answer;
}

/// One thing more, while the Update-Location is pending.
void Play::happen_meanwhile(const Update& update) {
    static constexpr std::array kinds{Kind::purge, Kind::attach, Kind::retire,     Kind::new_key,
                                      Kind::lock,  Kind::list,   Kind::forged_ulr, Kind::wait,
                                      Kind::offer, Kind::terms};
    if (meanwhile_ || update.number % 4 != 1) return;
    const auto selected = update.number / 4;
    // Often the MME only asks for another vector, and keeps it.
    const bool another_vector = selected % 2 == 0;
    const auto kind = another_vector ? Kind::attach : kinds[selected / 2 % kinds.size()];
    const bool second = another_vector ? update.node == world_.mme2 : selected % 3 == 0;
    const Event event{kind, second, static_cast<Device>(selected % device_names.size()), selected / 20};
    const auto delivered = std::exchange(delivered_, std::nullopt);
    meanwhile_ = true;
    world_.clock.advance(1ms);
    if (another_vector) {
        if (const auto vector = fetch(event, std::nullopt))
            kept_.insert_or_assign(node(event).host, Kept{*vector, world_.clock.now()});
    } else if (kind == Kind::forged_ulr) {
        (void)ulr(
            {evil_, event.device, reported_by(event.device)});  // judged by books that are not up to date
    } else {
        step(event);
    }
    meanwhile_ = false;
    interleaved_ = interfered_ = true;
    delivered_ = delivered;
}

/// The Update-Location was answered: what has become of the exchange?
bool Play::end_exchange(const Update& update, const Result<s6a::UpdateLocationAnswer>& answer,
                        WallTime started) {
    const auto after = snapshot();
    if (answer && answer->subscription_data && answer->kme_access_info &&
        (answer->subscription_data->has_eps() || answer->subscription_data->has_gprs()))
        breaks(Invariant::i1, "an access for provisioning alone is given what makes a bearer");
    const bool is_last = pending_ && pending_->transaction == delivered_->exchange.transaction;
    watch_commit(*delivered_, after);
    // It has had the regular vector that it rests on; one that came later is open on.
    auto& books = books_[update.node.host];
    if (is_last && books.regular_at && *books.regular_at <= started) books.regular_at.reset();
    return !interleaved_;
}

/// I4: exactly then, when the device proves it for this exchange, once, in time, and nothing came in between.
bool Play::has_to_commit(const Delivered& delivered) const {
    const auto& exchange = delivered.exchange;
    const auto& before = delivered.before;
    return delivered.proven && pending_ && pending_->transaction == exchange.transaction &&
           world_.clock.now() <= exchange.deadline && before.standing.state != binding::State::locked;
}

void Play::watch_commit(const Delivered& delivered, const Snapshot& after) {
    const auto& exchange = delivered.exchange;
    const auto& before = delivered.before;
    const bool expected = has_to_commit(delivered);
    if (pending_ && pending_->transaction == exchange.transaction) pending_.reset();
    const auto owner = exchange.imei == world_.own ? Device::own
                       : exchange.imei == spare_   ? Device::spare
                                                   : Device::thief;
    const auto& generations = keys_[owner];
    const bool overtaken = !generations.empty() && generations.rbegin()->first >= exchange.generation;
    ++seen[Invariant::i4];
    if (before.keys == after.keys) {
        if (expected && !overtaken && may_have_key(exchange.imei, before))
            breaks(Invariant::usable, "a device proves its key, and is not given it");
        if (before.devices != after.devices) breaks(Invariant::i5, "the list changes without a proof");
        return;
    }
    if (!expected || overtaken) return breaks(Invariant::i4, "a key becomes active without a proof");
    if (!may_have_key(exchange.imei, before))
        breaks(Invariant::i5, "a key becomes active for a device that is not authorised any more");
    if (after.keys.find(row_of(exchange.generation, *delivered.proven)) == std::string::npos)
        breaks(Invariant::i4, "another key becomes active than the device has");
    if (after.kcv != to_hex(crypto::key_check_value(delivered.proven->view())))
        breaks(Invariant::i4, "the subscription has another key than its device");
    keys_[owner].insert_or_assign(exchange.generation, *delivered.proven);
    retired_.erase(owner);
    established_ = true;
    unanswered_ = 0;
    ++seen[Invariant::usable];
}

void Play::offer(const Event& event) {
    const auto imei = reported_by(event.device);
    const auto before = snapshot();
    const auto offered = await(procedure::offer_key(ports_, world_.imsi, imei));
    if (!offered) return;
    Pending exchange{offered->transaction, offered->container, {}, imei, offered->generation,
                     world_.clock.now(),   offered->deadline};
    watch_begun(exchange, before);
    pending_ = exchange;
    offers_.push_back(std::move(exchange));
}

void Play::confirm(const Event& event) {
    if (offers_.empty()) return;
    const auto& exchange =
        offers_[event.number % 3 == 0 ? event.number % offers_.size() : offers_.size() - 1];
    Delivered delivered{exchange, std::nullopt, {}};
    session_.reset();  // an application hears nothing of CK and IK
    const auto answer = answer_of(event.device, exchange.container, event.number, delivered);
    if (!answer) return;
    delivered.before = snapshot();
    (void)await(procedure::confirm_key(ports_, exchange.transaction, *answer));
    watch_commit(delivered, snapshot());
}

}  // namespace bindhss::test
