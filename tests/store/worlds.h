// SPDX-License-Identifier: Apache-2.0
// The implementations that the contract is run against, and the ways of a test to use one.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "crypto/random.h"
#include "store/lent.h"
#include "store/memory/memory_store.h"
#include "store/postgres/device_keys.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres/provisioning.h"
#include "support/postgres_fixture.h"

namespace bindhss::test {

struct MemoryWorld {
    store::MemoryStore memory;
    Lent lent{memory, memory};
    store::Store& store = memory;
    store::Provisioning& provisioning = lent.provisioning();

    void put_profile_without_apn(const std::string& name) { memory.put_profile(name, {}); }
};

struct PostgresWorld {
    TestDatabase database;
    crypto::SystemRandom random;
    store::postgres::PostgresStore postgres{{.url = database.url()}, test_keys(), quiet_log()};
    store::postgres::PostgresProvisioning postgres_provisioning{database.url(), test_keys(), random};
    store::postgres::PostgresDeviceKeys postgres_device_keys{database.url()};
    Lent lent{postgres_provisioning, postgres_device_keys};
    store::Store& store = postgres;
    store::Provisioning& provisioning = lent.provisioning();

    void put_profile_without_apn(const std::string& name) const {
        database.query("INSERT INTO profile (name, data) VALUES ('" + name + "', '{}')");
    }
};

/// Runs one verb to its end.
template <class T>
T await(boost::asio::awaitable<T> verb) {
    boost::asio::io_context context;
    auto future = boost::asio::co_spawn(context, std::move(verb), boost::asio::use_future);
    context.run();
    return future.get();
}

inline WallTime at(std::int64_t milliseconds) {
    return WallTime(std::chrono::milliseconds(1'700'000'000'000 + milliseconds));
}
inline Imsi imsi(std::string_view digits) {
    return Imsi::parse(digits).value();
}
inline Imei imei(std::string_view digits) {
    return Imei::parse(digits).value();
}
inline ImeiRange range(std::string_view text) {
    return ImeiRange::parse(text).value();
}
inline ServingNode node(int number = 1) {
    return {"mme" + std::to_string(number) + ".example.net", "example.net"};
}

template <std::size_t N>
Secret<N> secret(std::uint8_t octet) {
    Octets<N> octets;
    octets.fill(octet);
    return Secret<N>(octets);
}
inline SecretString kme_key(std::uint8_t octet, std::size_t size = 16) {
    return SecretString(OctetString(size, octet));
}

inline store::PutSubscriber put_subscriber(const Imsi& of, std::optional<std::uint64_t> seq = std::nullopt) {
    return {of,
            AkaKeys::milenage(secret<16>(0xc4), secret<16>(0x0b)),
            Amf{{0x80, 0x00}},
            "491700000001",
            "default",
            seq};
}

inline store::Item item(auto put, std::size_t line = 0) {
    return {std::move(put), line};
}

inline store::VectorReservationRequest request(const Imsi& of, std::uint32_t count = 1, int from = 1,
                                               std::int64_t time = 0) {
    store::VectorReservationRequest result{of, node(from), count};
    result.now = at(time);
    return result;
}

/// What the daemon decides on, for a device or none.
inline store::SubscriberView seen_by(store::Store& store, const Imsi& of, const ServingNode& asking,
                                     std::optional<TerminalInformation> reported = std::nullopt) {
    return await(store.load_subscriber(of, asking, std::move(reported))).value();
}

/// Registers a UE, and has nobody cancelled but by what is returned.
inline Result<std::vector<store::NodeRequest>> registered(store::Store& store, const Imsi& of,
                                                          store::Registration registration,
                                                          bool single_registration = false,
                                                          bool initial_attach = false) {
    store::RegisterNode request{std::move(registration), single_registration, initial_attach};
    return await(store.register_node(of, std::move(request), std::chrono::seconds(10)));
}

inline const std::string known = "001010000000001";

}  // namespace bindhss::test
