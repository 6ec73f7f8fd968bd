// SPDX-License-Identifier: Apache-2.0
// What is told of a file that goes in or comes out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ctl/commands.h"

namespace bindhss::ctl {

/// For messages and the audit: without its folder, and without a key that stands where a name should.
[[nodiscard]] std::string file_name(const std::string& path);
/// "<path> <what>"
[[nodiscard]] Refused unusable(const std::string& path, const std::string& what);

/// A line on the error stream for each, as many as an import shows.
void show_errors(Context& context, const std::string& file, const std::vector<store::LineError>& errors);

/// A number that goes up on a terminal, and nothing elsewhere. REQUIRES: the streams outlive it.
class Progress {
  public:
    /// "stored 20000 keys"
    Progress(Streams& io, std::string_view what, std::string_view things)
        : io_(io), what_(what), things_(things) {}
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();
    void step();

  private:
    Streams& io_;
    std::string_view what_;
    std::string_view things_;
    std::uint64_t count_ = 0;
    bool shown_ = false;
};

}  // namespace bindhss::ctl
