// SPDX-License-Identifier: Apache-2.0
#include "app/observer.h"

#include "types/aka.h"
#include "types/result_code.h"

namespace bindhss {

namespace {

using metrics::Detail;
using procedure::Decision;

std::string_view result_of(const Failure* failure) {
    return failure == nullptr ? "DIAMETER_SUCCESS" : result_code(failure->cause).name;
}

std::string_view reason_of(const Failure* failure) {
    return failure == nullptr ? std::string_view() : std::string_view(failure->detail);
}

std::optional<Cause> cause_of(const Failure* failure) {
    return failure == nullptr ? std::nullopt : std::optional(failure->cause);
}

const procedure::Note* find(const Decision& decision, std::string_view key) {
    for (const auto& note : decision.notes)
        if (note.key == key) return &note;
    return nullptr;
}

std::string_view text_of(const Decision& decision, std::string_view key) {
    const auto* note = find(decision, key);
    const auto* text = note != nullptr ? std::get_if<std::string_view>(&note->value) : nullptr;
    return text != nullptr ? *text : std::string_view();
}

std::uint64_t number_of(const Decision& decision, std::string_view key) {
    const auto* note = find(decision, key);
    const auto* number = note != nullptr ? std::get_if<std::int64_t>(&note->value) : nullptr;
    return number != nullptr ? static_cast<std::uint64_t>(*number) : 0;
}

Detail detail_of(const procedure::Note& note) {
    return std::visit([&note](const auto& value) { return Detail(note.key, value); }, note.value);
}

}  // namespace

void Observer::served(const diameter::ServedRequest& request) noexcept {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    served_.add(request.command, cause_of(request.failure), request.took);
    const bool relayed = request.origin_host != request.peer;
    const Detail details[] = {{"session", request.session},
                              {"command", request.command},
                              {"peer", request.peer},
                              {"node", relayed ? request.origin_host : std::string_view()},
                              {"retransmitted", request.retransmitted},
                              {"result", result_of(request.failure)},
                              {"microseconds", request.took.count()},
                              {"reason", reason_of(request.failure)}};
    journal_.add({"request", request.imsi, request.failure == nullptr, details});
}

void Observer::joined(bool refused) noexcept {
    (refused ? joined_refused_ : joined_).fetch_add(1, std::memory_order_relaxed);
}

void Observer::sent(const diameter::SentRequestOutcome& request) noexcept {
    sent_.add(request.command, cause_of(request.failure), request.took);
    const Detail details[] = {{"session", request.session},
                              {"command", request.command},
                              {"node", request.node},
                              {"result", result_of(request.failure)},
                              {"microseconds", request.took.count()},
                              {"reason", reason_of(request.failure)}};
    journal_.add({"node_request", request.imsi, false, details});
}

void Observer::count(const Decision& decision) {
    switch (decision.kind) {
        case Decision::Kind::vectors:
            return vectors_.add(text_of(decision, "kind"),
                                number_of(decision, "eutran") + number_of(decision, "utran"));
        case Decision::Kind::resync:
            return resyncs_.add(decision.outcome);
        case Decision::Kind::access:
            return access_.add(text_of(decision, "policy"), decision.outcome);
        case Decision::Kind::device:
            return devices_.add(text_of(decision, "policy"), decision.outcome);
        case Decision::Kind::evidence:
            return evidence_.add(text_of(decision, "sign"), decision.outcome);
        case Decision::Kind::exchange:
            return exchanges_.add(text_of(decision, "way"), decision.outcome);
    }
}

void Observer::decided(const Decision& decision) noexcept {
    count(decision);
    std::array<Detail, limits::journal_fields_max> details;
    std::size_t count = 0;
    details[count++] = {"session", decision.session};
    details[count++] = {"node", decision.node};
    details[count++] = {"outcome", decision.outcome};
    for (const auto& note : decision.notes) {
        if (count == details.size()) break;
        details[count++] = detail_of(note);
    }
    const auto imsi = decision.imsi ? decision.imsi->digits() : std::string_view();
    journal_.add({procedure::name_of(decision.kind), imsi, decision.ordinary,
                  std::span<const Detail>(details.data(), count)});
}

void Observer::sequence_reserved(std::uint64_t seq) noexcept {
    auto highest = highest_seq_.load(std::memory_order_relaxed);
    while (highest < seq && !highest_seq_.compare_exchange_weak(highest, seq, std::memory_order_relaxed)) {
    }
}

void Observer::tell(const alarm::Notice& notice) noexcept {
    try {
        const auto& alarm = notice.alarm;
        const auto imei = alarm.imei ? alarm.imei->str() : std::string();
        const Detail details[] = {{"session", alarm.session},
                                  {"alarm", alarm::describe(alarm.id).name},
                                  {"change", alarm::name_of(notice.change)},
                                  {"severity", alarm::name_of(notice.severity)},
                                  {"count", notice.count},
                                  {"imei", imei},
                                  {"node", alarm.peer},
                                  {"reason", alarm.detail.empty() ? notice.text : alarm.detail},
                                  {"by", notice.by}};
        journal_.add({"alarm", alarm.imsi ? alarm.imsi->digits() : std::string_view(), false, details});
    } catch (...) {  // no memory: other outlets have it
    }
}

double Observer::sequence_used() const {
    return static_cast<double>(highest_seq_.load(std::memory_order_relaxed)) /
           static_cast<double>(Sqn::seq_issue_max);
}

void Observer::put(metrics::Page& page) const {
    metrics::put(page, "bindhss_s6a_requests_total", "bindhss_s6a_request_seconds", served_.counts(),
                 {"AIR", "ULR", "PUR", "NOR", "ECR"});
    metrics::put(page, "bindhss_node_requests_total", "bindhss_node_request_seconds", sent_.counts(),
                 {"CLR", "IDR", "DSR", "RSR"});
    page.add("bindhss_s6a_requests_in_flight", static_cast<double>(in_flight()));
    page.add("bindhss_s6a_retransmissions_total", static_cast<double>(joined_.load()),
             {{"outcome", "joined"}});
    page.add("bindhss_s6a_retransmissions_total", static_cast<double>(joined_refused_.load()),
             {{"outcome", "refused"}});
    page.add("bindhss_sequence_used_ratio", sequence_used());
    const auto named = [&page](std::string_view metric, std::string_view label, const auto& counters) {
        counters.each([&](std::string_view name, std::uint64_t number) {
            page.add(metric, static_cast<double>(number), {{label, std::string(name)}});
        });
    };
    named("bindhss_vectors_issued_total", "kind", vectors_);
    named("bindhss_resyncs_total", "outcome", resyncs_);
    const auto pairs = [&page](std::string_view metric, std::string_view label, const auto& counters) {
        counters.each([&](std::string_view row, std::string_view column, std::uint64_t number) {
            page.add(metric, static_cast<double>(number),
                     {{label, std::string(row)}, {"outcome", std::string(column)}});
        });
    };
    pairs("bindhss_access_decisions_total", "policy", access_);
    pairs("bindhss_device_decisions_total", "policy", devices_);
    pairs("bindhss_evidence_total", "sign", evidence_);
    pairs("bindhss_key_exchanges_total", "way", exchanges_);
}

}  // namespace bindhss
