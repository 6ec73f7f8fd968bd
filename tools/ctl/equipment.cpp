// SPDX-License-Identifier: Apache-2.0
#include "ctl/equipment.h"

#include <fmt/format.h>

#include "ctl/output.h"

namespace bindhss::ctl {

namespace {

constexpr std::size_t imeisv_digits = 16;

Table table_of(const std::vector<store::EquipmentEntry>& entries) {
    Table table{{"imei", "svn", "status", "comment"}, {}};
    for (const auto& entry : entries) {
        table.rows.push_back({entry.range.str(), entry.svn.value_or(""),
                              std::string(store::name_of(entry.status)), entry.comment});
    }
    return table;
}

}  // namespace

void show_equipment(Context& context, const std::string& imei, const std::string& svn) {
    const auto device = Imei::parse(imei);
    if (!device) throw Refused("imei " + shown(imei) + " is not 14 to 16 digits");
    auto version = svn.empty() ? std::optional<std::string>() : std::optional(svn);
    if (version && !store::is_software_version(*version))
        throw Refused("svn " + shown(*version) + " is not two digits");
    if (!version && imei.size() == imeisv_digits) version = imei.substr(Imei::digits);
    const auto entry = context.store.equipment_of(*device, version);
    if (!entry) {
        throw Refused(fmt::format("device {}{} is in no list: eir.unknown of the configuration decides",
                                  device->str(), version ? " with software version " + *version : ""));
    }
    print_one(context, table_of({*entry}));
}

void list_equipment(Context& context) {
    print_list(context, table_of(context.store.equipment(context.limit)));
}

}  // namespace bindhss::ctl
