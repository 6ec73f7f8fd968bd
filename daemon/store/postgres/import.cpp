// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/import.h"

#include <algorithm>
#include <map>
#include <set>

#include "crypto/aes.h"
#include "store/postgres/array_literal.h"
#include "store/postgres/equipment.h"
#include "store/postgres/reservation.h"
#include "store/postgres/session.h"
#include "store/postgres/subscriptions.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

// Re-sealing equal keys would change rows that requests are waiting for. Nor is a row that stays as it is
// proposed for insertion at all: ON CONFLICT locks what it does not update.
constexpr const char* known_keys_sql = "SELECT imsi, k, opc FROM auc WHERE imsi = ANY($1::text[])";

// seq of a row that exists is never touched (I7).
constexpr const char* put_auc_sql =
    "INSERT INTO auc AS a (imsi, k, opc, amf, algorithm, tuak_iterations, res_octets, sim_only, seq)"
    " SELECT r.imsi, r.k, r.opc, coalesce(r.amf, o.amf, '\\x8000'), r.algorithm, r.tuak_iterations,"
    "   r.res_octets, r.sim_only, r.seq"
    " FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::bytea[], $5::smallint[],"
    "   $6::smallint[], $7::smallint[], $8::boolean[], $9::bigint[])"
    "   r (imsi, k, opc, amf, algorithm, tuak_iterations, res_octets, sim_only, seq)"
    " LEFT JOIN auc o ON o.imsi = r.imsi"
    " WHERE o.imsi IS NULL OR"
    "   (o.k, o.opc, o.amf, o.algorithm, o.tuak_iterations, o.res_octets, o.sim_only) IS DISTINCT FROM"
    "   (r.k, r.opc, coalesce(r.amf, o.amf), r.algorithm, r.tuak_iterations, r.res_octets, r.sim_only)"
    " ON CONFLICT (imsi) DO UPDATE SET k = excluded.k, opc = excluded.opc, amf = excluded.amf,"
    "   algorithm = excluded.algorithm, tuak_iterations = excluded.tuak_iterations,"
    "   res_octets = excluded.res_octets, sim_only = excluded.sim_only";

// Of subscribers whose keys stay as they are.
constexpr const char* put_amf_sql =
    "UPDATE auc a SET amf = r.amf FROM unnest($1::text[], $2::bytea[]) r (imsi, amf)"
    " WHERE a.imsi = r.imsi AND a.amf <> r.amf";

constexpr const char* put_groups_sql =
    "INSERT INTO device_group (name) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING";

constexpr const char* put_devices_sql =
    "INSERT INTO device (imei_lo, imei_hi, group_id, comment)"
    " SELECT r.lo, r.hi, CASE WHEN r.name IS NULL THEN v.group_id ELSE g.id END,"
    "   coalesce(r.comment, v.comment, '')"
    " FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) r (lo, hi, name, comment)"
    " LEFT JOIN device v ON v.imei_lo = r.lo AND v.imei_hi = r.hi"
    " LEFT JOIN device_group g ON g.name = r.name"
    " ON CONFLICT (imei_lo, imei_hi) DO UPDATE SET group_id = excluded.group_id, comment = excluded.comment";

constexpr const char* known_ranges_sql =
    "SELECT v.imei_lo, v.imei_hi FROM unnest($1::bigint[], $2::bigint[]) r (lo, hi)"
    " JOIN device v ON v.imei_lo = r.lo AND v.imei_hi = r.hi";

// The check values of the keys that active_kme() would choose among: two that differ are of different keys.
constexpr const char* keys_of_bindings_sql =
    "SELECT d.imsi, d.position, coalesce(own.kcv, shared.kcv) FROM binding_device d"
    " LEFT JOIN LATERAL (SELECT k.kcv FROM kme k WHERE k.imei = d.imei_lo AND d.imei_lo = d.imei_hi"
    "   ORDER BY k.generation DESC LIMIT 1) own ON true"
    " LEFT JOIN LATERAL (SELECT k.kcv FROM"
    "   (SELECT v.group_id, v.imei_hi - v.imei_lo AS width FROM device v"
    "    WHERE v.imei_lo = d.imei_lo AND v.imei_hi = d.imei_hi"
    "    UNION ALL SELECT v.group_id, v.imei_hi - v.imei_lo FROM device v"
    "    WHERE v.imei_lo < v.imei_hi AND v.imei_lo <= d.imei_lo AND v.imei_hi >= d.imei_hi) v"
    "   JOIN kme k ON k.group_id = v.group_id WHERE own.kcv IS NULL"
    "   ORDER BY v.width, k.generation DESC LIMIT 1) shared ON true"
    " WHERE d.imsi = ANY($1::text[]) AND coalesce(own.kcv, shared.kcv) IS NOT NULL"
    " ORDER BY d.imsi, d.position";

constexpr const char* known_kmes_sql = "SELECT owner, generation, key FROM kme WHERE owner = ANY($1::text[])";

constexpr const char* put_bare_devices_sql =
    "INSERT INTO device (imei_lo, imei_hi) SELECT n, n FROM unnest($1::bigint[]) n ON CONFLICT DO NOTHING";

// A replaced key gets a new id: to the ledger it is another key.
constexpr const char* put_kmes_sql =
    "INSERT INTO kme (owner, imei, group_id, generation, algorithm, key, kcv)"
    " SELECT r.owner, r.imei, g.id, 0, r.algorithm, r.key, r.kcv"
    " FROM unnest($1::text[], $2::bigint[], $3::text[], $4::smallint[], $5::bytea[], $6::text[])"
    " r (owner, imei, name, algorithm, key, kcv) LEFT JOIN device_group g ON g.name = r.name"
    " ON CONFLICT (owner, generation) DO UPDATE SET id = excluded.id, algorithm = excluded.algorithm,"
    " key = excluded.key, kcv = excluded.kcv, changed_at = now()";

constexpr const char* known_imsis_sql = "SELECT imsi FROM auc WHERE imsi = ANY($1::text[])";

constexpr const char* put_bindings_sql =
    "INSERT INTO binding AS b (imsi, group_id) SELECT r.imsi, g.id FROM unnest($1::text[], $2::text[]) r "
    "(imsi, name)"
    " LEFT JOIN device_group g ON g.name = r.name"
    " ON CONFLICT (imsi) DO UPDATE SET group_id = excluded.group_id, changed_at = now()";

constexpr const char* clear_binding_devices_sql = "DELETE FROM binding_device WHERE imsi = ANY($1::text[])";

constexpr const char* put_binding_devices_sql =
    "INSERT INTO binding_device (imsi, position, imei_lo, imei_hi)"
    " SELECT * FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::bigint[])";

// Whose active key may be another one: bindings to these groups, and bindings of devices within these ranges.
constexpr const char* bound_to_groups_sql =
    "SELECT b.imsi FROM binding b JOIN device_group g ON g.id = b.group_id WHERE g.name = ANY($1::text[])"
    " UNION SELECT d.imsi FROM device_group g JOIN device v ON v.group_id = g.id"
    " JOIN binding_device d ON d.imei_lo BETWEEN v.imei_lo AND v.imei_hi AND d.imei_hi <= v.imei_hi"
    " WHERE g.name = ANY($1::text[])";
constexpr const char* bound_to_devices_sql =
    "SELECT DISTINCT d.imsi FROM unnest($1::bigint[], $2::bigint[]) r (lo, hi)"
    " JOIN binding_device d ON d.imei_lo BETWEEN r.lo AND r.hi AND d.imei_hi <= r.hi";

// Policy and key at once: one version of the row, which requests may be waiting for. What was proven under a
// key is not proven under another one (I1).
constexpr const char* update_active_kme_sql =
    "WITH wanted AS (SELECT t.imsi, coalesce(t.policy, o.policy) AS policy, coalesce(active_kme(t.imsi), 0) "
    "AS kme_id,"
    "   o.kme_id AS old_kme_id, o.policy AS old_policy"
    "   FROM unnest($1::text[], $2::smallint[]) t (imsi, policy) JOIN auc o ON o.imsi = t.imsi),"
    " unproven AS (UPDATE registration g SET verified = false FROM wanted w"
    "   WHERE g.imsi = w.imsi AND g.verified AND w.kme_id <> w.old_kme_id)"
    " UPDATE auc a SET policy = w.policy, kme_id = w.kme_id FROM wanted w"
    " WHERE a.imsi = w.imsi AND (w.policy <> w.old_policy OR w.kme_id <> w.old_kme_id)";

template <class Rows, class Visit>
void in_chunks(const Rows& rows, Visit visit) {
    for (std::size_t begin = 0; begin < rows.size(); begin += limits::import_chunk_rows) {
        const auto count = std::min(limits::import_chunk_rows, rows.size() - begin);
        visit(std::span(rows).subspan(begin, count));
    }
}

bool opens_as(const crypto::KeyRing& keys, std::string_view sealed, const crypto::SealContext& context,
              OctetView secret) {
    const auto opened = keys.open(octets_of(sealed), context);
    return opened && std::equal(opened->view().begin(), opened->view().end(), secret.begin(), secret.end());
}

class Import {
  public:
    Import(pqxx::transaction_base& transaction, ImportPlan& plan, const crypto::KeyRing& keys, Random& random)
        : transaction_(transaction),
          plan_(plan),
          keys_(keys),
          random_(random),
          subscriptions_(transaction, plan) {}

    void run() {
        subscriptions_.put_profiles();
        in_chunks(plan_.subscribers, [&](auto chunk) { put_subscribers(chunk); });
        put_groups();
        in_chunks(plan_.devices, [&](auto chunk) {
            check_groups(chunk);
            put_devices(chunk);
        });
        put_equipment(transaction_, plan_.equipment);
        in_chunks(plan_.kmes, [&](auto chunk) { put_kmes(chunk); });
        in_chunks(plan_.bindings, [&](auto chunk) { put_bindings(chunk); });
        if (plan_.errors.empty()) in_chunks(plan_.bindings, [&](auto chunk) { check_keys(chunk); });
        if (plan_.errors.empty()) subscriptions_.finish();
        if (!plan_.errors.empty()) return;
        find_affected();
        update_active_kmes();
    }

  private:
    template <class... Arrays>
    pqxx::result exec(const char* sql, Arrays&... arrays) {
        return transaction_.exec_params(sql, arrays.str()...);
    }

    static void add(ArrayLiteral& array, const std::optional<std::string>& text) {
        if (text) {
            array.add_text(*text);
        } else {
            array.add_bare("NULL");
        }
    }

    /// Sealed values of the chunk's subscribers whose keys stay as they are.
    std::map<std::string, std::pair<std::string, std::string>> known_keys(
        std::span<const Planned<PutSubscriber>> chunk) {
        ArrayLiteral imsis;
        for (const auto& [put, line] : chunk) imsis.add_bare(put->imsi.digits());
        std::map<std::string, std::pair<std::string, std::string>> known;
        for (const auto& row : exec(known_keys_sql, imsis))
            known.emplace(row[0].c_str(), std::pair(row[1].c_str(), row[2].c_str()));
        return known;
    }

    void put_subscribers(std::span<const Planned<PutSubscriber>> chunk) {
        subscriptions_.put_subscribers(chunk);
        std::vector<Planned<PutSubscriber>> with_keys, without;
        for (const auto& planned : chunk) (planned.put->keys ? with_keys : without).push_back(planned);
        if (!with_keys.empty()) put_auc(with_keys);
        if (!without.empty()) put_amf(without);
    }

    void put_amf(std::span<const Planned<PutSubscriber>> chunk) {
        ArrayLiteral imsis, changed, amfs;
        for (const auto& [put, line] : chunk) {
            imsis.add_bare(put->imsi.digits());
            if (!put->amf) continue;
            changed.add_bare(put->imsi.digits());
            amfs.add_octets(put->amf->view());
        }
        std::set<std::string, std::less<>> known;
        for (const auto& row : exec(known_imsis_sql, imsis)) known.emplace(row[0].c_str());
        for (const auto& planned : chunk)
            if (!known.contains(planned.put->imsi.digits())) plan_.errors.push_back(needs_keys(planned));
        exec(put_amf_sql, changed, amfs);
    }

    void put_auc(std::span<const Planned<PutSubscriber>> chunk) {
        const auto known = known_keys(chunk);
        ArrayLiteral imsis, ks, opcs, amfs, algorithms, iterations, res_octets, sims, seqs;
        for (const auto& [put, line] : chunk) {
            const auto digits = put->imsi.digits();
            const auto& keys = *put->keys;
            imsis.add_bare(digits);
            const crypto::SealContext k{"auc", "k", digits};
            const crypto::SealContext opc{"auc", "opc", digits};
            const auto old = known.find(put->imsi.str());
            const bool keep = old != known.end() && opens_as(keys_, old->second.first, k, keys.k.view()) &&
                              opens_as(keys_, old->second.second, opc, keys.opc.view());
            if (keep) {
                ks.add_text(old->second.first);
                opcs.add_text(old->second.second);
            } else {
                ks.add_octets(keys_.seal(keys.k.view(), k, random_));
                opcs.add_octets(keys_.seal(keys.opc.view(), opc, random_));
            }
            if (put->amf) {
                amfs.add_octets(put->amf->view());
            } else {
                amfs.add_bare("NULL");
            }
            algorithms.add(static_cast<int>(keys.algorithm));
            iterations.add(int{keys.tuak_iterations});
            res_octets.add(int{keys.res_octets});
            sims.add_bare(put->sim_only ? "t" : "f");
            seqs.add(put->seq.value_or(0));
        }
        exec(put_auc_sql, imsis, ks, opcs, amfs, algorithms, iterations, res_octets, sims, seqs);
    }

    void put_groups() {
        if (plan_.new_groups.empty()) return;
        ArrayLiteral names;
        for (const auto& name : plan_.new_groups) names.add_text(name);
        exec(put_groups_sql, names);
    }

    /// A range that is new has to come with its group.
    void check_groups(std::span<const Planned<PutDevice>> chunk) {
        ArrayLiteral los, his;
        std::vector<Planned<PutDevice>> unsure;
        for (const auto& planned : chunk) {
            const auto& range = planned.put->range;
            if (planned.put->group || range.low == range.high) continue;
            unsure.push_back(planned);
            los.add(range.low.number());
            his.add(range.high.number());
        }
        if (unsure.empty()) return;
        std::set<std::pair<std::uint64_t, std::uint64_t>> known;
        for (const auto& row : exec(known_ranges_sql, los, his))
            known.emplace(row[0].as<std::uint64_t>(), row[1].as<std::uint64_t>());
        for (const auto& planned : unsure) {
            if (!known.contains({planned.put->range.low.number(), planned.put->range.high.number()}))
                plan_.errors.push_back(needs_group(planned));
        }
    }

    void put_devices(std::span<const Planned<PutDevice>> chunk) {
        ArrayLiteral los, his, groups, comments;
        for (const auto& [put, line] : chunk) {
            los.add(put->range.low.number());
            his.add(put->range.high.number());
            add(groups, put->group);
            add(comments, put->comment);
        }
        exec(put_devices_sql, los, his, groups, comments);
    }

    std::map<std::string, std::string> known_kmes(std::span<const Planned<PutKme>> chunk) {
        ArrayLiteral owners;
        for (const auto& [put, line] : chunk) owners.add_text(owner_name(*put));
        std::map<std::string, std::string> known;
        for (const auto& row : exec(known_kmes_sql, owners))
            if (row[1].as<int>() == 0) known.emplace(row[0].c_str(), row[2].c_str());
        return known;
    }

    void put_kmes(std::span<const Planned<PutKme>> chunk) {
        const auto known = known_kmes(chunk);
        ArrayLiteral bare, owners, imeis, groups, algorithms, sealed, kcvs;
        for (const auto& [put, line] : chunk) {
            const auto owner = owner_name(*put);
            const auto row = kme_row(owner, 0);
            const crypto::SealContext context{"kme", "key", row};
            const auto* imei = std::get_if<Imei>(&put->owner);
            if (imei != nullptr) bare.add(imei->number());
            const auto old = known.find(owner);
            if (old != known.end() && opens_as(keys_, old->second, context, put->key.view())) continue;
            owners.add_text(owner);
            imeis.add(imei != nullptr ? std::optional(imei->number()) : std::nullopt);
            groups.add_text(imei != nullptr ? std::string() : std::get<std::string>(put->owner));
            algorithms.add(put->key.size() == 16 ? 1 : 2);
            sealed.add_octets(keys_.seal(put->key.view(), context, random_));
            kcvs.add_text(to_hex(crypto::key_check_value(put->key.view())));
        }
        exec(put_bare_devices_sql, bare);
        exec(put_kmes_sql, owners, imeis, groups, algorithms, sealed, kcvs);
    }

    /// false: some are of no subscriber, which is now among the errors.
    bool all_known(std::span<const Planned<PutBinding>> chunk) {
        ArrayLiteral imsis;
        for (const auto& [put, line] : chunk) imsis.add_bare(put->imsi.digits());
        std::set<std::string, std::less<>> known;
        for (const auto& row : exec(known_imsis_sql, imsis)) known.emplace(row[0].c_str());
        const auto errors = plan_.errors.size();
        for (const auto& planned : chunk) {
            if (!known.contains(planned.put->imsi.digits()))
                plan_.errors.push_back(unknown_subscriber(planned));
        }
        return plan_.errors.size() == errors;
    }

    void put_bindings(std::span<const Planned<PutBinding>> chunk) {
        if (!all_known(chunk)) return;
        ArrayLiteral imsis, groups, owners, positions, los, his;
        for (const auto& [put, line] : chunk) {
            affected_[put->imsi.str()] = static_cast<int>(put->policy);
            imsis.add_bare(put->imsi.digits());
            groups.add_text(put->group);
            int position = 0;
            for (const auto& range : put->devices) {
                owners.add_bare(put->imsi.digits());
                positions.add(position++);
                los.add(range.low.number());
                his.add(range.high.number());
            }
        }
        auto imsis_of_devices = imsis;
        exec(put_bindings_sql, imsis, groups);
        exec(clear_binding_devices_sql, imsis_of_devices);
        exec(put_binding_devices_sql, owners, positions, los, his);
    }

    /// The devices of a binding by key have one key (R2).
    void check_keys(std::span<const Planned<PutBinding>> chunk) {
        ArrayLiteral imsis;
        std::map<std::string, const Planned<PutBinding>*> by_imsi;
        for (const auto& planned : chunk) {
            const auto& put = *planned.put;
            if (!binding::needs_kme(put.policy) || !put.group.empty() || put.devices.size() < 2) continue;
            imsis.add_bare(put.imsi.digits());
            by_imsi.emplace(put.imsi.str(), &planned);
        }
        if (by_imsi.empty()) return;
        std::map<std::string, std::pair<std::size_t, std::string>> first;  // position and check value
        for (const auto& row : exec(keys_of_bindings_sql, imsis)) {
            const auto planned = by_imsi.find(row[0].c_str());
            if (planned == by_imsi.end()) continue;  // told already
            const auto position = row[1].as<std::size_t>();
            const auto [found, is_new] =
                first.try_emplace(planned->first, position, std::string(row[2].c_str()));
            if (is_new || found->second.second == row[2].c_str()) continue;
            const auto& devices = planned->second->put->devices;
            plan_.errors.push_back(
                different_keys(*planned->second, devices.at(found->second.first), devices.at(position)));
            by_imsi.erase(planned);
        }
    }

    void collect(const pqxx::result& rows) {
        for (const auto& row : rows) affected_.try_emplace(row[0].c_str());
    }

    void find_affected() {
        ArrayLiteral groups;
        std::vector<ImeiRange> ranges;
        for (const auto& [put, line] : plan_.devices) ranges.push_back(put->range);
        for (const auto& [put, line] : plan_.kmes) {
            if (const auto* imei = std::get_if<Imei>(&put->owner)) {
                ranges.push_back(ImeiRange::of(*imei));
            } else {
                groups.add_text(std::get<std::string>(put->owner));
            }
        }
        collect(exec(bound_to_groups_sql, groups));
        in_chunks(ranges, [&](std::span<const ImeiRange> chunk) {
            ArrayLiteral los, his;
            for (const auto& range : chunk) {
                los.add(range.low.number());
                his.add(range.high.number());
            }
            collect(exec(bound_to_devices_sql, los, his));
        });
    }

    void update_active_kmes() {
        const std::vector<std::pair<std::string, std::optional<int>>> rows(affected_.begin(),
                                                                           affected_.end());
        in_chunks(rows, [&](std::span<const std::pair<std::string, std::optional<int>>> chunk) {
            ArrayLiteral imsis, policies;
            for (const auto& [imsi, policy] : chunk) {
                imsis.add_bare(imsi);
                policies.add(policy);
            }
            exec(update_active_kme_sql, imsis, policies);
        });
    }

    pqxx::transaction_base& transaction_;
    ImportPlan& plan_;
    const crypto::KeyRing& keys_;
    Random& random_;
    Subscriptions subscriptions_;
    /// Whose policy (when put) and active key are set at the end, in the order in which rows are locked.
    std::map<std::string, std::optional<int>> affected_;
};

}  // namespace

KnownNames known_names(pqxx::transaction_base& transaction) {
    KnownNames names;
    for (const auto& row : transaction.exec("SELECT name FROM profile"))
        names.profiles.insert(row[0].c_str());
    for (const auto& row : transaction.exec("SELECT name FROM device_group"))
        names.groups.insert(row[0].c_str());
    return names;
}

void store_plan(pqxx::transaction_base& transaction, ImportPlan& plan, const crypto::KeyRing& keys,
                Random& random) {
    Import(transaction, plan, keys, random).run();
}

}  // namespace bindhss::store::postgres
