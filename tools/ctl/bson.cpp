// SPDX-License-Identifier: Apache-2.0
#include "ctl/bson.h"

#include <bit>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cstring>

#include "types/octets.h"

namespace bindhss::ctl {

namespace {

namespace json = boost::json;

/// Broken, with the reason; caught by BsonReader::next().
struct Broken {
    const char* why;
};

/// Takes values from the front of a text; every length is checked before it is used.
class Cursor {
  public:
    explicit Cursor(std::string_view rest) : rest_(rest) {}

    std::string_view take(std::size_t size) {
        if (size > rest_.size()) throw Broken{"ends too early"};
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    template <class Number>
    Number number() {
        static_assert(std::endian::native == std::endian::little, "BSON is little-endian");
        Number value;
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }
    std::string_view name() {
        const auto end = rest_.find('\0');
        if (end == std::string_view::npos) throw Broken{"has a name without an end"};
        const auto taken = take(end);
        (void)take(1);
        return taken;
    }
    /// Length, octets, NUL.
    std::string_view text() {
        const auto size = number<std::int32_t>();
        if (size < 1) throw Broken{"has a text of no length"};
        const auto taken = take(static_cast<std::size_t>(size));
        if (taken.back() != '\0') throw Broken{"has a text without an end"};
        return taken.substr(0, taken.size() - 1);
    }
    /// What is within a document: its length counts itself and the NUL at its end.
    Cursor document() {
        const auto size = number<std::int32_t>();
        if (size < 5) throw Broken{"has a document of no length"};
        const auto within = take(static_cast<std::size_t>(size) - 4);
        if (within.back() != '\0') throw Broken{"has a document without an end"};
        return Cursor(within.substr(0, within.size() - 1));
    }
    [[nodiscard]] bool empty() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

json::string hex(std::string_view octets, const json::storage_ptr& memory) {
    const auto text = to_hex(as_octets(octets));
    return json::string(text, memory);
}

json::value binary(Cursor& cursor, const json::storage_ptr& memory) {
    const auto size = cursor.number<std::int32_t>();
    if (size < 0) throw Broken{"has a binary of no length"};
    (void)cursor.take(1);  // its subtype
    return hex(cursor.take(static_cast<std::size_t>(size)), memory);
}

json::value value(std::uint8_t type, Cursor& cursor, const json::storage_ptr& memory, std::size_t depth);

template <class Visit>
void each_element(Cursor cursor, const json::storage_ptr& memory, std::size_t depth, Visit visit) {
    if (depth > BsonReader::depth_max) throw Broken{"is nested too deep"};
    while (!cursor.empty()) {
        const auto type = cursor.number<std::uint8_t>();
        const auto name = cursor.name();
        visit(name, value(type, cursor, memory, depth));
    }
}

json::object object(Cursor cursor, const json::storage_ptr& memory, std::size_t depth) {
    json::object result(memory);
    each_element(cursor, memory, depth, [&](std::string_view name, json::value&& element) {
        result.insert_or_assign(json::string_view(name), std::move(element));
    });
    return result;
}

json::array list(Cursor cursor, const json::storage_ptr& memory, std::size_t depth) {
    json::array result(memory);
    each_element(cursor, memory, depth,
                 [&](std::string_view, json::value&& element) { result.push_back(std::move(element)); });
    return result;
}

/// What JSON has no like of: passed over.
json::value passed_over(std::uint8_t type, Cursor& cursor) {
    switch (type) {
        case 0x0b:  // regular expression: pattern and options
            (void)cursor.name();
            (void)cursor.name();
            return nullptr;
        case 0x0c:  // pointer
            (void)cursor.text();
            (void)cursor.take(12);
            return nullptr;
        case 0x0f:  // code with scope
            (void)cursor.document();
            return nullptr;
        case 0x13:  // decimal of 128 bits
            (void)cursor.take(16);
            return nullptr;
        case 0x06:  // undefined
        case 0x0a:  // null
        case 0x7f:  // greatest key
        case 0xff:  // least key
            return nullptr;
        default:
            throw Broken{"has a value of an unknown type"};
    }
}

json::value value(std::uint8_t type, Cursor& cursor, const json::storage_ptr& memory, std::size_t depth) {
    switch (type) {
        case 0x01:
            return cursor.number<double>();
        case 0x02:  // text
        case 0x0d:  // code
        case 0x0e:  // symbol
            return json::string(cursor.text(), memory);
        case 0x03:
            return object(cursor.document(), memory, depth + 1);
        case 0x04:
            return list(cursor.document(), memory, depth + 1);
        case 0x05:
            return binary(cursor, memory);
        case 0x07:  // object id
            return hex(cursor.take(12), memory);
        case 0x08:
            return cursor.number<std::uint8_t>() != 0;
        case 0x10:
            return cursor.number<std::int32_t>();
        case 0x09:  // time
        case 0x12:
            return cursor.number<std::int64_t>();
        case 0x11:  // of replication
            return cursor.number<std::uint64_t>();
        default:
            return passed_over(type, cursor);
    }
}

}  // namespace

std::optional<json::object> BsonReader::next() {
    if (rest_.empty() || !error_.empty()) return std::nullopt;
    try {
        Cursor cursor(rest_);
        const auto size = cursor.number<std::int32_t>();
        if (size < 5 || static_cast<std::size_t>(size) > document_octets_max)
            throw Broken{"has a document of an impossible length: is it BSON?"};
        Cursor whole(rest_.substr(0, static_cast<std::size_t>(size)));
        auto document = object(whole.document(), memory_, 1);
        rest_.remove_prefix(static_cast<std::size_t>(size));
        return document;
    } catch (const Broken& broken) {
        error_ = broken.why;
        return std::nullopt;
    }
}

bool BsonReader::begins_as_bson(std::string_view text) {
    if (text.size() < 5) return false;
    // The highest octet of the length is 0 or 1; a text has no such octet.
    return static_cast<unsigned char>(text[3]) <= 1;
}

}  // namespace bindhss::ctl
