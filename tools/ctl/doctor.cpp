// SPDX-License-Identifier: Apache-2.0
#include "ctl/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "config/config.h"
#include "store/provisioning.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace json = boost::json;

namespace {

std::string_view word_of(Health health) {
    switch (health) {
        case Health::ok:
            return "ok";
        case Health::warn:
            return "warn";
        case Health::fail:
            break;
    }
    return "FAIL";
}

std::string text_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr) return {};
    return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

/// What keeps a part of the daemon from answering is a finding of its own.
template <class Check>
void attempt(Findings& findings, const std::string& what, Check check) {
    const auto* const mend = "see the log of the daemon";
    try {
        check();
    } catch (const ApiProblem& problem) {
        constexpr unsigned of_the_daemon = 500;
        if (problem.status() >= of_the_daemon) return findings.fail(what, problem.what(), mend);
        findings.warn(what, problem.what(), mend);
    } catch (const store::Unavailable& away) {
        findings.fail(what, away.what(), mend);
    } catch (const std::exception& error) {
        findings.warn(what, error.what(), mend);
    }
}

void check_version(ApiClient& api, Findings& findings) {
    const auto status = fetch(api, path_of({"status"}));
    const auto version = text_in(status, "version");
    const auto running =
        fmt::format("{} answers at {}, version {}", text_in(status, "identity"), api.where(), version);
    if (version.empty() || version == BINDHSS_VERSION) return findings.ok("daemon", running);
    findings.warn("daemon", running + "; this program is " BINDHSS_VERSION,
                  "restart the daemon after an upgrade, or take the bindhssctl of its version");
}

void check_readiness(ApiClient& api, Findings& findings) {
    const auto response = done_by(api, get_of(path_of({"health"})));
    const auto health = object_from(response);
    const auto* checks = health.if_contains("checks");
    if (checks == nullptr || !checks->is_array()) {
        return findings.fail("readiness", "the answer of the API has no \"checks\"",
                             "see whether it is a bindhssd of this version that answers");
    }
    const std::string lasts = "as long as this lasts, the daemon is not ready to serve";
    bool all_good = true;
    for (const auto& each : checks->get_array()) {
        const auto* object = each.if_object();
        const auto* good = object == nullptr ? nullptr : object->if_contains("good");
        if (good != nullptr && good->is_bool() && good->get_bool()) continue;
        all_good = false;
        findings.fail("daemon: " + (object == nullptr ? std::string() : text_in(*object, "name")),
                      object == nullptr ? std::string() : text_in(*object, "detail"), lasts);
    }
    const auto* ready = health.if_contains("ready");
    if (all_good && ready != nullptr && ready->is_bool() && !ready->get_bool())
        return findings.fail("readiness", "the daemon says that it is not ready to serve", lasts);
    if (all_good) findings.ok("readiness", "the daemon is ready to serve");
}

void check_peers(ApiClient& api, Findings& findings) {
    const auto peers = fetch_items(api, path_of({"peers"}));
    std::size_t open = 0;
    for (const auto& peer : peers) {
        const auto state = text_in(peer, "state");
        if (state == "open" || state == "connected") {
            ++open;
            continue;
        }
        findings.warn("peer " + text_in(peer, "identity"), "is " + state,
                      "see whether it runs, and whether its address, realm and TLS are as the configuration "
                      "says; bindhssctl events tells of refusals");
    }
    if (open > 0) return findings.ok("peers", fmt::format("{} connected", open));
    findings.warn("peers", "nobody is connected over Diameter",
                  "name the MMEs in diameter.peers, and see bindhssctl events for those that were refused");
}

std::vector<json::object> events_behind(ApiClient& api, std::uint64_t after) {
    const auto answer = fetch(
        api, path_of({"events"}),
        Query().add("after", std::to_string(after)).add("limit", std::to_string(limits::journal_page_max)));
    const auto* items = answer.if_contains("items");
    if (items == nullptr || !items->is_array())
        throw Refused("the answer of the API has no \"items\": is it a BindHSS that answers?");
    std::vector<json::object> events;
    for (const auto& each : items->get_array())
        if (each.is_object()) events.push_back(each.get_object());
    return events;
}

void check_refusals(ApiClient& api, Findings& findings) {
    struct Refusals {
        std::size_t times = 0;
        std::string last;
    };
    std::map<std::string, Refusals> refused;
    std::uint64_t after = 0;
    // While this reads on, more may happen: it ends with what the daemon keeps at once.
    for (std::size_t read = 0; read <= limits::journal_events_max; read += limits::journal_page_max) {
        const auto begin = after;
        for (const auto& event : events_behind(api, begin)) {
            if (const auto* number = event.if_contains("number"); number != nullptr && number->is_number())
                after = std::max(after, number->to_number<std::uint64_t>());
            if (text_in(event, "event") != "peer_refused") continue;
            auto& one = refused[text_in(event, "address") + " " + text_in(event, "detail")];
            ++one.times;
            one.last = text_in(event, "at");
        }
        if (after == begin) break;
    }
    for (const auto& [who, refusals] : refused) {
        findings.warn("peer refused",
                      fmt::format("{} times, last {}: {}", refusals.times, refusals.last, who),
                      "if it may come, name it in diameter.peers");
    }
}

void check_alarms(ApiClient& api, Findings& findings) {
    constexpr std::size_t most = 1'000;
    const auto alarms = fetch_list(api, path_of({"alarms"}), {}, store::Page(most));
    std::map<std::string, std::size_t> open;
    for (const auto& alarm : alarms) ++open[text_in(alarm, "severity")];
    std::string text;
    for (const auto& [severity, number] : open)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, severity);
    const auto what =
        fmt::format("{}{} open: {}", alarms.size(), alarms.size() == most ? " or more" : "", text);
    const auto mend = "bindhssctl alarm list; docs/alarms.md tells for each what to do";
    if (open.contains("critical")) return findings.fail("alarms", what, mend);
    if (open.contains("major")) return findings.warn("alarms", what, mend);
    findings.ok("alarms", alarms.empty() ? "none open" : what);
}

}  // namespace

bool Findings::has_failed() const {
    return std::any_of(list_.begin(), list_.end(),
                       [](const auto& finding) { return finding.health == Health::fail; });
}

std::optional<Target> check_configuration(const ConnectionOptions& options, Findings& findings) {
    Target target;
    const auto file = options.config_file();
    try {
        target.settings = options.settings();
        if (!file.empty()) {
            findings.ok("configuration", file);
            for (const auto& warning : config::warnings(target.settings))
                findings.warn("configuration", warning, "change it in " + file + " if it is not meant");
        } else {
            findings.warn("configuration", "there is no file: everything has its default",
                          "name it with --config");
        }
    } catch (const std::exception& error) {
        std::string text = error.what();
        for (std::size_t begin = 0; begin < text.size();) {
            const auto end = std::min(text.find('\n', begin), text.size());
            findings.fail("configuration", text.substr(begin, end - begin),
                          "correct it; config/bindhssd.yaml tells of every key");
            begin = end + 1;
        }
        return std::nullopt;
    }
    options.apply_to(target);
    return target;
}

void check_daemon(ApiClient& api, Findings& findings) {
    attempt(findings, "daemon", [&] { check_version(api, findings); });
    attempt(findings, "readiness", [&] { check_readiness(api, findings); });
    attempt(findings, "peers", [&] { check_peers(api, findings); });
    attempt(findings, "events", [&] { check_refusals(api, findings); });
    attempt(findings, "alarms", [&] { check_alarms(api, findings); });
}

bool check_api(const Target& target, Findings& findings) {
    try {
        const auto api = connect_api(target.address(), target.credentials);
        try {
            static_cast<void>(done_by(*api, get_of(path_of({"status"}))));
        } catch (const ApiProblem& problem) {
            if (problem.status() == 401 || problem.status() == 403) {
                findings.fail("API", problem.what(),
                              "come as root or as the daemon's user, or with a token that has a role");
                return false;
            }
            // It answers, and that is what is asked here; check_daemon() tells of what it answers.
        }
        check_daemon(*api, findings);
        return true;
    } catch (const store::Unavailable& away) {
        findings.fail("API", away.what(), "start the daemon (systemctl start bindhssd), and see its log");
    } catch (const std::exception& error) {
        findings.fail("API", error.what(), "correct the argument or the file");
    }
    return false;
}

void print_findings(const Findings& findings, Streams& io, bool json) {
    if (json) {
        json::array list;
        for (const auto& finding : findings.list()) {
            list.push_back(json::object{{"health", word_of(finding.health)},
                                        {"what", finding.what},
                                        {"detail", finding.detail},
                                        {"mend", finding.mend}});
        }
        io.out << json::serialize(list) << '\n';
        return;
    }
    for (const auto& finding : findings.list()) {
        io.out << fmt::format("{:<4} {}: {}", word_of(finding.health), finding.what, finding.detail);
        if (!finding.mend.empty()) io.out << "\n     -> " << finding.mend;
        io.out << '\n';
    }
}

int run_doctor(const ConnectionOptions& options, Streams& io, bool json, const LookAtDatabase& database) {
    Findings findings;
    const auto target = check_configuration(options, findings);
    if (target) {
        const auto now = SystemClock().now();
        // A daemon somewhere else has its files there.
        const bool here = target->api.empty();
        if (here) check_files(*target, findings);
        if (here) check_certificates(*target, now, findings);
        check_clock(findings);
        if (here && database) database(*target, findings);
        if (!target->database) check_api(*target, findings);
    }
    print_findings(findings, io, json);
    return findings.has_failed() ? refused : done;
}

}  // namespace bindhss::ctl
