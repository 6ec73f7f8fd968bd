// SPDX-License-Identifier: Apache-2.0
// The members of rows, each told of once for both directions: RowWriter makes JSON of them, RowReader reads
// it. Not for other layers.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <initializer_list>
#include <type_traits>

#include "records/rows.h"

namespace bindhss::records {

/// RFC 3339 in UTC, with milliseconds where there are some.
[[nodiscard]] std::string time_member(WallTime time);
/// A document as the object that it is; a text that is none stays one.
[[nodiscard]] boost::json::value document_member(const std::string& text);

class RowWriter;
class RowReader;
/// What a direction does to a row.
template <class Io, class T>
using Of = std::conditional_t<std::is_same_v<Io, RowWriter>, const T, T>;

/// What is read into.
template <class T>
T blank() {
    return T{};
}
template <>
inline Imsi blank<Imsi>() {
    return *Imsi::parse("000000");
}
template <>
inline Imei blank<Imei>() {
    return *Imei::from_number(1);
}

/// What is unknown (empty, absent) has no member.
class RowWriter {
  public:
    explicit RowWriter(boost::json::object& object) : object_(object) {}

    void text(std::string_view name, const std::string& value) {
        if (!value.empty()) object_.emplace(name, value);
    }
    template <class T>
    void number(std::string_view name, const T& value) {
        object_.emplace(name, value);
    }
    template <class T>
    void number(std::string_view name, const std::optional<T>& value) {
        if (value) object_.emplace(name, *value);
    }
    void flag(std::string_view name, bool value) { object_.emplace(name, value); }
    void flag(std::string_view name, const std::optional<bool>& value) {
        if (value) object_.emplace(name, *value);
    }
    void time(std::string_view name, WallTime value) { object_.emplace(name, time_member(value)); }
    void time(std::string_view name, const std::optional<WallTime>& value) {
        if (value) time(name, *value);
    }
    void texts(std::string_view name, const std::vector<std::string>& values) {
        list(name, values, [](const std::string& value) { return boost::json::value(value); });
    }
    void times(std::string_view name, const std::vector<WallTime>& values) {
        list(name, values, [](WallTime value) { return boost::json::value(time_member(value)); });
    }
    /// Octets in hexadecimal digits.
    template <class T>
    void hex(std::string_view name, const T& value) {
        if (!value.empty()) object_.emplace(name, to_hex(value));
    }
    void document(std::string_view name, const std::string& text) {
        if (!text.empty()) object_.emplace(name, document_member(text));
    }
    /// An enumeration that name_of() knows.
    template <class T>
    void word(std::string_view name, const T& value, std::initializer_list<T>) {
        object_.emplace(name, std::string(name_of(value)));
    }
    /// Whatever has a text: `read` is its way back.
    template <class T, class Write, class Read>
    void as(std::string_view name, const T& value, Write write, Read) {
        object_.emplace(name, std::string(write(value)));
    }
    template <class T, class Write, class Read>
    void as(std::string_view name, const std::optional<T>& value, Write write, Read) {
        if (value) object_.emplace(name, std::string(write(*value)));
    }
    /// The same of an optional that has a text when it is absent too.
    template <class T, class Write, class Read>
    void as_value(std::string_view name, const T& value, Write write, Read) {
        object_.emplace(name, std::string(write(value)));
    }
    /// Whatever is a number in JSON alone.
    template <class T, class Write, class Read>
    void as_number(std::string_view name, const T& value, Write write, Read) {
        object_.emplace(name, write(value));
    }
    /// One that may be empty and yet known.
    void optional_text(std::string_view name, const std::optional<std::string>& value) {
        if (value) object_.emplace(name, *value);
    }
    /// Zero is not known.
    void time_or_zero(std::string_view name, WallTime value) {
        if (value != WallTime()) time(name, value);
    }
    template <class T, class Write, class Read>
    void list_as(std::string_view name, const std::vector<T>& values, Write write, Read) {
        list(name, values, [&](const T& value) { return boost::json::value(std::string(write(value))); });
    }
    template <class T>
    void object(std::string_view name, const T& value);
    template <class T>
    void object(std::string_view name, const std::optional<T>& value) {
        if (value) object(name, *value);
    }
    template <class T>
    void objects(std::string_view name, const std::vector<T>& values);
    /// Its members are the row's own; `marker` is one that it always has.
    template <class T>
    void inlined(std::string_view, const std::optional<T>& value) {
        if (value) members(*this, *value);
    }

  private:
    template <class T, class Make>
    void list(std::string_view name, const std::vector<T>& values, Make make) {
        boost::json::array array;
        array.reserve(values.size());
        for (const auto& value : values) array.push_back(make(value));
        object_.emplace(name, std::move(array));
    }
    boost::json::object& object_;
};

/// Throws BadRow that names the member. What may be unknown may be absent, everything else has to be there.
class RowReader {
  public:
    explicit RowReader(const boost::json::object& object) : object_(object) {}

    void text(std::string_view name, std::string& value) {
        if (const auto* member = object_.if_contains(name)) value = string_of(name, *member);
    }
    template <class T>
    void number(std::string_view name, T& value) {
        value = number_of<T>(name, required(name));
    }
    template <class T>
    void number(std::string_view name, std::optional<T>& value) {
        if (const auto* member = object_.if_contains(name)) value = number_of<T>(name, *member);
    }
    void flag(std::string_view name, bool& value) { value = flag_of(name, required(name)); }
    void flag(std::string_view name, std::optional<bool>& value) {
        if (const auto* member = object_.if_contains(name)) value = flag_of(name, *member);
    }
    void time(std::string_view name, WallTime& value) { value = time_of(name, required(name)); }
    void time(std::string_view name, std::optional<WallTime>& value) {
        if (const auto* member = object_.if_contains(name)) value = time_of(name, *member);
    }
    void texts(std::string_view name, std::vector<std::string>& values) {
        each(name, [&](const auto& element) { values.push_back(string_of(name, element)); });
    }
    void times(std::string_view name, std::vector<WallTime>& values) {
        each(name, [&](const auto& element) { values.push_back(time_of(name, element)); });
    }
    template <std::size_t N>
    void hex(std::string_view name, Octets<N>& value) {
        const auto octets = octets_from_hex<N>(string_of(name, required(name)));
        if (!octets) throw bad(name, "is not " + std::to_string(2 * N) + " hexadecimal digits");
        value = *octets;
    }
    void hex(std::string_view name, OctetString& value) {
        const auto* member = object_.if_contains(name);
        if (member == nullptr) return;
        auto octets = from_hex(string_of(name, *member));
        if (!octets) throw bad(name, "is not hexadecimal digits");
        value = std::move(*octets);
    }
    void document(std::string_view name, std::string& text);
    template <class T>
    void word(std::string_view name, T& value, std::initializer_list<T> all) {
        const auto text = string_of(name, required(name));
        for (const auto candidate : all) {
            if (name_of(candidate) != text) continue;
            value = candidate;
            return;
        }
        throw bad(name, "is no word that is known here");
    }
    template <class T, class Write, class Read>
    void as(std::string_view name, T& value, Write, Read read) {
        value = read_as<T>(name, required(name), read);
    }
    template <class T, class Write, class Read>
    void as(std::string_view name, std::optional<T>& value, Write, Read read) {
        if (const auto* member = object_.if_contains(name)) value = read_as<T>(name, *member, read);
    }
    template <class T, class Write, class Read>
    void as_value(std::string_view name, T& value, Write, Read read) {
        value = read_as<T>(name, required(name), read);
    }
    template <class T, class Write, class Read>
    void as_number(std::string_view name, T& value, Write, Read read) {
        value = read(number_of<std::invoke_result_t<Write, T>>(name, required(name)));
    }
    void optional_text(std::string_view name, std::optional<std::string>& value) {
        if (const auto* member = object_.if_contains(name)) value = string_of(name, *member);
    }
    void time_or_zero(std::string_view name, WallTime& value) {
        if (has(name)) time(name, value);
    }
    template <class T, class Write, class Read>
    void list_as(std::string_view name, std::vector<T>& values, Write, Read read) {
        each(name, [&](const auto& element) { values.push_back(read_as<T>(name, element, read)); });
    }
    template <class T>
    void object(std::string_view name, T& value);
    template <class T>
    void object(std::string_view name, std::optional<T>& value);
    template <class T>
    void objects(std::string_view name, std::vector<T>& values);
    template <class T>
    void inlined(std::string_view marker, std::optional<T>& value) {
        if (!has(marker)) return;
        value = blank<T>();
        members(*this, *value);
    }

    [[nodiscard]] bool has(std::string_view name) const { return object_.contains(name); }

  private:
    static BadRow bad(std::string_view name, const std::string& what) {
        return BadRow("the member '" + std::string(name) + "' " + what);
    }
    [[nodiscard]] const boost::json::value& required(std::string_view name) const;
    static std::string string_of(std::string_view name, const boost::json::value& value);
    static bool flag_of(std::string_view name, const boost::json::value& value);
    static WallTime time_of(std::string_view name, const boost::json::value& value);
    static const boost::json::object& object_of_member(std::string_view name,
                                                       const boost::json::value& value);

    template <class T>
    static T number_of(std::string_view name, const boost::json::value& value) {
        boost::json::error_code error;
        const auto number = value.to_number<T>(error);
        if (error || value.is_double()) throw bad(name, "is no whole number that fits");
        return number;
    }
    template <class T, class Read>
    static T read_as(std::string_view name, const boost::json::value& value, Read read) {
        auto result = read(string_of(name, value));
        if (!result) throw bad(name, "is not what it has to be");
        return std::move(*result);
    }
    template <class Visit>
    void each(std::string_view name, Visit visit) const {
        const auto& member = required(name);
        if (!member.is_array()) throw bad(name, "is no list");
        for (const auto& element : member.get_array()) visit(element);
    }

    const boost::json::object& object_;
};

template <class T>
void RowWriter::object(std::string_view name, const T& value) {
    boost::json::object inner;
    RowWriter writer(inner);
    members(writer, value);
    object_.emplace(name, std::move(inner));
}
template <class T>
void RowWriter::objects(std::string_view name, const std::vector<T>& values) {
    list(name, values, [](const T& value) {
        boost::json::object inner;
        RowWriter writer(inner);
        members(writer, value);
        return boost::json::value(std::move(inner));
    });
}

template <class T>
void RowReader::object(std::string_view name, T& value) {
    RowReader reader(object_of_member(name, required(name)));
    members(reader, value);
}
template <class T>
void RowReader::object(std::string_view name, std::optional<T>& value) {
    if (!has(name)) return;
    value = blank<T>();
    object(name, *value);
}
template <class T>
void RowReader::objects(std::string_view name, std::vector<T>& values) {
    each(name, [&](const auto& element) {
        RowReader reader(object_of_member(name, element));
        members(reader, values.emplace_back(blank<T>()));
    });
}

// Members that several rows have.
template <class Io>
void imsi_member(Io& io, Of<Io, Imsi>& imsi) {
    io.as(
        "imsi", imsi, [](const Imsi& value) { return value.str(); }, Imsi::parse);
}
template <class Io>
void imei_member(Io& io, Of<Io, Imei>& imei) {
    io.as(
        "imei", imei, [](const Imei& value) { return value.str(); }, Imei::parse);
}
/// One device, or an interval of them.
template <class Io>
void range_member(Io& io, Of<Io, ImeiRange>& range) {
    io.as(
        "imei", range, [](const ImeiRange& value) { return value.str(); }, ImeiRange::parse);
}
template <class Io>
void policy_member(Io& io, Of<Io, binding::Policy>& policy) {
    io.as(
        "policy", policy, [](binding::Policy value) { return binding::name_of(value); },
        binding::parse_policy);
}
template <class Io>
void owner_member(Io& io, Of<Io, std::variant<Imei, std::string>>& owner) {
    io.as("owner", owner, owner_text, parse_owner);
}

// Each file of rows has members(io, row) for its types, object_of() as written(), and an instance of
// row_from().
template <class Row>
boost::json::object written(const Row& row) {
    boost::json::object object;
    RowWriter writer(object);
    members(writer, row);
    return object;
}
template <class Row>
Row row_from(const boost::json::object& object) {
    auto row = blank<Row>();
    RowReader reader(object);
    members(reader, row);
    return row;
}

}  // namespace bindhss::records
