// SPDX-License-Identifier: Apache-2.0
// Options of a command that are the fields of a record, so that a command says the same as a line of a file.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "ctl/records.h"

namespace bindhss::ctl {

/// Borrowed by the command line until it has been parsed: keep it in a shared_ptr that the action holds.
class RecordOptions {
  public:
    explicit RecordOptions(Kind kind) : kind_(kind) {}

    /// The name of the field is that of the option, its dashes written as underscores.
    CLI::Option* add(CLI::App* command, const std::string& option, const std::string& help) {
        auto name = option.substr(option.find_first_not_of('-'));
        std::replace(name.begin(), name.end(), '-', '_');
        auto& entry = entries_[name];
        entry.option = command->add_option(option, entry.value, help);
        return entry.option;
    }
    /// A flag that gives a field its value.
    CLI::Option* add_flag(CLI::App* command, const std::string& flag, const std::string& name,
                          const std::string& value, const std::string& help) {
        return command->add_flag_callback(
            flag, [this, name, value] { flags_[name] = value; }, help);
    }

    /// With the fields that were given, be they empty.
    [[nodiscard]] Record record() const {
        Record record{kind_, 0, {}};
        for (const auto& [name, entry] : entries_)
            if (entry.option->count() > 0) record.fields[name] = field(entry.value);
        for (const auto& [name, value] : flags_) record.fields[name] = field(value);
        return record;
    }
    [[nodiscard]] const std::string& value(const std::string& name) const { return entries_.at(name).value; }

  private:
    struct Entry {
        std::string value;
        CLI::Option* option = nullptr;
    };
    static Field field(const std::string& value) { return value.empty() ? Field{} : Field{{value}, 0}; }

    Kind kind_;
    std::map<std::string, Entry> entries_;
    std::map<std::string, std::string> flags_;
};

}  // namespace bindhss::ctl
