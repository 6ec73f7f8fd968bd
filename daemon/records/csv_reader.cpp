// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "records/convert.h"
#include "records/csv_cells.h"
#include "records/import_stream.h"
#include "types/limits.h"

namespace bindhss::records {

namespace {

constexpr std::string_view type_column = "type";
constexpr std::array all_kinds{Kind::subscriber, Kind::device,  Kind::kme,   Kind::binding,
                               Kind::equipment,  Kind::profile, Kind::terms, Kind::group,
                               Kind::member,     Kind::rule,    Kind::model};

/// What the columns say that the file holds.
class Header {
  public:
    Header(const CsvCells& cells, Reading& reading) : names_(cells.texts) {
        std::set<std::string> seen;
        const auto refuse = [&](std::string text) {
            reading.errors.push_back({cells.line, std::move(text)});
        };
        for (const auto& name : names_) {
            if (!known(name)) {
                refuse("unknown column " + shown(name) + "; the first line names the columns, of " +
                       all_columns());
                return;
            }
            if (!seen.insert(name).second) refuse("the column '" + name + "' is there twice");
        }
        typed_ = seen.contains(std::string(type_column));
        kind_ = kind_told_by(seen);
        if (!typed_) check_columns(cells.line, reading);
        good_ = reading.errors.empty();
    }

    [[nodiscard]] bool good() const { return good_; }

    void read(const CsvCells& cells, Reading& reading) const {
        if (!cells.error.empty()) return reading.errors.push_back({cells.line, cells.error});
        if (cells.texts.size() != names_.size()) {
            return reading.errors.push_back(
                {cells.line, fmt::format("has {} cells, the first line names {} columns", cells.texts.size(),
                                         names_.size())});
        }
        Record record{kind_, cells.line, {}};
        for (std::size_t i = 0; i < names_.size(); ++i) {
            if (names_[i] == type_column) {
                const auto kind = parse_kind(cells.texts[i]);
                if (!kind) {
                    return reading.errors.push_back(
                        {cells.line, "type " + shown(cells.texts[i]) + " is none of " + kind_names()});
                }
                record.kind = *kind;
            } else if (!cells.texts[i].empty()) {
                record.fields[names_[i]] = {split(names_[i], cells.texts[i]), cells.line};
            }
        }
        // An empty cell says that there is nothing; without the column nothing is said. Cells that the kind
        // of a line has no use for are empty.
        const auto fields = fields_of(record.kind);
        for (const auto& name : names_) {
            if (std::find(fields.begin(), fields.end(), name) != fields.end())
                record.fields.try_emplace(name, Field{{}, cells.line});
        }
        convert(record, reading);
    }

  private:
    static bool known(std::string_view name) {
        if (name == type_column) return true;
        const auto has = [&](Kind kind) {
            const auto fields = fields_of(kind);
            return std::find(fields.begin(), fields.end(), name) != fields.end();
        };
        return std::any_of(all_kinds.begin(), all_kinds.end(), has);
    }

    /// The columns that one kind alone has, or those that it has together.
    static Kind kind_told_by(const std::set<std::string>& seen) {
        const auto has = [&](const char* name) { return seen.contains(name); };
        const auto members = fields_of(Kind::member).size() - (has("change") ? 0 : 1);
        if (has("kme")) return Kind::kme;
        if (has("subscriptions") || has("action")) return Kind::rule;
        if (has("tac")) return Kind::model;
        if (has("document")) return Kind::profile;
        if (has("status")) return Kind::equipment;
        if (has("name")) return has("policy") ? Kind::terms : Kind::group;
        if (has("policy") || has("terms")) return Kind::binding;
        if (has("imsi") && has("imei")) return Kind::binding;  // to authorise or to refuse a device
        if (has("imsi") && has("group") && seen.size() <= members) return Kind::member;
        return has("imsi") ? Kind::subscriber : Kind::device;
    }

    static std::string all_columns() {
        return "imsi, k, opc, op, algorithm, topc, top, tuak_iterations, res_octets, sim, amf, msisdn, "
               "profile, seq, override (subscribers); imei, group, comment, uiccs_max (devices); imei, "
               "group, "
               "kme, generation (keys); imsi, policy, terms, devices, group (bindings); imei, svn, status, "
               "comment (equipment); name, document (profiles); type (mixed); and those of terms, groups, "
               "members, rules and models (see the manual); change (of all)";
    }

    void check_columns(std::size_t line, Reading& reading) const {
        const auto fields = fields_of(kind_);
        for (const auto& name : names_) {
            if (std::find(fields.begin(), fields.end(), name) == fields.end()) {
                reading.errors.push_back(
                    {line, fmt::format("the column '{}' does not belong into a file of {}s", name,
                                       name_of(kind_))});
            }
        }
    }

    static std::vector<std::string> split(std::string_view name, const std::string& cell) {
        if (name != "devices") return {cell};
        std::vector<std::string> values;
        for (std::size_t begin = 0; begin <= cell.size();) {
            const auto end = std::min(cell.find(';', begin), cell.size());
            if (auto value = trimmed(std::string_view(cell).substr(begin, end - begin)); !value.empty())
                values.push_back(std::move(value));
            begin = end + 1;
        }
        return values;
    }

    std::vector<std::string> names_;
    bool typed_ = false;
    Kind kind_ = Kind::device;
    bool good_ = false;
};

class CsvStream final : public RecordStream {
  public:
    CsvStream() = default;
    CsvStream(const CsvStream&) = delete;
    CsvStream& operator=(const CsvStream&) = delete;
    ~CsvStream() override { explicit_bzero(pending_.data(), pending_.size()); }

    void feed(std::string_view octets) override {
        if (stopped_) return;
        pending_ += octets;
        const auto end = pending_.rfind('\n');
        if (end != std::string::npos) scan(end + 1, false);
        if (!stopped_ && pending_.size() > limits::import_line_octets_max) {
            reading_.errors.push_back({line_, "the line is too long, or a quotation mark is never closed"});
            stopped_ = true;
        }
    }
    void finish() override {
        if (!stopped_) scan(pending_.size(), true);
        if (!stopped_ && !header_)
            reading_.errors.push_back({1, "is empty: the first line names the columns"});
    }
    Reading take() override { return std::exchange(reading_, {}); }

  private:
    /// The lines within the first `end` octets; a cell that is still open there waits unless that is `all`.
    void scan(std::size_t end, bool all) {
        CsvScanner scanner(std::string_view(pending_).substr(0, end), line_);
        std::size_t used = 0;
        while (const auto cells = scanner.next()) {
            if (cells->open && !all) break;
            used = scanner.position();
            line_ = scanner.line();
            if (!cells->blank()) read(*cells);
            if (stopped_) return;
        }
        pending_.erase(0, used);
    }
    void read(const CsvCells& cells) {
        if (header_) return header_->read(cells, reading_);
        if (!cells.error.empty()) {
            reading_.errors.push_back({cells.line, cells.error});
            stopped_ = true;
            return;
        }
        header_.emplace(cells, reading_);
        stopped_ = !header_->good();
    }

    std::string pending_;   ///< what has come of lines that have not ended
    std::size_t line_ = 1;  ///< at its beginning
    std::optional<Header> header_;
    bool stopped_ = false;
    Reading reading_;
};

}  // namespace

std::unique_ptr<RecordStream> csv_stream() {
    return std::make_unique<CsvStream>();
}

}  // namespace bindhss::records
