// SPDX-License-Identifier: Apache-2.0
// The watchdog of one open connection (RFC 3539 3.4.1, RFC 6733 5.5). State REOPEN is left out: with one
// connection a peer there is nothing to fail back from, and its three watchdogs would only delay an MME that
// has restarted.
#pragma once

#include <chrono>
#include <random>
#include <utility>

namespace bindhss::diameter {

/// Pure: time is passed in. Used on the connection's strand.
class Watchdog {
  public:
    using Time = std::chrono::steady_clock::time_point;
    enum class Action : std::uint8_t { send_dwr, suspect, close };

    /// `interval` is Tw; each wait has jitter of up to a fifteenth of it, the +-2 s of the default 30 s.
    Watchdog(std::chrono::milliseconds interval, std::uint32_t seed) : interval_(interval), random_(seed) {}

    /// The connection has opened, or there is reason not to expect anything of the peer (we do not read).
    void restart(Time now) {
        pending_ = suspect_ = false;
        set(now);
    }
    /// Anything was received; `answer`: it is a DWA. True: the peer was suspect and is no more.
    bool received(Time now, bool answer) {
        if (answer || suspect_) pending_ = false;
        set(now);
        return std::exchange(suspect_, false);
    }
    /// What to do at deadline().
    Action expired(Time now) {
        set(now);
        if (suspect_) return Action::close;
        if (pending_) {
            suspect_ = true;
            return Action::suspect;
        }
        pending_ = true;
        return Action::send_dwr;
    }
    [[nodiscard]] Time deadline() const { return deadline_; }

  private:
    void set(Time now) {
        const auto jitter = static_cast<int>(interval_.count() / 15);
        deadline_ = now + interval_ +
                    std::chrono::milliseconds(std::uniform_int_distribution<int>(-jitter, jitter)(random_));
    }

    std::chrono::milliseconds interval_;
    std::minstd_rand random_;  // spreads load, protects nothing
    Time deadline_{};
    bool pending_ = false;
    bool suspect_ = false;
};

}  // namespace bindhss::diameter
