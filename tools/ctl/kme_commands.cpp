// SPDX-License-Identifier: Apache-2.0
#include "ctl/kme_commands.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "ctl/file_report.h"
#include "ctl/kme_file.h"
#include "ctl/time_text.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

using Owner = std::variant<Imei, std::string>;

/// "35824005111111" or "group:meters".
Owner parsed_owner(const std::string& text) {
    constexpr std::string_view prefix = "group:";
    if (text.starts_with(prefix) && text.size() > prefix.size()) return text.substr(prefix.size());
    if (const auto imei = Imei::parse(text)) return *imei;
    throw Refused("owner " + shown(text) + " is neither an IMEI nor group:NAME");
}

std::string name_of(const Owner& owner) {
    const auto* imei = std::get_if<Imei>(&owner);
    return imei != nullptr ? imei->str() : "group:" + std::get<std::string>(owner);
}

void list_kmes(Context& context, const std::string& owner) {
    const auto whose = owner.empty() ? std::optional<Owner>() : parsed_owner(owner);
    Table table{{"owner", "generation", "kcv", "state", "changed"}, {}};
    for (const auto& row : context.store.kmes(whose, context.limit)) {
        table.rows.push_back(
            {name_of(row.owner), std::to_string(row.generation), row.kcv, row.state, time_text(row.changed)});
    }
    print_list(context, table);
}

/// Reading twice needs a file that stays where it is: no pipe.
std::ifstream opened(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        throw unusable(path, std::string("cannot be read: ") + std::strerror(errno));
    if (!S_ISREG(status.st_mode)) throw unusable(path, "is not a regular file");
    std::ifstream file(path, std::ios::binary);
    if (!file) throw unusable(path, std::string("cannot be read: ") + std::strerror(errno));
    return file;
}

Refused nothing_imported(std::uint64_t errors) {
    const bool cut = errors > limits::import_errors_shown_max;
    return Refused(
        fmt::format("nothing was imported: {} error{}{}", errors, errors == 1 ? "" : "s",
                    cut ? fmt::format(" (the first {} are shown)", limits::import_errors_shown_max) : ""));
}

KmeFileSummary checked(Context& context, const std::string& file, const TransportKey& key) {
    auto in = opened(file);
    KmeFileReader reader(in, key);
    Progress progress(context.io, "checked", "keys");
    try {
        while (reader.next()) progress.step();
    } catch (const Refused&) {
        show_errors(context, file, reader.errors());  // they may tell where the file was changed
        throw;
    }
    show_errors(context, file, reader.errors());
    if (reader.error_count() > 0) throw nothing_imported(reader.error_count());
    return reader.summary();
}

/// A new file of ours alone; without commit() it is gone again.
class NewFile {
  public:
    explicit NewFile(const std::string& path) : path_(path) {
        const int descriptor =
            ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (descriptor < 0) {
            throw unusable(path, errno == EEXIST ? "is there already: name a new file"
                                                 : std::string("cannot be made: ") + std::strerror(errno));
        }
        ::close(descriptor);
        out_.open(path, std::ios::binary | std::ios::trunc);
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile() {
        if (!kept_) ::unlink(path_.c_str());
    }
    std::ostream& out() { return out_; }
    void commit() {
        out_.close();
        if (!out_) throw unusable(path_, "cannot be written");
        kept_ = true;
    }

  private:
    std::string path_;
    std::ofstream out_;
    bool kept_ = false;
};

void add_transfers(CLI::App* kme, const AddCommands& add) {
    const auto file = std::make_shared<std::string>();
    const auto key = std::make_shared<std::string>();
    auto* from = add.storing(kme, "import",
                             "Import a file of wrapped keys: all or nothing, over the API 4 MiB at once",
                             [=](Context& c) { import_kmes(c, *file, *key); });
    from->add_option("file", *file, "File (docs/kme-transfer.md)")->required();
    from->add_option("--transport-key", *key, "File with the transport key")->required();

    const auto request = std::make_shared<KmeExport>();
    auto* to = add.asking(kme, "export", "Write the active keys, wrapped, to a new file",
                          [request](Context& c) { export_kmes(c, *request); });
    to->add_option("file", request->file, "New file (docs/kme-transfer.md)")->required();
    to->add_option("--transport-key", request->transport_key, "File with the transport key")->required();
    to->add_option("--range", request->range, "Of these devices alone: IMEI, TAC or IMEI-IMEI");
    to->add_option("--wrap", request->wrap, "rfc3394 (default) or rfc5649");
}

}  // namespace

void import_kmes(Context& context, const std::string& file, const std::string& transport_key) {
    const auto key = TransportKey::load(transport_key);
    const auto summary = checked(context, file, key);
    auto in = opened(file);
    store::KmeImport result;
    {
        Progress progress(context.io, "stored", "keys");
        CheckedKmes source(in, key, summary, [&] { progress.step(); });
        const auto mac = to_hex(summary.mac.view().first(4));
        result = context.store.import_kmes(source, context.dry_run,
                                           fmt::format("{} ({} keys, transport key {}, code {})",
                                                       file_name(file), summary.keys, key.kcv(), mac));
    }
    show_errors(context, file, result.errors);
    if (!result.errors.empty()) throw nothing_imported(result.errors.size());
    if (context.json) {
        context.io.out << fmt::format(
            "{{\"keys\":{},\"added\":{},\"replaced\":{},\"unchanged\":{},\"stored\":{}}}\n", summary.keys,
            result.added, result.replaced, result.unchanged, !context.dry_run);
    } else {
        context.io.out << fmt::format("{} {} keys: {} new, {} replaced, {} unchanged\n",
                                      context.dry_run ? "would import" : "imported", summary.keys,
                                      result.added, result.replaced, result.unchanged);
    }
}

void export_kmes(Context& context, const KmeExport& request) {
    std::optional<ImeiRange> range;
    if (!request.range.empty()) {
        range = ImeiRange::parse(request.range);
        if (!range || range->high < range->low)
            throw Refused("range " + shown(request.range) + " is no IMEI, TAC or IMEI-IMEI");
    }
    if (request.wrap != "rfc3394" && request.wrap != "rfc5649")
        throw Refused("wrap " + shown(request.wrap) + " is neither rfc3394 nor rfc5649");
    const auto method = request.wrap == "rfc3394" ? crypto::KeyWrap::rfc3394 : crypto::KeyWrap::rfc5649;
    const auto key = TransportKey::load(request.transport_key);
    NewFile file(request.file);
    KmeFileWriter writer(file.out(), key, method);
    {
        Progress progress(context.io, "written", "keys");
        const auto what = fmt::format("{} ({}, transport key {})", file_name(request.file),
                                      range ? range->str() : "all devices and groups", key.kcv());
        context.store.export_kmes(range, what, [&](const store::KmeRecord& record) {
            writer.add(record);
            progress.step();
        });
    }
    writer.finish();
    file.commit();
    if (context.json) {
        context.io.out << fmt::format("{{\"keys\":{}}}\n", writer.keys());
    } else {
        context.io.out << fmt::format("exported {} keys\n", writer.keys());
    }
}

void add_kme_commands(CLI::App* kme, const AddCommands& add) {
    const auto owner = std::make_shared<std::string>();
    auto* list = add.asking(kme, "list", "List keys by their check values",
                            [owner](Context& c) { list_kmes(c, *owner); });
    list->add_option("owner", *owner, "IMEI or group:NAME; none: all");

    const auto generation = std::make_shared<std::optional<std::uint32_t>>();
    auto* retire = add.storing(kme, "retire", "Take a key out of use for good", [=](Context& c) {
        store_items(c, {{store::RetireKme{parsed_owner(*owner), *generation}, 0}});
    });
    retire->add_option("owner", *owner, "IMEI or group:NAME")->required();
    retire->add_option("--generation", *generation, "This one alone; else every generation");
    add_transfers(kme, add);
}

}  // namespace bindhss::ctl
