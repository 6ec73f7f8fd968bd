// SPDX-License-Identifier: Apache-2.0
// A private PostgreSQL 15 cluster that the daemon makes and owns.
#pragma once

#include <memory>
#include <string>

#include "log/log.h"

namespace bindhss::store::postgres {

struct ClusterSettings {
    std::string directory;  ///< made when absent; holds data/, run/ (the socket), postgresql.log and lock
    std::string binaries = "/usr/lib/postgresql/15/bin";
    std::string database = "bindhss";
    unsigned max_connections = 50;
    /// 0: an eighth of the machine's memory, between 128 and 1024. What every AIR touches takes about 550 MB
    /// a million subscribers; what does not fit is read and written again and again.
    unsigned shared_buffers_mb = 0;
};

/// Starts the cluster, initialising it the first time; the destructor stops it. Durable; reached by a Unix
/// socket in a directory that only its user (and root) can enter, and by nothing else. Started as root,
/// PostgreSQL's programs run as the user `postgres` (or `nobody`), who then owns the files.
///
/// A thread of its own starts the server again when it dies. A server that a killed daemon left behind is
/// stopped first; one directory serves one daemon at a time.
///
/// Any thread may call it. Owns the server process. `log` must outlive it. Throws std::runtime_error with one
/// clear line: a package or a program is missing, the directory is in use or cannot be used, the server does
/// not start.
class EmbeddedCluster {
  public:
    EmbeddedCluster(const ClusterSettings& settings, log::Logger& log);
    ~EmbeddedCluster();
    EmbeddedCluster(const EmbeddedCluster&) = delete;
    EmbeddedCluster& operator=(const EmbeddedCluster&) = delete;

    /// The connection string of its database.
    [[nodiscard]] std::string url() const;
    /// The server's process, 0 while it is being started again. For tests.
    [[nodiscard]] int postmaster() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bindhss::store::postgres
