// SPDX-License-Identifier: Apache-2.0
// What lists cost among ten million subscribers: minutes to fill the tables, and so only by name (test_store
// "[ten-million]"; TEN_MILLION=<number> for fewer,
// TEN_MILLION_DATABASE=<URL> for tables that were filled before).
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <utility>

#include "store/binding_world.h"
#include "store/postgres/device_keys.h"

using namespace bindhss;
using namespace bindhss::test;
using binding::Policy;
using store::Page;

namespace {

std::string subscribers() {
    const auto* given = std::getenv("TEN_MILLION");
    return given != nullptr ? given : "10000000";
}

/// Each statement by itself: VACUUM stands in no transaction.
void fill(const TestDatabase& database) {
    const auto rows = subscribers();
    std::string statement;
    std::ifstream file(BINDHSS_SOURCE_DIR "/tests/store/ten_million.sql");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("--")) continue;
        if (line.empty()) {
            if (!statement.empty()) database.query(std::exchange(statement, {}));
            continue;
        }
        for (auto at = line.find(":rows"); at != std::string::npos; at = line.find(":rows"))
            line.replace(at, std::string_view(":rows").size(), rows);
        statement += line + "\n";
    }
}

/// The slowest of several, after one that fills caches; tells of it.
template <class Work>
void measure(const std::string& what, std::size_t rows, Work work) {
    std::size_t found = work();
    double slowest = 0;
    for (int i = 0; i < 5; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        found = work();
        slowest = std::max(
            slowest,
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    std::cout << what << ": " << slowest << " ms, " << found << " rows\n";
    CHECK(found >= rows);
    CHECK(slowest < 100);
}

const Page first(1'000);
const std::string middle = "001010005000003";
using Provisioning = store::postgres::PostgresProvisioning;

void measure_subscribers(Provisioning& p) {
    const auto subscribers_by = [&](const std::string& what, std::size_t rows,
                                    const store::SubscriberFilter& filter, const Page& page) {
        measure("subscribers, " + what, rows, [&] { return p.subscribers(filter, page).size(); });
    };
    measure("one subscriber", 1, [&] { return p.subscriber(imsi(middle)) ? 1 : 0; });
    subscribers_by("all", 1'000, {}, first);
    subscribers_by("all, from the middle", 1'000, {}, Page(middle, 1'000));
    subscribers_by("prefix", 1'000, {"001010005", "", "", "", {}}, first);
    subscribers_by("MSISDN", 1, {"", "490005000003", "", "", {}}, first);
    subscribers_by("common profile", 1'000, {"", "", "default", "", {}}, Page(middle, 1'000));
    subscribers_by("rare profile", 1'000, {"", "", "rare", "", {}}, Page(middle, 1'000));
    subscribers_by("group", 1'000, {"", "", "", "fleet", {}}, Page(middle, 1'000));
    subscribers_by("policy kme", 1'000, {"", "", "", "", Policy::kme}, Page(middle, 1'000));
    subscribers_by("policy imei_monitor", 1'000, {"", "", "", "", Policy::imei_monitor}, first);
    subscribers_by("policy off", 1'000, {"", "", "", "", Policy::off}, Page(middle, 1'000));
    subscribers_by("policy of nobody", 0, {"", "", "", "", Policy::kme_imei}, first);
    subscribers_by("group, profile and policy", 1'000, {"", "", "rare", "fleet", Policy::imei_monitor},
                   first);
}

void measure_things(Provisioning& p) {
    measure("profiles", 2, [&] { return p.profiles(first).size(); });
    measure("terms", 5, [&] { return p.terms().size(); });
    measure("subscription groups", 1, [&] { return p.subscription_groups(first).size(); });
    measure("devices", 1'000, [&] { return p.devices({}, first).size(); });
    measure("devices, from the middle", 1'000,
            [&] { return p.devices({}, Page("35000005000000", 1'000)).size(); });
    measure("devices of a group", 1'000, [&] {
        return p.devices({{}, "fleet"}, Page("35000005000000", 1'000)).size();
    });
    measure("devices that hold an IMEI", 1, [&] {
        return p.devices({imei("35000005000000"), ""}, first).size();
    });
    measure("equipment", 1, [&] { return p.equipment(first).size(); });
    measure("registrations", 1'000, [&] {
        return p.registrations({{}, "", false}, Page(middle + " mme", 1'000)).size();
    });
    measure("registrations of a subscriber", 1, [&] {
        return p.registrations({imsi("001010005000002"), "", true}, first).size();
    });
    measure("registrations of a node", 1'000, [&] {
        return p.registrations({{}, "mme2.example.net", false}, Page(middle + " mme", 1'000)).size();
    });
    measure("registrations of a small node", 200, [&] {
        return p.registrations({{}, "mme3.example.net", true}, first).size();
    });
}

void measure_records(Provisioning& p) {
    measure("rules", 0, [&] { return p.rules({}, first).size(); });
    measure("rules of a subscriber", 0, [&] { return p.rules(imsi(middle), first).size(); });
    measure("KMEs", 1'000, [&] { return p.kmes({}, Page("imei:35000005000000 0", 1'000)).size(); });
    measure("KMEs of a device", 1, [&] { return p.kmes(imei("35000005000000"), first).size(); });
    measure("approvals", 0, [&] { return p.approvals(first).size(); });
    measure("seen", 0, [&] { return p.seen({}, {}, 1'000).pairs.size(); });
    measure("audit", 1'000, [&] { return p.audit(first).size(); });
    measure("audit by who", 50, [&] { return p.audit({"bob", "", "", {}}, first).size(); });
    measure("audit by what", 100, [&] { return p.audit({"", "remove", "", {}}, first).size(); });
    measure("audit by common what", 1'000, [&] {
        return p.audit({"", "put", "", {}}, Page("5000000", 1'000)).size();
    });
    measure("audit by request", 1, [&] { return p.audit({"", "", "r5000000", {}}, first).size(); });
    const auto now = SystemClock().now();
    measure("audit of the last hour", 1'000, [&] {
        return p.audit({"", "", "", now - std::chrono::hours(1)}, first).size();
    });
    measure("audit of the future", 0, [&] {
        return p.audit({"", "", "", now + std::chrono::hours(1)}, first).size();
    });
    measure("audit by who in the last hour", 0, [&] {
        return p.audit({"bob", "", "", now - std::chrono::hours(1)}, first).size();
    });
    measure("open alarms", 1'000, [&] { return p.alarms(first).size(); });
    measure("all alarms", 1'000, [&] {
        return p.alarms(store::AlarmFilter{true, "", "", {}}, Page("5000000", 1'000)).size();
    });
    measure("alarms by name", 100, [&] {
        return p.alarms(store::AlarmFilter{false, "rare_alarm", "", {}}, first).size();
    });
    measure("alarms by severity", 100, [&] {
        return p.alarms(store::AlarmFilter{false, "", "critical", {}}, first).size();
    });
    measure("alarms of a subscriber", 1, [&] {
        return p.alarms(store::AlarmFilter{true, "", "", imsi(middle)}, first).size();
    });
}

}  // namespace

TEST_CASE("every list answers within 100 ms among ten million", "[.][ten-million]") {
    const auto* filled = std::getenv("TEN_MILLION_DATABASE");
    std::optional<TestDatabase> own;
    if (filled == nullptr) {
        const auto begin = std::chrono::steady_clock::now();
        fill(own.emplace());
        std::cout << "filled in "
                  << std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()
                  << " s\n";
    }
    const std::string url = filled != nullptr ? filled : own->url();
    crypto::SystemRandom random;
    store::postgres::PostgresProvisioning p(url, test_keys(), random);
    measure_subscribers(p);
    measure_things(p);
    measure_records(p);
    store::postgres::PostgresDeviceKeys device_keys(url);
    measure("exchanges", 0, [&] { return device_keys.exchanges(first).size(); });
    measure("device keys", 0, [&] { return device_keys.device_keys({}, {}, 1'000).size(); });
    store::ApplyOptions trial;
    trial.dry_run = true;
    measure("a dry run", 0,
            [&] { return p.apply({item(put_subscriber(imsi(middle)))}, trial).errors.size(); });
    measure("a change", 0,
            [&] { return p.apply({item(put_subscriber(imsi("001010000000001")))}, false).size(); });
}
