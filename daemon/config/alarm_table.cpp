// SPDX-License-Identifier: Apache-2.0
// alarms: what is told of them, and where.
#include <fmt/format.h>

#include "alarm/address.h"
#include "config/mapping.h"
#include "types/limits.h"

namespace bindhss::config {

namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::array<Choice<alarm::Facility>, 12> facilities{{{"user", alarm::Facility::user},
                                                              {"daemon", alarm::Facility::daemon},
                                                              {"auth", alarm::Facility::auth},
                                                              {"authpriv", alarm::Facility::authpriv},
                                                              {"local0", alarm::Facility::local0},
                                                              {"local1", alarm::Facility::local1},
                                                              {"local2", alarm::Facility::local2},
                                                              {"local3", alarm::Facility::local3},
                                                              {"local4", alarm::Facility::local4},
                                                              {"local5", alarm::Facility::local5},
                                                              {"local6", alarm::Facility::local6},
                                                              {"local7", alarm::Facility::local7}}};

template <class Get>
Setting<Settings> duration(std::string_view key, milliseconds min, milliseconds max,
                           std::string_view description, Get get) {
    return one_value<Settings>(
        key, fmt::format("duration, {} to {}", write_duration(min), write_duration(max)), true, description,
        get, [=](const YAML::Node& node) { return read_duration(node, min, max); }, write_duration);
}

template <class Get>
Setting<Settings> number(std::string_view key, std::uint32_t min, std::uint32_t max,
                         std::string_view description, Get get) {
    return one_value<Settings>(
        key, fmt::format("{} to {}", min, max), true, description, get,
        [=](const YAML::Node& node) { return static_cast<std::uint32_t>(read_number(node, min, max)); },
        [](std::uint32_t value) { return std::to_string(value); });
}

template <class Get>
Setting<Settings> path(std::string_view key, std::string_view description, Get get) {
    return one_value<Settings>(key, "absolute path", true, description, get, read_path, write_text);
}

alarm::Id read_alarm_id(const YAML::Node& node) {
    const auto text = read_text(node);
    std::vector<std::string_view> names;
    for (const auto& row : alarm::catalogue()) {
        if (row.name == text) return row.id;
        names.push_back(row.name);
    }
    const auto hint = did_you_mean(text, names);
    throw BadValue("is not the name of an alarm" + (hint.empty() ? ": docs/alarms.md lists them" : hint));
}

alarm::Severity read_severity(const YAML::Node& node) {
    const auto text = read_text(node);
    std::vector<std::string_view> names;
    for (const auto severity : {alarm::Severity::info, alarm::Severity::warning, alarm::Severity::minor,
                                alarm::Severity::major, alarm::Severity::critical}) {
        names.push_back(alarm::name_of(severity));
        if (names.back() == text) return severity;
    }
    throw BadValue(unknown_choice(text, names));
}

std::string read_alarm_text(const YAML::Node& node) {
    auto text = read_text(node);
    if (text.empty() || text.size() > limits::alarm_text_octets_max)
        throw BadValue(fmt::format("is not a text of 1 to {} octets", limits::alarm_text_octets_max));
    return text;
}

std::vector<Setting<AlarmRule>> make_rule_table() {
    std::vector<Setting<AlarmRule>> table;
    table.push_back(one_value<AlarmRule>(
        "name", "name", false, "of the alarm", [](auto& r) -> auto& { return r.id; }, read_alarm_id,
        [](alarm::Id id) { return write_text(alarm::describe(id).name); }));
    table.back().required = true;
    table.push_back(one_value<AlarmRule>(
        "severity", "severity", false, "info, warning, minor, major or critical",
        [](auto& r) -> auto& { return r.severity; }, read_severity,
        [](const std::optional<alarm::Severity>& severity) {
            return severity ? write_text(alarm::name_of(*severity)) : std::string();
        }));
    table.push_back(one_value<AlarmRule>(
        "text", "text", false, "what receivers read of it", [](auto& r) -> auto& { return r.text; },
        read_alarm_text, [](const std::string& text) { return text.empty() ? "" : write_text(text); }));
    return table;
}

const std::vector<Setting<AlarmRule>>& rule_table() {
    static const auto settings = make_rule_table();
    return settings;
}

void read_rules(Settings& settings, const YAML::Node& node, const std::string& name, Problems& problems) {
    const auto check = [&problems](const std::vector<AlarmRule>& rules, const YAML::Node& item,
                                   const std::string& item_name) {
        for (std::size_t i = 0; item["name"].IsDefined() && i + 1 < rules.size(); ++i) {
            if (rules[i].id == rules.back().id)
                problems.add(item, item_name, "is the same alarm as number " + std::to_string(i + 1));
        }
    };
    settings.alarms.rules = read_items(node, rule_table(), name, "rule", problems, check);
}

/// Ten years.
constexpr hours kept_max{87'600};

void add_detection(std::vector<Setting<Settings>>& table) {
    table.push_back(duration(
        "alarms.repeat_interval", seconds(1), hours(24),
        "An alarm that occurs again with the same subscription, device and peer is counted, and the count "
        "told "
        "once in this time.",
        [](auto& s) -> auto& { return s.alarms.repeat_interval; }));
    table.push_back(number(
        "alarms.escalate_after", 0, 1'000'000,
        "So many occurrences of one alarm within alarms.escalate_within make it one step more severe. 0: "
        "never.",
        [](auto& s) -> auto& { return s.alarms.escalate_after; }));
    table.push_back(duration(
        "alarms.escalate_within", seconds(1), hours(24), "See alarms.escalate_after.",
        [](auto& s) -> auto& { return s.alarms.escalate_within; }));
    table.push_back(number(
        "alarms.flood_after", 1, 100'000,
        "So many subscriptions or devices of one kind of alarm and one peer are told of in a minute; the "
        "rest "
        "is counted in one alarm_flood.",
        [](auto& s) -> auto& { return s.alarms.flood_after; }));
    table.push_back(duration(
        "alarms.keep_cleared", seconds(0), kept_max,
        "For how long an alarm that was cleared stays in bindhssctl alarm list --all: 2160h are 90 days. 0s: "
        "for ever.",
        [](auto& s) -> auto& { return s.alarms.keep_cleared; }));
    table.push_back(items_of(
        "alarms.rules", "list of rules",
        "Alarms that are to have another severity, or another text, than docs/alarms.md says.",
        [](auto& s) -> auto& { return s.alarms.rules; }, read_rules,
        [](const Settings& s) { return write_items(s.alarms.rules, rule_table(), "  "); }));
}

}  // namespace

void add_alarms(std::vector<Setting<Settings>>& table) {
    add_detection(table);
    table.push_back(path(
        "alarms.json_lines",
        "A file to which alarms are appended, one object of JSON a line. Empty: none. It may be renamed or "
        "removed at any time, and is then made anew.",
        [](auto& s) -> auto& { return s.alarms.json_lines; }));
    table.push_back(one_value<Settings>(
        "alarms.syslog.to", "address", true,
        "udp://host:514, tcp://host:601 (octets counted, RFC 6587 3.4.1) or unix:/dev/log. Empty: nowhere.",
        [](auto& s) -> auto& { return s.alarms.syslog.to; }, read_address_of<alarm::SyslogAddress>,
        write_text));
    std::vector<std::string_view> names;
    names.reserve(std::size(facilities));
    for (const auto& choice : facilities) names.push_back(choice.first);
    table.push_back(one_value<Settings>(
        "alarms.syslog.facility", fmt::format("{}", fmt::join(names, " | ")), true,
        "The facility of its messages.", [](auto& s) -> auto& { return s.alarms.syslog.facility; },
        [](const YAML::Node& node) { return read_choice<alarm::Facility>(node, facilities); },
        [](alarm::Facility value) { return write_choice<alarm::Facility>(value, facilities); }));
    table.push_back(one_value<Settings>(
        "alarms.webhook.url", "URL", true,
        "https://host/path, to which each alarm is posted as JSON. Empty: nowhere. http:// shows IMSI and "
        "IMEI to the network.",
        [](auto& s) -> auto& { return s.alarms.webhook.url; }, read_address_of<alarm::WebAddress>,
        write_text));
    table.push_back(file_setting(
        "alarms.webhook.secret_file", true,
        "A file with the secret that signs the requests (HMAC-SHA-256), 16 octets or more; nobody else may "
        "be "
        "able to read it.",
        [](auto& s) -> auto& { return s.alarms.webhook.secret_file; }));
    table.push_back(file_setting(
        "alarms.webhook.ca", true,
        "The certificates in PEM that are trusted to sign the receiver's. Empty: those that this machine "
        "trusts.",
        [](auto& s) -> auto& { return s.alarms.webhook.ca; }));
}

void add_audit(std::vector<Setting<Settings>>& table) {
    table.push_back(duration(
        "audit.keep", seconds(0), kept_max, "For how long bindhssctl audit list has it. 0s: for ever.",
        [](auto& s) -> auto& { return s.audit.keep; }));
}

void check_alarms(const Settings& settings, const YAML::Node& root, Problems& problems) {
    const auto refuse = [&](const std::string& key, std::string text) {
        problems.add(line_of(root, key), key, std::move(text));
    };
    const auto& webhook = settings.alarms.webhook;
    if (webhook.url.empty()) {
        if (!webhook.secret_file.empty() || !webhook.ca.empty())
            refuse("alarms.webhook.url", "is missing, and other settings of alarms.webhook are given");
        return;
    }
    if (webhook.secret_file.empty()) {
        refuse("alarms.webhook.secret_file",
               "is missing: the receiver could not tell our alarms from others");
    }
    if (!webhook.ca.empty() && !alarm::WebAddress::parse(webhook.url).tls)
        refuse("alarms.webhook.ca", "is of no use with http://: write https://");
}

std::string alarm_rules_example() {
    AlarmRule example;
    example.id = alarm::Id::imei_missing;
    example.severity = alarm::Severity::info;
    example.text = "The MME does not report devices yet.";
    return "  # rules:\n" + write_example(example, rule_table(), "  ");
}

}  // namespace bindhss::config
