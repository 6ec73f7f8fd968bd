// SPDX-License-Identifier: Apache-2.0
// Users of this machine as the audit names them.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace bindhss::management {

/// What stands in the audit may not act on a terminal, nor fill it: cut, and without control characters.
[[nodiscard]] std::string plain(std::string_view text);
/// Asks the name service, which may ask the network; the number of one that it does not know.
[[nodiscard]] std::string user_name(::uid_t uid);
[[nodiscard]] std::string host_name();

/// Each user is asked for once. Any thread may call it.
class LocalUsers {
  public:
    using Ask = std::function<std::string(::uid_t)>;
    explicit LocalUsers(Ask ask = user_name) : ask_(std::move(ask)) {}

    /// "alice@host". Blocks for as long as the name service takes.
    [[nodiscard]] std::string name_of(::uid_t uid);
    /// The same without asking: "1000@host" as long as nobody has.
    [[nodiscard]] std::string known_name_of(::uid_t uid) const;

  private:
    const Ask ask_;
    mutable std::mutex mutex_;
    std::map<::uid_t, std::string> names_;
};

}  // namespace bindhss::management
