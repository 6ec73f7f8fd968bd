// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>
#include <thread>

#include "store/postgres/embedded_cluster.h"
#include "support/postgres_fixture.h"

using namespace bindhss;
using namespace bindhss::test;
using store::postgres::EmbeddedCluster;

namespace {

std::string ask(const std::string& url, const std::string& sql) {
    pqxx::connection connection(url);
    pqxx::nontransaction transaction(connection);
    const auto rows = transaction.exec(sql);
    return rows.empty() ? "" : rows[0][0].c_str();
}

/// Runs `work` in a child process that is then killed without mercy, as a daemon may be.
template <class Work>
void in_killed_child(Work work) {
    int ready[2];
    REQUIRE(pipe(ready) == 0);
    const auto child = fork();
    if (child == 0) {
        try {
            const auto keep = work();
            (void)!write(ready[1], "x", 1);
            for (;;) pause();
        } catch (...) {
            _exit(1);
        }
    }
    close(ready[1]);
    char octet = 0;
    CHECK(read(ready[0], &octet, 1) == 1);
    close(ready[0]);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
}

}  // namespace

TEST_CASE("a cluster keeps its data over a restart and is reached by its socket alone", "[cluster]") {
    const TemporaryDirectory directory;
    const auto path = directory.path() + "/pg";
    {
        const EmbeddedCluster cluster({.directory = path}, quiet_log());
        ask(cluster.url(), "CREATE TABLE t AS SELECT 7 AS n");
        CHECK(ask(cluster.url(), "SHOW listen_addresses").empty());
        CHECK(ask(cluster.url(), "SHOW fsync") == "on");
        CHECK(ask(cluster.url(), "SHOW data_checksums") == "on");
        CHECK((std::filesystem::status(path + "/run").permissions() & std::filesystem::perms::mask) ==
              std::filesystem::perms::owner_all);
    }
    CHECK_FALSE(std::filesystem::exists(path + "/data/postmaster.pid"));
    const EmbeddedCluster again({.directory = path}, quiet_log());
    CHECK(ask(again.url(), "SELECT n FROM t") == "7");
}

TEST_CASE("a directory serves one daemon at a time", "[cluster]") {
    const TemporaryDirectory directory;
    const EmbeddedCluster cluster({.directory = directory.path() + "/pg"}, quiet_log());
    CHECK_THROWS_WITH(EmbeddedCluster({.directory = directory.path() + "/pg"}, quiet_log()),
                      Catch::Contains("is locked: another process uses this directory"));
    CHECK(ask(cluster.url(), "SELECT 1") == "1");
}

TEST_CASE("the cluster of a killed daemon is taken over", "[cluster]") {
    const TemporaryDirectory directory;
    const auto path = directory.path() + "/pg";
    in_killed_child([&] {
        auto cluster = std::make_unique<EmbeddedCluster>(store::postgres::ClusterSettings{.directory = path},
                                                         quiet_log());
        ask(cluster->url(), "CREATE TABLE t AS SELECT 8 AS n");
        return cluster;
    });
    const EmbeddedCluster cluster({.directory = path}, quiet_log());
    CHECK(ask(cluster.url(), "SELECT n FROM t") == "8");
}

TEST_CASE("a stale postmaster.pid of a process that is none of ours is no obstacle", "[cluster]") {
    const TemporaryDirectory directory;
    const auto path = directory.path() + "/pg";
    { const EmbeddedCluster cluster({.directory = path}, quiet_log()); }
    std::ofstream(path + "/data/postmaster.pid") << getpid() << "\n" << path << "/data\n1\n5432\n\n\n\n";
    const EmbeddedCluster cluster({.directory = path}, quiet_log());
    CHECK(ask(cluster.url(), "SELECT 1") == "1");
}

TEST_CASE("a server that dies is started again", "[cluster]") {
    const TemporaryDirectory directory;
    log::Settings nowhere;
    nowhere.file = "/dev/null";
    log::Logger log(nowhere);
    const EmbeddedCluster cluster({.directory = directory.path() + "/pg"}, log);
    const auto old = cluster.postmaster();
    kill(old, SIGKILL);
    std::string answer;
    for (int i = 0; i < 200 && answer.empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        try {
            if (cluster.postmaster() != old) answer = ask(cluster.url(), "SELECT 1");
        } catch (const std::exception&) {
        }
    }
    CHECK(answer == "1");
}

TEST_CASE("a long path does not break the socket", "[cluster]") {
    const TemporaryDirectory directory;
    const auto path = directory.path() + "/" + std::string(100, 'd') + "/pg";
    std::filesystem::create_directories(directory.path() + "/" + std::string(100, 'd'));
    const EmbeddedCluster cluster({.directory = path}, quiet_log());
    CHECK(ask(cluster.url(), "SELECT 1") == "1");
}

TEST_CASE("missing programs and unusable directories are one clear line", "[cluster]") {
    const TemporaryDirectory directory;
    CHECK_THROWS_WITH(EmbeddedCluster({.directory = directory.path(), .binaries = "/nowhere"}, quiet_log()),
                      Catch::Contains("install the package postgresql-15"));
    std::ofstream(directory.path() + "/file") << "x";
    CHECK_THROWS_WITH(EmbeddedCluster({.directory = directory.path() + "/file"}, quiet_log()),
                      Catch::Contains(directory.path() + "/file"));
    std::filesystem::create_directories(directory.path() + "/pg/data");
    std::ofstream(directory.path() + "/pg/data/PG_VERSION") << "14\n";
    CHECK_THROWS_WITH(EmbeddedCluster({.directory = directory.path() + "/pg"}, quiet_log()),
                      Catch::Contains("is of PostgreSQL 14"));
}
