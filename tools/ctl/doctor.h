// SPDX-License-Identifier: Apache-2.0
// doctor: what is wrong with this installation, and how to mend it; with the daemon up or down.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ctl/connection_options.h"

namespace bindhss::ctl {

enum class Health : std::uint8_t { ok, warn, fail };

struct Finding {
    Health health = Health::ok;
    std::string what;    ///< "peers"
    std::string detail;  ///< "3 connected"
    std::string mend;    ///< what to do; empty when all is well
};

class Findings {
  public:
    void ok(std::string what, std::string detail) {
        add({Health::ok, std::move(what), std::move(detail), {}});
    }
    void warn(std::string what, std::string detail, std::string mend) {
        add({Health::warn, std::move(what), std::move(detail), std::move(mend)});
    }
    void fail(std::string what, std::string detail, std::string mend) {
        add({Health::fail, std::move(what), std::move(detail), std::move(mend)});
    }
    void add(Finding finding) { list_.push_back(std::move(finding)); }
    [[nodiscard]] const std::vector<Finding>& list() const { return list_; }
    [[nodiscard]] bool has_failed() const;

  private:
    std::vector<Finding> list_;
};

/// Looks at the database that the configuration names, by itself: the API may be away. Absent in tests.
using LookAtDatabase = std::function<void(const Target&, Findings&)>;

/// Looks at everything and prints a line each. Returns the exit code: 1 when something has failed.
int run_doctor(const ConnectionOptions& options, Streams& io, bool json, const LookAtDatabase& database);

// Its parts, for tests.
/// Without a configuration that can be used there is nothing.
[[nodiscard]] std::optional<Target> check_configuration(const ConnectionOptions& options, Findings& findings);
/// Files and folders of this machine that the configuration names.
void check_files(const Target& target, Findings& findings);
void check_certificates(const Target& target, WallTime now, Findings& findings);
/// This machine's clock, as the kernel sees it.
void check_clock(Findings& findings);
/// Asks the API, and then what it tells of the daemon. Returns whether it answered.
bool check_api(const Target& target, Findings& findings);
/// What the API tells of the daemon.
void check_daemon(ApiClient& api, Findings& findings);

void print_findings(const Findings& findings, Streams& io, bool json);

}  // namespace bindhss::ctl
