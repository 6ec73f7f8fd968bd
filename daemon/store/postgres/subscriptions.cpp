// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/subscriptions.h"

#include <algorithm>
#include <array>

#include "store/postgres/array_literal.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

// A document that stays as it is stays the same version.
constexpr const char* put_profiles_sql =
    "INSERT INTO profile AS p (name, data) SELECT r.name, r.data FROM unnest($1::text[], $2::jsonb[]) r "
    "(name, "
    "data)"
    " WHERE NOT EXISTS (SELECT FROM profile o WHERE o.name = r.name AND o.data = r.data)"
    " ON CONFLICT (name) DO UPDATE SET data = excluded.data RETURNING p.name";

// What is NULL stays as it is. A row that stays as it is is not proposed for insertion at all: ON CONFLICT
// locks what it does not update.
constexpr const char* put_subscribers_sql =
    "INSERT INTO subscriber AS s (imsi, msisdn, profile_id, override)"
    " SELECT r.imsi, coalesce(r.msisdn, o.msisdn, ''),"
    "   coalesce(p.id, o.profile_id, (SELECT id FROM profile WHERE name = 'default')),"
    "   coalesce(r.override, o.override, '{}')"
    " FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[]) r (imsi, msisdn, profile, override)"
    " LEFT JOIN subscriber o ON o.imsi = r.imsi LEFT JOIN profile p ON p.name = r.profile"
    " WHERE o.imsi IS NULL OR (o.msisdn, o.profile_id, o.override) IS DISTINCT FROM"
    "   (coalesce(r.msisdn, o.msisdn), coalesce(p.id, o.profile_id), coalesce(r.override, o.override))"
    " ON CONFLICT (imsi) DO UPDATE SET msisdn = excluded.msisdn, profile_id = excluded.profile_id,"
    "   override = excluded.override, changed_at = now(),"
    "   has_service = CASE WHEN excluded.override <> '{}' THEN s.has_service END"
    " RETURNING s.imsi";

constexpr const char* overrides_sql =
    "SELECT s.imsi, p.name, p.data::text, s.override::text, s.has_service"
    " FROM subscriber s JOIN profile p ON p.id = s.profile_id WHERE s.override <> '{}' AND s.imsi = "
    "ANY($1::text[])";
constexpr const char* overrides_of_profiles_sql =
    "SELECT s.imsi, p.name, p.data::text, s.override::text, s.has_service"
    " FROM subscriber s JOIN profile p ON p.id = s.profile_id WHERE s.override <> '{}'"
    " AND p.name = ANY($1::text[])";

constexpr const char* put_service_sql =
    "UPDATE subscriber s SET has_service = r.has_service FROM unnest($1::text[], $2::boolean[]) r (imsi, "
    "has_service)"
    " WHERE s.imsi = r.imsi";

// The nodes of who is gone are told by a trigger of the registrations' migration.
constexpr const char* remove_subscribers_sql =
    "DELETE FROM subscriber WHERE imsi = ANY($1::text[]) RETURNING imsi";

constexpr const char* users_of_profiles_sql =
    "SELECT p.name, (SELECT count(*) FROM subscriber s WHERE s.profile_id = p.id),"
    " (SELECT count(*) FROM terms t WHERE t.limited_profile_id = p.id),"
    " (SELECT count(*) FROM registration g WHERE g.limited_profile_id = p.id) FROM profile p"
    " WHERE p.name = ANY($1::text[])";
constexpr const char* remove_profiles_sql = "DELETE FROM profile WHERE name = ANY($1::text[])";

/// Calls `visit` with arrays of at most limits::import_chunk_rows keys.
template <class Lines, class Visit>
void in_chunks(const Lines& lines, Visit visit) {
    for (auto at = lines.begin(); at != lines.end();) {
        ArrayLiteral keys;
        for (std::size_t n = 0; n < limits::import_chunk_rows && at != lines.end(); ++n, ++at)
            keys.add_text(at->first);
        visit(keys.str());
    }
}

void add(ArrayLiteral& array, const std::optional<std::string>& text) {
    if (text) {
        array.add_text(*text);
    } else {
        array.add_bare("NULL");
    }
}

std::optional<bool> flag_of(const pqxx::field& field) {
    return field.is_null() ? std::nullopt : std::optional(field.as<bool>());
}

}  // namespace

ProfileRow profile_of(const pqxx::row& row) {
    return {row[0].c_str(), row[1].as<std::int64_t>(), row[2].as<std::uint64_t>(), row[3].c_str()};
}

void Subscriptions::put_profiles() {
    if (plan_.profiles.empty()) return;
    ArrayLiteral names, documents;
    std::map<std::string, std::size_t> lines;
    for (const auto& [put, line] : plan_.profiles) {
        names.add_text(put->name);
        documents.add_text(put->document);
        lines.emplace(put->name, line);
    }
    for (const auto& row : transaction_.exec_params(put_profiles_sql, names.str(), documents.str()))
        changed_profiles_.emplace(row[0].c_str(), lines.at(row[0].c_str()));
}

void Subscriptions::put_subscribers(std::span<const Planned<PutSubscriber>> chunk) {
    ArrayLiteral imsis, msisdns, profiles, overrides;
    std::map<std::string, std::size_t> lines;
    for (const auto& [put, line] : chunk) {
        imsis.add_bare(put->imsi.digits());
        add(msisdns, put->msisdn);
        add(profiles, put->profile);
        const bool emptied = put->override_document && put->override_document->empty();
        add(overrides, emptied ? std::optional<std::string>("{}") : put->override_document);
        lines.emplace(put->imsi.str(), line);
    }
    const auto rows = transaction_.exec_params(put_subscribers_sql, imsis.str(), msisdns.str(),
                                               profiles.str(), overrides.str());
    for (const auto& row : rows) changed_subscribers_.emplace(row[0].c_str(), lines.at(row[0].c_str()));
}

void Subscriptions::finish() {
    remove_profiles();
    check_overrides();
}

void Subscriptions::remove_subscribers() {
    std::map<std::string, const Planned<RemoveSubscriber>*> wanted;
    for (const auto& planned : plan_.removed_subscribers) wanted.emplace(planned.put->imsi.str(), &planned);
    std::set<std::string> gone;
    in_chunks(wanted, [&](const std::string& imsis) {
        for (const auto& row : transaction_.exec_params(remove_subscribers_sql, imsis))
            gone.emplace(row[0].c_str());
    });
    for (const auto& [imsi, planned] : wanted)
        if (!gone.contains(imsi)) plan_.errors.push_back(unknown_subscriber(*planned));
}

void Subscriptions::remove_profiles() {
    if (plan_.removed_profiles.empty()) return;
    ArrayLiteral names;
    for (const auto& [removal, line] : plan_.removed_profiles) names.add_text(removal->name);
    const auto list = names.str();
    std::map<std::string, std::array<std::uint64_t, 3>> users;  // subscribers, terms, registrations
    for (const auto& row : transaction_.exec_params(users_of_profiles_sql, list)) {
        users[row[0].c_str()] = {row[1].as<std::uint64_t>(), row[2].as<std::uint64_t>(),
                                 row[3].as<std::uint64_t>()};
    }
    const auto errors = plan_.errors.size();
    for (const auto& planned : plan_.removed_profiles) {
        const auto found = users.find(planned.put->name);
        if (found == users.end()) {
            plan_.errors.push_back(unknown_profile(planned));
        } else if (const auto [subscribers, terms, registrations] = found->second; subscribers > 0) {
            plan_.errors.push_back(profile_in_use(planned, subscribers));
        } else if (terms > 0 || registrations > 0) {
            plan_.errors.push_back(profile_limits(planned, terms, registrations));
        }
    }
    if (plan_.errors.size() == errors) transaction_.exec_params(remove_profiles_sql, list);
}

void Subscriptions::check_overrides() {
    in_chunks(changed_subscribers_, [this](const std::string& imsis) {
        check(transaction_.exec_params(overrides_sql, imsis), false);
    });
    in_chunks(changed_profiles_, [this](const std::string& names) {
        check(transaction_.exec_params(overrides_of_profiles_sql, names), true);
    });
}

/// Rows of the two statements above.
void Subscriptions::check(const pqxx::result& rows, bool of_profile) {
    ArrayLiteral imsis, services;
    bool changed = false;
    for (const auto& row : rows) {
        const std::string imsi = row[0].c_str();
        const auto result = check_override_of(imsi, row[2].c_str(), row[3].c_str());
        if (result.error) {
            const auto line =
                of_profile ? changed_profiles_.at(row[1].c_str()) : changed_subscribers_.at(imsi);
            plan_.errors.push_back({line, *result.error});
        } else if (result.has_service != flag_of(row[4])) {
            changed = true;
            imsis.add_bare(imsi);
            services.add_bare(!result.has_service ? "NULL" : *result.has_service ? "t" : "f");
        }
    }
    if (changed) transaction_.exec_params(put_service_sql, imsis.str(), services.str());
}

}  // namespace bindhss::store::postgres
