// SPDX-License-Identifier: Apache-2.0
#include "ctl/import_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/random.h"
#include "ctl/bulk_import.h"
#include "ctl/import_open5gs.h"
#include "ctl/import_pyhss.h"
#include "ctl/import_set.h"
#include "ctl/import_srsepc.h"
#include "ctl/progress_bar.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

using Inputs = std::vector<std::unique_ptr<ImportInput>>;

Inputs inputs_of(Context& context, const ImportRequest& request) {
    Inputs inputs;
    for (const auto& file : request.files) {
        inputs.push_back(request.read ? foreign_input(file, context.io, request.read)
                                      : own_input(file, context.io));
    }
    return inputs;
}

/// Tells of what is wrong, and throws when that is anything.
void tell(Context& context, const std::vector<std::string>& warnings, const std::vector<std::string>& errors,
          std::uint64_t error_count) {
    for (const auto& warning : warnings) context.io.err << "warning: " << warning << '\n';
    for (std::size_t i = 0; i < std::min(errors.size(), limits::import_errors_shown_max); ++i)
        context.io.err << errors[i] << '\n';
    if (error_count == 0) return;
    const bool cut = error_count > limits::import_errors_shown_max;
    throw Refused(
        fmt::format("nothing was imported: {} error{}{}", error_count, error_count == 1 ? "" : "s",
                    cut ? fmt::format(" (the first {} are shown)", limits::import_errors_shown_max) : ""));
}

/// Everything or nothing, and what is there twice is an error.
void import_whole(Context& context, const Inputs& inputs, ImportSurvey& survey) {
    ImportSet import;
    for (std::size_t i = 0; i < inputs.size(); ++i)
        import.add(inputs[i]->name(), std::move((*survey.whole)[i]));
    import.apply(context.store, context.dry_run);
    tell(context, import.warnings(), import.errors(), import.errors().size());
}

void import_large(Context& context, const Inputs& inputs, const ImportSurvey& survey, bool restart) {
    tell(context, survey.warnings, survey.errors, survey.error_count);
    const BulkImport import{context, inputs, survey};
    if (context.dry_run) return check_in_chunks(import);
    crypto::SystemRandom random;
    ImportState state(identity_of(survey, *context.api), restart, random);
    if (!state.trouble().empty()) {
        context.io.err << "warning: " << state.trouble()
                       << "; so it is kept nowhere how far this import comes: after an interruption it "
                          "begins anew. Name a folder with XDG_STATE_HOME\n";
    }
    import_in_chunks(import, state);
}

/// Errors of whole files, which a small import tells in the place of their contents.
bool has_file_errors(const ImportSurvey& survey) {
    std::uint64_t of_lines = 0;
    for (const auto& reading : *survey.whole) of_lines += reading.errors.size();
    return survey.error_count > of_lines;
}

}  // namespace

void import_files(Context& context, const ImportRequest& request) {
    const auto inputs = inputs_of(context, request);
    auto found = [&] {
        ProgressBar bar(context.io, "checked", "records", 0);
        return survey(inputs, request.atomic || context.api == nullptr,
                      [&](std::uint64_t items) { bar.count(items); });
    }();
    if (found.whole && has_file_errors(found)) tell(context, found.warnings, found.errors, found.error_count);
    if (request.atomic && context.api != nullptr && found.octets > limits::api_change_octets_max) {
        throw Refused(fmt::format(
            "--atomic takes what fits into one request of the API, {} MiB as JSON lines, and this is {} MiB: "
            "import it without --atomic, or divide it; nothing was imported",
            limits::api_change_octets_max >> 20U, (found.octets >> 20U) + 1));
    }
    if (found.whole) {
        import_whole(context, inputs, found);
    } else {
        import_large(context, inputs, found, request.restart);
    }
    for (const auto& warning : key_warnings(context, found.bindings))
        context.io.err << "warning: " << warning << '\n';
    context.io.out << (context.dry_run ? "would import " : "imported ") << found.counts.text() << '\n';
}

namespace {

struct Arguments {
    ImportRequest request;
    std::string foreign_file;
    std::string apn;
};

CLI::App* add_foreign(CLI::App* parent, const AddCommand& add, const std::shared_ptr<Arguments>& given,
                      const std::string& name, const std::string& help, const Reader& read) {
    auto* sub = add(parent, name, help, [given, read](Context& c) {
        auto request = given->request;
        request.files = {given->foreign_file};
        request.read = read;
        import_files(c, request);
    });
    sub->add_option("file", given->foreign_file, "File; '-' is standard input")->required();
    return sub;
}

}  // namespace

void add_import_command(CLI::App* program, const AddCommand& add, bool& dry_run,
                        const std::function<void(std::function<void(Context&)>)>& choose) {
    const auto given = std::make_shared<Arguments>();
    auto* all = program->add_subcommand(
        "import", "Import CSV and JSON files: small ones all or nothing, large ones so that it can go on");
    all->add_option("files", given->request.files, "Files; '-' is standard input");
    all->add_flag("--dry-run", dry_run, "Check everything, store nothing");
    all->add_flag("--atomic", given->request.atomic,
                  "All or nothing in one transaction, as far as one request takes it");
    all->add_flag("--restart", given->request.restart,
                  "Begin anew, and do not go on with the same import that was interrupted");
    all->callback([all, given, choose] {
        if (!all->get_subcommands().empty()) return;
        if (given->request.files.empty()) throw CLI::RequiredError("files");
        choose([given](Context& c) { import_files(c, given->request); });
    });
    add_foreign(all, add, given, "open5gs", "Open5GS's subscribers, of mongoexport or mongodump",
                read_open5gs);
    add_foreign(all, add, given, "pyhss", "PyHSS's tables as JSON", read_pyhss);
    auto* srsepc = add_foreign(all, add, given, "srsepc", "srsEPC's user_db.csv",
                               [given](std::string_view text) { return read_srsepc(text, given->apn); });
    srsepc->add_option("--apn", given->apn, "APN of its subscribers, as epc.conf names it")
        ->default_val("internet");
}

}  // namespace bindhss::ctl
