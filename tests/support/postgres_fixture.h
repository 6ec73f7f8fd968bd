// SPDX-License-Identifier: Apache-2.0
// A private PostgreSQL for one test process, and a fresh database for each test.
#pragma once

#include <string>

#include "crypto/key_ring.h"
#include "log/log.h"

namespace bindhss::test {

/// The cluster of this process in a temporary directory, made at the first call and removed at exit; works as
/// root and as anybody. One thread.
class PostgresCluster {
  public:
    static PostgresCluster& instance();
    /// A connection string for `database` of the cluster.
    [[nodiscard]] std::string url(const std::string& database = "bindhss") const;
    [[nodiscard]] int postmaster() const;
    [[nodiscard]] const std::string& directory() const;

  private:
    PostgresCluster();
    ~PostgresCluster();
    struct Impl;
    Impl* impl_;
};

/// A migrated database of its own, dropped with it.
class TestDatabase {
  public:
    /// `migrated` false: an empty one.
    explicit TestDatabase(bool migrated = true);
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;
    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    /// Runs one statement; the first field of its first row, empty when there is none.
    std::string query(const std::string& sql) const;

  private:
    std::string name_;
    std::string url_;
};

/// Only errors, on standard error.
log::Logger& quiet_log();

/// A ring with a fixed key.
const crypto::KeyRing& test_keys();

/// A directory that is removed with it, which every user may pass through.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace bindhss::test
