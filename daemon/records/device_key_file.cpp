// SPDX-License-Identifier: Apache-2.0
#include "records/device_key_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/json_web_key.h"
#include "records/record.h"
#include "types/json_object.h"
#include "types/limits.h"

namespace bindhss::records {

namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 6> column_names{"imei",       "key",         "origin",
                                                       "valid_from", "valid_until", "secure"};
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr const char* too_long = "the line is too long for a key";

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t") == std::string_view::npos;
}

/// May this line belong to a PEM text of which the beginning was there?
bool continues_pem(std::string_view begun, std::string_view line) {
    constexpr std::string_view end = "-----END ";
    if (begun.find(end) != std::string_view::npos) return line.starts_with('"');
    if (line.find(end) != std::string_view::npos) return true;
    return std::all_of(line.begin(), line.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
               c == '/' || c == '=' || c == ' ';
    });
}

std::string& field_of(DeviceKeyText& text, std::string_view name) {
    if (name == "imei") return text.imei;
    if (name == "origin") return text.origin;
    if (name == "valid_from") return text.valid_from;
    if (name == "valid_until") return text.valid_until;
    if (name == "secure") return text.secure;
    return std::get<std::string>(text.key);
}

bool is_column(std::string_view name) {
    return std::find(column_names.begin(), column_names.end(), name) != column_names.end();
}

/// A text, or nothing for null; what is neither is refused.
std::optional<std::string> read_member(std::string_view name, const json::value& value, DeviceKeyText& text) {
    auto& field = field_of(text, name);
    if (value.is_null()) return std::nullopt;
    if (name == "secure" && value.is_bool()) {
        field = value.get_bool() ? "yes" : "no";
    } else if (value.is_string()) {
        field = std::string(value.get_string());
    } else {
        return fmt::format("{} is no text", name);
    }
    return std::nullopt;
}

/// "key" is a text or a JWK, "jwk" a JWK: one of them.
std::optional<std::string> read_key_member(const json::object& object, DeviceKeyText& text) {
    const auto* key = object.if_contains("key");
    const auto* jwk = object.if_contains("jwk");
    if (key != nullptr && jwk != nullptr) return "has both key and jwk";
    if (jwk != nullptr && !jwk->is_object()) return "jwk is no JSON object";
    if (jwk == nullptr && key != nullptr && key->is_object()) jwk = key;
    if (jwk != nullptr) {
        text.key = crypto::read_json_web_key(jwk->get_object());
        return std::nullopt;
    }
    return key == nullptr ? std::nullopt : read_member("key", *key, text);
}

std::variant<store::DeviceKey, std::string> read_object(const json::object& object) {
    DeviceKeyText text;
    for (const auto& [name, value] : object) {
        if (name == "key" || name == "jwk") continue;
        if (!is_column(name)) return "unknown member " + shown(name);
        if (auto problem = read_member(name, value, text)) return std::move(*problem);
    }
    if (auto problem = read_key_member(object, text)) return std::move(*problem);
    return device_key_of(text);
}

}  // namespace

DeviceKeyFileReader::DeviceKeyFileReader(std::istream& in)
    : lines_(in, limits::device_key_record_octets_max) {}

std::optional<store::DeviceKeyRecord> DeviceKeyFileReader::next() {
    if (format_ == Format::unknown && !begin()) return std::nullopt;
    auto record = format_ == Format::csv ? next_csv() : next_json();
    if (record) ++records_;
    return record;
}

bool DeviceKeyFileReader::begin() {
    auto line = lines_.next();
    if (line && line->text.starts_with(byte_order_mark)) line->text.erase(0, byte_order_mark.size());
    while (line && is_blank(line->text)) line = lines_.next();
    if (!line) throw BadFile("the file is empty: its first line names the columns, or holds a JSON object");
    if (line->text.starts_with("\x1f\x8b")) throw BadFile("the file is compressed: give it to gunzip first");
    if (line->text.starts_with('['))
        throw BadFile("the file is a JSON list: one object in each line is needed (jq -c '.[]' makes that)");
    if (line->text.starts_with('{')) {
        format_ = Format::json_lines;
        lines_.put_back(std::move(*line));
    } else {
        read_header(std::move(*line));
        format_ = Format::csv;
    }
    return true;
}

void DeviceKeyFileReader::read_header(BoundedLine line) {
    const auto at = fmt::format("line {}: ", line.number);
    auto cells = line.too_long ? std::nullopt : CsvScanner(line.text, line.number).next();
    if (!cells || !cells->error.empty())
        throw BadFile(at + "is neither a line that names columns nor a JSON object");
    columns_ = std::move(cells->texts);
    for (const auto& name : columns_) {
        if (!is_column(name)) {
            throw BadFile(fmt::format("{}unknown column {}: the first line names the columns, of {}", at,
                                      shown(name), fmt::join(column_names, ", ")));
        }
        if (std::count(columns_.begin(), columns_.end(), name) > 1)
            throw BadFile(fmt::format("{}the column '{}' is there twice", at, name));
    }
    for (const auto* needed : {"imei", "key"}) {
        if (std::find(columns_.begin(), columns_.end(), needed) == columns_.end())
            throw BadFile(fmt::format("{}the column '{}' is missing", at, needed));
    }
}

bool DeviceKeyFileReader::continue_pem(std::string& text) {
    auto line = lines_.next();
    if (!line) return false;
    const auto octets = text.size() + 1 + line->text.size();
    if (line->too_long || octets > limits::device_key_record_octets_max || !continues_pem(text, line->text)) {
        lines_.put_back(std::move(*line));
        return false;
    }
    text += '\n' + line->text;
    return true;
}

std::optional<records::CsvCells> DeviceKeyFileReader::take_cells() {
    auto line = lines_.next();
    while (line && !line->too_long && is_blank(line->text)) line = lines_.next();
    if (!line) return std::nullopt;
    records::CsvCells cells;
    cells.line = line->number;
    cells.error = too_long;
    if (line->too_long) return cells;
    for (;;) {
        auto scanned = CsvScanner(line->text, line->number).next();
        cells.error = "holds nothing";  // a byte order mark alone
        if (!scanned) return cells;
        cells = std::move(*scanned);
        const bool pem = cells.open && cells.texts.back().starts_with("-----BEGIN ");
        if (!pem || !continue_pem(line->text)) return cells;
    }
}

std::variant<store::DeviceKey, std::string> DeviceKeyFileReader::read_cells(records::CsvCells& cells) const {
    if (!cells.error.empty()) return std::move(cells.error);
    if (cells.texts.size() != columns_.size()) {
        return fmt::format("has {} cells, the first line names {} columns", cells.texts.size(),
                           columns_.size());
    }
    DeviceKeyText text;
    for (std::size_t i = 0; i < columns_.size(); ++i) field_of(text, columns_[i]) = std::move(cells.texts[i]);
    return device_key_of(text);
}

std::optional<store::DeviceKeyRecord> DeviceKeyFileReader::next_csv() {
    auto cells = take_cells();
    if (!cells) return std::nullopt;
    return store::DeviceKeyRecord{read_cells(*cells), cells->line};
}

std::optional<store::DeviceKeyRecord> DeviceKeyFileReader::next_json() {
    auto line = lines_.next();
    while (line && !line->too_long && is_blank(line->text)) line = lines_.next();
    if (!line) return std::nullopt;
    if (line->too_long) return store::DeviceKeyRecord{std::string(too_long), line->number};
    auto object = parse_json_object(line->text);
    if (auto* problem = std::get_if<std::string>(&object))
        return store::DeviceKeyRecord{std::move(*problem), line->number};
    return store::DeviceKeyRecord{read_object(std::get<json::object>(object)), line->number};
}

}  // namespace bindhss::records
