// SPDX-License-Identifier: Apache-2.0
// KMEs, which can be written but never read; the public keys of devices; exchanges that are pending.
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "management/record_reading.h"
#include "records/changes.h"
#include "records/device_key_file.h"
#include "store/import_plan.h"
#include "store/names.h"
#include "types/limits.h"

namespace bindhss::management {

namespace {

using records::Kind;

http::Response list_kmes(Call& call, Desk& desk) {
    const auto page = page_of(call);
    const auto text = query_text(call, "owner");
    const auto owner = text ? std::optional(owner_of(*text)) : std::nullopt;
    return page_answer(call, page, desk.store.kmes(owner, page), [](const auto& row) {
        return store::owner_name(row.owner) + " " + std::to_string(row.generation);
    });
}

http::Response show_kmes(Call& call, Desk& desk) {
    boost::json::array items;
    for (const auto& row : desk.store.kmes(path_owner(call), limits::api_page_rows_max))
        items.push_back(records::object_of(row));
    return list_answer(call, std::move(items), {});
}

/// Of a device or a group, as a record of an import file names it.
Named named(const std::variant<Imei, std::string>& owner) {
    const auto* imei = std::get_if<Imei>(&owner);
    if (imei != nullptr) return {"imei", imei->str()};
    return {"group", std::get<std::string>(owner)};
}

http::Response put_kme(Call& call, Desk& desk) {
    return apply_one(call, desk, item_of(call, Kind::kme, {named(path_owner(call))}));
}

std::optional<std::uint32_t> generation_of(const boost::json::object& body) {
    const auto* member = body.if_contains("generation");
    if (member == nullptr) return std::nullopt;
    boost::json::error_code error;
    const auto number = member->to_number<std::int32_t>(error);
    if (error || number < 0) throw Problem(bad_request, "The member generation of the body is no number.");
    return static_cast<std::uint32_t>(number);
}

http::Response retire_kme(Call& call, Desk& desk) {
    const auto body = body_object(call);
    only_members(body, {"generation"});
    return apply_one(call, desk, {store::RetireKme{path_owner(call), generation_of(body)}});
}

http::Response renew_kme(Call& call, Desk& desk) {
    const auto owner = path_owner(call);
    const auto keys = desk.store.kmes(owner, limits::api_keys_of_one_max);
    const bool has_one =
        std::any_of(keys.begin(), keys.end(), [](const store::KmeRow& row) { return row.state == "active"; });
    if (!has_one) none_there("active key to renew");
    boost::json::object object;
    object["keys"] = call.options.dry_run ? 1 : desk.device_keys.renew_kmes(owner);
    object["dry_run"] = call.options.dry_run;
    return plain_answer(object);
}

/// The keys among changes.
class Keys final : public store::KmeSource {
  public:
    explicit Keys(std::vector<store::Item> items) : items_(std::move(items)) {}
    std::optional<store::KmeRecord> next() override {
        if (at_ == items_.size()) return std::nullopt;
        auto& item = items_[at_++];
        auto& put = std::get<store::PutKme>(item.put);
        return store::KmeRecord{std::move(put.owner), put.generation, std::move(put.key), item.line};
    }

  private:
    std::vector<store::Item> items_;
    std::size_t at_ = 0;
};

/// What an import is called in the audit.
std::string name_of_file(const Call& call) {
    auto name = query_text(call, "name").value_or("keys by the API");
    if (auto problem = store::comment_problem(name); !problem.empty())
        throw Problem(bad_request, "The parameter name " + problem + ".");
    return name;
}

http::Response import_kmes(Call& call, Desk& desk) {
    auto reading = records::read_changes(body_text(call, {"application/x-ndjson"}));
    for (const auto& item : reading.items) {
        if (!std::holds_alternative<store::PutKme>(item.put))
            reading.errors.push_back({item.line, "is not a key to store: those are for /v1/changes"});
    }
    refuse_errors(reading);
    Keys keys(std::move(reading.items));
    const auto result = desk.store.import_kmes(keys, call.options.dry_run, name_of_file(call));
    records::Reading refusals;
    refusals.errors = result.errors;
    refuse_errors(refusals);
    boost::json::object object;
    object["added"] = result.added;
    object["replaced"] = result.replaced;
    object["unchanged"] = result.unchanged;
    object["dry_run"] = call.options.dry_run;
    return plain_answer(object);
}

/// The store reads on behind a device, so a page ends with the last key of one.
http::Response list_device_keys(Call& call, Desk& desk) {
    const auto whose = query_imei(call);
    const auto limit = limit_of(call);
    const auto cursor = cursor_of(call);
    const auto after = cursor ? Imei::parse(*cursor) : std::nullopt;
    if (cursor && !after)
        throw Problem(bad_request, "The parameter cursor is not the \"next\" of any answer.");
    auto keys = desk.device_keys.device_keys(whose, after, limit + 1);
    std::string next;
    if (keys.size() > limit) {
        const auto cut = keys.back().imei;
        const auto first =
            std::find_if(keys.begin(), keys.end(), [&](const auto& key) { return key.imei == cut; });
        if (first != keys.begin()) {
            keys.erase(first, keys.end());
        } else {
            keys = desk.device_keys.device_keys(cut, std::nullopt, limits::api_keys_of_one_max);
        }
        next = keys.back().imei.str();
    }
    boost::json::array items;
    for (const auto& key : keys) items.push_back(records::object_of(key));
    return list_answer(call, std::move(items), whose ? std::string() : next);
}

http::Response show_device_keys(Call& call, Desk& desk) {
    boost::json::array items;
    for (const auto& key :
         desk.device_keys.device_keys(path_imei(call), std::nullopt, limits::api_keys_of_one_max))
        items.push_back(records::object_of(key));
    return list_answer(call, std::move(items), {});
}

/// Lines that are refused are told of; the others are stored, unless it is to be strict.
http::Response import_device_keys(Call& call, Desk& desk) {
    const auto body = body_text(call, {"application/x-ndjson", "text/csv"});
    std::istringstream in{std::string(body)};
    records::DeviceKeyFileReader reader(in);
    store::DeviceKeyImportOptions options;
    options.dry_run = call.options.dry_run;
    options.strict = query_flag(call, "strict");
    options.revoke_others = query_flag(call, "revoke_others");
    options.origin = query_or_empty(call, "origin");
    store::DeviceKeyImport result;
    try {
        result = desk.device_keys.import_device_keys(reader, options, name_of_file(call));
    } catch (const records::BadFile& error) {
        throw Problem(refused, std::string("Nothing was stored: ") + error.what() + ".");
    }
    boost::json::object object;
    object["added"] = result.added;
    object["unchanged"] = result.unchanged;
    object["revoked"] = result.revoked;
    object["refused"] = result.refused;
    object["stored"] = result.stored;
    object["errors"] = errors_of(result.errors);
    return plain_answer(object);
}

/// Of a device whose fingerprint begins like this, as KEY-FP does.
Octets<32> fingerprint_of(const std::vector<store::DeviceKey>& keys, const std::string& digits) {
    constexpr std::size_t digits_min = 16;
    const auto begin = from_hex(digits);
    if (!begin || digits.size() < digits_min || digits.size() > 2 * Octets<32>().size())
        throw Problem(bad_request, "The member fingerprint of the body is not 16 to 64 hexadecimal digits.");
    std::optional<Octets<32>> found;
    for (const auto& key : keys) {
        if (!std::equal(begin->begin(), begin->end(), key.fingerprint.begin())) continue;
        if (found) {
            throw Problem(conflict,
                          "Several keys of the device have a fingerprint that begins so: give all of it.");
        }
        found = key.fingerprint;
    }
    if (!found) none_there("key of the device with this fingerprint");
    return *found;
}

http::Response revoke_device_keys(Call& call, Desk& desk) {
    const auto imei = path_imei(call);
    const auto body = body_object(call);
    only_members(body, {"fingerprint"});
    const auto keys = desk.device_keys.device_keys(imei, std::nullopt, limits::api_keys_of_one_max);
    const auto digits = text_member(body, "fingerprint");
    const auto which = digits ? std::optional(fingerprint_of(keys, *digits)) : std::nullopt;
    const auto meant =
        static_cast<std::uint64_t>(std::count_if(keys.begin(), keys.end(), [&](const auto& key) {
            return !key.revoked_at && which.value_or(key.fingerprint) == key.fingerprint;
        }));
    boost::json::object object;
    object["revoked"] = call.options.dry_run ? meant : desk.device_keys.revoke_device_keys(imei, which);
    object["dry_run"] = call.options.dry_run;
    return plain_answer(object);
}

http::Response list_exchanges(Call& call, Desk& desk) {
    const auto page = page_of(call);
    return page_answer(call, page, desk.device_keys.exchanges(page),
                       [](const auto& row) { return row.imsi.str(); });
}

constexpr std::string_view kme = "/v1/kmes/{owner}";
constexpr std::string_view device = "/v1/device-keys/{imei}";

constexpr Route routes[] = {
    {"GET", "/v1/kmes", Role::read, "listKmes", list_kmes, "limit cursor owner"},
    {"POST", "/v1/kmes/import", Role::keys, "importKmes", import_kmes, "dry_run name", Nature::plain,
     limits::api_change_octets_max},
    {"GET", kme, Role::read, "getKmes", show_kmes},
    {"PUT", kme, Role::keys, "putKme", put_kme, "dry_run"},
    {"POST", "/v1/kmes/{owner}/retire", Role::keys, "retireKme", retire_kme, "dry_run"},
    {"POST", "/v1/kmes/{owner}/renew", Role::keys, "renewKme", renew_kme, "dry_run"},
    {"GET", "/v1/device-keys", Role::read, "listDeviceKeys", list_device_keys, "limit cursor imei"},
    {"POST", "/v1/device-keys/import", Role::keys, "importDeviceKeys", import_device_keys,
     "dry_run name strict revoke_others origin", Nature::plain, limits::api_change_octets_max},
    {"GET", device, Role::read, "getDeviceKeys", show_device_keys},
    {"POST", "/v1/device-keys/{imei}/revoke", Role::keys, "revokeDeviceKeys", revoke_device_keys, "dry_run"},
    {"GET", "/v1/exchanges", Role::read, "listExchanges", list_exchanges, "limit cursor"},
};

}  // namespace

std::span<const Route> key_routes() {
    return routes;
}

}  // namespace bindhss::management
