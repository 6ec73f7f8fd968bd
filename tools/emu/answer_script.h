// SPDX-License-Identifier: Apache-2.0
// Refusals and silences to order: how a node answers the HSS in place of what is right.
#pragma once

#include <array>
#include <deque>
#include <vector>

#include "emu/node_reply.h"

namespace bindhss::emu {

/// One reply of a script.
struct ScriptedReply {
    enum class Kind : std::uint8_t { right, refusal, silence };
    Kind kind = Kind::right;
    Refusal refusal;                     ///< of Kind::refusal
    std::chrono::milliseconds delay{0};  ///< not with Kind::silence
    bool operator==(const ScriptedReply&) const = default;

    static constexpr std::chrono::milliseconds delay_max{600'000};
};

/// "success", "silent", "5012", "5001E" (experimental), each with "delay 3s" before it; "delay 500ms" alone
/// is a late success.
[[nodiscard]] std::optional<ScriptedReply> parse_scripted_reply(std::string_view text);

/// Takes "3s" or "500ms" and the space behind it off the front of the text; nothing when there is none, or
/// one of more than delay_max.
[[nodiscard]] std::optional<std::chrono::milliseconds> take_delay(std::string_view& text);

/// What is to be answered, command by command; with nothing said, what is right. One thread.
class AnswerScript {
  public:
    /// The replies are given one after the other; the last one stays. None: what is right.
    void set(HssCommand command, const std::vector<ScriptedReply>& replies) {
        script_[static_cast<std::size_t>(command)].assign(replies.begin(), replies.end());
    }
    /// Takes the reply to the next request of that command.
    [[nodiscard]] ScriptedReply next(HssCommand command);

  private:
    std::array<std::deque<ScriptedReply>, hss_command_count> script_;
};

}  // namespace bindhss::emu
