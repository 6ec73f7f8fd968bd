// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace bindhss::emu {

/// One message or decision as a person wants to read it. Never holds K, KME, CK, IK, KASME, RES or XRES.
struct Event {
    enum class Kind : std::uint8_t { message, success, failure };
    using Fields = std::vector<std::pair<std::string, std::string>>;  ///< in the order of the message
    std::string from;
    std::string to;  ///< empty: a remark of `from`
    std::string message;
    Fields fields;
    Kind kind = Kind::message;
};

/// Receives events in their order, from the thread that runs the MMEs.
class Trace {
  public:
    virtual ~Trace() = default;
    virtual void event(const Event& event) = 0;
};

}  // namespace bindhss::emu
