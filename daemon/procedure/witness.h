// SPDX-License-Identifier: Apache-2.0
// Who is told of what procedures decide, and why: for the trace of a subscriber, and for metrics.
#pragma once

#include <concepts>
#include <span>
#include <variant>

#include "types/identity.h"

namespace bindhss::procedure {

/// One detail of a decision. There is no way to pass octets or a Secret: a vector, a key or a container
/// cannot be told of.
struct Note {
    std::string_view key;  ///< a literal
    std::variant<std::string_view, std::int64_t, bool> value;

    Note(std::string_view k, std::string_view v) : key(k), value(v) {}
    Note(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
    Note(std::string_view k, std::string&& v) = delete;  // it would be gone before it is told of
    Note(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
    Note(std::string_view k, bool v) : key(k), value(v) {}
    template <std::integral T>
    Note(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
};

/// What was decided. Borrows, for the length of the call.
struct Decision {
    enum class Kind : std::uint8_t {
        vectors,   ///< which vectors were issued
        resync,    ///< an AUTS was taken for what it is, or refused
        access,    ///< may this UE be registered?
        device,    ///< what a node reports of a device, apart from a registration
        evidence,  ///< what an event says of the device's key
        exchange,  ///< an exchange of a key began, or ended
    };
    Kind kind;
    std::optional<Imsi> imsi;
    std::string_view session;  ///< of the request; empty: none, or it is not known
    std::string_view node;     ///< Origin-Host of the node that it is about; may be empty
    /// What came of it, a literal: "admitted", "issued", "established".
    std::string_view outcome;
    bool ordinary = false;  ///< nothing but a trace of this very subscriber needs to remember it
    std::span<const Note> notes;
};
[[nodiscard]] std::string_view name_of(Decision::Kind kind);

/// Never blocks for longer than a lock, and never throws; any thread may call it.
class Witness {
  public:
    virtual ~Witness() = default;
    virtual void decided(const Decision& decision) noexcept = 0;
    /// SEQ that was reserved: how far the counters have come.
    virtual void sequence_reserved(std::uint64_t seq) noexcept = 0;
};

}  // namespace bindhss::procedure
