// SPDX-License-Identifier: Apache-2.0
// What an import holds, found by reading all of it before anything is stored.
#pragma once

#include <array>

#include "ctl/import_input.h"

namespace bindhss::ctl {

/// The order in which a large import is stored: each kind behind those that it names.
enum class Phase : std::uint8_t {
    profiles,
    terms,
    groups,  ///< of subscriptions
    subscribers,
    devices,  ///< with what is known of models, and the equipment register
    kmes,
    bindings,
    rest,  ///< members and rules
    // What is taken away, each kind before those that it names: as within one transaction.
    removed_subscribers,  ///< and rules
    removed_groups,
    removed_terms,
    removed_profiles,
};
inline constexpr std::size_t phases = 12;
[[nodiscard]] Phase phase_of(const store::Item& item);
/// Does it take something away?
[[nodiscard]] bool removes(const store::Item& item);
/// May something of `later` name something of `earlier`?
[[nodiscard]] bool builds_upon(Phase later, Phase earlier);

/// How many things of each kind there are, in words.
class ImportCounts {
  public:
    void add(const store::Item& item);
    /// "5 subscribers, 3 devices, 2 keys, 4 bindings"
    [[nodiscard]] std::string text() const;

  private:
    std::array<std::uint64_t, 11> numbers_{};
};

struct ImportSurvey {
    PieceDigest digest;  ///< of the files' contents
    std::uint64_t items = 0;
    std::uint64_t octets = 0;  ///< as lines of POST /v1/changes, as long as `whole` is there
    bool repeats = false;      ///< two records are, or may be, of the same thing: their order counts
    bool removes = false;  ///< something is taken away, which may be in use until another record was stored
    ImportCounts counts;
    std::vector<std::array<std::uint64_t, phases>> items_of;  ///< by file and phase
    std::vector<std::string> errors;                          ///< the first of them, "file:line: what"
    std::uint64_t error_count = 0;
    std::vector<std::string> warnings;          ///< the first of them
    std::vector<store::Item> bindings;          ///< the first of them
    std::optional<std::vector<Reading>> whole;  ///< by file; absent: it is more than one transaction takes

    [[nodiscard]] std::uint64_t items_in(Phase phase) const;
    /// Does the order count in which chunks are stored?
    [[nodiscard]] bool is_ordered() const { return repeats || removes; }
};

/// Reads the files to their ends, whatever is wrong. With `keep_all` what they hold stays in memory however
/// much it is, and else as long as it is no more than one transaction of an import, and than one request
/// takes.
[[nodiscard]] ImportSurvey survey(const std::vector<std::unique_ptr<ImportInput>>& inputs, bool keep_all,
                                  const std::function<void(std::uint64_t items)>& progress);

}  // namespace bindhss::ctl
