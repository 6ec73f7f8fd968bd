// SPDX-License-Identifier: Apache-2.0
// What tests of the exchange that gives a device its key say often.
#pragma once

#include "crypto/hash.h"
#include "store/binding_world.h"
#include "store/postgres/device_keys.h"
#include "store/postgres/exchanges.h"

namespace bindhss::test {

struct MemoryExchangeWorld : MemoryWorld {
    store::Exchanges& exchanges = memory;
    store::DeviceKeys& device_keys = memory;
};

struct PostgresExchangeWorld : PostgresWorld {
    store::postgres::PostgresExchanges postgres_exchanges{postgres, test_keys(), random};
    store::Exchanges& exchanges = postgres_exchanges;
    store::DeviceKeys& device_keys = postgres_device_keys;
};

/// The store does not read keys: any octets are one.
inline store::DeviceKey public_key(Imei device, const std::string& der) {
    store::DeviceKey key{device};
    key.type = crypto::KeyType::p256;
    key.der.assign(der.begin(), der.end());
    key.fingerprint = crypto::sha256(key.der);
    return key;
}

class OneKey final : public store::DeviceKeySource {
  public:
    explicit OneKey(store::DeviceKey key) : key_(std::move(key)) {}
    std::optional<store::DeviceKeyRecord> next() override {
        if (!key_) return std::nullopt;
        store::DeviceKeyRecord record{std::move(*key_), 1};
        key_.reset();
        return record;
    }

  private:
    std::optional<store::DeviceKey> key_;
};

template <class World>
void put_key(World& world, const store::DeviceKey& key) {
    OneKey source(key);
    REQUIRE(world.device_keys.import_device_keys(source, {}, "test").added == 1);
}

/// A subscription bound by key to a device that has none yet, but a public one.
template <class World>
void bind_without_key(World& world, const std::vector<Imei>& devices = {own},
                      const std::string& who = known) {
    store::PutBinding put{imsi(who), binding::Policy::kme, {}, "", ""};
    for (const auto& device : devices) put.devices.push_back(ImeiRange::of(device));
    must_put(world, {item(put_subscriber(imsi(who))), item(put)});
    if (world.device_keys.device_keys(own, std::nullopt, 1).empty()) put_key(world, public_key(own, "own"));
}

inline binding::TransactionId transaction(std::uint8_t number) {
    return {number, 1, 2, 3, 4, 5, 6, number};
}

/// The number tells exchanges apart: transaction, KME, nonce and End-to-End Identifier.
inline store::BeginExchange wanted(std::uint8_t number, std::int64_t time = 0,
                                   const std::string& who = known) {
    store::BeginExchange exchange{imsi(who), own};
    exchange.transaction = transaction(number);
    exchange.kme = kme_key(number);
    exchange.nonce.fill(number);
    exchange.node = node(1);
    exchange.end_to_end = number;
    exchange.now = at(time);
    exchange.deadline = at(time + 6'000);
    return exchange;
}

using Beginning = std::variant<store::Begun, store::NotBegun>;

inline boost::asio::awaitable<void> try_exchange(store::Exchanges& exchanges, store::BeginExchange exchange,
                                                 std::optional<Result<Beginning>>& result) {
    result.emplace(co_await exchanges.begin_exchange(std::move(exchange)));
}
template <class World>
Result<Beginning> tried(World& world, const store::BeginExchange& exchange) {
    std::optional<Result<Beginning>> result;
    boost::asio::io_context context;
    boost::asio::co_spawn(context, try_exchange(world.exchanges, exchange, result), boost::asio::detached);
    context.run();
    return result.value();
}
template <class World>
store::Begun begun(World& world, const store::BeginExchange& exchange) {
    const auto result = tried(world, exchange).value();
    REQUIRE(std::holds_alternative<store::Begun>(result));
    return std::get<store::Begun>(result);
}
template <class World>
store::NotBegun not_begun(World& world, const store::BeginExchange& exchange) {
    const auto result = tried(world, exchange).value();
    REQUIRE(std::holds_alternative<store::NotBegun>(result));
    return std::get<store::NotBegun>(result);
}

inline store::FinishExchange finish_of(
    std::uint8_t number, std::int64_t time,
    binding::ExchangeOutcome outcome = binding::ExchangeOutcome::established,
    const std::string& who = known) {
    store::FinishExchange finish{imsi(who), transaction(number), outcome};
    finish.now = at(time);
    return finish;
}
template <class World>
store::Finished finished(World& world, const store::FinishExchange& finish) {
    return await(world.exchanges.finish_exchange(finish)).value();
}
/// The device has proven that it has the key.
template <class World>
bool established(World& world, std::uint8_t number, std::int64_t time, const std::string& who = known) {
    return finished(world, finish_of(number, time, binding::ExchangeOutcome::established, who)).stored;
}
/// A whole exchange.
template <class World>
void provision(World& world, std::uint8_t number, std::int64_t time, const std::string& who = known) {
    begun(world, wanted(number, time, who));
    REQUIRE(established(world, number, time + 100, who));
}

template <class World>
std::optional<binding::Kme> key_used(World& world, std::int64_t time = 0, const std::string& who = known) {
    auto result = await(world.store.reserve_vectors(request(imsi(who), 1, 1, time)));
    if (!result) return std::nullopt;
    return result->subscription.kme;
}

}  // namespace bindhss::test
