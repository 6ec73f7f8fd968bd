// SPDX-License-Identifier: Apache-2.0
// What the tests of the importers have in common: samples, and documents in BSON.
#pragma once

#include <boost/json/value.hpp>
#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include "records/record.h"
#include "subscription/merge.h"

namespace bindhss::test {

inline std::string sample(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(std::string(BINDHSS_SOURCE_DIR "/tests/vectors/import/") + name, std::ios::binary)
                .rdbuf();
    REQUIRE_FALSE(text.str().empty());
    return text.str();
}

/// All complaints of a reading, one a line.
inline std::string text_of(const std::vector<store::LineError>& errors) {
    std::string text;
    for (const auto& error : errors)
        text += (text.empty() ? "" : "\n") + std::to_string(error.line) + ": " + error.text;
    return text;
}

inline const store::PutSubscriber& subscriber(const ctl::Reading& reading, std::string_view imsi) {
    for (const auto& item : reading.items)
        if (const auto* put = std::get_if<store::PutSubscriber>(&item.put))
            if (put->imsi.digits() == imsi) return *put;
    FAIL("no subscriber " << imsi);
    throw std::logic_error("FAIL throws");
}

/// What a node will be told of a subscriber of the reading: its profile with its override.
inline SubscriptionData data_of(const ctl::Reading& reading, std::string_view imsi) {
    const auto& put = subscriber(reading, imsi);
    for (const auto& item : reading.items) {
        const auto* profile = std::get_if<store::PutProfile>(&item.put);
        if (profile == nullptr || profile->name != put.profile) continue;
        auto whole = subscription::subscription_of(profile->document, put.override_document.value_or(""),
                                                   put.msisdn.value_or(""));
        REQUIRE(whole.has_value());
        return whole->data;
    }
    FAIL("no profile of " << imsi);
    throw std::logic_error("FAIL throws");
}

inline std::size_t profiles_of(const ctl::Reading& reading) {
    std::size_t count = 0;
    for (const auto& item : reading.items)
        count += std::holds_alternative<store::PutProfile>(item.put) ? 1 : 0;
    return count;
}

template <class Number>
void append(std::string& text, Number number) {
    char octets[sizeof number];
    std::memcpy(octets, &number, sizeof number);
    text.append(octets, sizeof number);
}

std::string bson_of(const boost::json::value& value);

/// An element with its type and name.
inline void append_element(std::string& text, std::string_view name, const boost::json::value& value) {
    const auto begin = [&](char type) { (text += type).append(name).push_back('\0'); };
    switch (value.kind()) {
        case boost::json::kind::null:
            return begin('\x0a');
        case boost::json::kind::bool_:
            begin('\x08');
            text += value.get_bool() ? '\1' : '\0';
            return;
        case boost::json::kind::string: {
            const auto& s = value.get_string();
            begin('\x02');
            append(text, static_cast<std::int32_t>(s.size() + 1));
            text.append(s.data(), s.size()).push_back('\0');
            return;
        }
        case boost::json::kind::object:
            begin('\x03');
            text += bson_of(value);
            return;
        case boost::json::kind::array:
            begin('\x04');
            text += bson_of(value);
            return;
        case boost::json::kind::double_:
            begin('\x01');
            append(text, value.get_double());
            return;
        default: {
            const auto number = value.to_number<std::int64_t>();
            const bool wide = number > INT32_MAX || number < INT32_MIN;
            begin(wide ? '\x12' : '\x10');
            if (wide) {
                append(text, number);
            } else {
                append(text, static_cast<std::int32_t>(number));
            }
        }
    }
}

/// A JSON object or list as mongodump writes it; {"$numberLong": "1"} becomes a number of 64 bits,
/// {"$oid": ...} an object id.
inline std::string bson_of(const boost::json::value& value) {
    std::string body;
    const auto add = [&](std::string_view name, const boost::json::value& element) {
        const auto* object = element.if_object();
        if (object != nullptr && object->contains("$oid")) {
            (body += '\x07').append(name).push_back('\0');
            body.append(12, '\x5f');
        } else if (object != nullptr && object->contains("$numberLong")) {
            (body += '\x12').append(name).push_back('\0');
            append(body,
                   static_cast<std::int64_t>(std::stoll(std::string(object->at("$numberLong").as_string()))));
        } else if (object != nullptr && object->contains("$numberInt")) {
            (body += '\x10').append(name).push_back('\0');
            append(body,
                   static_cast<std::int32_t>(std::stol(std::string(object->at("$numberInt").as_string()))));
        } else {
            append_element(body, name, element);
        }
    };
    if (value.is_array()) {
        std::size_t index = 0;
        for (const auto& element : value.get_array()) add(std::to_string(index++), element);
    } else {
        for (const auto& [name, element] : value.get_object()) add(name, element);
    }
    std::string document;
    append(document, static_cast<std::int32_t>(body.size() + 5));
    return document + body + '\0';
}

}  // namespace bindhss::test
