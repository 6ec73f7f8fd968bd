// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace bindhss::ctl {

/// What is wrong with the arguments. CLI11 repeats arguments that it does not know and values that it does
/// not like; a key may be among them, and is not repeated.
[[nodiscard]] std::string text_of(const CLI::App& app, const CLI::ParseError& error);

}  // namespace bindhss::ctl
