// SPDX-License-Identifier: Apache-2.0
// Everything that can be wrong with received AVPs is found here, on the octets and before libfdproto sees
// them: it recurses without limit, trusts lengths, and keeps the text of its errors in one buffer for all
// threads.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "diameter/message.h"
#include "diameter/wire.h"
#include "diameter_dict/dictionary.h"

namespace bindhss::diameter {

/// Judges the AVPs of one message. Used by one thread; the octets outlive it.
class Guard {
  public:
    explicit Guard(const diameter_dict::Dictionary& dictionary) : dictionary_(dictionary) {
        seen_.reserve(64);
    }

    /// The next AVP of the message's own level, with all that it groups: known if it has to be (RFC
    /// 6733 4.1), flags, length, value where a wrong one would be harmful, nesting and number, and the rules
    /// of groups.
    [[nodiscard]] std::optional<Rejection> accept(const RawAvp& avp);
    /// The rules of the command, after the last AVP.
    [[nodiscard]] std::optional<Rejection> finish(std::span<const diameter_dict::Rule> rules) const;

    /// limits::avp_count_max is passed, which was the last rejection: nothing further is looked at.
    [[nodiscard]] bool exhausted() const;

    /// What is said of octets that are no AVP: a length below the header's or beyond the end (RFC 6733 7.1.5,
    /// 5014).
    [[nodiscard]] Rejection broken(OctetView rest) const;

  private:
    struct Seen {
        const diameter_dict::AvpModel* model;
        RawAvp avp;
    };
    std::optional<Rejection> check_avp(const RawAvp& avp, std::size_t depth, bool mandatory);
    std::optional<Rejection> check_group(const diameter_dict::AvpModel& model, const RawAvp& avp,
                                         std::size_t depth, bool mandatory);
    [[nodiscard]] std::optional<Rejection> check_rules(std::span<const diameter_dict::Rule> rules,
                                                       std::size_t first_seen) const;

    const diameter_dict::Dictionary& dictionary_;
    std::vector<Seen> seen_;  ///< a stack: the AVPs of the level at work are its end
    std::size_t count_ = 0;
};

}  // namespace bindhss::diameter
