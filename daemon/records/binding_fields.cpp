// SPDX-License-Identifier: Apache-2.0
#include "records/binding_fields.h"

#include <fmt/format.h>

#include <charconv>

#include "types/time_text.h"

namespace bindhss::records {

namespace {

constexpr std::uint64_t refuse_next_seconds_max = 3'600;  // as the schema has it
constexpr std::uint64_t tac_max = 99'999'999;

/// A field that is one of several words; `parse` tells which.
template <class T, class Parse>
void read_word(FieldReader& fields, std::string_view name, std::string_view words, Parse parse, T& target) {
    const auto* field = fields.find(name);
    if (field == nullptr) return;
    if (const auto value = parse(field->values.front())) {
        target = *value;
    } else {
        fields.error(field->line,
                     fmt::format("{} {} is none of {}", name, shown(field->values.front()), words));
    }
}

std::optional<bool> parse_yes_no(std::string_view text) {
    if (text == "yes") return true;
    if (text == "no") return false;
    return std::nullopt;
}

/// yes, no, and a third word for "neither".
auto three_way(std::string_view neither, std::string_view yes = "yes", std::string_view no = "no") {
    return [=](std::string_view text) -> std::optional<std::optional<bool>> {
        if (text == yes) return std::optional(true);
        if (text == no) return std::optional(false);
        if (text == neither) return std::optional<bool>();
        return std::nullopt;
    };
}

constexpr std::string_view reactions = "alarm, limit, reject, lock";

void read_reactions(FieldReader& fields, binding::Terms& terms) {
    const auto read = [&](std::string_view name, binding::Reaction& target) {
        read_word(fields, name, reactions, binding::parse_reaction, target);
    };
    read("on_unauthorised", terms.on_unauthorised);
    read("on_mismatch", terms.on_mismatch);
    read("on_unproven", terms.on_unproven);
    read("on_shared", terms.on_shared);
    read("on_insecure", terms.on_insecure);
    read_word(fields, "on_suspicion", "alarm, reprovision, lock", binding::parse_on_suspicion,
              terms.on_suspicion);
}

/// A whole number that may be below zero.
std::optional<std::int32_t> read_signed(FieldReader& fields, std::string_view name) {
    const auto* field = fields.find(name);
    if (field == nullptr) return std::nullopt;
    const auto& digits = field->values.front();
    std::int32_t value = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (problem == std::errc() && end == digits.data() + digits.size()) return value;
    fields.error(field->line, std::string(name) + " is not a whole number");
    return std::nullopt;
}

std::optional<WallTime> read_time(FieldReader& fields, std::string_view name) {
    const auto* field = fields.find(name);
    if (field == nullptr) return std::nullopt;
    auto time = parse_time(field->values.front());
    if (!time) time = parse_rfc3339(field->values.front());
    if (!time) {
        fields.error(field->line, fmt::format("{} {} is no date (2026-03-01) or time (2026-03-01T08:30Z)",
                                              name, shown(field->values.front())));
    }
    return time;
}

/// A field that has to be there.
const Field* required(FieldReader& fields, std::string_view name) {
    const auto* field = fields.find(name);
    if (field == nullptr) fields.error(fields.record().line, std::string(name) + " is missing");
    return field;
}

/// The sets of a rule. Both have to be there: a cell left empty by mistake must not mean everybody.
template <class Set>
void read_set(FieldReader& fields, std::string_view name, std::string_view forms, Set& target) {
    const auto* field = required(fields, name);
    if (field == nullptr) return;
    if (const auto set = Set::parse(field->values.front())) {
        target = *set;
    } else {
        fields.error(field->line,
                     fmt::format("{} {} is none of {}", name, shown(field->values.front()), forms));
    }
}

void read_validity(FieldReader& fields, binding::Rule& rule) {
    rule.from = read_time(fields, "from");
    rule.until = read_time(fields, "until");
    if (rule.from && rule.until && *rule.until <= *rule.from)
        fields.error(fields.record().line, "the rule ends before it begins");
}

}  // namespace

std::optional<Imsi> read_imsi(FieldReader& fields) {
    const auto* field = required(fields, "imsi");
    if (field == nullptr) return std::nullopt;
    const auto imsi = Imsi::parse(field->values.front());
    if (!imsi) fields.error(field->line, "imsi " + shown(field->values.front()) + " is not 6 to 15 digits");
    return imsi;
}

std::optional<store::PutTerms> read_terms(FieldReader& fields, binding::Terms base) {
    const bool is_new = base.name.empty();
    const auto* name = required(fields, "name");
    if (is_new) required(fields, "policy");
    read_word(fields, "policy", "off, imei_monitor, imei_enforce, kme, kme+imei", binding::parse_policy,
              base.policy);
    read_word(fields, "acquisition", "preauthorised, first_use, approve", binding::parse_acquisition,
              base.acquisition);
    read_reactions(fields, base);
    read_word(fields, "imei_absent", "allow, reject, configured", three_way("configured", "allow", "reject"),
              base.imei_absent_allowed);
    read_word(fields, "detach_on_notify", "yes, no", parse_yes_no, base.detach_on_notify);
    read_word(fields, "require_secure", "yes, no", parse_yes_no, base.require_secure);
    if (const auto profile = fields.given("limited_profile")) base.limited_profile = *profile;
    if (const auto seconds = fields.number("refuse_next")) {
        if (*seconds > refuse_next_seconds_max)
            fields.error(fields.find("refuse_next")->line, "refuse_next is more than 3600 seconds");
        base.refuse_next = std::chrono::seconds(*seconds);
    }
    if (!fields.good()) return std::nullopt;
    base.name = name->values.front();
    return store::PutTerms{std::move(base)};
}

std::optional<store::PutSubscriptionGroup> read_group(FieldReader& fields) {
    const auto* name = required(fields, "name");
    const auto rank = read_signed(fields, "rank");
    if (!fields.good()) return std::nullopt;
    return store::PutSubscriptionGroup{name->values.front(), fields.given("terms"), rank};
}

std::optional<store::PutMember> read_member(FieldReader& fields) {
    const auto imsi = read_imsi(fields);
    const auto* group = required(fields, "group");
    bool member = true;
    read_word(fields, "member", "yes, no", parse_yes_no, member);
    if (!fields.good()) return std::nullopt;
    return store::PutMember{*imsi, group->values.front(), member};
}

std::optional<store::PutRule> read_rule(FieldReader& fields) {
    store::PutRule put;
    auto& rule = put.rule;
    read_set(fields, "subscriptions",
             "*, an IMSI of 15 digits, a prefix (00101*), an interval (IMSI-IMSI), group:NAME",
             rule.subscriptions);
    read_set(
        fields, "devices",
        "*, an IMEI, a TAC, a range (IMEI-IMEI), group:NAME; with versions behind a colon (35824005:01,05)",
        rule.devices);
    required(fields, "action");
    read_word(
        fields, "action", "allow, deny",
        [](std::string_view text) {
            return text == "allow"  ? std::optional(true)
                   : text == "deny" ? std::optional(false)
                                    : std::nullopt;
        },
        rule.allow);
    rule.priority = read_signed(fields, "priority").value_or(0);
    read_validity(fields, rule);
    rule.comment = fields.text("comment");
    if (const auto id = fields.number("id")) {
        if (*id == 0 || *id > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            fields.error(fields.find("id")->line, "id is not the number of a rule");
        rule.id = static_cast<std::int64_t>(*id);
    }
    if (!fields.good()) return std::nullopt;
    return put;
}

std::optional<store::PutDeviceModel> read_model(FieldReader& fields,
                                                const std::optional<store::DeviceModelRow>& base) {
    store::PutDeviceModel put;
    if (base) {
        put.imei_secure = base->imei_secure;
        put.key_secure = base->key_secure;
        put.forget = true;
    }
    if (const auto* tac = required(fields, "tac")) {
        const auto number = fields.number("tac");
        if (!number || tac->values.front().size() != 8 || *number > tac_max)
            fields.error(tac->line, "tac " + shown(tac->values.front()) + " is not 8 digits");
        put.tac = static_cast<std::uint32_t>(number.value_or(0));
    }
    put.name = fields.given("name");
    if (base && !put.name) put.name = base->name;
    read_word(fields, "imei_secure", "yes, no, unknown", three_way("unknown"), put.imei_secure);
    read_word(fields, "key_secure", "yes, no, unknown", three_way("unknown"), put.key_secure);
    const bool both = fields.find("imei_secure") != nullptr && fields.find("key_secure") != nullptr;
    if (!base) put.forget = both;
    if (!base && !both &&
        (fields.text("imei_secure") == "unknown" || fields.text("key_secure") == "unknown")) {
        fields.error(fields.record().line,
                     "of imei_secure and key_secure one is unknown, the other not given");
    }
    if (!fields.good()) return std::nullopt;
    return put;
}

}  // namespace bindhss::records
