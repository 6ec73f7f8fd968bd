// SPDX-License-Identifier: Apache-2.0
// What the decision on an access costs in the database, with ten rules and ten pairs beside a million rules
// and ten million pairs: in turn, in one run, on one server.
//
//   rules_bench [--rules 1000000] [--pairs 10000000] [--rounds 5] [--decisions 5000]
//               [--directory /var/tmp/bindhss-bench-rules]
//
// The databases in the directory are filled the first time and kept. A pair is a device on the list of a
// binding, ten for each subscription.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <random>
#include <sstream>
#include <string_view>

#include "store/postgres/embedded_cluster.h"
#include "store/postgres/load_subscribers.h"
#include "store/postgres/migrations.h"
#include "store/postgres/statements.h"

namespace {

using namespace bindhss;
using store::postgres::Parameters;
using store::postgres::Session;
using Steady = std::chrono::steady_clock;

/// Ten million pairs and what belongs to them.
constexpr unsigned shared_buffers_mb = 4096;
constexpr std::uint64_t devices_each = 10;
constexpr std::uint64_t first_imsi = 1'010'000'000'000;
constexpr std::uint64_t first_imei = 35'000'000'000'000;
constexpr std::uint64_t imeis = 1'000'000'000'000;

struct Options {
    std::uint64_t rules = 1'000'000;
    std::uint64_t pairs = 10'000'000;
    unsigned rounds = 5;
    unsigned decisions = 5'000;
    std::string directory = "/var/tmp/bindhss-bench-rules";
};

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i];
        const std::string value = argv[i + 1];
        if (name == "--rules") options.rules = std::stoull(value);
        if (name == "--pairs") options.pairs = std::stoull(value);
        if (name == "--rounds") options.rounds = static_cast<unsigned>(std::stoul(value));
        if (name == "--decisions") options.decisions = static_cast<unsigned>(std::stoul(value));
        if (name == "--directory") options.directory = value;
    }
    return options;
}

// SQL has a layout of its own.
// clang-format off
// $1: subscriptions, $2: rules. Two fifths of the rules are for one subscription and one model, three tenths deny one
// device to everybody, a fifth are for a thousand subscriptions and one model, a tenth for a group and a lot.
constexpr const char* fill_sql[] = {
    "SET session_replication_role = replica; SET synchronous_commit = off; SELECT setseed(0.5)",
    "INSERT INTO subscriber (imsi, profile_id) SELECT lpad((1010000000000 + i)::text, 15, '0'), p.id"
    " FROM generate_series(0, $1 - 1) i, profile p WHERE p.name = 'default'",
    "INSERT INTO auc (imsi, k, opc, amf, terms_from) SELECT s.imsi, '', '', '\\x8000', t.id"
    " FROM subscriber s, terms t WHERE t.name = 'imei_enforce'",
    "INSERT INTO binding (imsi, terms_id) SELECT s.imsi, t.id FROM subscriber s, terms t WHERE t.name = 'imei_enforce'",
    "INSERT INTO binding_device (imsi, position, imei_lo, imei_hi)"
    " SELECT lpad((1010000000000 + i)::text, 15, '0'), n, 35000000000000 + i * 10 + n, 35000000000000 + i * 10 + n"
    " FROM generate_series(0, $1 - 1) i, generate_series(0, 9) n ORDER BY i, n",
    "INSERT INTO subscription_group (name) SELECT 'group ' || i FROM generate_series(1, 1000) i",
    "INSERT INTO subscription_member (imsi, group_id) SELECT s.imsi, 1 + (imsi_number(s.imsi) % 1000) FROM subscriber s",
    "INSERT INTO rule (subscription_low, subscription_high, device_low, device_high, allow)"
    " SELECT i, i, t * 1000000, t * 1000000 + 999999, true FROM (SELECT 1010000000000 + floor(random() * $1)::bigint AS i,"
    "   35000000 + floor(random() * 1000000)::bigint AS t FROM generate_series(1, $2 * 4 / 10)) x",
    "INSERT INTO rule (device_low, device_high, allow)"
    " SELECT d, d, false FROM (SELECT 35000000000000 + floor(random() * 1e12)::bigint AS d"
    "   FROM generate_series(1, $2 * 3 / 10)) x",
    "INSERT INTO rule (subscription_low, subscription_high, device_low, device_high, allow)"
    " SELECT i, i + 999, t * 1000000, t * 1000000 + 999999, true"
    " FROM (SELECT 1010000000000 + floor(random() * $1)::bigint AS i,"
    "   35000000 + floor(random() * 1000000)::bigint AS t FROM generate_series(1, $2 * 2 / 10)) x",
    "INSERT INTO rule (subscription_group_id, device_low, device_high, allow)"
    " SELECT g, d, d + 999, true FROM (SELECT 1 + floor(random() * 1000)::integer AS g,"
    "   35000000000000 + floor(random() * 1e12)::bigint AS d FROM generate_series(1, $2 / 10)) x",
};
// clang-format on

/// One of the two databases, and a connection to it as the daemon has them.
struct Side {
    std::string name;
    std::uint64_t subscriptions;
    std::unique_ptr<Session> session;
    log::Logger* log;
    int backend = 0;
    std::vector<double> microseconds;
    double cpu_microseconds = 0;
    double cpu_microseconds_of_rules = 0;
    double cpu_microseconds_of_nothing = 0;
    std::uint64_t decisions = 0;
    std::uint64_t allowed = 0;
};

// Alone: the rules that hold the pair, for the subscription and for its group; and a statement that does
// nothing.
constexpr const char* rules_sql =
    "SELECT count(*) FROM rules_at(ARRAY[$1::bigint, $2::bigint], ARRAY[$3::bigint])";
constexpr const char* nothing_sql = "SELECT $1::bigint, $2::bigint, $3::bigint";

std::string with_numbers(std::string sql, std::uint64_t subscriptions, std::uint64_t rules) {
    for (const auto& [mark, number] : {std::pair("$1", subscriptions), std::pair("$2", rules)})
        for (auto at = sql.find(mark); at != std::string::npos; at = sql.find(mark))
            sql.replace(at, 2, std::to_string(number));
    return sql;
}

void fill(const std::string& url, std::uint64_t subscriptions, std::uint64_t rules) {
    pqxx::connection connection(url);
    pqxx::nontransaction transaction(connection);
    if (transaction.exec("SELECT count(*) FROM rule")[0][0].as<std::uint64_t>() >= rules) return;
    const auto begin = Steady::now();
    for (const auto* sql : fill_sql) transaction.exec(with_numbers(sql, subscriptions, rules));
    transaction.exec("VACUUM ANALYZE");
    std::printf("filled %s with %llu rules and %llu pairs in %.0f s\n", connection.dbname(),
                static_cast<unsigned long long>(rules),
                static_cast<unsigned long long>(subscriptions * devices_each),
                std::chrono::duration<double>(Steady::now() - begin).count());
}

/// Seconds of processor time that the server has spent on this connection.
double cpu_seconds(int process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    std::getline(file, text);
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    for (int skipped = 0; skipped < 11; ++skipped) fields >> text;  // utime and stime are the 14th and 15th
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Side open(const std::string& cluster, const std::string& name, std::uint64_t pairs, std::uint64_t rules,
          log::Logger& log) {
    {
        pqxx::connection connection(cluster);
        pqxx::nontransaction transaction(connection);
        if (transaction.exec_params("SELECT 1 FROM pg_database WHERE datname = $1", name).empty())
            transaction.exec("CREATE DATABASE " + transaction.quote_name(name));
    }
    const auto url = cluster + " dbname=" + name;
    store::postgres::migrate(url, log);
    const auto subscriptions = std::max<std::uint64_t>(pairs / devices_each, 1);
    fill(url, subscriptions, rules);
    Side side{name, subscriptions, std::make_unique<Session>(url, std::chrono::seconds(5)), &log};
    side.session->connection().prepare("rules", rules_sql);
    side.session->connection().prepare("nothing", nothing_sql);
    pqxx::nontransaction transaction(side.session->connection());
    // What the machine's memory holds is to be measured, not how fast its disk is.
    transaction.exec("SET statement_timeout = 0; CREATE EXTENSION IF NOT EXISTS pg_prewarm");
    transaction.exec(
        "SELECT sum(pg_prewarm(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'i')");
    side.backend = transaction.exec("SELECT pg_backend_pid()")[0][0].as<int>();
    return side;
}

/// Half of the accesses come in a device of the list, half in any.
void decide(Side& side, std::mt19937_64& random, bool measured) {
    const auto number = random() % side.subscriptions;
    const auto own = random() % 2 == 0;
    const auto imei = own ? number * devices_each + random() % devices_each : random() % imeis;
    const auto imsi = Imsi::parse("00" + std::to_string(first_imsi + number)).value();
    const TerminalInformation reported{Imei::from_number(first_imei + imei), std::nullopt, false};
    const auto begin = Steady::now();
    const store::postgres::SubscriberQuery query{imsi, {"mme", "bench"}, reported};
    const auto view = store::postgres::load_subscribers(*side.session, {&query}, *side.log)[0];
    const std::chrono::duration<double, std::micro> taken = Steady::now() - begin;
    if (!view) throw std::runtime_error(view.error().detail);
    if (!measured) return;
    side.microseconds.push_back(taken.count());
    const binding::Pair pair{imsi, view->binding.groups, *reported.imei, reported.svn, view->device.groups};
    const auto* rule = binding::deciding_rule(view->binding.rules, pair, WallTime{});
    if (rule != nullptr && rule->allow) ++side.allowed;
}

Parameters random_pair(const Side& side, std::mt19937_64& random) {
    const auto number = first_imsi + random() % side.subscriptions;
    Parameters parameters;
    parameters.add(std::to_string(number)).add("-" + std::to_string(1 + number % 1000));
    parameters.add(std::to_string(first_imei + random() % imeis));
    return parameters;
}

/// Processor time of the server, in microseconds, while `work` is done so many times.
template <class Work>
double cpu_of(const Side& side, unsigned times, Work work) {
    const auto before = cpu_seconds(side.backend);
    for (unsigned i = 0; i < times; ++i) work();
    return (cpu_seconds(side.backend) - before) * 1e6;
}

void measure(Side& side, std::mt19937_64& random, unsigned decisions) {
    const auto one = [&](const char* statement) {
        return [&side, &random, statement] { side.session->run(statement, random_pair(side, random)); };
    };
    side.cpu_microseconds += cpu_of(side, decisions, [&] { decide(side, random, true); });
    side.cpu_microseconds_of_rules += cpu_of(side, decisions, one("rules"));
    side.cpu_microseconds_of_nothing += cpu_of(side, decisions, one("nothing"));
    side.decisions += decisions;
}

void report(Side& side) {
    auto& times = side.microseconds;
    std::sort(times.begin(), times.end());
    const auto at = [&](double share) {
        return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
    };
    const auto each = [&](double total) { return total / static_cast<double>(side.decisions); };
    std::printf(
        "%-24s %6.1f us of database CPU a decision (p50 %.1f us, p99 %.1f us with the connection);"
        " rules alone %.1f us, an empty statement %.1f us; %llu decisions, %.1f %% allowed\n",
        side.name.c_str(), each(side.cpu_microseconds), at(0.5), at(0.99),
        each(side.cpu_microseconds_of_rules), each(side.cpu_microseconds_of_nothing),
        static_cast<unsigned long long>(side.decisions), 100.0 * each(static_cast<double>(side.allowed)));
}

}  // namespace

int main(int argc, char** argv) try {
    const auto options = parse(argc, argv);
    log::Settings log_settings;
    log_settings.level = log::Level::warning;
    log::Logger log(log_settings);
    const store::postgres::EmbeddedCluster cluster(
        {.directory = options.directory, .shared_buffers_mb = shared_buffers_mb}, log);
    const auto suffix = std::to_string(options.rules) + "_" + std::to_string(options.pairs);
    std::vector<Side> sides;
    sides.push_back(open(cluster.url(), "rules_10_10", 10, 10, log));
    sides.push_back(open(cluster.url(), "rules_" + suffix, options.pairs, options.rules, log));
    std::mt19937_64 random(1);
    for (auto& side : sides)
        for (unsigned i = 0; i < options.decisions; ++i) decide(side, random, false);
    for (unsigned round = 0; round < options.rounds; ++round)
        for (auto& side : sides) measure(side, random, options.decisions);
    for (auto& side : sides) report(side);
    const auto ratio = [&](double Side::*total) { return sides[1].*total / sides[0].*total; };
    std::printf("many / ten: decision %.2f, rules alone %.2f\n", ratio(&Side::cpu_microseconds),
                ratio(&Side::cpu_microseconds_of_rules));
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "rules_bench: %s\n", error.what());
    return 1;
}
