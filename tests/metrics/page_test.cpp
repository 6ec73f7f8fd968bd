// SPDX-License-Identifier: Apache-2.0
#include "metrics/page.h"

#include <catch2/catch.hpp>
#include <set>

#include "metrics/catalogue.h"
#include "metrics/process.h"

namespace bindhss {

using Catch::Contains;
using metrics::Page;

TEST_CASE("names in the catalogue are those of Prometheus, each once, each with a sentence") {
    std::set<std::string_view> names;
    for (const auto& metric : metrics::catalogue()) {
        INFO(metric.name);
        CHECK(names.insert(metric.name).second);
        CHECK((metric.name.starts_with("bindhss_") || metric.name.starts_with("process_")));
        CHECK((metric.type == metrics::Type::counter) == metric.name.ends_with("_total"));
        CHECK(metric.help.ends_with('.'));
        CHECK(metrics::find_metric(metric.name) == &metric);
        // Nothing of what grows with subscribers or devices may be a label.
        for (const auto* forbidden : {"imsi", "imei", "session", "msisdn"})
            CHECK(metric.labels.find(forbidden) == std::string_view::npos);
    }
    CHECK(metrics::find_metric("bindhss_nothing") == nullptr);
}

TEST_CASE("a page has its families once, with type and help, and values escaped") {
    Page page;
    page.add("bindhss_ready", 1);
    page.add("bindhss_peer_up", 1, {{"peer", "a\"b\\c\nd"}});
    page.add("bindhss_peer_up", 0, {{"peer", "mme2"}});
    const auto text = page.text();
    CHECK_THAT(text, Contains("# TYPE bindhss_ready gauge\nbindhss_ready 1\n"));
    CHECK_THAT(text, Contains("# HELP bindhss_ready "));
    CHECK_THAT(text, Contains("bindhss_peer_up{peer=\"a\\\"b\\\\c\\nd\"} 1\n"));
    CHECK_THAT(text, Contains("bindhss_peer_up{peer=\"mme2\"} 0\n"));
    CHECK(text.find("# TYPE bindhss_peer_up") == text.rfind("# TYPE bindhss_peer_up"));
}

TEST_CASE("buckets of a histogram are told as Prometheus adds them up") {
    Page page;
    page.add_histogram("bindhss_store_batch_size", {1, 2, 4}, {3, 0, 2, 1}, 25, {{"lane", "general"}});
    const auto text = page.text();
    CHECK_THAT(text, Contains("bindhss_store_batch_size_bucket{lane=\"general\",le=\"1\"} 3\n"));
    CHECK_THAT(text, Contains("bindhss_store_batch_size_bucket{lane=\"general\",le=\"2\"} 3\n"));
    CHECK_THAT(text, Contains("bindhss_store_batch_size_bucket{lane=\"general\",le=\"4\"} 5\n"));
    CHECK_THAT(text, Contains("bindhss_store_batch_size_bucket{lane=\"general\",le=\"+Inf\"} 6\n"));
    CHECK_THAT(text, Contains("bindhss_store_batch_size_count{lane=\"general\"} 6\n"));
    CHECK_THAT(text, Contains("bindhss_store_batch_size_sum{lane=\"general\"} 25\n"));
}

TEST_CASE("what the catalogue has not, or has otherwise, is a fault") {
    Page page;
    CHECK_THROWS_AS(page.add("bindhss_nothing", 1), std::logic_error);
    CHECK_THROWS_AS(page.add("bindhss_ready", 1, {{"imsi", "001010000000001"}}), std::logic_error);
    CHECK_THROWS_AS(page.add("bindhss_peer_up", 1), std::logic_error);
    CHECK_THROWS_AS(page.add("bindhss_store_batch_size", 1, {{"lane", "general"}}), std::logic_error);
    CHECK_THROWS_AS(page.add_histogram("bindhss_store_batch_size", {1}, {1}, 1, {{"lane", "x"}}),
                    std::logic_error);
}

TEST_CASE("the process tells of itself") {
    Page page;
    metrics::put_process(page);
    const auto text = page.text();
    for (const auto* name : {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
                             "process_max_fds", "process_threads", "process_start_time_seconds"})
        CHECK_THAT(text, Contains("\n" + std::string(name) + " "));
}

}  // namespace bindhss
