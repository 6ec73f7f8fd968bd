// SPDX-License-Identifier: Apache-2.0
#include "support/postgres_fixture.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <pqxx/pqxx>

#include "store/postgres/embedded_cluster.h"
#include "store/postgres/migrations.h"

namespace bindhss::test {

TemporaryDirectory::TemporaryDirectory() : path_("/tmp/bindhss-test-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr || chmod(path_.c_str(), 0711) != 0)
        throw std::runtime_error("cannot make a temporary directory");
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

log::Logger& quiet_log() {
    static log::Logger log([] {
        log::Settings settings;
        settings.level = log::Level::error;
        return settings;
    }());
    return log;
}

const crypto::KeyRing& test_keys() {
    static const auto ring = [] {
        Octets<32> key;
        key.fill(0x5a);
        return crypto::KeyRing::of(1, Secret<32>(key));
    }();
    return ring;
}

struct PostgresCluster::Impl {
    Impl() : cluster({.directory = directory.path() + "/pg"}, quiet_log()) {}
    TemporaryDirectory directory;
    store::postgres::EmbeddedCluster cluster;
};

PostgresCluster& PostgresCluster::instance() {
    quiet_log();  // made first, so that it outlives the cluster
    static PostgresCluster cluster;
    return cluster;
}

PostgresCluster::PostgresCluster() : impl_(std::make_unique<Impl>().release()) {}
PostgresCluster::~PostgresCluster() {
    const std::unique_ptr<Impl> owner(impl_);
}

std::string PostgresCluster::url(const std::string& database) const {
    // The last of two settings of one keyword counts.
    return impl_->cluster.url() + " dbname=" + database;
}
int PostgresCluster::postmaster() const {
    return impl_->cluster.postmaster();
}
const std::string& PostgresCluster::directory() const {
    return impl_->directory.path();
}

TestDatabase::TestDatabase(bool migrated) {
    static std::atomic<int> number = 0;
    name_ = "test_" + std::to_string(++number);
    auto& cluster = PostgresCluster::instance();
    url_ = cluster.url(name_);
    {
        pqxx::connection connection(cluster.url());
        pqxx::nontransaction(connection).exec("CREATE DATABASE " + name_);
    }
    if (migrated) store::postgres::migrate(url_, quiet_log());
}

TestDatabase::~TestDatabase() {
    try {
        pqxx::connection connection(PostgresCluster::instance().url());
        pqxx::nontransaction(connection).exec("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    } catch (const std::exception&) {
        // The cluster goes anyway.
    }
}

std::string TestDatabase::query(const std::string& sql) const {
    pqxx::connection connection(url_);
    pqxx::nontransaction transaction(connection);
    const auto rows = transaction.exec(sql);
    return rows.empty() || rows.columns() == 0 ? std::string() : rows[0][0].c_str();
}

}  // namespace bindhss::test
