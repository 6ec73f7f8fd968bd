// SPDX-License-Identifier: Apache-2.0
// Rules between subscriptions and devices (spec 5.1), the last case against a reference that is written down
// naively.
#include "binding/rule.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

namespace bindhss::binding {

namespace {

using namespace std::chrono_literals;

const WallTime now{std::chrono::milliseconds{1'000'000'000}};
const Imsi imsi = *Imsi::parse("001010123456789");
const Imei imei = *Imei::parse("35824005111111");

/// REQUIRES: both texts are ones that the parsers take.
Rule rule(std::int64_t id, bool allow, std::string_view subscriptions, std::string_view devices,
          std::int32_t priority = 0) {
    Rule result;
    result.id = id;
    result.subscriptions = *SubscriptionSet::parse(subscriptions);
    result.devices = *DeviceSet::parse(devices);
    result.allow = allow;
    result.priority = priority;
    return result;
}

struct Asking {
    Imsi imsi = binding::imsi;
    std::vector<std::string> subscription_groups;
    Imei imei = binding::imei;
    std::optional<std::string> svn = "05";
    std::vector<std::string> device_groups;
    [[nodiscard]] Pair pair() const { return {imsi, subscription_groups, imei, svn, device_groups}; }
};

/// The id of the rule that decides; -1: none.
std::int64_t decides(const std::vector<Rule>& rules, const Asking& asking = {}) {
    const auto* deciding = deciding_rule(rules, asking.pair(), now);
    return deciding == nullptr ? -1 : deciding->id;
}

bool applies_to(std::string_view subscriptions, std::string_view devices, const Asking& asking = {}) {
    return applies(rule(1, true, subscriptions, devices), asking.pair(), now);
}

}  // namespace

TEST_CASE("Software versions are two digits each, in a list", "[rule]") {
    const auto set = SvnSet::parse("07,01,07,99");
    REQUIRE(set);
    CHECK(set->str() == "01,07,99");
    CHECK(set->contains("01"));
    CHECK_FALSE(set->contains("02"));
    CHECK_FALSE(set->contains("1"));
    CHECK_FALSE(set->contains("0a"));
    CHECK(SvnSet().empty());
    CHECK(SvnSet().str().empty());
    for (const auto* text : {"", "1", "001", "01,", ",01", "01,,02", "01 ,02", "a1", "-1", "01;02"}) {
        INFO("'" << text << "'");
        CHECK_FALSE(SvnSet::parse(text));
    }
}

TEST_CASE("Subscriptions are an IMSI, a prefix, an interval, a group or everybody", "[rule][R1]") {
    CHECK(SubscriptionSet::parse("*") == SubscriptionSet{});
    CHECK(SubscriptionSet::parse("001010123456789") ==
          SubscriptionSet{1'010'123'456'789, 1'010'123'456'789, {}});
    CHECK(SubscriptionSet::parse("00101*") == SubscriptionSet{1'010'000'000'000, 1'019'999'999'999, {}});
    CHECK(SubscriptionSet::parse("group:meters")->group == "meters");
    for (const auto* text : {"*", "001010123456789", "00101*", "9*", "00101012345678*", "group:meters",
                             "group:a:01", "001010000000001-001010000000999", "000000000000000"}) {
        INFO(text);
        REQUIRE(SubscriptionSet::parse(text));
        CHECK(SubscriptionSet::parse(text)->str() == text);
    }
    CHECK(SubscriptionSet::parse("001010000000000-001010000000999")->str() == "001010000000*");
    CHECK(SubscriptionSet::parse("000000000000000-999999999999999")->str() == "*");
}

TEST_CASE("What is no set of subscriptions is refused", "[rule]") {
    for (const auto* text : {"", "00101", "00101012345678", "0010101234567890", "001010123456789*", "0x*",
                             "*00101", "group:", "001010000000999-001010000000000", "00101-00102",
                             "001010000000000-", "-001010000000000", "group"}) {
        INFO("'" << text << "'");
        CHECK_FALSE(SubscriptionSet::parse(text));
    }
}

TEST_CASE("A short IMSI lies among those that begin with it", "[rule]") {
    const auto short_imsi = *Imsi::parse("0010155");
    CHECK(SubscriptionSet::number_of(short_imsi) == 1'015'500'000'000);
    CHECK(applies_to("0010155*", "*", {.imsi = short_imsi}));
    CHECK(applies_to("00101*", "*", {.imsi = short_imsi}));
    CHECK_FALSE(applies_to("0010156*", "*", {.imsi = short_imsi}));
}

TEST_CASE("Devices are an IMEI, an IMEISV, a range, a TAC, a group or all, and may name versions",
          "[rule][R1]") {
    CHECK(DeviceSet::parse("*") == DeviceSet{});
    CHECK(DeviceSet::parse("group:modems")->group == "modems");
    CHECK(DeviceSet::parse("358240051111111")->range == ImeiRange::of(imei));  // with its check digit
    for (const auto* text :
         {"*", "*:01", "35824005111111", "35824005111111:05", "35824005", "35824005:01,05", "group:modems",
          "group:modems:01,05", "group:a:b", "35824005000000-35824005000099",
          "35824005000000-35824006999999:99", "00000000"}) {
        INFO(text);
        REQUIRE(DeviceSet::parse(text));
        CHECK(DeviceSet::parse(text)->str() == text);
    }
    const auto imeisv = DeviceSet::parse("3582400511111105");
    REQUIRE(imeisv);
    CHECK(imeisv->str() == "35824005111111:05");
}

TEST_CASE("What is no set of devices is refused", "[rule]") {
    for (const auto* text : {"", ":01", "3582400", "358240051", "35824005111111:", "35824005111111:1",
                             "35824005111111:01;02", "35824005x", "group:", "3582400511111105:07", "all",
                             "35824006000000-35824005000000", "00000000000000"}) {
        INFO("'" << text << "'");
        CHECK_FALSE(DeviceSet::parse(text));
    }
}

TEST_CASE("A rule applies to its subscriptions in its devices", "[rule][R1][R35]") {
    CHECK(applies_to("*", "*"));
    CHECK(applies_to("001010123456789", "35824005111111"));
    CHECK(applies_to("00101*", "35824005"));
    CHECK_FALSE(applies_to("001010123456788", "*"));
    CHECK_FALSE(applies_to("*", "35824005111112"));
    CHECK_FALSE(applies_to("*", "35824006"));
    CHECK_FALSE(applies_to("group:meters", "*"));
    CHECK_FALSE(applies_to("*", "group:modems"));
    const Asking member{.subscription_groups = {"x", "meters"}, .device_groups = {"modems"}};
    CHECK(applies_to("group:meters", "group:modems", member));
    CHECK_FALSE(applies_to("group:meter", "*", member));
}

TEST_CASE("A rule that names versions applies to those alone, and not where none is reported",
          "[rule][R35]") {
    CHECK(applies_to("*", "35824005111111:05"));
    CHECK(applies_to("*", "*:04,05"));
    CHECK_FALSE(applies_to("*", "35824005111111:06"));
    CHECK_FALSE(applies_to("*", "*:05", {.svn = std::nullopt}));
    CHECK(applies_to("*", "group:modems:05", {.device_groups = {"modems"}}));
}

TEST_CASE("A rule applies from its first instant to just before its last", "[rule]") {
    auto limited = rule(1, true, "*", "*");
    limited.from = now;
    limited.until = now + 1ms;
    const Asking asking;
    CHECK(applies(limited, asking.pair(), now));
    CHECK_FALSE(applies(limited, asking.pair(), now - 1ms));
    CHECK_FALSE(applies(limited, asking.pair(), now + 1ms));
}

TEST_CASE("The highest priority decides, whatever it says of how many devices", "[rule]") {
    CHECK(decides({rule(1, true, "*", "35824005111111"), rule(2, false, "*", "*", 1)}) == 2);
    CHECK(decides({rule(1, true, "*", "35824005111111", -1), rule(2, false, "*", "*")}) == 2);
}

TEST_CASE("Of one priority the closest device decides: IMEISV, IMEI, range, TAC or group, any", "[rule]") {
    const std::vector<std::string> closest{"35824005111111:05", "35824005111111",
                                           "35824005000000-35824005999998", "35824005", "*"};
    for (std::size_t i = 0; i + 1 < closest.size(); ++i) {
        for (std::size_t k = i + 1; k < closest.size(); ++k) {
            INFO(closest[i] << " before " << closest[k]);
            CHECK(decides({rule(1, false, "*", closest[k]), rule(2, true, "*", closest[i])}) == 2);
        }
    }
    const Asking member{.device_groups = {"modems"}};
    CHECK(decides({rule(1, false, "*", "*"), rule(2, true, "*", "group:modems")}, member) == 2);
    CHECK(decides({rule(1, true, "*", "35824005"), rule(2, false, "*", "group:modems")}, member) == 2);
    // A range over more than one TAC, or over a part of one, is a range.
    CHECK(decides({rule(1, false, "*", "35824005"), rule(2, true, "*", "35824004000000-35824005999999")}) ==
          2);
}

TEST_CASE("Of rules equally close deny decides, then the oldest", "[rule]") {
    CHECK(decides({rule(1, true, "*", "35824005"), rule(2, false, "*", "35824005")}) == 2);
    CHECK(decides({rule(3, true, "*", "35824005"), rule(2, true, "00101*", "35824005")}) == 2);
    CHECK(decides({rule(3, false, "*", "*"), rule(2, false, "*", "*")}) == 2);
    CHECK(decides({rule(5, true, "*", "35824005111111"), rule(0, true, "*", "35824005111111")}) == 0);
}

TEST_CASE("Where no rule applies none decides", "[rule]") {
    CHECK(decides({}) == -1);
    CHECK(decides({rule(1, true, "001010123456788", "*"), rule(2, false, "*", "86543503")}) == -1);
}

namespace {

/// Spec 5.1 once more, from scratch: over texts, one comparison after the other, nothing shared with the
/// engine.
namespace naive {

struct Line {
    std::int64_t id;
    bool allow;
    int priority;
    std::string imsi_from, imsi_to, subscription_group;
    std::string imei_from, imei_to, device_group;  ///< 14 digits each, or empty
    std::vector<std::string> svns;
    std::optional<std::int64_t> from, until;
};

struct Question {
    std::string imsi;
    std::vector<std::string> subscription_groups;
    std::string imei, svn;
    std::vector<std::string> device_groups;
};

bool has(const std::vector<std::string>& all, const std::string& one) {
    return std::count(all.begin(), all.end(), one) != 0;
}

bool meant(const Line& line, const Question& question) {
    const auto time = now.time_since_epoch().count();
    if (line.from && time < *line.from) return false;
    if (line.until && time >= *line.until) return false;
    if (!line.subscription_group.empty()) {
        if (!has(question.subscription_groups, line.subscription_group)) return false;
    } else if (question.imsi < line.imsi_from || question.imsi > line.imsi_to) {
        return false;
    }
    if (!line.svns.empty() && !has(line.svns, question.svn)) return false;
    if (!line.device_group.empty()) return has(question.device_groups, line.device_group);
    if (line.imei_from.empty()) return true;
    return question.imei >= line.imei_from && question.imei <= line.imei_to;
}

int closeness(const Line& line) {
    if (!line.device_group.empty()) return 1;
    if (line.imei_from.empty()) return 0;
    if (line.imei_from == line.imei_to) return line.svns.empty() ? 3 : 4;
    const bool one_tac = line.imei_from.substr(0, 8) == line.imei_to.substr(0, 8) &&
                         line.imei_from.substr(8) == "000000" && line.imei_to.substr(8) == "999999";
    return one_tac ? 1 : 2;
}

/// Takes away the lines that lose, one criterion after the other.
std::int64_t decision(std::vector<Line> lines, const Question& question) {
    std::erase_if(lines, [&](const Line& line) { return !meant(line, question); });
    if (lines.empty()) return -1;
    int priority = lines[0].priority;
    for (const auto& line : lines) priority = std::max(priority, line.priority);
    std::erase_if(lines, [&](const Line& line) { return line.priority != priority; });
    int close = 0;
    for (const auto& line : lines) close = std::max(close, closeness(line));
    std::erase_if(lines, [&](const Line& line) { return closeness(line) != close; });
    if (std::any_of(lines.begin(), lines.end(), [](const Line& line) { return !line.allow; }))
        std::erase_if(lines, [](const Line& line) { return line.allow; });
    std::int64_t oldest = lines[0].id;
    for (const auto& line : lines) oldest = std::min(oldest, line.id);
    return oldest;
}

}  // namespace naive

/// Rules and questions from so few numbers that they meet often.
class Generator {
  public:
    explicit Generator(unsigned seed) : random_(seed) {}

    naive::Line line(std::int64_t id) {
        naive::Line line{};
        line.id = id;
        line.allow = one_of(2) == 0;
        line.priority = static_cast<int>(one_of(3)) - 1;
        subscriptions(line);
        devices(line);
        for (unsigned i = one_of(6) == 0 ? 1 + one_of(3) : 0; i > 0; --i) line.svns.push_back(svn());
        const auto time = now.time_since_epoch().count();
        if (one_of(5) == 0) line.from = time - 1 + one_of(3);
        if (one_of(5) == 0) line.until = time - 1 + one_of(3);
        return line;
    }

    naive::Question question() {
        naive::Question question{imsi(), {}, imei(), one_of(4) == 0 ? "" : svn(), {}};
        for (const auto* name : {"g0", "g1"}) {
            if (one_of(2) == 0) question.subscription_groups.emplace_back(name);
            if (one_of(2) == 0) question.device_groups.emplace_back(name);
        }
        return question;
    }

    unsigned one_of(unsigned count) { return static_cast<unsigned>(random_() % count); }

  private:
    std::string svn() { return "0" + std::to_string(one_of(3)); }
    std::string group() { return "g" + std::to_string(one_of(2)); }
    std::string imsi() { return "00101000000" + std::to_string(1000 + one_of(4) * 1000 + one_of(3)); }
    std::string tac() { return "3582400" + std::to_string(one_of(2)); }
    std::string imei() { return tac() + (one_of(4) == 0 ? "999999" : "00000" + std::to_string(one_of(3))); }

    void subscriptions(naive::Line& line) {
        switch (one_of(5)) {
            case 0:
                line.subscription_group = group();
                return;
            case 1:
                line.imsi_from = line.imsi_to = imsi();
                return;
            case 2: {
                const auto prefix = imsi().substr(0, 12);
                line.imsi_from = prefix + "000";
                line.imsi_to = prefix + "999";
                return;
            }
            case 3:
                line.imsi_from = imsi();
                line.imsi_to = imsi();
                if (line.imsi_to < line.imsi_from) std::swap(line.imsi_from, line.imsi_to);
                return;
            default:
                line.imsi_from = std::string(15, '0');
                line.imsi_to = std::string(15, '9');
        }
    }

    void devices(naive::Line& line) {
        switch (one_of(6)) {
            case 0:
                line.device_group = group();
                return;
            case 1:
            case 2:
                line.imei_from = line.imei_to = imei();
                return;
            case 3:
                line.imei_from = imei();
                line.imei_to = imei();
                if (line.imei_to < line.imei_from) std::swap(line.imei_from, line.imei_to);
                return;
            case 4:
                line.imei_from = tac();
                line.imei_to = line.imei_from + "999999";
                line.imei_from += "000000";
                return;
            default:
                return;
        }
    }

    std::mt19937 random_;
};

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
    return text;
}

/// The engine's rule, by way of the notation that operators use.
Rule engines(const naive::Line& line) {
    const auto subscriptions = line.subscription_group.empty() ? line.imsi_from + "-" + line.imsi_to
                                                               : "group:" + line.subscription_group;
    auto devices =
        line.device_group.empty() ? line.imei_from + "-" + line.imei_to : "group:" + line.device_group;
    if (devices == "-") devices = "*";
    if (!line.svns.empty()) devices += ":" + joined(line.svns);
    auto result = rule(line.id, line.allow, subscriptions, devices, line.priority);
    if (line.from) result.from = WallTime(std::chrono::milliseconds(*line.from));
    if (line.until) result.until = WallTime(std::chrono::milliseconds(*line.until));
    return result;
}

Asking asking_of(const naive::Question& question) {
    return {*Imsi::parse(question.imsi), question.subscription_groups, *Imei::parse(question.imei),
            question.svn.empty() ? std::nullopt : std::optional(question.svn), question.device_groups};
}

}  // namespace

TEST_CASE("Random rules decide as a naive reading of the specification does", "[rule][property][R1][R35]") {
    Generator generator(20'260'104);
    std::size_t decided = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::vector<naive::Line> lines;
        std::vector<Rule> rules;
        for (unsigned count = generator.one_of(12); count > 0; --count) {
            lines.push_back(generator.line(count));
            rules.push_back(engines(lines.back()));
        }
        const auto question = generator.question();
        const auto expected = naive::decision(lines, question);
        if (expected != -1) ++decided;
        if (decides(rules, asking_of(question)) == expected) continue;
        std::string text;
        for (const auto& one : rules)
            text += std::to_string(one.id) + (one.allow ? " allow " : " deny ") + one.subscriptions.str() +
                    " " + one.devices.str() + " priority " + std::to_string(one.priority) + "\n";
        FAIL("round " << round << ": " << question.imsi << " in " << question.imei << "/" << question.svn
                      << ": rule " << decides(rules, asking_of(question)) << ", expected " << expected << "\n"
                      << text);
    }
    CHECK(decided > 10'000);  // the questions meet the rules
}

TEST_CASE("What a set of subscriptions or devices prints reads as the same set", "[rule][property]") {
    Generator generator(7);
    for (int round = 0; round < 5'000; ++round) {
        const auto original = engines(generator.line(1));
        INFO(original.subscriptions.str() << " " << original.devices.str());
        CHECK(SubscriptionSet::parse(original.subscriptions.str()) == original.subscriptions);
        CHECK(DeviceSet::parse(original.devices.str()) == original.devices);
    }
}

}  // namespace bindhss::binding
