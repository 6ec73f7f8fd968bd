// SPDX-License-Identifier: Apache-2.0
// How single values stand in the document. Each codec has type() (for the reference), read(), present(),
// write() and describe(). Private to the layer.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <type_traits>

#include "subscription/field.h"
#include "types/octets.h"

namespace bindhss::subscription {

/// What most codecs have in common: an optional is present when it has a value, a list or text when it is not
/// empty, anything else always.
struct Plain {
    template <class T>
    static bool present(const std::optional<T>& member) {
        return member.has_value();
    }
    template <class T>
    static bool present(const std::vector<T>& member) {
        return !member.empty();
    }
    static bool present(const std::string& member) { return !member.empty(); }
    template <class T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
    static bool present(const T&) { return true; }
    static void describe(const std::string&, std::vector<DocumentField>&) {}
};

template <class T>
const T& value_of(const std::optional<T>& member) {
    return *member;
}
template <class T>
const T& value_of(const T& member) {
    return member;
}

template <class Member>
struct ValueType {
    using type = Member;
};
template <class T>
struct ValueType<std::optional<T>> {
    using type = T;
};

/// A whole number; nothing for anything else, with a complaint.
[[nodiscard]] std::optional<std::int64_t> whole_number(const json::value& value, std::int64_t min,
                                                       std::int64_t max, Complaints& complaints);
/// A text; null for anything else, with a complaint.
[[nodiscard]] const json::string* text_value(const json::value& value, Complaints& complaints);

template <std::int64_t Min, std::int64_t Max>
struct Number : Plain {
    static std::string type() { return "number " + std::to_string(Min) + " to " + std::to_string(Max); }
    template <class Member>
    static void read(const json::value& value, Member& member, Complaints& complaints) {
        if (const auto number = whole_number(value, Min, Max, complaints))
            member = static_cast<typename ValueType<Member>::type>(*number);
    }
    template <class Member>
    static json::value write(const Member& member) {
        return json::value(static_cast<std::int64_t>(value_of(member)));
    }
};

struct Flag : Plain {
    static std::string type() { return "true or false"; }
    template <class Member>
    static void read(const json::value& value, Member& member, Complaints& complaints) {
        if (!value.is_bool()) return complaints.add("is neither true nor false");
        member = value.get_bool();
    }
    template <class Member>
    static json::value write(const Member& member) {
        return json::value(value_of(member));
    }
};

/// A flag that says something only when it is set.
struct FlagWhenSet : Flag {
    static bool present(bool member) { return member; }
};

/// `Rule` has type() and problem(text), which tells what is wrong, or nothing.
template <class Rule>
struct Text : Plain {
    static std::string type() { return Rule::type(); }
    static void read(const json::value& value, std::string& member, Complaints& complaints) {
        const auto* text = text_value(value, complaints);
        if (text == nullptr) return;
        const std::string_view view(text->data(), text->size());
        if (const auto problem = Rule::problem(view); !problem.empty()) {
            return complaints.add("'" + Complaints::shown(view) + "' " + std::string(problem));
        }
        member = Rule::canonical(view);
    }
    static json::value write(const std::string& member) { return json::value(member); }
};

/// One of the names of `Table`, whose rows are {number, name}.
template <const auto& Table>
struct Choice : Plain {
    static std::string type() {
        std::string names;
        for (const auto& [number, name] : Table) names.append(names.empty() ? "" : ", ").append(name);
        return names;
    }
    template <class Member>
    static void read(const json::value& value, Member& member, Complaints& complaints) {
        const auto* text = text_value(value, complaints);
        if (text == nullptr) return;
        for (const auto& [number, name] : Table) {
            if (name != std::string_view(text->data(), text->size())) continue;
            member = static_cast<typename ValueType<Member>::type>(number);
            return;
        }
        complaints.add("'" + Complaints::shown(*text) + "' is none of " + type());
    }
    template <class Member>
    static json::value write(const Member& member) {
        for (const auto& [number, name] : Table)
            if (static_cast<std::uint32_t>(number) == static_cast<std::uint32_t>(value_of(member)))
                return json::value(name);
        return json::value(static_cast<std::int64_t>(value_of(member)));
    }
};

/// A bit mask as the list of the names of its bits; the rows of `Table` are {bit, name}.
template <const auto& Table>
struct Bits : Plain {
    static std::string type() { return "list of " + Choice<Table>::type(); }
    static void read(const json::value& value, std::optional<std::uint32_t>& member, Complaints& complaints) {
        std::uint32_t bits = 0;
        read(value, bits, complaints);
        member = bits;
    }
    static void read(const json::value& value, std::uint32_t& bits, Complaints& complaints) {
        const auto* list = value.if_array();
        if (list == nullptr) return complaints.add("is not a list of names");
        for (const auto& item : *list) {
            std::uint32_t bit = 0;
            Choice<Table>::read(item, bit, complaints);
            bits |= bit;
        }
    }
    template <class Member>
    static json::value write(const Member& member) {
        json::array names;
        for (const auto& [bit, name] : Table)
            if ((value_of(member) & bit) != 0) names.emplace_back(name);
        return names;
    }
};

/// Octets in hexadecimal.
template <std::size_t Min, std::size_t Max>
struct Hex : Plain {
    static std::string type() {
        return Min == Max
                   ? std::to_string(2 * Min) + " hexadecimal digits"
                   : std::to_string(2 * Min) + " to " + std::to_string(2 * Max) + " hexadecimal digits";
    }
    static void read(const json::value& value, OctetString& member, Complaints& complaints) {
        const auto* text = text_value(value, complaints);
        if (text == nullptr) return;
        auto octets = from_hex(*text);
        if (!octets || octets->size() < Min || octets->size() > Max)
            return complaints.add("'" + Complaints::shown(*text) + "' is not " + type());
        member = std::move(*octets);
    }
    static json::value write(const OctetString& member) { return json::value(to_hex(member)); }
};

/// A number of 16 bits as four hexadecimal digits.
struct ZoneCode : Plain {
    static std::string type() { return Hex<2, 2>::type(); }
    static void read(const json::value& value, std::uint16_t& member, Complaints& complaints) {
        OctetString octets;
        Hex<2, 2>::read(value, octets, complaints);
        if (octets.size() == 2) member = static_cast<std::uint16_t>(octets[0] << 8 | octets[1]);
    }
    static json::value write(std::uint16_t member) {
        const Octets<2> octets{static_cast<std::uint8_t>(member >> 8), static_cast<std::uint8_t>(member)};
        return json::value(to_hex(octets));
    }
};

/// bit/s as a number, or as text with k, M or G behind it.
struct BitRate : Plain {
    static std::string type() { return "bit/s, or text as \"100M\" (k, M, G)"; }
    static void read(const json::value& value, std::uint64_t& member, Complaints& complaints);
    static json::value write(std::uint64_t member) { return json::value(member); }
};

struct PlmnCode : Plain {
    static std::string type() { return "MCC and MNC, 5 or 6 digits"; }
    template <class Member>
    static void read(const json::value& value, Member& member, Complaints& complaints) {
        if (const auto plmn = plmn_of(value, complaints)) member = *plmn;
    }
    static bool present(const Plmn&) { return true; }
    template <class T>
    static bool present(const std::optional<T>& member) {
        return member.has_value();
    }
    template <class Member>
    static json::value write(const Member& member) {
        auto text = value_of(member).str();
        text.erase(text.find('/'), 1);
        return json::value(text);
    }

  private:
    static std::optional<Plmn> plmn_of(const json::value& value, Complaints& complaints);
};

/// Time of RFC 6733 4.3.1, which counts from 1900, as seconds since 1970.
struct UnixTime : Plain {
    static constexpr std::int64_t epoch_1900 = 2'208'988'800;
    static std::string type() { return "seconds since 1970"; }
    static void read(const json::value& value, std::optional<std::uint32_t>& member, Complaints& complaints) {
        if (const auto seconds = whole_number(value, 0, UINT32_MAX - epoch_1900, complaints))
            member = static_cast<std::uint32_t>(*seconds + epoch_1900);
    }
    static json::value write(const std::optional<std::uint32_t>& member) {
        return json::value(std::int64_t{*member} - epoch_1900);
    }
};

/// A struct to read into; specialised for those that have no empty value.
template <class T>
T blank() {
    return T{};
}

/// An object with a table of its own.
struct Object : Plain {
    static std::string type() { return "object"; }
    template <class T>
    static void read(const json::value& value, T& member, Complaints& complaints) {
        read_object(value, member, complaints);
    }
    template <class T>
    static void read(const json::value& value, std::optional<T>& member, Complaints& complaints) {
        member = blank<T>();
        read_object(value, *member, complaints);
    }
    template <class T>
    static bool present(const std::optional<T>& member) {
        return member.has_value();
    }
    template <class T>
    static bool present(const T&) {
        return true;
    }
    template <class Member>
    static json::value write(const Member& member) {
        return write_object(value_of(member));
    }
};
/// The same, not written while it says nothing.
template <class T>
struct ObjectWhenSaid : Object {
    static bool present(const T& member) { return member != T{}; }
    static void describe(const std::string& prefix, std::vector<DocumentField>& list) {
        describe_object<T>(prefix, list);
    }
};
template <class T>
struct ObjectOf : Object {
    static void describe(const std::string& prefix, std::vector<DocumentField>& list) {
        describe_object<T>(prefix, list);
    }
};

/// A list of values of another codec.
template <class Codec, class T, std::size_t Max>
struct ListOf : Plain {
    static std::string type() { return "list of up to " + std::to_string(Max) + " (" + Codec::type() + ")"; }
    static void read(const json::value& value, std::vector<T>& member, Complaints& complaints) {
        const auto* list = value.if_array();
        if (list == nullptr) return complaints.add("is not a list");
        if (list->size() > Max)
            return complaints.add("has " + std::to_string(list->size()) + " entries, " + std::to_string(Max) +
                                  " are allowed");
        const Complaints::Whole whole(complaints);
        for (const auto& item : *list) {
            const auto position = std::to_string(member.size() + 1);
            const Complaints::Scope scope(complaints, position);
            Codec::read(item, member.emplace_back(blank<T>()), complaints);
        }
    }
    static json::value write(const std::vector<T>& member) {
        json::array list;
        for (const auto& item : member) list.push_back(Codec::write(item));
        return list;
    }
    static void describe(const std::string& prefix, std::vector<DocumentField>& list) {
        Codec::describe(prefix.substr(0, prefix.size() - 1) + "[].", list);
    }
};

}  // namespace bindhss::subscription
