// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/binding_rows.h"

#include "store/postgres/subscriber_view.h"

namespace bindhss::store::postgres {

namespace {

std::optional<bool> optional_flag(const pqxx::field& field) {
    if (field.is_null()) return std::nullopt;
    return field.as<bool>();
}

}  // namespace

std::vector<std::string> texts_of(const pqxx::field& field) {
    std::vector<std::string> texts;
    auto parser = field.as_array();
    for (auto [juncture, text] = parser.get_next(); juncture != pqxx::array_parser::done;
         std::tie(juncture, text) = parser.get_next())
        if (juncture == pqxx::array_parser::string_value) texts.push_back(std::move(text));
    return texts;
}

std::vector<WallTime> times_of(const pqxx::field& field) {
    std::vector<WallTime> times;
    for (const auto& text : texts_of(field)) times.push_back(time_of(std::stoll(text)));
    return times;
}

binding::DeviceFacts facts_of(const pqxx::row& row, int first) {
    binding::DeviceFacts facts;
    facts.groups = texts_of(row[first]);
    facts.uiccs = row[first + 1].as<std::uint32_t>();
    if (!row[first + 2].is_null()) facts.uiccs_max = row[first + 2].as<std::uint32_t>();
    facts.imei_secure = optional_flag(row[first + 3]);
    facts.key_secure = optional_flag(row[first + 4]);
    return facts;
}

binding::Standing standing_of(const pqxx::row& row, int first) {
    binding::Standing standing;
    standing.state = static_cast<binding::State>(row[first].as<int>());
    standing.strong = row[first + 1].as<std::uint32_t>();
    standing.weak = row[first + 2].as<std::uint32_t>();
    standing.turns = row[first + 3].as<std::uint32_t>();
    standing.reprovisions = times_of(row[first + 4]);
    return standing;
}

}  // namespace bindhss::store::postgres
