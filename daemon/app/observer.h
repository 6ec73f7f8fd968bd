// SPDX-License-Identifier: Apache-2.0
// Counts and remembers what the daemon does: where requests, decisions and alarms are told of.
#pragma once

#include <array>
#include <atomic>

#include "alarm/outlet.h"
#include "binding/binding.h"
#include "diameter/request_observer.h"
#include "metrics/journal.h"
#include "metrics/request_tally.h"
#include "procedure/witness.h"
#include "types/seams.h"

namespace bindhss {

/// A counter for each name of a short list of literals; one more is for all other names.
template <std::size_t Size>
class NamedCounters {
  public:
    using Names = std::array<std::string_view, Size>;
    explicit NamedCounters(const Names& names) : names_(names) {}
    void add(std::string_view name, std::uint64_t number = 1) {
        std::size_t place = 0;
        while (place < Size && names_[place] != name) ++place;
        counts_[place].fetch_add(number, std::memory_order_relaxed);
    }
    /// `tell(name, number)` for each name, and for the other ones if there were any: who looks at rates has
    /// to see the 0 before the first.
    template <class Tell>
    void each(Tell tell) const {
        for (std::size_t place = 0; place <= Size; ++place) {
            const auto number = counts_[place].load(std::memory_order_relaxed);
            if (place < Size || number != 0)
                tell(place < Size ? names_[place] : std::string_view("other"), number);
        }
    }

  private:
    const Names names_;
    std::array<std::atomic<std::uint64_t>, Size + 1> counts_{};
};

/// The same for pairs of names.
template <std::size_t Rows, std::size_t Columns>
class PairCounters {
  public:
    using RowNames = std::array<std::string_view, Rows>;
    PairCounters(const RowNames& rows, const typename NamedCounters<Columns>::Names& columns)
        : PairCounters(rows, columns, std::make_index_sequence<Rows + 1>()) {}
    void add(std::string_view row, std::string_view column) {
        std::size_t place = 0;
        while (place < Rows && rows_[place] != row) ++place;
        counters_[place].add(column);
    }
    /// `tell(row, column, number)` in the same way.
    template <class Tell>
    void each(Tell tell) const {
        for (std::size_t place = 0; place <= Rows; ++place) {
            const auto row = place < Rows ? rows_[place] : std::string_view("other");
            counters_[place].each([&](auto column, auto number) {
                if (place < Rows || number != 0) tell(row, column, number);
            });
        }
    }

  private:
    template <std::size_t... Places>
    PairCounters(const RowNames& rows, const typename NamedCounters<Columns>::Names& columns,
                 std::index_sequence<Places...>)
        : rows_(rows), counters_{((void)Places, NamedCounters<Columns>(columns))...} {}

    const RowNames rows_;
    std::array<NamedCounters<Columns>, Rows + 1> counters_;
};

/// Any thread may call it. A request costs it some additions and one copy into the journal.
class Observer final : public diameter::RequestObserver, public procedure::Witness, public alarm::Outlet {
  public:
    explicit Observer(const Clock& clock) : journal_(clock) {}

    void begins() noexcept override { in_flight_.fetch_add(1, std::memory_order_relaxed); }
    void served(const diameter::ServedRequest& request) noexcept override;
    void joined(bool refused) noexcept override;
    void sent(const diameter::SentRequestOutcome& request) noexcept override;
    void decided(const procedure::Decision& decision) noexcept override;
    void sequence_reserved(std::uint64_t seq) noexcept override;
    void tell(const alarm::Notice& notice) noexcept override;

    [[nodiscard]] metrics::Journal& journal() { return journal_; }
    [[nodiscard]] metrics::RequestCounts requests() const { return served_.counts(); }
    [[nodiscard]] std::uint64_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
    /// Of Sqn::seq_issue_max.
    [[nodiscard]] double sequence_used() const;
    /// All that is counted here.
    void put(metrics::Page& page) const;

  private:
    void count(const procedure::Decision& decision);

    metrics::Journal journal_;
    metrics::RequestTally served_;
    metrics::RequestTally sent_;
    std::atomic<std::uint64_t> in_flight_{0};
    std::atomic<std::uint64_t> joined_{0};
    std::atomic<std::uint64_t> joined_refused_{0};
    std::atomic<std::uint64_t> highest_seq_{0};
    NamedCounters<2> vectors_{{"regular", "pre_processed"}};
    NamedCounters<2> resyncs_{{"accepted", "refused"}};
    PairCounters<5, 3> access_{{"off", "imei_monitor", "imei_enforce", "kme", "kme+imei"},
                               {"admitted", "limited", "refused"}};
    PairCounters<5, 3> devices_{{"off", "imei_monitor", "imei_enforce", "kme", "kme+imei"},
                                {"admitted", "limited", "refused"}};
    PairCounters<3, 4> evidence_{{"proof", "strong_against", "weak_against"},
                                 {"unchanged", "suspect", "locked", "cleared"}};
    PairCounters<2, 10> exchanges_{{"s6a", "https"},
                                   {"begun", "established", "rsp_invalid", "refused", "not_answered",
                                    "not_understood", "superseded", "no_public_key", "postponed", "joined"}};
};

}  // namespace bindhss
