// SPDX-License-Identifier: Apache-2.0
// Devices, what is known of their models, and the equipment register.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "management/record_reading.h"

namespace bindhss::management {

namespace {

using records::Kind;

http::Response list_devices(Call& call, Desk& desk) {
    const auto page = page_of(call);
    const store::DeviceFilter filter{query_imei(call), query_or_empty(call, "group")};
    return page_answer(call, page, desk.store.devices(filter, page),
                       [](const auto& row) { return row.range.str(); });
}

store::DeviceRow device_row(Desk& desk, const ImeiRange& range) {
    const store::DeviceFilter filter{range.low, {}};
    auto row = find_row([&](const store::Page& page) { return desk.store.devices(filter, page); },
                        [&](const auto& each) { return each.range == range; },
                        [](const auto& each) { return each.range.str(); });
    if (!row) none_there("device " + range.str());
    return std::move(*row);
}

http::Response show_device(Call& call, Desk& desk) {
    return answer(call, records::object_of(device_row(desk, path_range(call))));
}

http::Response put_device(Call& call, Desk& desk) {
    const auto range = path_range(call);
    guard_device(call, range);
    const auto applied = apply(call, desk, {item_of(call, Kind::device, {{"imei", call.parts[0]}})});
    if (call.options.dry_run) return applied_answer(call, applied, 1);
    return answer(call, records::object_of(device_row(desk, range)), applied);
}

http::Response list_models(Call& call, Desk& desk) {
    const auto page = page_of(call);
    return page_answer(call, page, desk.store.device_models(page),
                       [](const auto& row) { return fmt::format("{:08}", row.tac); });
}

std::uint32_t path_tac(const Call& call) {
    constexpr std::size_t tac_digits = 8;
    const auto& text = call.parts[0];
    std::uint32_t tac = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, tac);
    if (error != std::errc() || stop != end || text.size() != tac_digits)
        throw Problem(bad_request, "The path has no TAC (8 digits) where one belongs.");
    return tac;
}

store::DeviceModelRow model_row(Desk& desk, std::uint32_t tac) {
    store::Page page(1);
    if (tac > 0) page.after = fmt::format("{:08}", tac - 1);
    auto rows = desk.store.device_models(page);
    if (rows.empty() || rows.front().tac != tac) none_there(fmt::format("model {:08}", tac));
    return std::move(rows.front());
}

http::Response show_model(Call& call, Desk& desk) {
    return answer(call, records::object_of(model_row(desk, path_tac(call))));
}

/// What the body leaves out is not known.
http::Response put_model(Call& call, Desk& desk) {
    const auto tac = path_tac(call);
    auto record = record_of(call, Kind::model, {{"tac", call.parts[0]}});
    record.fields.try_emplace("name", records::Field{{}, record.line});
    for (const auto* name : {"imei_secure", "key_secure"})
        record.fields.try_emplace(name, records::Field{{"unknown"}, record.line});
    const auto applied = apply(call, desk, {item_of(std::move(record))});
    if (call.options.dry_run) return applied_answer(call, applied, 1);
    return answer(call, records::object_of(model_row(desk, tac)), applied);
}

http::Response list_equipment(Call& call, Desk& desk) {
    const auto page = page_of(call);
    return page_answer(call, page, desk.store.equipment(page),
                       [](const auto& row) { return row.range.str() + " " + row.svn.value_or(""); });
}

/// Of a device the entry that decides, however many there are that it falls under.
http::Response show_equipment(Call& call, Desk& desk) {
    constexpr std::size_t imeisv_digits = 16;
    const auto imei = path_imei(call);
    auto svn = query_text(call, "svn");
    if (svn && !store::is_software_version(*svn))
        throw Problem(bad_request, "The parameter svn is not two digits.");
    if (!svn && call.parts[0].size() == imeisv_digits) svn = call.parts[0].substr(Imei::digits);
    const auto entry = desk.store.equipment_of(imei, svn);
    if (!entry) none_there("entry for this device: eir.unknown of the configuration decides");
    return answer(call, records::object_of(*entry));
}

http::Response put_equipment(Call& call, Desk& desk) {
    static_cast<void>(path_range(call));
    return apply_one(call, desk, item_of(call, Kind::equipment, {{"imei", call.parts[0]}}));
}

http::Response remove_equipment(Call& call, Desk& desk) {
    const auto range = path_range(call);
    const auto svn = query_text(call, "svn");
    if (svn && !store::is_software_version(*svn))
        throw Problem(bad_request, "The parameter svn is not two digits.");
    return remove_one(call, desk, {store::PutEquipment{range, svn, std::nullopt, std::nullopt}});
}

constexpr std::string_view device = "/v1/devices/{imei}";
constexpr std::string_view model = "/v1/models/{tac}";
constexpr std::string_view equipment = "/v1/equipment/{imei}";

constexpr Route routes[] = {
    {"GET", "/v1/devices", Role::read, "listDevices", list_devices, "limit cursor imei group"},
    {"GET", device, Role::read, "getDevice", show_device},
    {"PUT", device, Role::provision, "putDevice", put_device, "dry_run", Nature::guarded},
    {"GET", "/v1/models", Role::read, "listModels", list_models, "limit cursor"},
    {"GET", model, Role::read, "getModel", show_model},
    {"PUT", model, Role::provision, "putModel", put_model, "dry_run"},
    {"GET", "/v1/equipment", Role::read, "listEquipment", list_equipment, "limit cursor"},
    {"GET", equipment, Role::read, "getEquipment", show_equipment, "svn"},
    {"PUT", equipment, Role::provision, "putEquipment", put_equipment, "dry_run"},
    {"DELETE", equipment, Role::provision, "deleteEquipment", remove_equipment, "dry_run svn"},
};

}  // namespace

std::span<const Route> device_routes() {
    return routes;
}

}  // namespace bindhss::management
