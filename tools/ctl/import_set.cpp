// SPDX-License-Identifier: Apache-2.0
#include "ctl/import_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ctl/readers.h"

namespace bindhss::ctl {

namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

/// What an item sets: two items about the same thing in one import contradict each other.
std::string subject(const store::Item& item) {
    return std::visit(Overloaded{
                          [](const store::PutSubscriber& put) { return "subscriber " + put.imsi.str(); },
                          [](const store::PutDevice& put) { return "device " + put.range.str(); },
                          [](const store::PutKme& put) {
                              const auto* imei = std::get_if<Imei>(&put.owner);
                              return imei != nullptr
                                         ? "kme of device " + imei->str()
                                         : "kme of group " + shown(std::get<std::string>(put.owner));
                          },
                          [](const store::PutBinding& put) { return "binding of " + put.imsi.str(); },
                          [](const store::PutEquipment& put) {
                              return "equipment " + put.range.str() + (put.svn ? " svn " + *put.svn : "");
                          },
                          [](const store::PutProfile& put) { return "profile " + shown(put.name); },
                          [](const store::RemoveSubscriber& gone) { return "subscriber " + gone.imsi.str(); },
                          [](const store::RemoveProfile& gone) { return "profile " + shown(gone.name); },
                      },
                      item.put);
}

}  // namespace

std::string ImportSet::str(const Place& place) const {
    return fmt::format("{}:{}", names_[place.file], place.line);
}

void ImportSet::add(const std::string& name, std::string_view text) {
    add(name, read_import(text));
}

void ImportSet::add(const std::string& name, Reading reading) {
    const auto file = names_.size();
    names_.push_back(name);
    for (auto& item : reading.items) {
        const Place place{file, item.line};
        const auto what = subject(item);
        if (const auto [earlier, is_new] = seen_.try_emplace(what, place); !is_new)
            reading.errors.push_back({item.line, what + " is already at " + str(earlier->second)});
        places_.push_back(place);
        item.line = places_.size();
        items_.push_back(std::move(item));
    }
    const auto by_line = [](const auto& a, const auto& b) { return a.line < b.line; };
    std::stable_sort(reading.errors.begin(), reading.errors.end(), by_line);
    for (const auto& error : reading.errors) errors_.push_back(str({file, error.line}) + ": " + error.text);
    for (const auto& warning : reading.warnings)
        warnings_.push_back(str({file, warning.line}) + ": " + warning.text);
}

void ImportSet::apply(store::Provisioning& store, bool dry_run) {
    if (!errors_.empty()) return;
    auto refused = store.apply(items_, dry_run);
    std::stable_sort(refused.begin(), refused.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    for (const auto& error : refused) {
        const bool placed = error.line >= 1 && error.line <= places_.size();
        errors_.push_back(placed ? str(places_[error.line - 1]) + ": " + error.text : error.text);
    }
}

std::string ImportSet::summary() const {
    std::array<std::size_t, std::variant_size_v<decltype(store::Item::put)>> counts{};
    for (const auto& item : items_) ++counts[item.put.index()];
    const auto profiles = counts[5] > 0 ? fmt::format(", {} profiles", counts[5]) : std::string();
    return fmt::format("{} subscribers, {} devices, {} keys, {} bindings{}", counts[0], counts[1], counts[2],
                       counts[3], profiles);
}

}  // namespace bindhss::ctl
