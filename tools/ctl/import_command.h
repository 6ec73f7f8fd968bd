// SPDX-License-Identifier: Apache-2.0
// import: files into the store, by one transaction or, when they are large, by many.
#pragma once

#include "ctl/add_command.h"

namespace bindhss::ctl {

struct ImportRequest {
    std::vector<std::string> files;
    bool atomic = false;   ///< one transaction, however much it is
    bool restart = false;  ///< an import of the same that was interrupted is forgotten
    Reader read;           ///< of another HSS's file; empty: our own forms
};

/// What is no more than one transaction is stored whole or not at all. Of more, all files are read first, and
/// with an error that this program can see nothing is stored; then they are stored chunk by chunk
/// (bulk_import.h). Every error is a line on io.err; then Refused says how many there were.
void import_files(Context& context, const ImportRequest& request);

/// The command "import" with its subcommands. REQUIRES: `add.asking` makes commands; `dry_run` is where the
/// context has it from, and outlives the program's parser.
void add_import_command(CLI::App* program, const AddCommand& add, bool& dry_run,
                        const std::function<void(std::function<void(Context&)>)>& choose);

}  // namespace bindhss::ctl
