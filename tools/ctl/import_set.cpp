// SPDX-License-Identifier: Apache-2.0
#include "ctl/import_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "records/readers.h"

namespace bindhss::ctl {

namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

std::string owner_of(const std::variant<Imei, std::string>& owner) {
    const auto* imei = std::get_if<Imei>(&owner);
    return imei != nullptr ? "device " + imei->str() : "group " + shown(std::get<std::string>(owner));
}

}  // namespace

std::string subject(const store::Item& item) {
    return std::visit(
        Overloaded{
            [](const store::PutSubscriber& put) { return "subscriber " + put.imsi.str(); },
            [](const store::PutDevice& put) { return "device " + put.range.str(); },
            [](const store::PutKme& put) {
                const auto generation =
                    put.generation == 0 ? "" : fmt::format(" generation {}", put.generation);
                return "kme of " + owner_of(put.owner) + generation;
            },
            [](const store::PutBinding& put) { return "binding of " + put.imsi.str(); },
            [](const store::PutEquipment& put) {
                return "equipment " + put.range.str() + (put.svn ? " svn " + *put.svn : "");
            },
            [](const store::PutProfile& put) { return "profile " + shown(put.name); },
            [](const store::PutTerms& put) { return "terms " + shown(put.terms.name); },
            [](const store::PutSubscriptionGroup& put) { return "group " + shown(put.name); },
            [](const store::PutMember& put) {
                return "member " + put.imsi.str() + " of " + shown(put.group);
            },
            [](const store::PutRule& put) {
                return put.rule.id == 0 ? std::string() : fmt::format("rule {}", put.rule.id);
            },
            [](const store::PutDeviceModel& put) { return fmt::format("model {:08}", put.tac); },
            [](const auto&) { return std::string(); },  // of commands, not of files
        },
        item.put);
}

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
        const auto [earlier, is_new] =
            what.empty() ? std::pair(seen_.end(), true) : seen_.try_emplace(what, place);
        if (!is_new) reading.errors.push_back({item.line, what + " is already at " + str(earlier->second)});
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

}  // namespace bindhss::ctl
