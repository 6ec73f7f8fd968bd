// SPDX-License-Identifier: Apache-2.0
#include "subscription/values.h"

#include <charconv>

namespace bindhss::subscription {

namespace {

constexpr std::int64_t bit_rate_max = 4'294'967'295'000;  // Extended-Max-Requested-BW, kbit/s in 32 bits
constexpr std::uint64_t plain_bit_rate_max = 4'294'967'295;

/// The factor of a suffix; 0: it is none.
std::int64_t factor_of(std::string_view suffix) {
    if (suffix.empty()) return 1;
    if (suffix == "k") return 1'000;
    if (suffix == "M") return 1'000'000;
    return suffix == "G" ? 1'000'000'000 : 0;
}

std::optional<std::int64_t> rate_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto factor = factor_of(text.substr(static_cast<std::size_t>(end - text.data())));
    if (error != std::errc() || number < 0 || factor == 0 || number > bit_rate_max / factor)
        return std::nullopt;
    return number * factor;
}

}  // namespace

std::optional<std::int64_t> whole_number(const json::value& value, std::int64_t min, std::int64_t max,
                                         Complaints& complaints) {
    std::optional<std::int64_t> number;
    if (value.is_int64()) number = value.get_int64();
    if (value.is_uint64() && value.get_uint64() <= INT64_MAX)
        number = static_cast<std::int64_t>(value.get_uint64());
    if (number && *number >= min && *number <= max) return number;
    const auto range = std::to_string(min) + " to " + std::to_string(max);
    complaints.add(number ? std::to_string(*number) + " is not within " + range
                          : "is not a whole number, " + range);
    return std::nullopt;
}

const json::string* text_value(const json::value& value, Complaints& complaints) {
    const auto* text = value.if_string();
    if (text == nullptr) complaints.add("is not a text");
    return text;
}

void BitRate::read(const json::value& value, std::uint64_t& member, Complaints& complaints) {
    std::optional<std::int64_t> rate;
    if (const auto* text = value.if_string()) {
        rate = rate_of({text->data(), text->size()});
        if (!rate)
            return complaints.add("'" + Complaints::shown(*text) + "' is no bit rate: \"100M\" is one");
    } else {
        rate = whole_number(value, 0, bit_rate_max, complaints);
    }
    if (!rate) return;
    const auto bits = static_cast<std::uint64_t>(*rate);
    if (bits > plain_bit_rate_max && bits % 1'000 != 0)
        return complaints.add("beyond 4294967295 bit/s only whole kbit/s can be sent (TS 29.272 7.3.41)");
    member = bits;
}

std::optional<Plmn> PlmnCode::plmn_of(const json::value& value, Complaints& complaints) {
    const auto* text = text_value(value, complaints);
    if (text == nullptr) return std::nullopt;
    const auto plmn = Plmn::parse(std::string_view(text->data(), text->size()));
    if (!plmn) complaints.add("'" + Complaints::shown(*text) + "' is not a PLMN of 5 or 6 digits");
    return plmn;
}

}  // namespace bindhss::subscription
