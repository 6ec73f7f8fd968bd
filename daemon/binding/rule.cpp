// SPDX-License-Identifier: Apache-2.0
#include "binding/rule.h"

#include <algorithm>
#include <tuple>

#include "types/digits.h"

namespace bindhss::binding {

namespace {

constexpr std::string_view group_prefix = "group:";
constexpr std::uint64_t devices_of_a_tac = 1'000'000;

std::string padded(std::uint64_t number, std::size_t digits) {
    auto text = std::to_string(number);
    return std::string(digits - text.size(), '0') + text;
}

std::optional<std::string> group_in(std::string_view text) {
    if (!text.starts_with(group_prefix) || text.size() == group_prefix.size()) return std::nullopt;
    return std::string(text.substr(group_prefix.size()));
}

std::optional<std::size_t> version_of(std::string_view svn) {
    if (svn.size() != 2 || !all_digits(svn)) return std::nullopt;
    return to_number(svn);
}

/// The IMSIs that begin with these digits.
SubscriptionSet beginning_with(std::string_view digits) {
    const std::string rest(Imsi::digits_max - digits.size(), '0');
    const std::string last(Imsi::digits_max - digits.size(), '9');
    return {to_number(std::string(digits) + rest), to_number(std::string(digits) + last), {}};
}

/// As beginning_with() reads them; nothing when the interval is no prefix.
std::optional<std::string> prefix_of(const SubscriptionSet& set) {
    const auto low = padded(set.low, Imsi::digits_max);
    for (std::size_t size = 0; size < Imsi::digits_max; ++size) {
        const auto digits = std::string_view(low).substr(0, size);
        if (beginning_with(digits) == set) return std::string(digits);
    }
    return std::nullopt;
}

bool is_whole_imsi(std::string_view text) {
    return text.size() == Imsi::digits_max && all_digits(text);
}

bool spans_one_tac(const ImeiRange& range) {
    const auto first = std::max<std::uint64_t>(range.low.tac() * devices_of_a_tac, 1);
    return range.low.number() == first &&
           range.high.number() == range.low.tac() * devices_of_a_tac + devices_of_a_tac - 1;
}

/// IMEISV: the only notation in which a version is part of the number (TS 23.003 6.2.2).
bool is_imeisv(std::string_view text) {
    return text.size() == Imei::digits + 2 && all_digits(text);
}

std::optional<DeviceSet> parse_devices(std::string_view text) {
    DeviceSet set;
    if (text == "*") return set;
    if (auto group = group_in(text)) {
        set.group = std::move(*group);
        return set;
    }
    set.range = ImeiRange::parse(text);
    if (!set.range) return std::nullopt;
    if (is_imeisv(text)) set.svns = *SvnSet::parse(text.substr(Imei::digits));
    return set;
}

bool contains(std::span<const std::string> groups, const std::string& group) {
    return std::find(groups.begin(), groups.end(), group) != groups.end();
}

bool valid_at(const Rule& rule, WallTime now) {
    return (!rule.from || *rule.from <= now) && (!rule.until || now < *rule.until);
}

bool covers(const SubscriptionSet& set, const Pair& pair) {
    if (!set.group.empty()) return contains(pair.subscription_groups, set.group);
    const auto number = SubscriptionSet::number_of(pair.imsi);
    return set.low <= number && number <= set.high;
}

bool covers(const DeviceSet& set, const Pair& pair) {
    // A version that was not reported is none of those that the rule is about.
    if (!set.svns.empty() && (!pair.svn || !set.svns.contains(*pair.svn))) return false;
    if (!set.group.empty()) return contains(pair.device_groups, set.group);
    return !set.range || set.range->contains(pair.imei);
}

/// How closely a rule says which device it means (spec 5.1), the loosest first.
enum class Closeness : std::uint8_t { any, model_or_group, range, imei, imeisv };

Closeness closeness_of(const DeviceSet& set) {
    if (!set.group.empty()) return Closeness::model_or_group;
    if (!set.range) return Closeness::any;
    if (set.range->low == set.range->high) return set.svns.empty() ? Closeness::imei : Closeness::imeisv;
    return spans_one_tac(*set.range) ? Closeness::model_or_group : Closeness::range;
}

bool goes_before(const Rule& a, const Rule& b) {
    const auto rank = [](const Rule& rule) {
        return std::tuple(rule.priority, closeness_of(rule.devices), !rule.allow, -rule.id);
    };
    return rank(a) > rank(b);
}

}  // namespace

std::optional<SvnSet> SvnSet::parse(std::string_view text) {
    SvnSet set;
    for (;;) {
        const auto comma = text.find(',');
        const auto version = version_of(text.substr(0, comma));
        if (!version) return std::nullopt;
        set.versions_.set(*version);
        if (comma == std::string_view::npos) return set;
        text.remove_prefix(comma + 1);
    }
}

bool SvnSet::contains(std::string_view svn) const {
    const auto version = version_of(svn);
    return version && versions_.test(*version);
}

std::string SvnSet::str() const {
    std::string text;
    for (std::size_t version = 0; version < versions_.size(); ++version) {
        if (!versions_.test(version)) continue;
        if (!text.empty()) text += ',';
        text += padded(version, 2);
    }
    return text;
}

std::uint64_t SubscriptionSet::number_of(const Imsi& imsi) {
    auto number = to_number(imsi.digits());
    for (auto digits = imsi.digits().size(); digits < Imsi::digits_max; ++digits) number *= 10;
    return number;
}

std::optional<SubscriptionSet> SubscriptionSet::parse(std::string_view text) {
    if (auto group = group_in(text)) return SubscriptionSet{0, last_number, std::move(*group)};
    if (is_whole_imsi(text)) return SubscriptionSet{to_number(text), to_number(text), {}};
    if (text.ends_with('*')) {
        const auto digits = text.substr(0, text.size() - 1);
        if (digits.size() >= Imsi::digits_max || !all_digits(digits)) return std::nullopt;
        return beginning_with(digits);
    }
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto low = text.substr(0, dash);
    const auto high = text.substr(dash + 1);
    if (!is_whole_imsi(low) || !is_whole_imsi(high) || high < low) return std::nullopt;
    return SubscriptionSet{to_number(low), to_number(high), {}};
}

std::string SubscriptionSet::str() const {
    if (!group.empty()) return std::string(group_prefix) + group;
    if (low == high) return padded(low, Imsi::digits_max);
    if (const auto prefix = prefix_of(*this)) return *prefix + "*";
    return padded(low, Imsi::digits_max) + "-" + padded(high, Imsi::digits_max);
}

std::optional<DeviceSet> DeviceSet::parse(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return parse_devices(text);
    const auto svns = SvnSet::parse(text.substr(colon + 1));
    if (!svns) return parse_devices(text);  // the colon belongs to "group:"
    auto set = parse_devices(text.substr(0, colon));
    // "group:01" is a group of that name; and an IMEISV has said its version.
    if (!set) return parse_devices(text);
    if (!set->svns.empty()) return std::nullopt;
    set->svns = *svns;
    return set;
}

std::string DeviceSet::str() const {
    std::string text = "*";
    if (!group.empty()) {
        text = std::string(group_prefix) + group;
    } else if (range) {
        text = spans_one_tac(*range) ? padded(range->low.tac(), 8) : range->str();
    }
    return svns.empty() ? text : text + ":" + svns.str();
}

bool applies(const Rule& rule, const Pair& pair, WallTime now) {
    return valid_at(rule, now) && covers(rule.subscriptions, pair) && covers(rule.devices, pair);
}

const Rule* deciding_rule(std::span<const Rule> rules, const Pair& pair, WallTime now) {
    const Rule* deciding = nullptr;
    for (const auto& rule : rules) {
        if (!applies(rule, pair, now)) continue;
        if (deciding == nullptr || goes_before(rule, *deciding)) deciding = &rule;
    }
    return deciding;
}

}  // namespace bindhss::binding
