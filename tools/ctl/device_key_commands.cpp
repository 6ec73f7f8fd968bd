// SPDX-License-Identifier: Apache-2.0
#include "ctl/device_key_commands.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "ctl/file_report.h"
#include "ctl/time_text.h"
#include "records/device_key_file.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

using store::DeviceKey;

/// Keys that one device is looked at for.
constexpr std::size_t keys_of_device_max = 10'000;

std::string known(const std::optional<bool>& value) {
    if (!value) return "unknown";
    return *value ? "yes" : "no";
}

std::string time_or_nothing(const std::optional<WallTime>& time) {
    return time ? time_text(*time) : "";
}

/// Of a key that the registry took; one that this program would not take any more has none.
std::string bits_of(const DeviceKey& key) {
    const auto parsed = crypto::DevicePublicKey::parse(key.der);
    const auto* read = std::get_if<crypto::DevicePublicKey>(&parsed);
    return read == nullptr ? "" : std::to_string(read->bits());
}

std::vector<std::string> row_of(const DeviceKey& key) {
    return {key.imei.str(),
            to_hex(key.fingerprint),
            std::string(crypto::name_of(key.type)),
            bits_of(key),
            key.origin,
            time_or_nothing(key.valid_from),
            time_or_nothing(key.valid_until),
            time_or_nothing(key.revoked_at),
            known(key.secure),
            time_text(key.added)};
}

void list_keys(Context& context, const std::string& imei) {
    const auto whose = imei.empty() ? std::nullopt : std::optional(parsed_imei(imei));
    Table table{{"imei", "fingerprint", "type", "bits", "origin", "valid_from", "valid_until", "revoked",
                 "secure", "added"},
                {}};
    for (const auto& key : context.device_keys.device_keys(whose, std::nullopt, context.limit))
        table.rows.push_back(row_of(key));
    print_list(context, table);
}

/// The keys of a file as they come, with a number that goes up.
class Counted final : public store::DeviceKeySource {
  public:
    Counted(DeviceKeyFileReader& reader, Progress& progress) : reader_(reader), progress_(progress) {}
    std::optional<store::DeviceKeyRecord> next() override {
        progress_.step();
        return reader_.next();
    }

  private:
    DeviceKeyFileReader& reader_;
    Progress& progress_;
};

/// One key.
class Single final : public store::DeviceKeySource {
  public:
    explicit Single(DeviceKey key) : key_(std::move(key)) {}
    std::optional<store::DeviceKeyRecord> next() override {
        if (!key_) return std::nullopt;
        store::DeviceKeyRecord record{std::move(*key_), 0};
        key_.reset();
        return record;
    }

  private:
    std::optional<DeviceKey> key_;
};

std::ifstream opened(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        throw unusable(path, std::string("cannot be read: ") + std::strerror(errno));
    if (S_ISDIR(status.st_mode)) throw unusable(path, "is a folder");
    std::ifstream file(path, std::ios::binary);
    if (!file) throw unusable(path, std::string("cannot be read: ") + std::strerror(errno));
    return file;
}

std::string lines(std::uint64_t count) {
    return fmt::format("{} line{}", count, count == 1 ? "" : "s");
}

void tell(Context& context, const store::DeviceKeyImport& result) {
    if (context.json) {
        context.io.out << fmt::format(
            "{{\"added\":{},\"unchanged\":{},\"revoked\":{},\"refused\":{},\"stored\":{}}}\n", result.added,
            result.unchanged, result.revoked, result.refused, result.stored);
        return;
    }
    if (!result.stored && !context.dry_run) return;
    context.io.out << fmt::format(
        "{} {} public keys: {} new, {} unchanged; {} of before revoked, {} refused\n",
        context.dry_run ? "would import" : "imported", result.added + result.unchanged, result.added,
        result.unchanged, result.revoked, lines(result.refused));
}

struct AddRequest {
    std::string imei;
    std::string key_file;
    std::string origin;
    std::string valid_from;
    std::string valid_until;
    std::string secure;
    bool revoke_others = false;
};

std::string read_small(const std::string& path, Streams& io) {
    std::ifstream file;
    if (path != "-") file = opened(path);
    std::istream& in = path == "-" ? io.in : file;
    std::string content(limits::device_key_record_octets_max + 1, '\0');
    in.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad()) throw unusable(path, "cannot be read to its end");
    if (content.size() > limits::device_key_record_octets_max) throw unusable(path, "is too large for a key");
    return content;
}

void add_key(Context& context, const AddRequest& request) {
    DeviceKeyText text;
    text.imei = request.imei;
    text.key = read_key_file(read_small(request.key_file, context.io));
    text.origin = request.origin;
    text.valid_from = request.valid_from;
    text.valid_until = request.valid_until;
    text.secure = request.secure;
    auto key = device_key_of(text);
    if (auto* problem = std::get_if<std::string>(&key)) throw Refused(*problem);
    const auto fingerprint = to_hex(std::get<DeviceKey>(key).fingerprint);
    store::DeviceKeyImportOptions options;
    options.dry_run = context.dry_run;
    options.strict = true;
    options.revoke_others = request.revoke_others;
    Single source(std::get<DeviceKey>(std::move(key)));
    const auto result = context.device_keys.import_device_keys(
        source, options, "a key for " + parsed_imei(request.imei).str());
    if (!result.errors.empty()) throw Refused(result.errors.front().text);
    if (context.json) {
        context.io.out << fmt::format(
            "{{\"fingerprint\":\"{}\",\"added\":{},\"revoked\":{},\"stored\":{}}}\n", fingerprint,
            result.added == 1, result.revoked, result.stored);
    } else {
        context.io.out << (context.dry_run     ? "would add "
                           : result.added == 1 ? "added "
                                               : "was there ")
                       << fingerprint << '\n';
    }
}

/// The key of the device whose fingerprint begins like this, as KEY-FP does.
Octets<32> fingerprint_of(const std::vector<DeviceKey>& keys, const std::string& digits) {
    constexpr std::size_t digits_min = 16;
    const auto begin = from_hex(digits);
    if (!begin || digits.size() < digits_min || digits.size() > 2 * Octets<32>().size())
        throw Refused("the fingerprint is not 16 to 64 hexadecimal digits");
    std::optional<Octets<32>> found;
    for (const auto& key : keys) {
        if (!std::equal(begin->begin(), begin->end(), key.fingerprint.begin())) continue;
        if (found)
            throw Refused("several keys of the device have a fingerprint that begins so: give all of it");
        found = key.fingerprint;
    }
    if (!found) throw Refused("the device has no key with this fingerprint");
    return *found;
}

void revoke_keys(Context& context, const std::string& device, const std::string& fingerprint) {
    const auto imei = parsed_imei(device);
    auto& registry = context.device_keys;
    const auto keys = registry.device_keys(imei, std::nullopt, keys_of_device_max);
    const auto which = fingerprint.empty() ? std::nullopt : std::optional(fingerprint_of(keys, fingerprint));
    const auto meant =
        static_cast<std::uint64_t>(std::count_if(keys.begin(), keys.end(), [&](const auto& key) {
            return !key.revoked_at && which.value_or(key.fingerprint) == key.fingerprint;
        }));
    if (meant == 0) throw Refused("the device has no such key that is not revoked already");
    const auto count = context.dry_run ? meant : registry.revoke_device_keys(imei, which);
    if (context.json) {
        context.io.out << fmt::format("{{\"revoked\":{}}}\n", count);
    } else {
        context.io.out << fmt::format("{} {} key{}\n", context.dry_run ? "would revoke" : "revoked", count,
                                      count == 1 ? "" : "s");
    }
}

using Owner = std::variant<Imei, std::string>;

Owner owner_of(const std::string& owner, const std::string& group) {
    constexpr std::string_view prefix = "group:";
    if (owner.empty() == group.empty()) throw Refused("name either an IMEI or a --group");
    if (!group.empty()) return group;
    if (owner.starts_with(prefix) && owner.size() > prefix.size()) return owner.substr(prefix.size());
    return parsed_imei(owner);
}

void renew(Context& context, const Owner& owner) {
    const auto keys = context.store.kmes(owner, keys_of_device_max);
    const bool has_one =
        std::any_of(keys.begin(), keys.end(), [](const store::KmeRow& row) { return row.state == "active"; });
    const auto count = context.dry_run ? std::uint64_t{has_one} : context.device_keys.renew_kmes(owner);
    if (count == 0) throw Refused("there is no active key to renew");
    if (context.dry_run) context.io.err << "bindhssctl: nothing is wrong, and nothing was stored\n";
}

void list_exchanges(Context& context) {
    Table table{{"imsi", "imei", "generation", "way", "node", "started", "deadline"}, {}};
    for (const auto& row : context.device_keys.exchanges(context.limit)) {
        table.rows.push_back({row.imsi.str(), row.imei.str(), std::to_string(row.generation),
                              std::string(store::name_of(row.way)), row.node, time_text(row.started),
                              time_text(row.deadline)});
    }
    print_list(context, table);
}

void add_import(CLI::App* device_key, const AddCommands& add) {
    const auto file = std::make_shared<std::string>();
    const auto options = std::make_shared<store::DeviceKeyImportOptions>();
    auto* import = add.storing(device_key, "import", "Import a manufacturer's file, line by line",
                               [=](Context& c) { import_device_keys(c, *file, *options); });
    import->add_option("file", *file, "CSV or JSON lines; '-' is standard input")->required();
    import->add_option("--origin", options->origin, "Who vouches for the keys, where a line names nobody");
    import->add_flag("--strict", options->strict, "Store nothing when any line is refused");
    import->add_flag("--revoke-others", options->revoke_others,
                     "Revoke the other keys of the devices in the file");
}

void add_add(CLI::App* device_key, const AddCommands& add) {
    const auto request = std::make_shared<AddRequest>();
    auto* sub = add.storing(device_key, "add", "Add a key of one device",
                            [request](Context& c) { add_key(c, *request); });
    sub->add_option("imei", request->imei, "IMEI")->required();
    sub->add_option("--key-file", request->key_file,
                    "File with the public key: PEM, DER or JWK; '-': standard input")
        ->required();
    sub->add_option("--origin", request->origin, "Who vouches for it");
    sub->add_option("--valid-from", request->valid_from,
                    "From this time on: 2026-03-01 or 2026-03-01T08:30:00Z");
    sub->add_option("--valid-until", request->valid_until, "Up to this time");
    sub->add_option("--secure", request->secure,
                    "yes: its private half cannot be read out of the device; no; unknown (default)");
    sub->add_flag("--revoke-others", request->revoke_others, "Revoke the device's other keys");
}

}  // namespace

void import_device_keys(Context& context, const std::string& file,
                        const store::DeviceKeyImportOptions& options) {
    std::ifstream opened_file;
    if (file != "-") opened_file = opened(file);
    DeviceKeyFileReader reader(file == "-" ? context.io.in : opened_file);
    auto wanted = options;
    wanted.dry_run = context.dry_run;
    store::DeviceKeyImport result;
    {
        Progress progress(context.io, "read", "keys");
        Counted source(reader, progress);
        try {
            result = context.device_keys.import_device_keys(source, wanted, file_name(file));
        } catch (const BadFile& error) {
            throw Refused(file_name(file) + ": " + error.what());
        }
    }
    show_errors(context, file, result.errors);
    tell(context, result);
    if (result.refused == 0) return;
    const auto cut = result.refused > result.errors.size()
                         ? fmt::format(" (the first {} are shown)", result.errors.size())
                         : std::string();
    const bool nothing = context.dry_run || !result.stored;
    throw Refused(fmt::format("{} refused{}; {}", lines(result.refused), cut,
                              nothing ? "nothing was imported" : "the others are imported"));
}

void add_device_key_commands(CLI::App* device_key, const AddCommands& add) {
    add_import(device_key, add);
    add_add(device_key, add);
    const auto imei = std::make_shared<std::string>();
    auto* list = add.asking(device_key, "list", "List keys by their fingerprints",
                            [imei](Context& c) { list_keys(c, *imei); });
    list->add_option("imei", *imei, "IMEI; none: all devices");

    const auto fingerprint = std::make_shared<std::string>();
    auto* revoke = add.storing(device_key, "revoke", "Revoke the keys of a device, for good",
                               [=](Context& c) { revoke_keys(c, *imei, *fingerprint); });
    revoke->add_option("imei", *imei, "IMEI")->required();
    revoke->add_option("--fingerprint", *fingerprint,
                       "This key alone: its fingerprint, or the first 16 digits of it");
}

void add_renew_command(CLI::App* kme, const AddCommands& add) {
    const auto owner = std::make_shared<std::string>();
    const auto group = std::make_shared<std::string>();
    auto* sub = add.storing(kme, "renew", "Have the active key renewed at the next access that allows it",
                            [=](Context& c) { renew(c, owner_of(*owner, *group)); });
    sub->add_option("owner", *owner, "IMEI or group:NAME");
    sub->add_option("--group", *group, "Device group, instead of an IMEI");
}

void add_exchange_commands(CLI::App* exchange, const AddCommands& add) {
    add.asking(exchange, "list", "List the exchanges that are pending", list_exchanges);
}

}  // namespace bindhss::ctl
