// SPDX-License-Identifier: Apache-2.0
#include "records/card_fields.h"

#include "aka/algorithm_set.h"

namespace bindhss::records {

namespace {

AkaAlgorithm read_algorithm(FieldReader& fields) {
    const auto* field = fields.find("algorithm");
    if (field == nullptr) return AkaAlgorithm::milenage;
    if (const auto algorithm = parse_algorithm(field->values.front())) return *algorithm;
    fields.error(field->line,
                 "algorithm " + shown(field->values.front()) + " is none of milenage, tuak, xor");
    return AkaAlgorithm::milenage;
}

std::uint8_t read_small(FieldReader& fields, std::string_view name, std::uint8_t low, std::uint8_t high,
                        std::uint8_t fallback) {
    const auto* field = fields.find(name);
    const auto value = fields.number(name);
    if (field == nullptr || !value) return fallback;
    if (*value >= low && *value <= high) return static_cast<std::uint8_t>(*value);
    fields.error(field->line,
                 std::string(name) + " has to be " + std::to_string(low) + " to " + std::to_string(high));
    return fallback;
}

bool read_yes_or_no(FieldReader& fields, std::string_view name) {
    const auto* field = fields.find(name);
    if (field == nullptr) return false;
    const auto& value = field->values.front();
    if (value != "yes" && value != "no")
        fields.error(field->line, std::string(name) + " is " + shown(value) + ", it has to be yes or no");
    return value == "yes";
}

/// Fields that another algorithm has.
void refuse(FieldReader& fields, std::initializer_list<std::string_view> names, std::string_view why) {
    for (const auto name : names) {
        if (const auto* field = fields.find(name))
            fields.error(field->line, std::string(name) + " " + std::string(why));
    }
}

SecretString secret_of(std::optional<OctetString> octets) {
    return octets ? SecretString(std::move(*octets)) : SecretString();
}

/// The names of the operator's key, derived and plain, and how many digits the keys of the algorithm have.
struct Names {
    std::string_view derived;
    std::string_view plain;
    std::size_t digits;
};

void read_keys(FieldReader& fields, const Names& names, Card& card) {
    auto& keys = card.keys;
    fields.one_of(names.derived, names.plain);
    const auto operator_key = secret_of(fields.hex(names.plain, {names.digits}));
    keys.opc = secret_of(fields.hex(names.derived, {names.digits}));
    if (fields.good() && !operator_key.empty())
        keys.opc = aka::derive_operator_key(keys, operator_key.view());
}

}  // namespace

std::optional<Card> read_card(FieldReader& fields) {
    Card card;
    auto& keys = card.keys;
    keys.algorithm = read_algorithm(fields);
    const bool tuak = keys.algorithm == AkaAlgorithm::tuak;
    keys.k = secret_of(tuak ? fields.hex("k", {32, 64}) : fields.hex("k", {32}));
    if (fields.find("k") == nullptr) fields.error(fields.record().line, "k is missing");
    keys.tuak_iterations = read_small(fields, "tuak_iterations", 1, AkaKeys::tuak_iterations_max, 1);
    keys.res_octets = read_small(fields, "res_octets", Res::size_min, Res::size_max, 8);
    card.sim_only = read_yes_or_no(fields, "sim");
    switch (keys.algorithm) {
        case AkaAlgorithm::milenage:
            refuse(fields, {"topc", "top", "tuak_iterations"}, "belongs to the algorithm tuak");
            read_keys(fields, {"opc", "op", 32}, card);
            break;
        case AkaAlgorithm::tuak:
            refuse(fields, {"opc", "op"}, "belongs to the algorithm milenage; tuak has topc or top");
            read_keys(fields, {"topc", "top", 64}, card);
            break;
        case AkaAlgorithm::xor_test:
            refuse(fields, {"opc", "op", "topc", "top", "tuak_iterations"},
                   "does not belong to the algorithm xor");
            break;
    }
    if (!fields.good()) return std::nullopt;
    if (const auto fault = fault_of(keys)) fields.error(fields.record().line, *fault);
    if (!fields.good()) return std::nullopt;
    return card;
}

}  // namespace bindhss::records
