// SPDX-License-Identifier: Apache-2.0
#include "metrics/page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <stdexcept>

#include "metrics/catalogue.h"

namespace bindhss::metrics {

namespace {

prometheus::MetricType type_of(Type type) {
    switch (type) {
        case Type::counter:
            return prometheus::MetricType::Counter;
        case Type::gauge:
            return prometheus::MetricType::Gauge;
        case Type::histogram:
            break;
    }
    return prometheus::MetricType::Histogram;
}

std::string names_of(const Labels& labels) {
    std::string names;
    for (const auto& [name, value] : labels) names.append(names.empty() ? "" : ", ").append(name);
    return names;
}

const Metric& described(std::string_view name, const Labels& labels, bool histogram) {
    const auto* metric = find_metric(name);
    if (metric == nullptr) throw std::logic_error("no such metric: " + std::string(name));
    if (metric->labels != names_of(labels) || (metric->type == Type::histogram) != histogram)
        throw std::logic_error("not as the catalogue has it: " + std::string(name));
    return *metric;
}

}  // namespace

struct Page::Impl {
    prometheus::ClientMetric& add(const Metric& metric, const Labels& labels) {
        auto& family = families[&metric];
        auto& entry = family.emplace_back();
        for (const auto& [name, value] : labels) entry.label.push_back({std::string(name), value});
        return entry;
    }
    std::map<const Metric*, std::vector<prometheus::ClientMetric>> families;
};

Page::Page() : impl_(std::make_unique<Impl>()) {}
Page::~Page() = default;

void Page::add(std::string_view name, double value, const Labels& labels) {
    const auto& metric = described(name, labels, false);
    auto& entry = impl_->add(metric, labels);
    if (metric.type == Type::counter) {
        entry.counter.value = value;
    } else {
        entry.gauge.value = value;
    }
}

void Page::add_histogram(std::string_view name, const std::vector<double>& bounds,
                         const std::vector<std::uint64_t>& counts, double sum, const Labels& labels) {
    if (counts.size() != bounds.size() + 1) throw std::logic_error("one count for each bucket is needed");
    auto& histogram = impl_->add(described(name, labels, true), labels).histogram;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        histogram.sample_count += counts[i];
        if (i < bounds.size()) histogram.bucket.push_back({histogram.sample_count, bounds[i]});
    }
    histogram.sample_sum = sum;
}

std::string Page::text() const {
    std::vector<prometheus::MetricFamily> families;
    for (const auto& [metric, entries] : impl_->families) {
        families.push_back(
            {std::string(metric->name), std::string(metric->help), type_of(metric->type), entries});
    }
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace bindhss::metrics
