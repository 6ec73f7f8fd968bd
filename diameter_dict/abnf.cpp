// SPDX-License-Identifier: Apache-2.0
#include "diameter_dict/abnf.h"

#include <charconv>
#include <stdexcept>
#include <string>

namespace bindhss::diameter_dict {

namespace {

std::optional<int> to_number(std::string_view digits) {
    int number = 0;
    const auto end = digits.data() + digits.size();
    if (digits.empty() || std::from_chars(digits.data(), end, number).ptr != end) return std::nullopt;
    return number;
}

AbnfRule parse_rule(std::string_view word) {
    const auto open = word.find_first_of("<{[");
    if (open == std::string_view::npos || word.size() < open + 3) {
        throw std::logic_error("no ABNF rule: " + std::string(word));
    }
    const char kind = word[open];
    AbnfRule rule{word.substr(open + 1, word.size() - open - 2), kind == '<', kind != '[', {}, {}, false};
    const auto qualifier = word.substr(0, open);
    if (const auto star = qualifier.find('*'); star != std::string_view::npos) {
        rule.min = to_number(qualifier.substr(0, star));
        rule.max = to_number(qualifier.substr(star + 1));
        rule.unbounded = !rule.max;
    }
    return rule;
}

}  // namespace

std::vector<AbnfRule> parse_abnf(std::string_view text) {
    std::vector<AbnfRule> rules;
    while (!text.empty()) {
        const auto end = text.find(' ');
        if (const auto word = text.substr(0, end); !word.empty()) rules.push_back(parse_rule(word));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return rules;
}

}  // namespace bindhss::diameter_dict
