// SPDX-License-Identifier: Apache-2.0
// A page of /metrics in the making.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bindhss::metrics {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

/// Collects numbers, in any order; one thread at a time. Every name has to be in the catalogue, with these
/// labels and this type: what is not throws std::logic_error, so that no metric is told of that is not
/// described.
class Page {
  public:
    Page();
    ~Page();
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;

    /// A counter or a gauge.
    void add(std::string_view name, double value, const Labels& labels = {});
    /// `bounds` ascend; `counts` has one more: of what is above the last. Counts are of each bucket alone.
    void add_histogram(std::string_view name, const std::vector<double>& bounds,
                       const std::vector<std::uint64_t>& counts, double sum, const Labels& labels = {});

    /// In the text format of Prometheus 0.0.4, families in the order of the catalogue.
    [[nodiscard]] std::string text() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

inline constexpr std::string_view page_media_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace bindhss::metrics
