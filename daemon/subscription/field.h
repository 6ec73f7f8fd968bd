// SPDX-License-Identifier: Apache-2.0
// One table of fields describes an object of the document: it reads it, writes it and is the reference that
// operators see. Private to the layer.
#pragma once

#include <boost/json/value.hpp>
#include <span>
#include <string>
#include <string_view>

#include "subscription/complaints.h"
#include "subscription/document.h"

namespace bindhss::subscription {

namespace json = boost::json;

/// One member of an object and the struct's member that it stands for.
template <class Owner>
struct Field {
    std::string_view name;
    std::string_view clause;
    std::string_view meaning;
    std::string (*type)();
    void (*read)(const json::value&, Owner&, Complaints&);
    /// Nothing is written for a member that says nothing.
    void (*write)(const Owner&, json::object&, std::string_view name);
    /// Adds the fields of what is within.
    void (*describe)(const std::string& prefix, std::vector<DocumentField>&);
    bool required = false;
};

/// Specialised for each struct that is an object of the document.
template <class Owner>
std::span<const Field<Owner>> fields();

/// `Codec` has the members of values.h; `Member` is a pointer to a member of Owner.
template <class Codec, auto Member, class Owner>
constexpr Field<Owner> field_of(std::string_view name, std::string_view clause, std::string_view meaning,
                                bool required = false) {
    return {name,
            clause,
            meaning,
            &Codec::type,
            [](const json::value& value, Owner& owner, Complaints& complaints) {
                Codec::read(value, owner.*Member, complaints);
            },
            [](const Owner& owner, json::object& object, std::string_view key) {
                if (Codec::present(owner.*Member)) object[key] = Codec::write(owner.*Member);
            },
            &Codec::describe,
            required};
}

template <class Owner>
void read_object(const json::value& value, Owner& owner, Complaints& complaints) {
    const auto* object = value.if_object();
    if (object == nullptr) return complaints.add("is not an object");
    const auto table = fields<Owner>();
    for (const auto& [key, member] : *object) {
        const Complaints::Scope scope(complaints, key);
        const auto field = std::find_if(table.begin(), table.end(),
                                        [&key = key](const auto& row) { return row.name == key; });
        if (field == table.end()) {
            complaints.add("is no field here (see bindhssctl profile fields)");
        } else if (!member.is_null()) {
            field->read(member, owner, complaints);
        } else if (!complaints.partial()) {
            complaints.add("is null: leave it out");
        }
    }
    if (complaints.partial()) return;
    for (const auto& field : table) {
        if (!field.required || object->contains(field.name)) continue;
        const Complaints::Scope scope(complaints, field.name);
        complaints.add("is missing");
    }
}

template <class Owner>
json::object write_object(const Owner& owner) {
    json::object object;
    for (const auto& field : fields<Owner>()) field.write(owner, object, field.name);
    return object;
}

template <class Owner>
void describe_object(const std::string& prefix, std::vector<DocumentField>& list) {
    for (const auto& field : fields<Owner>()) {
        list.push_back({prefix + std::string(field.name), std::string(field.clause), field.type(),
                        std::string(field.meaning), field.required});
        field.describe(prefix + std::string(field.name) + ".", list);
    }
}

}  // namespace bindhss::subscription
