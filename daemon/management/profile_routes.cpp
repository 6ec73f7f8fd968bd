// SPDX-License-Identifier: Apache-2.0
// Profiles.
#include "management/record_reading.h"

namespace bindhss::management {

namespace {

http::Response list(Call& call, Desk& desk) {
    const auto page = page_of(call);
    return page_answer(call, page, desk.store.profiles(page), [](const auto& row) { return row.name; });
}

store::ProfileRow row_of(Desk& desk, const std::string& name) {
    auto row = desk.store.profile(name);
    if (!row) none_there("profile " + records::shown(name));
    return std::move(*row);
}

http::Response show(Call& call, Desk& desk) {
    return answer(call, records::object_of(row_of(desk, call.parts[0])));
}

http::Response replace(Call& call, Desk& desk) {
    const auto& name = call.parts[0];
    guard_profile(call, name);
    const auto applied = apply(call, desk, {item_of(call, records::Kind::profile, {{"name", name}})});
    if (call.options.dry_run) return applied_answer(call, applied, 1);
    return answer(call, records::object_of(row_of(desk, name)), applied);
}

http::Response remove(Call& call, Desk& desk) {
    const auto& name = call.parts[0];
    if (has_to_be_there(call)) static_cast<void>(row_of(desk, name));
    guard_profile(call, name);
    return remove_one(call, desk, {store::RemoveProfile{name}});
}

constexpr std::string_view one = "/v1/profiles/{name}";

constexpr Route routes[] = {
    {"GET", "/v1/profiles", Role::read, "listProfiles", list, "limit cursor"},
    {"GET", one, Role::read, "getProfile", show},
    {"PUT", one, Role::provision, "putProfile", replace, "dry_run", Nature::guarded},
    {"DELETE", one, Role::provision, "deleteProfile", remove, "dry_run", Nature::guarded},
};

}  // namespace

std::span<const Route> profile_routes() {
    return routes;
}

}  // namespace bindhss::management
