// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "ctl/show.h"
#include "records/convert.h"
#include "store/import_plan.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

std::string joined(const std::vector<store::LineError>& errors) {
    std::string text;
    for (const auto& error : errors) text += (text.empty() ? "" : "; ") + error.text;
    return text;
}

}  // namespace

void print_list(Context& context, const Table& table) {
    switch (context.form) {
        case Form::json:
            print_json(context.io.out, table, false);
            break;
        case Form::csv:
            print_csv(context.io.out, table);
            break;
        case Form::table:
            print_table(context.io.out, table);
    }
    if (table.rows.size() == context.limit) note_of_limit(context);
}

void note_of_limit(Context& context) {
    context.io.err << fmt::format("bindhssctl: the first {} only; --limit shows more\n", context.limit);
}

void print_one(Context& context, const Table& table) {
    switch (context.form) {
        case Form::json:
            print_json(context.io.out, table, true);
            break;
        case Form::csv:
            print_csv(context.io.out, table);
            break;
        case Form::table:
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
    for (const auto& warning : key_warnings(context, reading.items))
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

std::vector<std::string> key_warnings(Context& context, const std::vector<store::Item>& items) {
    std::vector<std::string> warnings;
    std::size_t looked_at = 0;
    for (const auto& item : items) {
        const auto* put = std::get_if<store::PutBinding>(&item.put);
        if (context.dry_run || put == nullptr) continue;
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

}  // namespace bindhss::ctl
