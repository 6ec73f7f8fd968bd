// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "ctl/import_set.h"
#include "ctl/show.h"
#include "records/convert.h"
#include "store/import_plan.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

/// A text that held keys, wiped when it dies.
struct Wiped {
    std::string text;
    explicit Wiped(std::string t) : text(std::move(t)) {}
    ~Wiped() { explicit_bzero(text.data(), text.size()); }
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;
};

std::string cut_note(std::size_t errors) {
    if (errors <= limits::import_errors_shown_max) return {};
    return fmt::format(" (the first {} are shown)", limits::import_errors_shown_max);
}

/// Who is bound by a key that is not there yet, as far as the warnings are shown.
std::vector<std::string> key_warnings(Context& context, const std::vector<store::Item>& items, bool dry_run) {
    std::vector<std::string> warnings;
    std::size_t looked_at = 0;
    for (const auto& item : items) {
        const auto* put = std::get_if<store::PutBinding>(&item.put);
        if (dry_run || put == nullptr) continue;
        if (put->terms.empty() && !binding::needs_kme(put->policy)) continue;
        if (put->group.empty() && put->devices.empty()) continue;  // warned of when it was read
        if (++looked_at > limits::import_errors_shown_max) break;
        const auto row = context.store.subscriber(put->imsi);
        if (!row || !row->kcv.empty() || !binding::needs_kme(row->policy)) continue;
        const auto owner = !put->group.empty()        ? "group '" + put->group + "'"
                           : put->devices.size() == 1 ? "device " + put->devices[0].str()
                                                      : "none of the devices of " + put->imsi.str();
        warnings.push_back(fmt::format("{} has {} key yet: {} gets no service until it is imported", owner,
                                       owner.starts_with("none") ? "a" : "no", put->imsi.digits()));
    }
    return warnings;
}

std::string joined(const std::vector<store::LineError>& errors) {
    std::string text;
    for (const auto& error : errors) text += (text.empty() ? "" : "; ") + error.text;
    return text;
}

}  // namespace

void print_list(Context& context, const Table& table) {
    if (context.json) {
        print_json(context.io.out, table, false);
    } else {
        print_table(context.io.out, table);
    }
    if (table.rows.size() == context.limit)
        context.io.err << fmt::format("bindhssctl: the first {} only; --limit shows more\n", context.limit);
}

void print_one(Context& context, const Table& table) {
    if (context.json) {
        print_json(context.io.out, table, true);
    } else {
        print_card(context.io.out, table);
    }
}

Imsi parsed_imsi(const std::string& text) {
    const auto imsi = Imsi::parse(text);
    if (!imsi) throw Refused("imsi " + shown(text) + " is not 6 to 15 digits");
    return *imsi;
}

Imei parsed_imei(const std::string& text) {
    const auto imei = Imei::parse(text);
    if (!imei) throw Refused("imei " + shown(text) + " is not 14 to 16 digits");
    return *imei;
}

store::SubscriberRow subscriber_row(Context& context, const std::string& imsi) {
    auto row = context.store.subscriber(parsed_imsi(imsi));
    if (!row) throw Refused("there is no subscriber " + imsi);
    return std::move(*row);
}

std::string read_whole(const std::string& path, Streams& io) {
    std::ifstream file;
    if (path != "-") {
        errno = 0;
        file.open(path, std::ios::binary);
        if (!file) throw Refused("cannot be read: " + std::string(std::strerror(errno)));
    }
    std::istream& in = path == "-" ? io.in : file;
    std::string text;
    std::string block(64 * 1024, '\0');
    while (in.read(block.data(), static_cast<std::streamsize>(block.size())), in.gcount() > 0) {
        text.append(block, 0, static_cast<std::size_t>(in.gcount()));
        if (text.size() > limits::import_file_octets_max) throw Refused("is too large");
    }
    explicit_bzero(block.data(), block.size());
    if (in.bad()) throw Refused("cannot be read to its end");
    return text;
}

std::vector<store::Item> put(Context& context, const Record& record) {
    Reading reading;
    convert(record, reading);
    if (!reading.errors.empty()) throw Refused(joined(reading.errors));
    store_items(context, reading.items);
    for (const auto& warning : reading.warnings)
        context.io.err << "bindhssctl: warning: " << warning.text << '\n';
    for (const auto& warning : key_warnings(context, reading.items, context.dry_run))
        context.io.err << "bindhssctl: warning: " << warning << '\n';
    return std::move(reading.items);
}

void store_items(Context& context, const std::vector<store::Item>& items) {
    const auto errors = context.store.apply(items, context.dry_run);
    if (!errors.empty()) throw Refused(joined(errors));
    if (context.dry_run) context.io.err << "bindhssctl: nothing is wrong, and nothing was stored\n";
}

void show_subscriber(Context& context, const std::string& imsi) {
    print_one(context, table_of(std::vector{subscriber_row(context, imsi)}));
}

void list_subscribers(Context& context) {
    print_list(context, table_of(context.store.subscribers(context.limit)));
}
void list_devices(Context& context) {
    print_list(context, table_of(context.store.devices(context.limit)));
}
void list_registrations(Context& context) {
    print_list(context, table_of(context.store.registrations(context.limit)));
}
void import_files(Context& context, const std::vector<std::string>& files, bool dry_run, const Reader& read) {
    ImportSet import;
    for (const auto& file : files) {
        try {
            const Wiped content(read_whole(file, context.io));
            import.add(file == "-" ? "(standard input)" : file, read(content.text));
        } catch (const Refused& error) {
            import.refuse(store::may_hold_key(file) ? shown(file) : file, error.what());
        }
    }
    import.apply(context.store, dry_run);
    for (const auto& warning : import.warnings()) context.io.err << "warning: " << warning << '\n';
    const auto& errors = import.errors();
    for (std::size_t i = 0; i < std::min(errors.size(), limits::import_errors_shown_max); ++i)
        context.io.err << errors[i] << '\n';
    if (!errors.empty())
        throw Refused(fmt::format("nothing was imported: {} error{}{}", errors.size(),
                                  errors.size() == 1 ? "" : "s", cut_note(errors.size())));
    for (const auto& warning : key_warnings(context, import.items(), dry_run))
        context.io.err << "warning: " << warning << '\n';
    context.io.out << (dry_run ? "would import " : "imported ") << import.summary() << '\n';
}

}  // namespace bindhss::ctl
