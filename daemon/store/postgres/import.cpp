// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/import.h"

#include <algorithm>
#include <map>
#include <set>

#include "store/postgres/array_literal.h"
#include "store/postgres/bindings.h"
#include "store/postgres/equipment.h"
#include "store/postgres/import_chunks.h"
#include "store/postgres/kme_stage.h"
#include "store/postgres/rules.h"
#include "store/postgres/subscriptions.h"
#include "store/postgres/terms_rows.h"

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
    "   res_octets = excluded.res_octets, sim_only = excluded.sim_only,"
    // Another card counts from another SQN_MS.
    "   auts_sqn = CASE WHEN (a.k, a.opc) = (excluded.k, excluded.opc) THEN a.auts_sqn END,"
    "   auts_fingerprint = CASE WHEN (a.k, a.opc) = (excluded.k, excluded.opc) THEN a.auts_fingerprint END";

// Of subscribers whose keys stay as they are.
constexpr const char* put_amf_sql =
    "UPDATE auc a SET amf = r.amf FROM unnest($1::text[], $2::bytea[]) r (imsi, amf)"
    " WHERE a.imsi = r.imsi AND a.amf <> r.amf";

constexpr const char* put_groups_sql =
    "INSERT INTO device_group (name) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING";

constexpr const char* put_devices_sql =
    "INSERT INTO device (imei_lo, imei_hi, group_id, comment, uiccs_max)"
    " SELECT r.lo, r.hi, CASE WHEN r.name IS NULL THEN v.group_id ELSE g.id END,"
    "   coalesce(r.comment, v.comment, ''), nullif(coalesce(r.uiccs_max, v.uiccs_max), 0)"
    " FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])"
    "   r (lo, hi, name, comment, uiccs_max)"
    " LEFT JOIN device v ON v.imei_lo = r.lo AND v.imei_hi = r.hi"
    " LEFT JOIN device_group g ON g.name = r.name"
    " ON CONFLICT (imei_lo, imei_hi) DO UPDATE SET group_id = excluded.group_id, comment = excluded.comment,"
    "   uiccs_max = excluded.uiccs_max";

constexpr const char* known_ranges_sql =
    "SELECT v.imei_lo, v.imei_hi FROM unnest($1::bigint[], $2::bigint[]) r (lo, hi)"
    " JOIN device v ON v.imei_lo = r.lo AND v.imei_hi = r.hi";

// Whose active key may be another one: those bound to devices within these ranges.
const std::string bound_to_devices_sql =
    "SELECT DISTINCT d.imsi FROM unnest($1::bigint[], $2::bigint[]) r (lo, hi)"
    " CROSS JOIN LATERAL (SELECT b.imsi FROM binding_device b"
    "   WHERE b.imei_lo BETWEEN r.lo AND r.hi AND b.imei_hi <= r.hi OFFSET 0) d";

constexpr const char* put_audit_sql =
    "INSERT INTO audit (who, request, what, detail) SELECT $1, $4, r.what, r.detail"
    " FROM unnest($2::text[], $3::text[]) WITH ORDINALITY r (what, detail, position) ORDER BY r.position";

bool opens_as(const crypto::KeyRing& keys, std::string_view sealed, const crypto::SealContext& context,
              OctetView secret) {
    const auto opened = keys.open(octets_of(sealed), context);
    return opened && std::equal(opened->view().begin(), opened->view().end(), secret.begin(), secret.end());
}

class Import {
  public:
    Import(pqxx::dbtransaction& transaction, ImportPlan& plan, const crypto::KeyRing& keys, Random& random)
        : transaction_(transaction),
          plan_(plan),
          keys_(keys),
          random_(random),
          touched_(transaction),
          subscriptions_(transaction, plan),
          terms_(transaction, touched_, plan.errors),
          bindings_(transaction, touched_, plan.errors),
          kmes_(transaction, keys, random) {}

    void run(const std::function<void()>& before_keys) {
        subscriptions_.put_profiles();
        terms_.put(plan_.terms);
        terms_.set_default(plan_.default_terms);
        in_chunks(plan_.subscription_groups, [&](auto chunk) { terms_.put_groups(chunk); });
        in_chunks(plan_.subscribers, [&](auto chunk) { put_subscribers(chunk); });
        before_keys();
        put_all_devices();
        put_all_kmes();
        put_all_bindings();
        if (plan_.errors.empty()) subscriptions_.remove_subscribers();
        if (plan_.errors.empty()) terms_.remove_groups(plan_.removed_subscription_groups);
        if (plan_.errors.empty()) terms_.remove(plan_.removed_terms);
        if (plan_.errors.empty()) subscriptions_.finish();
        if (plan_.errors.empty()) touched_.update();
    }

  private:
    template <class... Arrays>
    pqxx::result exec(const char* sql, Arrays&... arrays) {
        return exec_arrays(transaction_, sql, arrays...);
    }

    void put_all_devices() {
        put_groups();
        in_chunks(plan_.devices, [&](auto chunk) {
            check_groups(chunk);
            put_devices(chunk);
        });
        in_chunks(plan_.device_models, [&](auto chunk) { put_device_models(transaction_, chunk); });
        put_equipment(transaction_, plan_.equipment);
    }

    void put_all_kmes() {
        in_chunks(plan_.kmes, [&](auto chunk) {
            std::vector<KmeRecord> records;
            for (const auto& [put, line] : chunk)
                records.push_back({put->owner, put->generation, put->key, line});
            kmes_.add(records);
        });
        for (auto& error : kmes_.store(touched_)) plan_.errors.push_back(std::move(error));
        retire_kmes(transaction_, plan_.retired_kmes, touched_, plan_.errors);
    }

    void put_all_bindings() {
        in_chunks(plan_.bindings, [&](auto chunk) { bindings_.put(chunk); });
        in_chunks(plan_.members, [&](auto chunk) { terms_.put_members(chunk); });
        in_chunks(plan_.rules, [&](auto chunk) { put_rules(transaction_, chunk, plan_.errors); });
        in_chunks(plan_.removed_rules, [&](auto chunk) { remove_rules(transaction_, chunk, plan_.errors); });
        in_chunks(plan_.authorisations, [&](auto chunk) { bindings_.authorise(chunk); });
        in_chunks(plan_.refusals, [&](auto chunk) { bindings_.refuse(chunk); });
        in_chunks(plan_.locks, [&](auto chunk) { bindings_.lock(chunk); });
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
        const auto known = known_subscribers(transaction_, imsis.str());
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
        ArrayLiteral los, his, groups, comments, uiccs;
        for (const auto& [put, line] : chunk) {
            los.add(put->range.low.number());
            his.add(put->range.high.number());
            add_optional(groups, put->group);
            add_optional(comments, put->comment);
            uiccs.add(put->uiccs_max);
        }
        const auto lows = los.str();
        const auto highs = his.str();
        transaction_.exec_params(put_devices_sql, lows, highs, groups.str(), comments.str(), uiccs.str());
        touched_.add(bound_to_devices_sql, lows, highs);
    }

    pqxx::dbtransaction& transaction_;
    ImportPlan& plan_;
    const crypto::KeyRing& keys_;
    Random& random_;
    Touched touched_;
    Subscriptions subscriptions_;
    TermsImport terms_;
    Bindings bindings_;
    KmeStage kmes_;
};

}  // namespace

KnownNames known_names(pqxx::transaction_base& transaction) {
    KnownNames names;
    for (const auto& row : transaction.exec("SELECT name FROM profile"))
        names.profiles.insert(row[0].c_str());
    for (const auto& row : transaction.exec("SELECT name FROM device_group"))
        names.groups.insert(row[0].c_str());
    for (const auto& row : transaction.exec("SELECT name FROM terms")) names.terms.insert(row[0].c_str());
    for (const auto& row : transaction.exec("SELECT name FROM subscription_group"))
        names.subscription_groups.insert(row[0].c_str());
    return names;
}

void store_plan(pqxx::dbtransaction& transaction, ImportPlan& plan, const crypto::KeyRing& keys,
                Random& random, const std::function<void()>& before_keys) {
    Import(transaction, plan, keys, random).run(before_keys);
}

void write_audit(pqxx::transaction_base& transaction, const std::string& who,
                 const std::vector<AuditEntry>& entries, const std::string& request) {
    ArrayLiteral whats, details;
    for (const auto& entry : entries) {
        whats.add_text(entry.what);
        details.add_text(entry.detail);
    }
    transaction.exec_params(put_audit_sql, who, whats.str(), details.str(), request);
}

}  // namespace bindhss::store::postgres
