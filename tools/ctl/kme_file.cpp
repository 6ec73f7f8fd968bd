// SPDX-License-Identifier: Apache-2.0
#include "ctl/kme_file.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "ctl/commands.h"
#include "store/names.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

constexpr std::string_view magic = "BINDHSS-KME";
constexpr std::string_view version = "1";
constexpr std::string_view end_word = "END";
constexpr std::string_view imei_prefix = "imei:";
constexpr std::string_view group_prefix = "group:";
constexpr char separator = '\t';

std::string_view name_of(crypto::KeyWrap method) {
    return method == crypto::KeyWrap::rfc3394 ? "rfc3394" : "rfc5649";
}

std::string owner_text(const std::variant<Imei, std::string>& owner) {
    if (const auto* imei = std::get_if<Imei>(&owner)) return std::string(imei_prefix) + imei->str();
    return std::string(group_prefix) + std::get<std::string>(owner);
}

std::optional<std::variant<Imei, std::string>> parse_owner(std::string_view text) {
    if (text.starts_with(group_prefix) && text.size() > group_prefix.size())
        return std::string(text.substr(group_prefix.size()));
    if (!text.starts_with(imei_prefix) || text.size() != imei_prefix.size() + Imei::digits)
        return std::nullopt;
    if (const auto imei = Imei::parse(text.substr(imei_prefix.size()))) return *imei;
    return std::nullopt;
}

/// The fields of a line; none when there are not exactly so many.
template <std::size_t N>
std::optional<std::array<std::string_view, N>> split(std::string_view line) {
    std::array<std::string_view, N> fields;
    for (std::size_t i = 0; i < N; ++i) {
        const auto end = line.find(separator);
        if ((end == std::string_view::npos) != (i + 1 == N)) return std::nullopt;
        fields[i] = line.substr(0, end);
        if (end != std::string_view::npos) line.remove_prefix(end + 1);
    }
    return fields;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    return value;
}

/// rand-alg of spec 4.1.
unsigned algorithm_of(std::size_t octets) {
    return octets == 32 ? 2 : 1;
}

}  // namespace

KmeFileWriter::KmeFileWriter(std::ostream& out, const TransportKey& key, crypto::KeyWrap method)
    : out_(out), key_(key), method_(method), mac_(key.authenticating()) {
    line(fmt::format("{}\t{}\t{}\t{}", magic, version, name_of(method), key.kcv()));
}

void KmeFileWriter::line(const std::string& text) {
    const auto whole = text + "\n";
    mac_.update(as_octets(whole));
    out_ << whole;
}

void KmeFileWriter::add(const store::KmeRecord& record) {
    auto owner = owner_text(record.owner);
    if (std::tie(owner, record.generation) <= std::tie(previous_, previous_generation_) && keys_ > 0)
        throw std::runtime_error("the keys do not come in the order of their owners");
    const auto wrapped = crypto::wrap_key(key_.wrapping(), record.key.view(), method_);
    line(fmt::format("{}\t{}\t{}\t{}", owner, record.generation, algorithm_of(record.key.size()),
                     to_hex(wrapped)));
    previous_ = std::move(owner);
    previous_generation_ = record.generation;
    ++keys_;
}

void KmeFileWriter::finish() {
    const auto count = fmt::format("{}\t{}\t", end_word, keys_);
    mac_.update(as_octets(count));
    out_ << count << to_hex(mac_.finish().view()) << '\n';
}

KmeFileReader::KmeFileReader(std::istream& in, const TransportKey& key)
    : in_(in), key_(key), mac_(key.authenticating()) {}

bool KmeFileReader::take_line() {
    line_.clear();
    ++line_number_;
    for (auto c = in_.get(); c != std::istream::traits_type::eof(); c = in_.get()) {
        if (c == '\n') return true;
        if (line_.size() == limits::kme_transfer_line_octets_max)
            throw Refused(fmt::format("line {} is too long: this is no file of keys", line_number_));
        line_ += static_cast<char>(c);
    }
    if (in_.bad()) throw Refused("the file cannot be read to its end");
    return !line_.empty();
}

void KmeFileReader::error(std::string text) {
    if (error_count_++ < limits::import_errors_shown_max) errors_.push_back({line_number_, std::move(text)});
}

void KmeFileReader::read_header() {
    if (!take_line()) throw Refused("the file is empty");
    const auto fields = split<4>(line_);
    if (!fields || (*fields)[0] != magic) throw Refused("line 1: this is no file of keys");
    if ((*fields)[1] != version)
        throw Refused("line 1: a file of version " + shown((*fields)[1]) + "; this program reads version 1");
    if ((*fields)[2] == name_of(crypto::KeyWrap::rfc5649)) {
        method_ = crypto::KeyWrap::rfc5649;
    } else if ((*fields)[2] != name_of(crypto::KeyWrap::rfc3394)) {
        throw Refused("line 1: keys are wrapped by " + shown((*fields)[2]) + ", not by rfc3394 or rfc5649");
    }
    if ((*fields)[3] != key_.kcv()) {
        throw Refused(
            fmt::format("line 1: the keys are wrapped under another transport key: its check value is {}, "
                        "that of the one given is {}",
                        shown((*fields)[3]), key_.kcv()));
    }
    mac_.update(as_octets(line_ + "\n"));
}

void KmeFileReader::read_trailer() {
    const auto fields = split<3>(line_);
    const auto count = fields ? parse_number<std::uint64_t>((*fields)[1]) : std::nullopt;
    const auto mac = fields ? octets_from_hex<32>((*fields)[2]) : std::nullopt;
    if (!count || !mac) throw Refused(fmt::format("line {}: the trailer is malformed", line_number_));
    mac_.update(as_octets(line_.substr(0, line_.rfind(separator) + 1)));
    summary_.mac = mac_.finish();
    if (!(Secret<32>(*mac) == summary_.mac)) {
        throw Refused(
            "the file is not as it was written: a line was changed, moved, added or lost, or it was written "
            "under another transport key");
    }
    if (*count != lines_)
        throw Refused(fmt::format("the trailer tells of {} keys, the file has {}", *count, lines_));
    if (in_.get() != std::istream::traits_type::eof()) throw Refused("the file goes on behind its trailer");
    summary_.keys = lines_;
    ended_ = true;
}

std::optional<store::KmeRecord> KmeFileReader::record() {
    const auto fields = split<4>(line_);
    if (!fields) {
        error("has not the four fields of a key, separated by tabs");
        return std::nullopt;
    }
    const auto owner = parse_owner((*fields)[0]);
    const auto generation = parse_number<std::uint32_t>((*fields)[1]);
    auto algorithm = parse_number<unsigned>((*fields)[2]);
    if (algorithm && *algorithm != 1 && *algorithm != 2) algorithm.reset();
    if (!owner) error("the owner is neither imei: with 14 digits nor group: with a name");
    if (owner && std::holds_alternative<std::string>(*owner)) {
        if (const auto problem = store::name_problem(std::get<std::string>(*owner)); !problem.empty())
            error("the group's name " + problem);
    }
    if (!generation) error("the generation is not a number");
    if (!algorithm) error("rand-alg is neither 1 nor 2");
    if (!owner || !generation || !algorithm) return std::nullopt;
    const auto name = (*fields)[0];
    if (lines_ > 1 &&
        std::tie(name, *generation) <= std::tuple(std::string_view(previous_), previous_generation_))
        error("is not behind the line before in the order of owner and generation: twice, or not sorted");
    previous_ = name;
    previous_generation_ = *generation;
    const auto wrapped = from_hex((*fields)[3]);
    auto key = wrapped ? crypto::unwrap_key(key_.wrapping(), *wrapped, method_) : std::nullopt;
    if (!key) {
        error("the key does not open: it was not wrapped under this transport key, or was changed");
        return std::nullopt;
    }
    if ((key->size() != 16 && key->size() != 32) || algorithm_of(key->size()) != *algorithm) {
        error(fmt::format("the key has {} octets, which is not rand-alg {}", key->size(), *algorithm));
        return std::nullopt;
    }
    return store::KmeRecord{*owner, *generation, std::move(*key), line_number_};
}

std::optional<store::KmeRecord> KmeFileReader::next() {
    if (line_number_ == 0) read_header();
    while (!ended_) {
        if (!take_line()) throw Refused("the file ends without its trailer: it was cut");
        if (line_.starts_with(end_word) && line_.size() > end_word.size() &&
            line_[end_word.size()] == separator) {
            read_trailer();
            break;
        }
        mac_.update(as_octets(line_ + "\n"));
        ++lines_;
        if (auto found = record()) return found;
    }
    return std::nullopt;
}

std::optional<store::KmeRecord> CheckedKmes::next() {
    auto record = reader_.next();
    if (record && reader_.error_count() == 0) {
        each_();
        return record;
    }
    if (reader_.error_count() > 0 || !(reader_.summary().mac == checked_.mac))
        throw Refused("the file was changed while it was read: nothing was imported");
    return std::nullopt;
}

}  // namespace bindhss::ctl
