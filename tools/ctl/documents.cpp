// SPDX-License-Identifier: Apache-2.0
#include "ctl/documents.h"

#include <string.h>  // explicit_bzero

#include <algorithm>
#include <boost/json/stream_parser.hpp>
#include <new>

#include "ctl/bson.h"

namespace bindhss::ctl {

namespace {

namespace json = boost::json;

constexpr std::string_view blanks = " \t\r\n";

/// A text of JSON values, with the line that each begins in.
class JsonDocuments {
  public:
    JsonDocuments(std::string_view text, const VisitDocument& visit) : rest_(text), visit_(visit) {}

    std::vector<store::LineError> run() {
        if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
        skip_blanks();
        if (rest_.empty()) return {{line_, "is empty"}};
        while (errors_.empty() && skip_blanks()) {
            if (rest_.front() == '[') {
                skip(1);
                list();
            } else {
                value();
            }
        }
        return std::move(errors_);
    }

  private:
    void list() {
        if (!skip_blanks()) return error("ends too early to be JSON");
        if (rest_.front() == ']') return skip(1);
        while (errors_.empty()) {
            value();
            if (!errors_.empty()) return;
            if (!skip_blanks()) return error("ends too early to be JSON");
            const char separator = rest_.front();
            if (separator == ']') return skip(1);
            if (separator != ',') return error("is not JSON: a comma or ] is missing");
            skip(1);
            if (!skip_blanks()) return error("ends too early to be JSON");
        }
    }

    void value() {
        json::parse_options options;
        options.max_depth = json_depth_max;
        json::stream_parser parser(json::storage_ptr(&memory_), options);
        parser.reset(json::storage_ptr(&memory_));
        const auto begin = line_;
        json::error_code ec;
        const auto used = parser.write_some(rest_.data(), rest_.size(), ec);
        skip(used);
        if (!ec && !parser.done()) parser.finish(ec);
        if (ec) {
            return error(rest_.empty() ? "ends too early to be JSON" : "is not JSON: " + ec.message());
        }
        visit_(parser.release(), begin);
    }

    void error(std::string text) { errors_.push_back({line_, std::move(text)}); }
    void skip(std::size_t size) {
        line_ += static_cast<std::size_t>(
            std::count(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(size), '\n'));
        rest_.remove_prefix(size);
    }
    /// false: nothing else is there.
    bool skip_blanks() {
        skip(std::min(rest_.find_first_not_of(blanks), rest_.size()));
        return !rest_.empty();
    }

    WipingMemory memory_;
    std::string_view rest_;
    const VisitDocument& visit_;
    std::size_t line_ = 1;
    std::vector<store::LineError> errors_;
};

std::vector<store::LineError> each_bson(std::string_view text, const VisitDocument& visit) {
    WipingMemory memory;
    BsonReader reader(text, json::storage_ptr(&memory));
    std::size_t number = 0;
    while (auto document = reader.next()) visit(json::value(std::move(*document)), ++number);
    if (reader.error().empty()) return {};
    return {{number + 1, reader.error()}};
}

}  // namespace

// Boost.JSON frees texts with another alignment than it asked for, so neither is told to the allocator: what
// it gives is aligned for anything in a document.
void* WipingMemory::do_allocate(std::size_t size, std::size_t) {
    return ::operator new(size);
}

void WipingMemory::do_deallocate(void* memory, std::size_t size, std::size_t) {
    explicit_bzero(memory, size);
    ::operator delete(memory);
}

std::vector<store::LineError> each_document(std::string_view text, const VisitDocument& visit) {
    if (text.starts_with("\x1f\x8b")) return {{1, "is compressed: give it to gunzip first"}};
    if (BsonReader::begins_as_bson(text)) return each_bson(text, visit);
    return JsonDocuments(text, visit).run();
}

}  // namespace bindhss::ctl
