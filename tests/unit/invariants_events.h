// SPDX-License-Identifier: Apache-2.0
// Random sequences of events for the tests of the invariants, and the shortest of those that fail.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace bindhss::test {

/// What can happen to one subscription.
enum class Kind : std::uint8_t {
    attach,         ///< AIR, AKA, with AUTS where it has to be, ULR
    stale_attach,   ///< AKA with a vector that the MME kept
    handover,       ///< the security context moves: ULR without AIR
    forged_ulr,     ///< by a node that never asked for anything
    replayed_auts,  ///< one that was accepted before
    wrong_auts,     ///< over another RAND than the one that it comes with
    purge,          ///< PUR
    notify,         ///< NOR with the device, perhaps of an emergency service
    skip_ahead,     ///< the USIM's SQN runs ahead
    terms,          ///< the operator changes terms
    list,           ///< or the list of devices
    rule,           ///< or a rule
    new_key,        ///< or a device gets a key of the next generation
    decision,       ///< or authorises or refuses a device
    lock,           ///< or locks, or ends a lock
    wait,
    // where keys are provisioned over the network
    retire,   ///< the operator takes a device's keys away
    renew,    ///< or orders a new one
    offer,    ///< somebody fetches a container by https
    confirm,  ///< a device answers one of those, perhaps again
};
inline constexpr std::array<std::string_view, 20> kind_names{
    "attach", "stale_attach", "handover", "forged_ulr", "replayed_auts", "wrong_auts", "purge",
    "notify", "skip_ahead",   "terms",    "list",       "rule",          "new_key",    "decision",
    "lock",   "wait",         "retire",   "renew",      "offer",         "confirm"};
inline constexpr std::size_t kinds_without_exchanges = 16;

/// The devices that the card may be in.
enum class Device : std::uint8_t {
    own,
    spare,     ///< another one of the operator's, with a key of its own
    thief,     ///< without a key
    forger,    ///< the same, and it reports the IMEI of the own one
    rebadged,  ///< has the key of the own one, and reports the IMEI of the thief's
};
inline constexpr std::array<std::string_view, 5> device_names{"own", "spare", "thief", "forger", "rebadged"};

/// One event: what happens, at which MME, in which device; `number` selects whatever else there is to select.
struct Event {
    Kind kind;
    bool second_mme;
    Device device;
    unsigned number;
};

inline std::string describe(const std::vector<Event>& events) {
    std::ostringstream text;
    for (const auto& event : events) {
        text << kind_names[static_cast<std::size_t>(event.kind)] << (event.second_mme ? " mme2 " : " mme1 ")
             << device_names[static_cast<std::size_t>(event.device)] << " " << event.number << "\n";
    }
    return text.str();
}

/// What a test wants to see more of than the rest.
struct Emphasis {
    std::vector<Kind> often;
    std::optional<unsigned> terms;  ///< the operator begins with; absent: any
    std::optional<unsigned> list;   ///< the same of the list
    bool exchanges = false;         ///< MMEs have the KME AVPs, and there is a way by https
};

/// A card that is attached again and again, while everything else happens now and then.
inline Event random_event(std::mt19937& random, const Emphasis& emphasis) {
    const auto& often = emphasis.often;
    const auto kinds = emphasis.exchanges ? kind_names.size() : kinds_without_exchanges;
    auto kind = static_cast<Kind>(random() % kinds);
    if (random() % 4 != 0) kind = random() % 2 == 0 ? Kind::attach : often[random() % often.size()];
    return {kind, random() % 2 == 0, static_cast<Device>(random() % device_names.size()),
            static_cast<unsigned>(random() % 100'000)};
}

inline std::vector<Event> random_events(std::mt19937& random, const Emphasis& emphasis) {
    const auto number = static_cast<unsigned>(random() % 100'000);
    std::vector<Event> events;
    // Most of what there is to break needs terms, and a list.
    events.push_back({Kind::terms, false, Device::own, emphasis.terms.value_or(number)});
    events.push_back({Kind::list, false, Device::own, emphasis.list.value_or(number % 8)});
    for (auto count = 3 + random() % 38; count > 0; --count) events.push_back(random_event(random, emphasis));
    return events;
}

/// Drops events one by one as long as `fails` still says so of what is left.
template <class Fails>
std::vector<Event> shrink(std::vector<Event> events, Fails fails) {
    for (bool smaller = true; smaller;) {
        smaller = false;
        for (std::size_t i = 0; i < events.size(); ++i) {
            auto candidate = events;
            candidate.erase(candidate.begin() + static_cast<std::ptrdiff_t>(i));
            if (!fails(candidate)) continue;
            events = std::move(candidate);
            smaller = true;
            break;
        }
    }
    return events;
}

}  // namespace bindhss::test
