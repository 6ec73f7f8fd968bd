// SPDX-License-Identifier: Apache-2.0
// terms: what is laid down for bindings, by name (binding/binding.h).
#pragma once

#include "ctl/add_command.h"

namespace bindhss::ctl {

/// The subcommands of "terms".
void add_terms_commands(CLI::App* terms, const AddCommands& add);

/// Throws Refused when there are no terms of that name.
[[nodiscard]] store::TermsRow terms_row(Context& context, const std::string& name);

}  // namespace bindhss::ctl
