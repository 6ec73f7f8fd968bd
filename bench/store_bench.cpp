// SPDX-License-Identifier: Apache-2.0
// How many reservations of SEQ values a second the store gives, durable, with N of them outstanding.
//
//   store_bench [--subscribers 1000000] [--outstanding 128] [--seconds 20] [--directory
//   /var/tmp/bindhss-bench]
//
// The cluster in the directory is made and filled the first time and kept; half of the subscribers are bound.
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <pqxx/pqxx>
#include <random>
#include <string_view>
#include <vector>

#include "crypto/random.h"
#include "store/postgres/embedded_cluster.h"
#include "store/postgres/migrations.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres/provisioning.h"

namespace {

using namespace bindhss;
using Steady = std::chrono::steady_clock;

struct Options {
    std::uint64_t subscribers = 1'000'000;
    unsigned outstanding = 128;
    unsigned seconds = 20;
    unsigned batch_connections = 2;
    std::string directory = "/var/tmp/bindhss-bench";
};

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i];
        const std::string value = argv[i + 1];
        if (name == "--subscribers") options.subscribers = std::stoull(value);
        if (name == "--outstanding") options.outstanding = static_cast<unsigned>(std::stoul(value));
        if (name == "--seconds") options.seconds = static_cast<unsigned>(std::stoul(value));
        if (name == "--batch-connections")
            options.batch_connections = static_cast<unsigned>(std::stoul(value));
        if (name == "--directory") options.directory = value;
    }
    return options;
}

Imsi imsi_of(std::uint64_t number) {
    const auto digits = std::to_string(10'000'000'000ULL + number);
    return Imsi::parse("00101" + digits.substr(1)).value();
}

void fill(const std::string& url, const crypto::KeyRing& keys, std::uint64_t subscribers) {
    crypto::SystemRandom random;
    store::postgres::PostgresProvisioning provisioning(url, keys, random);
    if (provisioning.subscriber(imsi_of(subscribers - 1))) return;
    const auto begin = Steady::now();
    constexpr std::uint64_t file = 100'000;
    for (std::uint64_t first = 0; first < subscribers; first += file) {
        std::vector<store::Item> items;
        for (auto i = first; i < std::min(first + file, subscribers); ++i) {
            Octets<16> key;
            random.fill(key);
            items.push_back(
                {store::PutSubscriber{imsi_of(i), AkaKeys::milenage(SubscriberKey(key), Opc(key))}, 0});
            if (i % 2 == 0) continue;
            const auto imei = Imei::from_number(35'824'005'000'000 + i).value();
            items.push_back({store::PutKme{imei, SecretString(OctetView(key))}, 0});
            items.push_back(
                {store::PutBinding{imsi_of(i), binding::Policy::kme, {ImeiRange::of(imei)}, ""}, 0});
        }
        for (const auto& error : provisioning.apply(items, false))
            std::printf("import: %s\n", error.text.c_str());
    }
    std::printf("filled with %llu subscribers in %.1f s\n", static_cast<unsigned long long>(subscribers),
                std::chrono::duration<double>(Steady::now() - begin).count());
}

struct Tally {
    std::vector<float> milliseconds;
    std::size_t failures = 0;
};

boost::asio::awaitable<void> load(store::Store& store, const Options& options, unsigned number, Tally& tally,
                                  Steady::time_point until) {
    std::mt19937_64 choose(number);
    while (Steady::now() < until) {
        store::VectorReservationRequest request{imsi_of(choose() % options.subscribers),
                                                {"mme" + std::to_string(number % 4), "bench"}};
        request.now = SystemClock().now();
        const auto begin = Steady::now();
        auto result = co_await store.reserve_vectors(std::move(request));
        if (!result) {
            ++tally.failures;
            continue;
        }
        tally.milliseconds.push_back(std::chrono::duration<float, std::milli>(Steady::now() - begin).count());
    }
}

void report(Tally& tally, unsigned seconds) {
    auto& times = tally.milliseconds;
    std::sort(times.begin(), times.end());
    const auto at = [&](double share) {
        return times.empty() ? 0.0F
                             : times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
    };
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    std::printf(
        "reservations/s %.0f  failures %zu  p50 %.2f ms  p99 %.2f ms  p99.9 %.2f ms  own CPU %.1f s\n",
        static_cast<double>(times.size()) / seconds, tally.failures, at(0.5), at(0.99), at(0.999), cpu);
}

void report_hot(const std::string& url) {
    pqxx::connection connection(url);
    pqxx::nontransaction transaction(connection);
    const auto row = transaction.exec(
        "SELECT n_tup_upd, n_tup_hot_upd, round(100.0 * n_tup_hot_upd / greatest(n_tup_upd, 1), 2),"
        " pg_size_pretty(pg_total_relation_size('auc')) FROM pg_stat_user_tables WHERE relname = 'auc'")[0];
    std::printf("auc: %s updates, %s HOT (%s%%), %s\n", row[0].c_str(), row[1].c_str(), row[2].c_str(),
                row[3].c_str());
}

}  // namespace

int main(int argc, char** argv) try {
    const auto options = parse(argc, argv);
    log::Settings log_settings;
    log_settings.level = log::Level::warning;
    log::Logger log(log_settings);
    const store::postgres::EmbeddedCluster cluster({.directory = options.directory}, log);
    store::postgres::migrate(cluster.url(), log);
    // The same key at every run: the subscribers are kept, and they are nobody's.
    const auto keys = crypto::KeyRing::of(1, Secret<32>(Octets<32>{1}));
    fill(cluster.url(), keys, options.subscribers);
    Tally tally;
    {
        store::postgres::PostgresStore store(
            {.url = cluster.url(), .batch_connections = options.batch_connections}, keys, log);
        boost::asio::io_context context(1);
        const auto until = Steady::now() + std::chrono::seconds(options.seconds);
        for (unsigned i = 0; i < options.outstanding; ++i)
            boost::asio::co_spawn(context, load(store, options, i, tally, until), boost::asio::detached);
        context.run();
    }
    report(tally, options.seconds);
    report_hot(cluster.url());
    return tally.failures == 0 ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "store_bench: %s\n", error.what());
    return 1;
}
