// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <string.h>  // explicit_bzero

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>

#include "records/changes.h"
#include "records/convert.h"
#include "records/import_stream.h"
#include "records/json_text.h"
#include "records/readers.h"
#include "types/limits.h"

namespace bindhss::records {

namespace {

namespace json = boost::json;

/// Receives the parser's events. The text is handed to the parser line by line, so `line` is that of the
/// event. Depth 1 is the object outside, 2 a list in it, 3 an item of that list, 4 a list in the item.
/// Documents in an item (of a profile, of an override) are texts to it, put together again.
struct Handler {
    static constexpr std::size_t max_array_size = 100'000'000;
    static constexpr std::size_t max_object_size = 64;
    static constexpr std::size_t max_string_size = 4'096;
    static constexpr std::size_t max_key_size = 64;

    Reading reading;
    std::size_t line = 1;
    std::optional<Kind> only;     ///< there is one object, of this kind, which is not converted
    std::optional<Record> taken;  ///< that one

    Handler() = default;
    ~Handler() {
        wipe(outer_);
        wipe(item_);
    }
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;

    /// After a text that was not JSON.
    void restart() {
        wipe(outer_);
        wipe(item_);
        explicit_bzero(partial_.data(), partial_.size());
        depth_ = 0;
        skipped_ = 0;
        partial_.clear();
        document_ = {};
    }

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_object_begin(json::error_code&) {
        if (document_.open() || (skipped_ == 0 && is_document())) {
            document_.begin('{');
            return true;
        }
        if (skipped_ > 0 || (depth_ != 0 && depth_ != 2)) return skip("an object");
        ++depth_;
        (depth_ == 1 ? outer_ : item_) = Record{{}, line, {}};
        return true;
    }
    bool on_object_end(std::size_t, json::error_code&) {
        if (document_.open()) return document_.end('}') ? value(document_.take()) : true;
        if (skipped_ > 0) return leave();
        if (depth_ == 3) {
            finish_item();
        } else {
            finish_outer();
        }
        --depth_;
        return true;
    }
    bool on_array_begin(json::error_code&) {
        if (document_.open()) {
            document_.begin('[');
            return true;
        }
        if (skipped_ > 0 || (depth_ != 1 && depth_ != 3)) return skip("a list");
        if (depth_ == 1) list_key_ = key_;
        if (depth_ == 1 && only && list_key_ != "devices") return skip("a list");
        ++depth_;
        const auto kind = parse_plural_kind(list_key_);
        if (depth_ == 2 && !kind && list_key_ != "devices") error("unknown list " + shown(list_key_));
        return true;
    }
    bool on_array_end(std::size_t, json::error_code&) {
        if (document_.open()) {
            document_.end(']');
            return true;
        }
        if (skipped_ > 0) return leave();
        --depth_;
        return true;
    }
    bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
        partial_.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view part, std::size_t, json::error_code&) {
        partial_.append(part.data(), part.size());
        if (document_.open()) {
            document_.key(partial_);
        } else if (skipped_ == 0) {
            key_ = partial_;
        }
        partial_.clear();
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
        partial_.append(part.data(), part.size());
        return true;
    }
    bool on_string(json::string_view part, std::size_t, json::error_code&) {
        partial_.append(part.data(), part.size());
        if (document_.open()) {
            document_.value(json::value(partial_));
        } else {
            value(std::move(partial_));
        }
        partial_.clear();
        return true;
    }
    bool on_number_part(json::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t n, json::string_view, json::error_code&) {
        return within_document(n) || number(std::to_string(n));
    }
    bool on_uint64(std::uint64_t n, json::string_view, json::error_code&) {
        return within_document(n) || number(std::to_string(n));
    }
    bool on_double(double number, json::string_view, json::error_code&) {
        return within_document(number) || refuse_value("is a number, not a text");
    }
    bool on_bool(bool flag, json::error_code&) {
        constexpr std::array<std::string_view, 7> flags{
            "sim", "detach_on_notify", "require_secure", "member", "imei_secure", "key_secure", "replace"};
        if (within_document(flag)) return true;
        const bool may_be = std::find(flags.begin(), flags.end(), key_) != flags.end();
        return may_be ? value(flag ? "yes" : "no") : refuse_value("is true or false, not a text");
    }
    bool on_null(json::error_code&) {
        return within_document(nullptr) || refuse_value("is null: leave it out");
    }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }

  private:
    /// A value that may be an object.
    [[nodiscard]] bool is_document() const {
        return (depth_ == 1 || depth_ == 3) && (key_ == "document" || key_ == "override");
    }
    template <class Value>
    bool within_document(Value number) {
        if (!document_.open()) return false;
        document_.value(json::value(number));
        return true;
    }

    void error(std::string text) { reading.errors.push_back({line, std::move(text)}); }
    bool skip(std::string_view what) {
        if (skipped_++ == 0) error(fmt::format("{} is not expected here", what));
        return true;
    }
    bool leave() {
        --skipped_;
        return true;
    }
    bool refuse_value(std::string_view why) {
        if (skipped_ == 0) error(fmt::format("{} {}", shown(key_), why));
        return true;
    }

    /// A number has no leading zeros: only what counts something may be one.
    bool number(std::string text) {
        constexpr std::array<std::string_view, 9> counts{"seq",  "generation",      "uiccs_max",
                                                         "rank", "priority",        "refuse_next",
                                                         "id",   "tuak_iterations", "res_octets"};
        const bool may_be = std::find(counts.begin(), counts.end(), key_) != counts.end();
        return may_be ? value(std::move(text)) : refuse_value("is a number, not a text");
    }

    bool value(std::string text) {
        if (skipped_ > 0) return true;
        if (depth_ == 0) {
            error("is not an object");
            return true;
        }
        auto& record = depth_ <= 2 ? outer_ : item_;
        auto& field = record.fields[depth_ == 2 ? list_key_ : key_];
        const bool in_list = depth_ == 2 || depth_ == 4;
        if (!in_list && !field.values.empty()) {
            error(shown(key_) + " is there twice");
            return true;
        }
        field.line = line;
        if (!text.empty()) field.values.push_back(std::move(text));
        return true;
    }

    void finish_item() {
        const auto kind = parse_plural_kind(list_key_);
        if (!kind) return;  // told when the list began
        item_.kind = *kind;
        convert(item_, reading);
        wipe(item_);
    }

    /// An object with lists has no values of its own; one without is itself a record, told by its "type".
    void finish_outer() {
        if (only) return finish_only();
        if (outer_.fields.empty()) return;
        auto type = outer_.fields.extract("type");
        if (type.empty() || type.mapped().values.empty()) {
            reading.errors.push_back({outer_.line, "has values but no \"type\" (" + kind_names() + ")"});
            return;
        }
        const auto& name = type.mapped().values.front();
        const auto kind = parse_kind(name);
        if (!kind) {
            reading.errors.push_back(
                {type.mapped().line, "type " + shown(name) + " is none of " + kind_names()});
            return;
        }
        outer_.kind = *kind;
        convert(outer_, reading);
        wipe(outer_);
    }

    /// Its kind is known, and may be told nevertheless.
    void finish_only() {
        if (taken) return error("is more than one object");
        const auto type = outer_.fields.extract("type");
        if (!type.empty() && (type.mapped().values.empty() || type.mapped().values.front() != name_of(*only)))
            reading.errors.push_back({type.mapped().line, fmt::format("type is not {}", name_of(*only))});
        outer_.kind = *only;
        taken = std::move(outer_);
        outer_ = {};
    }

    std::size_t depth_ = 0;
    std::size_t skipped_ = 0;  ///< depth within what was not expected
    std::string key_;
    std::string list_key_;
    std::string partial_;
    JsonText document_;
    Record outer_;
    Record item_;
};

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Feeds the parser, beginning a new document where one has ended.
class JsonStream final : public RecordStream {
  public:
    void feed(std::string_view octets) override {
        if (!fed_ && octets.starts_with("\xef\xbb\xbf")) octets.remove_prefix(3);
        fed_ = fed_ || !octets.empty();
        while (good_ && !octets.empty()) {
            if (line_ended_) ++handler().line;
            const auto end = std::min(octets.find('\n'), octets.size() - 1) + 1;
            line_ended_ = octets[end - 1] == '\n';
            good_ = feed_piece(octets.substr(0, end));
            octets.remove_prefix(end);
        }
    }
    void finish() override {
        json::error_code ec;
        if (good_ && !parser_.done() && started_) parser_.write_some(false, "", 0, ec);
        if (ec) handler().reading.errors.push_back({handler().line, "ends too early to be JSON"});
        if (!started_) handler().reading.errors.push_back({1, "is empty"});
    }
    Reading take() override { return std::exchange(handler().reading, {}); }

    /// What follows is a text of its own, whatever was wrong with this one.
    void end_text() {
        const bool whole = good_ && (parser_.done() || !started_);
        if (good_ && !whole)
            handler().reading.errors.push_back({handler().line, "ends too early to be JSON"});
        if (!whole) handler().restart();
        parser_.reset();
        started_ = false;
        good_ = true;
    }

    Handler& handler() { return parser_.handler(); }

  private:
    bool feed_piece(std::string_view piece) {
        while (!piece.empty()) {
            if (!started_ || parser_.done()) {
                // Between documents; within one the parser tells blanks of a text from others.
                if (is_blank(piece)) return true;
                piece.remove_prefix(piece.find_first_not_of(" \t\r\n"));
                if (started_) parser_.reset();
                started_ = true;
            }
            json::error_code ec;
            const auto used = parser_.write_some(true, piece.data(), piece.size(), ec);
            if (ec) {
                handler().reading.errors.push_back({handler().line, "is not JSON: " + ec.message()});
                return false;
            }
            if (used == 0 && !parser_.done()) return true;
            piece.remove_prefix(used);
        }
        return true;
    }

    json::basic_parser<Handler> parser_{json::parse_options{}};
    bool started_ = false;  ///< a document
    bool fed_ = false;      ///< anything
    bool good_ = true;
    bool line_ended_ = false;  ///< what comes next is on another line
};

}  // namespace

std::unique_ptr<RecordStream> json_stream() {
    return std::make_unique<JsonStream>();
}

Reading read_changes(std::string_view text) {
    JsonStream stream;
    // More than anybody is shown would only fill the memory.
    while (!text.empty() && stream.handler().reading.errors.size() < limits::import_errors_shown_max) {
        const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
        stream.feed(text.substr(0, end));
        stream.end_text();
        text.remove_prefix(end);
    }
    return stream.take();
}

std::optional<Record> read_object(Kind kind, std::string_view text, Reading& reading) {
    JsonStream stream;
    stream.handler().only = kind;
    stream.feed(text);
    stream.finish();
    const auto read = stream.take();
    reading.errors.insert(reading.errors.end(), read.errors.begin(), read.errors.end());
    return read.errors.empty() ? std::move(stream.handler().taken) : std::nullopt;
}

}  // namespace bindhss::records
