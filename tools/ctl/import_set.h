// SPDX-License-Identifier: Apache-2.0
// The files of one import: all of them are stored, or none.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ctl/records.h"

namespace bindhss::ctl {

/// What an item sets: two items about the same thing in one import contradict each other. Empty: about
/// nothing that another one could be about too.
[[nodiscard]] std::string subject(const store::Item& item);

/// Collects files, tells what is there twice, and finds the place in a file of what the store complains
/// about.
class ImportSet {
  public:
    /// What was read in the file called `name`.
    void add(const std::string& name, Reading reading);
    /// `text` is the content of the file, in one of the forms of readers.h.
    void add(const std::string& name, std::string_view text);
    /// Something about a whole file: it cannot be read.
    void refuse(const std::string& name, const std::string& why) { errors_.push_back(name + ": " + why); }

    /// Applies everything unless something is wrong already. Throws store::Unavailable.
    void apply(store::Provisioning& store, bool dry_run);

    [[nodiscard]] const std::vector<store::Item>& items() const { return items_; }
    /// "file:line: what", in the order of the files; empty: all is well.
    [[nodiscard]] const std::vector<std::string>& errors() const { return errors_; }
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  private:
    struct Place {
        std::size_t file;
        std::size_t line;
    };
    [[nodiscard]] std::string str(const Place& place) const;

    std::vector<std::string> names_;
    std::vector<store::Item> items_;  ///< an item's line is its position here plus 1
    std::vector<Place> places_;
    std::map<std::string, Place> seen_;  ///< by what the item is about
    std::vector<std::string> errors_;
    std::vector<std::string> warnings_;
};

}  // namespace bindhss::ctl
