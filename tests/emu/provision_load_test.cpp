// SPDX-License-Identifier: Apache-2.0
#include "emu/provision_load.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <boost/asio/detached.hpp>

#include "emu/device_key_file.h"
#include "fake_exchange.h"

using namespace bindhss;
using namespace bindhss::emu;

namespace {

constexpr std::uint64_t count = 12;

FleetSettings fleet_settings(std::uint64_t bound_every = 1) {
    FleetSettings settings;
    settings.imsi_first = "001010000000000";
    settings.count = count;
    settings.key_seed = "test";
    settings.bound_every = bound_every;
    return settings;
}

std::vector<DeviceKeyPair> pool(crypto::KeyType type, std::size_t size) {
    std::vector<DeviceKeyPair> keys;
    while (keys.size() < size) keys.emplace_back(crypto::DevicePrivateKey::generate(type));
    return keys;
}

struct Bench {
    explicit Bench(crypto::KeyType type = crypto::KeyType::x25519) : keys(pool(type, 3)) {
        Fleet fleet(fleet_settings());
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto member = fleet.member(i);
            auto& subscriber = hss.hss.subscribers[member.imsi.str()];
            subscriber.k = member.k;
            subscriber.opc = member.opc;
            hss.public_keys.emplace(member.imei.str(), keys[Fleet::key_of(i, 3)].public_half);
        }
    }
    ProvisionReport load(std::uint64_t bound_every = 1, std::uint64_t verify_every = 1) {
        ProvisionSettings settings{fleet_settings(bound_every), test::plmn("00101"), keys};
        settings.window = 1;  // the HSS of the test keeps one session
        settings.verify_every = verify_every;
        settings.device_takes = device_takes;
        ProvisionPeer peer(settings, {"mme1.test", "test"}, hss);
        hss.node = [&peer, this](const HssRequest& request) {
            auto reply = peer.serve(request);
            if (reply.delay > std::chrono::milliseconds(0)) delays.insert(reply.delay);
            return reply;
        };
        boost::asio::io_context io;
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        boost::asio::co_spawn(io, peer.run(end), boost::asio::detached);
        io.run();
        return peer.report();
    }
    std::vector<DeviceKeyPair> keys;
    test::ProvisioningHss hss;
    std::chrono::milliseconds device_takes{0};
    std::set<std::chrono::milliseconds> delays;
};

struct TemporaryFolder {
    TemporaryFolder() { std::filesystem::create_directories(path); }
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("bindhss-emu-provision-test-" + std::to_string(::getpid()));
};

}  // namespace

TEST_CASE("Provisioning load: each device is given its key once, and proves it", "[emu][load][kme]") {
    Bench bench(GENERATE(crypto::KeyType::x25519, crypto::KeyType::p256, crypto::KeyType::rsa));
    const auto report = bench.load();
    CHECK(report.established == count);
    CHECK(report.proven == count);
    CHECK(report.failure_count() == 0);
    CHECK(report.exchange.latency.count() == count);
    std::ostringstream out;
    report.print(out);
    CHECK(out.str().find("exchanges    12 in ") != std::string::npos);
    CHECK(out.str().find("exchanges/s") != std::string::npos);
}

TEST_CASE("Provisioning load: the bound ones alone have their turn, and as many prove it as asked for",
          "[emu][load][kme]") {
    Bench bench;
    const auto report = bench.load(3, 2);
    CHECK(report.established == count / 3);
    CHECK(report.proven == count / 6);
}

TEST_CASE("Provisioning load: devices take their time, each another one about what was asked for",
          "[emu][load][kme]") {
    Bench bench;
    bench.device_takes = std::chrono::milliseconds(100);
    CHECK(bench.load().established == count);
    CHECK(bench.delays.size() == count);
    CHECK(*bench.delays.begin() >= std::chrono::milliseconds(50));
    CHECK(*bench.delays.begin() < std::chrono::milliseconds(60));
    CHECK(*bench.delays.rbegin() > std::chrono::milliseconds(140));
    CHECK(*bench.delays.rbegin() < std::chrono::milliseconds(150));
}

TEST_CASE("Provisioning load: failures are counted by what they are", "[emu][load][kme]") {
    Bench bench;
    Fleet fleet(fleet_settings());
    bench.hss.public_keys.erase(fleet.member(4).imei.str());
    bench.hss.hss.subscribers[fleet.imsi(5).str()].kme = test::kme128;
    bench.hss.hss.subscribers.erase(fleet.imsi(6).str());
    bench.hss.hss.subscribers[fleet.imsi(7).str()].wrong_kasme = true;
    const auto report = bench.load();
    CHECK(report.established == count - 4);
    CHECK(report.failures.at("ULA 5003, KME-Cause 5") == 1);
    CHECK(report.failures.at("encrypted RAND before the exchange") == 1);
    CHECK(report.failures.at("AIA 5001") == 1);
    CHECK(report.failures.at("XRES or KASME is not that of the UE") == 1);
}

TEST_CASE("Fleet: with key pairs the bound ones have public keys in place of KMEs", "[emu][fleet][kme]") {
    const TemporaryFolder folder;
    Fleet fleet(fleet_settings(2));
    const auto keys = pool(crypto::KeyType::p256, 2);
    write_fleet(fleet, folder.path.string(), keys);
    CHECK_FALSE(std::filesystem::exists(folder.path / "kmes.csv"));
    std::ifstream in(folder.path / "device_keys.csv");
    std::string line;
    REQUIRE(std::getline(in, line));
    CHECK(line == device_key_header);
    REQUIRE(std::getline(in, line));
    CHECK(line.starts_with(fleet.member(1).imei.str() + "," + to_hex(keys[1].public_half.der()) + ","));
    std::size_t lines = 1;
    while (std::getline(in, line)) ++lines;
    CHECK(lines == count / 2);

    const auto path = folder.path / "device_keys.pem";
    const auto back = read_device_keys(path.string());
    REQUIRE(std::holds_alternative<std::vector<DeviceKeyPair>>(back));
    const auto& pairs = std::get<std::vector<DeviceKeyPair>>(back);
    REQUIRE(pairs.size() == 2);
    CHECK(pairs[1].public_half.fingerprint() == keys[1].public_half.fingerprint());
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::group_read) ==
          std::filesystem::perms::none);
}

TEST_CASE("Private keys of devices: a file without one is told of by its name", "[emu][kme]") {
    const TemporaryFolder folder;
    const auto path = (folder.path / "none.pem").string();
    const auto complaint = [&path] {
        const auto read = read_device_key(path);
        REQUIRE(std::holds_alternative<std::string>(read));
        return std::get<std::string>(read);
    };
    CHECK(complaint() == "the private key file " + path + " cannot be read");
    for (const char* text :
         {"", "\n", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
        std::ofstream(path) << text;
        CHECK(complaint().starts_with(path + " has no private key in PEM"));
    }
    const auto keys = pool(crypto::KeyType::x25519, 1);
    write_device_keys(path, keys);
    std::ofstream(path, std::ios::app) << "and more";
    CHECK(complaint().starts_with(path + " has no private key in PEM"));
}
