// SPDX-License-Identifier: Apache-2.0
#include "ctl/argument_errors.h"

#include "store/names.h"

namespace bindhss::ctl {

namespace {

std::string unknown_arguments(const CLI::App& app) {
    std::string text = "unexpected arguments";
    for (const auto& argument : app.remaining(true)) {
        if (argument.starts_with("--") && !store::may_hold_key(argument.substr(0, argument.find('='))))
            text += " " + argument.substr(0, argument.find('='));
    }
    return text;
}

}  // namespace

std::string text_of(const CLI::App& app, const CLI::ParseError& error) {
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return unknown_arguments(app);
    std::string text = error.what();
    if (dynamic_cast<const CLI::ConversionError*>(&error) == nullptr &&
        dynamic_cast<const CLI::ValidationError*>(&error) == nullptr && !store::may_hold_key(text))
        return text;
    const auto begin = text.find("--");
    if (begin == std::string::npos) return "an argument has a value that is not allowed";
    const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", begin);
    return "the value of " + text.substr(begin, end - begin) + " is not allowed";
}

}  // namespace bindhss::ctl
