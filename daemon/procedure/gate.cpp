// SPDX-License-Identifier: Apache-2.0
#include "procedure/gate.h"

#include "procedure/location_checks.h"
#include "types/limits.h"

namespace bindhss::procedure {

namespace {

crypto::SipHash secret_hash(Random& random) {
    Octets<16> key;
    random.fill(key);
    return crypto::SipHash(key);
}

/// Answers by which a UE is refused service, whoever is at fault; not those that tell of a fault of ours.
bool refuses_service(Cause cause) {
    switch (cause) {
        case Cause::user_unknown:
        case Cause::unknown_eps_subscription:
        case Cause::rat_not_allowed:
        case Cause::roaming_not_allowed:
        case Cause::unknown_serving_node:
        case Cause::authorization_rejected:
        case Cause::kme_missing:
        case Cause::sqn_exhausted:
        case Cause::binding_locked:
        case Cause::access_refused:
        case Cause::resync_replayed:
            return true;
        default:
            return false;
    }
}

std::int64_t milliseconds(WallTime time) {
    return time.time_since_epoch().count();
}

std::string text_of(const Rate& rate) {
    constexpr std::int64_t hour = 3'600'000;
    const auto per = rate.per.count();
    const auto time =
        per != 0 && per % hour == 0 ? std::to_string(per / hour) + " h" : std::to_string(per) + " ms";
    return "more than " + std::to_string(rate.count) + " in " + time;
}

/// How exactly it is kept when a node was here last: what is written for every request costs.
constexpr std::int64_t known_precision_ms = 60'000;

}  // namespace

/// What a request says that is limited. Borrows from it.
struct Gate::Asked {
    const ServingNode& origin;
    const Imsi* imsi = nullptr;
    const Imei* imei = nullptr;
    const Plmn* visited = nullptr;
    Pass::Request request = Pass::Request::other;
    bool resync = false;
    WallTime now{};
    std::string_view via{};
    Keys keys{};
    std::int64_t known_at = 0;  ///< 0: the connection has not brought this node before

    [[nodiscard]] Kind kind() const { return request == Pass::Request::air ? Kind::air : Kind::update; }

    static const Imei* imei_of(const std::optional<TerminalInformation>& told) {
        return told && told->imei ? &*told->imei : nullptr;
    }
    static Asked of(const s6a::AuthenticationInformationRequest& air) {
        const auto resyncs = [](const auto& info) { return info && info->re_synchronization_info; };
        Asked asked{air.origin, &air.imsi, imei_of(air.terminal_information), &air.visited_plmn};
        asked.request = Pass::Request::air;
        asked.resync = resyncs(air.eutran) || resyncs(air.utran_geran);
        return asked;
    }
    static Asked of(const s6a::UpdateLocationRequest& ulr) {
        Asked asked{ulr.origin, &ulr.imsi, imei_of(ulr.terminal_information), &ulr.visited_plmn};
        asked.request = Pass::Request::update_location;
        return asked;
    }
    static Asked of(const s6a::NotifyRequest& nor) {
        return {nor.origin, &nor.imsi, imei_of(nor.terminal_information)};
    }
    static Asked of(const s6a::PurgeUeRequest& pur) { return {pur.origin, &pur.imsi}; }
    static Asked of(const s6a::MeIdentityCheckRequest& check) {
        const auto& imei = check.terminal_information.imei;
        Asked asked{check.origin, check.imsi ? &*check.imsi : nullptr, imei ? &*imei : nullptr};
        asked.request = Pass::Request::equipment;
        return asked;
    }
};

/// Tokens that one request has taken: given back unless it passes, so that what is refused uses up nothing.
class Gate::Tokens {
  public:
    Tokens() = default;
    Tokens(const Tokens&) = delete;
    Tokens& operator=(const Tokens&) = delete;
    ~Tokens() {
        for (std::size_t i = 0; i < count_; ++i) taken_[i].first->give_back(taken_[i].second);
    }

    bool take(TokenBuckets& buckets, std::uint64_t key, WallTime now) {
        if (!buckets.take(key, now)) return false;
        taken_[count_++] = {&buckets, key};
        return true;
    }
    void keep() { count_ = 0; }

  private:
    /// Six objects, two kinds of each at most, and a new node.
    std::array<std::pair<TokenBuckets*, std::uint64_t>, 13> taken_{};
    std::size_t count_ = 0;
};

Gate::Limit::Limit(const Description& description, Rate rate, std::size_t slots)
    : buckets(rate, slots),
      object(description.object),
      name(std::string(description.object_name) + std::string(description.kind_name)),
      of(std::string(description.requests) + " of " + std::string(description.of) + ": ") {}

std::string Gate::Limit::text() const {
    return of + text_of(buckets.rate());
}

Gate::Limits Gate::make(Object object, const RequestRates& rates, Slots slots) {
    static constexpr std::array<std::string_view, 7> names{"imsi", "connection", "device",   "network",
                                                           "peer", "refused",    "newcomers"};
    static constexpr std::array<std::string_view, 7> of{
        "one IMSI at one node",
        "one IMSI over one connection",
        "one device at one node",
        "roamers in one network",
        "one node",
        "all UEs together whose last access was refused or not answered",
        "UEs at one node that were refused and not known before"};
    const auto i = static_cast<std::size_t>(object);
    const auto limit = [&](std::string_view kind, std::string_view requests, const Rate& rate,
                           std::size_t count) {
        return Limit({object, names[i], kind, requests, of[i]}, rate, count);
    };
    return {{limit(".air", "Authentication-Information-Requests", rates.air, slots.usual),
             limit(".resync", "re-synchronisations", rates.resync, slots.resync),
             limit(".update", "Update-Locations and the like", rates.update, slots.usual)}};
}

Gate::Gate(const RequestLimits& settings, Random& random, alarm::Sink& alarms, const Clock& clock)
    : remembered_ms_(settings.remembered.count()),
      clock_(clock),
      hash_(secret_hash(random)),
      imsi_(make(Object::imsi, settings.imsi, {limits::gate_imsi_slots, limits::gate_imsi_resync_slots})),
      connection_(make(Object::connection, settings.connection,
                       {limits::gate_imsi_slots, limits::gate_imsi_resync_slots})),
      device_(make(Object::device, settings.device, {limits::gate_device_slots, limits::gate_device_slots})),
      network_(make(Object::network, settings.network, {limits::gate_node_slots, limits::gate_node_slots})),
      node_(make(Object::node, settings.peer, {limits::gate_node_slots, limits::gate_node_slots})),
      refused_(make(Object::refused, settings.refused, {1, 1})),
      newcomers_(
          make(Object::newcomer, settings.newcomers, {limits::gate_node_slots, limits::gate_node_slots})),
      new_nodes_({Object::new_node, "new_nodes", "", "new nodes", "one connection"}, settings.new_nodes,
                 limits::gate_node_slots),
      known_at_(limits::gate_known_node_slots),
      refused_at_(limits::gate_refused_slots),
      admitted_at_(limits::gate_admitted_slots),
      report_(alarms) {}

void Gate::change(Limits& limits, const RequestRates& rates) {
    limits[static_cast<std::size_t>(Kind::air)].buckets.set_rate(rates.air);
    limits[static_cast<std::size_t>(Kind::resync)].buckets.set_rate(rates.resync);
    limits[static_cast<std::size_t>(Kind::update)].buckets.set_rate(rates.update);
}

void Gate::change(const RequestLimits& settings) {
    change(imsi_, settings.imsi);
    change(connection_, settings.connection);
    change(device_, settings.device);
    change(network_, settings.network);
    change(node_, settings.peer);
    change(refused_, settings.refused);
    change(newcomers_, settings.newcomers);
    new_nodes_.buckets.set_rate(settings.new_nodes);
    remembered_ms_.store(settings.remembered.count(), std::memory_order_relaxed);
}

std::uint64_t Gate::hash(std::uint64_t scope, std::string_view text) const {
    std::array<std::uint8_t, sizeof(scope) + Imsi::digits_max> octets{};
    std::memcpy(octets.data(), &scope, sizeof(scope));
    const auto size = std::min(text.size(), octets.size() - sizeof(scope));
    std::copy_n(text.begin(), size, octets.begin() + sizeof(scope));
    return hash_(OctetView(octets.data(), sizeof(scope) + size));
}

/// The same in capitals and not (RFC 6733 4.3.1, DiameterIdentity).
std::uint64_t Gate::hash_identity(std::string_view identity) const {
    std::array<char, 256> folded;  // an FQDN has no more octets
    const auto size = std::min(identity.size(), folded.size());
    std::transform(identity.begin(), identity.begin() + size, folded.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return hash_(std::string_view(folded.data(), size));
}

Gate::Keys Gate::keys_of(const Asked& asked) const {
    Keys keys;
    keys.node = hash_(asked.origin.host);
    keys.connection = hash_identity(asked.via);
    const auto realm = hash_(asked.origin.realm);
    const std::array<std::uint64_t, 3> route{keys.connection, keys.node, realm};
    keys.route = hash_({reinterpret_cast<const char*>(route.data()), sizeof(route)});
    if (asked.imsi != nullptr) {
        keys.crossing = hash(keys.connection, asked.imsi->digits());
        keys.imsi = hash_(asked.imsi->digits());
        keys.visit = hash(keys.node, asked.imsi->digits());
        // With the name of the realm: nobody uses up what belongs to a network by speaking in its name.
        if (asked.visited != nullptr && !at_home(*asked.imsi, *asked.visited)) {
            const auto& plmn = asked.visited->octets();
            keys.network = hash(realm, {reinterpret_cast<const char*>(plmn.data()), plmn.size()});
        }
    }
    if (asked.imei != nullptr) {
        const auto number = asked.imei->number();
        keys.device = hash(keys.node, {reinterpret_cast<const char*>(&number), sizeof(number)});
    }
    return keys;
}

bool Gate::counts_as_refused(std::uint64_t visit, WallTime now) {
    const auto at = refused_at_.value(visit);
    return at != 0 && milliseconds(now) - at < remembered_ms_.load(std::memory_order_relaxed);
}

void Gate::report(Limit& limit, std::uint64_t key, const Asked& asked) {
    RefusalReport::Refusal refusal;
    refusal.limit = limit.name;
    refusal.object = key;
    const bool of_connection = limit.object == Object::connection || limit.object == Object::new_node;
    refusal.node = of_connection ? asked.keys.connection : asked.keys.node;
    if (limit.object == Object::connection || limit.object == Object::imsi) refusal.imsi = asked.imsi;
    if (limit.object == Object::device) refusal.imei = asked.imei;
    refusal.host = of_connection ? asked.via : std::string_view(asked.origin.host);
    const auto text = limit.text();
    refusal.text = text;
    refusal.count = limit.refused.fetch_add(1, std::memory_order_relaxed) + 1;
    refusal.now = asked.now;
    report_.tell(refusal);
}

Gate::Limit* Gate::take(Tokens& tokens, Limit& limit, std::uint64_t key, const Asked& asked) {
    if (tokens.take(limit.buckets, key, asked.now)) return nullptr;
    report(limit, key, asked);
    return &limit;
}

Gate::Limit* Gate::empty_one(Tokens& tokens, Limits& limits, std::uint64_t key, const Asked& asked) {
    const auto of_kind = [&](Kind kind) -> Limit& { return limits[static_cast<std::size_t>(kind)]; };
    if (auto* empty = take(tokens, of_kind(asked.kind()), key, asked)) return empty;
    return asked.resync ? take(tokens, of_kind(Kind::resync), key, asked) : nullptr;
}

/// Who is to have a share of its own comes first and the node last: what one UE, or those that were refused,
/// have used up is not taken from the others at its node.
Gate::Limit* Gate::first_empty(Tokens& tokens, const Asked& asked, Pass& pass) {
    const auto& keys = asked.keys;
    Limit* empty = nullptr;
    // A name that was invented is to leave no trace: not even that its UEs were refused.
    if (asked.known_at == 0) empty = take(tokens, new_nodes_, keys.connection, asked);
    if (!empty && tracked(pass)) {
        if (counts_as_refused(keys.visit, asked.now)) {
            empty = empty_one(tokens, refused_, 1, asked);
        } else if (admitted_at_.value(keys.imsi) == 0) {
            pass.newcomer = true;
            empty = empty_one(tokens, newcomers_, keys.node, asked);
        }
    }
    if (!empty && asked.imsi) empty = empty_one(tokens, imsi_, keys.visit, asked);
    if (!empty && asked.imsi) empty = empty_one(tokens, connection_, keys.crossing, asked);
    if (!empty && keys.device) empty = empty_one(tokens, device_, *keys.device, asked);
    if (!empty && keys.network) empty = empty_one(tokens, network_, *keys.network, asked);
    if (!empty) empty = empty_one(tokens, node_, keys.node, asked);
    return empty;
}

Result<Gate::Pass> Gate::admit(const s6a::Request& request, std::string_view via) {
    auto asked = std::visit([](const auto& one) { return Asked::of(one); }, request);
    asked.now = clock_.now();
    asked.via = via;
    asked.keys = keys_of(asked);
    known_at_.prefetch(asked.keys.route);
    refused_at_.prefetch(asked.keys.visit);
    admitted_at_.prefetch(asked.keys.imsi);
    imsi_[static_cast<std::size_t>(asked.kind())].buckets.prefetch(asked.keys.visit);
    connection_[static_cast<std::size_t>(asked.kind())].buckets.prefetch(asked.keys.crossing);
    asked.known_at = known_at_.value(asked.keys.route);
    Pass pass{asked.request, asked.resync, false, asked.keys};
    Tokens tokens;
    if (const auto* empty = first_empty(tokens, asked, pass)) {
        // Else its vectors would stay free: nobody would learn that it is not to be admitted.
        if (pass.newcomer && asked.request == Pass::Request::update_location)
            refused_at_.put(asked.keys.visit, milliseconds(asked.now));
        const bool air = asked.request == Pass::Request::air;
        return fail(air ? Cause::authentication_data_unavailable : Cause::rate_limited, empty->text());
    }
    tokens.keep();
    if (milliseconds(asked.now) - asked.known_at >= known_precision_ms)
        known_at_.put(asked.keys.route, milliseconds(asked.now));
    return pass;
}

void Gate::settle(const Pass& pass, std::optional<Cause> failure) {
    if (!tracked(pass)) return;
    const bool refused = failure && refuses_service(*failure);
    if (pass.newcomer && !refused) {
        const bool air = pass.request == Pass::Request::air;
        newcomers_[static_cast<std::size_t>(air ? Kind::air : Kind::update)].buckets.give_back(
            pass.keys.node);
        if (pass.resync) newcomers_[static_cast<std::size_t>(Kind::resync)].buckets.give_back(pass.keys.node);
    }
    if (refused && pass.request != Pass::Request::other)
        refused_at_.put(pass.keys.visit, milliseconds(clock_.now()));
    if (!failure && pass.request == Pass::Request::update_location) {
        refused_at_.put(pass.keys.visit, 0);
        admitted_at_.put(pass.keys.imsi, milliseconds(clock_.now()));
    }
}

void Gate::unanswered(const Imsi& imsi, const ServingNode& node) {
    refused_at_.put(hash(hash_(node.host), imsi.digits()), milliseconds(clock_.now()));
}

std::vector<Gate::Count> Gate::refused() const {
    std::vector<Count> counts;
    for (const auto* limits : {&imsi_, &connection_, &device_, &network_, &node_, &refused_, &newcomers_})
        for (const auto& limit : *limits) counts.push_back({limit.name, limit.refused.load()});
    counts.push_back({new_nodes_.name, new_nodes_.refused.load()});
    return counts;
}

}  // namespace bindhss::procedure
