// SPDX-License-Identifier: Apache-2.0
#include "records/op_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "records/binding_fields.h"

namespace bindhss::records {

namespace {

constexpr std::array<std::string_view, 8> names_of_ops{"put",       "remove", "retire", "make_default",
                                                       "authorise", "refuse", "lock",   "unlock"};

std::span<const Op> ops_of(Kind kind) {
    static constexpr std::array removed{Op::put, Op::remove};
    static constexpr std::array retired{Op::put, Op::retire};
    static constexpr std::array terms{Op::put, Op::remove, Op::make_default};
    static constexpr std::array bindings{Op::put, Op::authorise, Op::refuse, Op::lock, Op::unlock};
    switch (kind) {
        case Kind::subscriber:
        case Kind::profile:
        case Kind::group:
        case Kind::rule:
            return removed;
        case Kind::kme:
            return retired;
        case Kind::terms:
            return terms;
        case Kind::binding:
            return bindings;
        case Kind::device:
        case Kind::equipment:
        case Kind::member:
        case Kind::model:
            break;
    }
    return std::span(removed).first(1);
}

/// What an operation says besides of its kind, the same for every kind that has it.
std::span<const std::string_view> fields_of(Kind kind, Op op) {
    static constexpr std::array<std::string_view, 1> imsi{"imsi"};
    static constexpr std::array<std::string_view, 1> name{"name"};
    static constexpr std::array<std::string_view, 1> id{"id"};
    static constexpr std::array<std::string_view, 3> key{"imei", "group", "generation"};
    static constexpr std::array<std::string_view, 3> device{"imsi", "imei", "replace"};
    if (op == Op::authorise) return device;
    if (op == Op::refuse) return std::span(device).first(2);
    switch (kind) {
        case Kind::kme:
            return key;
        case Kind::rule:
            return id;
        case Kind::subscriber:
        case Kind::binding:
            return imsi;
        default:
            return name;
    }
}

/// What else it says would be lost.
void check_fields(FieldReader& fields, Op op) {
    const auto& record = fields.record();
    const auto known = fields_of(record.kind, op);
    for (const auto& [name, field] : record.fields) {
        if (field.values.empty() || name == "change") continue;
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            fields.error(field.line, fmt::format("{} with change {} has no field {}", name_of(record.kind),
                                                 name_of(op), shown(name)));
        }
    }
}

std::optional<Imei> read_imei(FieldReader& fields) {
    const auto* field = fields.find("imei");
    if (field == nullptr) {
        fields.error(fields.record().line, "imei is missing");
        return std::nullopt;
    }
    const auto imei = Imei::parse(field->values.front());
    if (!imei) fields.error(field->line, "imei " + shown(field->values.front()) + " is not 14 to 16 digits");
    return imei;
}

std::string read_name(FieldReader& fields) {
    const auto* field = fields.find("name");
    if (field == nullptr) fields.error(fields.record().line, "name is missing");
    return field == nullptr ? std::string() : field->values.front();
}

std::int64_t read_id(FieldReader& fields) {
    const auto id = fields.number("id");
    if (fields.find("id") == nullptr) fields.error(fields.record().line, "id is missing");
    if (id && (*id == 0 || *id > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())))
        fields.error(fields.find("id")->line, "id is not the number of a rule");
    return static_cast<std::int64_t>(id.value_or(0));
}

store::RetireKme read_retired(FieldReader& fields) {
    store::RetireKme put{fields.text("group"), std::nullopt};
    fields.one_of("imei", "group");
    if (fields.find("imei") != nullptr)
        if (const auto imei = read_imei(fields)) put.owner = *imei;
    if (const auto generation = fields.number("generation")) {
        if (*generation > std::numeric_limits<std::int32_t>::max())
            fields.error(fields.find("generation")->line, "generation is too large");
        put.generation = static_cast<std::uint32_t>(*generation);
    }
    return put;
}

template <class Put>
store::Item item_of(FieldReader& fields, Put put) {
    return {std::move(put), fields.record().line};
}

store::Item removal_of(FieldReader& fields) {
    switch (fields.record().kind) {
        case Kind::profile:
            return item_of(fields, store::RemoveProfile{read_name(fields)});
        case Kind::terms:
            return item_of(fields, store::RemoveTerms{read_name(fields)});
        case Kind::group:
            return item_of(fields, store::RemoveSubscriptionGroup{read_name(fields)});
        default:
            return item_of(fields, store::RemoveRule{read_id(fields)});
    }
}

std::optional<bool> read_replace(FieldReader& fields) {
    const auto text = fields.text("replace", "no");
    if (text == "yes" || text == "no") return text == "yes";
    fields.error(fields.find("replace")->line, "replace " + shown(text) + " is none of yes, no");
    return std::nullopt;
}

/// Of a subscriber: what IMSI names.
std::optional<store::Item> act_of(FieldReader& fields, Op op) {
    const auto imsi = read_imsi(fields);
    if (op == Op::authorise || op == Op::refuse) {
        const auto imei = read_imei(fields);
        const auto replace = read_replace(fields);
        if (!imsi || !imei || !replace) return std::nullopt;
        if (op == Op::refuse) return item_of(fields, store::RefuseDevice{*imsi, *imei});
        return item_of(fields, store::AuthoriseDevice{*imsi, *imei, *replace});
    }
    if (!imsi) return std::nullopt;
    if (op == Op::remove) return item_of(fields, store::RemoveSubscriber{*imsi});
    return item_of(fields, store::SetLock{*imsi, op == Op::lock});
}

}  // namespace

std::string_view name_of(Op op) {
    return names_of_ops[static_cast<std::size_t>(op)];
}

std::optional<Op> read_op(FieldReader& fields) {
    const auto* field = fields.find("change");
    if (field == nullptr) return Op::put;
    const auto ops = ops_of(fields.record().kind);
    const auto found =
        std::find_if(ops.begin(), ops.end(), [&](Op op) { return name_of(op) == field->values.front(); });
    if (found != ops.end()) return *found;
    std::string words;
    for (const auto op : ops) words += (words.empty() ? "" : ", ") + std::string(name_of(op));
    fields.error(field->line, fmt::format("change {} is none that a {} has: {}", shown(field->values.front()),
                                          name_of(fields.record().kind), words));
    return std::nullopt;
}

std::optional<store::Item> read_operation(FieldReader& fields, Op op) {
    check_fields(fields, op);
    const auto kind = fields.record().kind;
    std::optional<store::Item> item;
    if (kind == Kind::subscriber || kind == Kind::binding) {
        item = act_of(fields, op);
    } else if (op == Op::retire) {
        item = item_of(fields, read_retired(fields));
    } else if (op == Op::make_default) {
        item = item_of(fields, store::SetDefaultTerms{read_name(fields)});
    } else {
        item = removal_of(fields);
    }
    return fields.good() ? std::move(item) : std::nullopt;
}

}  // namespace bindhss::records
