-- SPDX-License-Identifier: Apache-2.0
-- What operators' changes of bindings derive: the terms that are in force, and the keys to choose among.

-- terms_in_force follows terms and groups, whoever changes them.
CREATE FUNCTION refresh_terms_in_force() RETURNS trigger LANGUAGE plpgsql
    AS $$
    BEGIN
        WITH wanted AS (
            SELECT 0 AS source, t.id, t.policy, t.on_suspicion FROM terms t WHERE t.standard
            UNION ALL SELECT t.id, t.id, t.policy, t.on_suspicion FROM terms t
            UNION ALL SELECT -g.id, t.id, t.policy, t.on_suspicion
                FROM subscription_group g JOIN terms t ON t.id = g.terms_id),
        gone AS (DELETE FROM terms_in_force f WHERE NOT EXISTS (SELECT FROM wanted w WHERE w.source = f.source))
        INSERT INTO terms_in_force AS f (source, terms_id, policy, on_suspicion) SELECT * FROM wanted
            ON CONFLICT (source) DO UPDATE
                SET terms_id = excluded.terms_id, policy = excluded.policy, on_suspicion = excluded.on_suspicion
                WHERE (f.terms_id, f.policy, f.on_suspicion)
                    IS DISTINCT FROM (excluded.terms_id, excluded.policy, excluded.on_suspicion);
        RETURN NULL;
    END $$;
CREATE TRIGGER terms_changed AFTER INSERT OR UPDATE OR DELETE ON terms
    FOR EACH STATEMENT EXECUTE FUNCTION refresh_terms_in_force();
CREATE TRIGGER subscription_group_changed AFTER INSERT OR UPDATE OR DELETE ON subscription_group
    FOR EACH STATEMENT EXECUTE FUNCTION refresh_terms_in_force();
UPDATE terms SET name = name;

-- What auc.terms_from has to be: the terms that the binding names, else those of the subscription's first group that
-- names any, else the default ones.
CREATE FUNCTION terms_source(of_imsi text) RETURNS integer
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce(
        (SELECT b.terms_id FROM binding b WHERE b.imsi = of_imsi),
        (SELECT -g.id FROM subscription_member m JOIN subscription_group g ON g.id = m.group_id
         WHERE m.imsi = of_imsi AND g.terms_id IS NOT NULL ORDER BY g.rank DESC, g.id LIMIT 1),
        0)
    $$;

-- The keys that a subscription's vectors may be under (spec 4.2 "Which KME"), the first choice first: that of the group
-- that its binding names, then those of the authorised devices, each its own or that of its group. Active ones alone.
CREATE FUNCTION candidate_kmes(of_imsi text) RETURNS TABLE (kme_id bigint, place integer)
    LANGUAGE sql STABLE ROWS 2
    AS $$
    SELECT c.id, min(c.place)::integer FROM (
        SELECT k.id, -1 AS place FROM binding b JOIN kme k ON k.group_id = b.group_id AND k.state = 'active'
            WHERE b.imsi = of_imsi
        UNION ALL
        SELECT coalesce(own.id, shared.id), d.position
            FROM binding_device d
            LEFT JOIN LATERAL (
                SELECT k.id FROM kme k WHERE k.imei = d.imei_lo AND d.imei_lo = d.imei_hi AND k.state = 'active'
                LIMIT 1) own ON true
            LEFT JOIN LATERAL (
                SELECT k.id FROM devices_around(d.imei_lo, d.imei_hi) v
                JOIN kme k ON k.group_id = v.group_id AND k.state = 'active'
                WHERE own.id IS NULL
                ORDER BY v.imei_hi - v.imei_lo LIMIT 1) shared ON true
            WHERE d.imsi = of_imsi AND coalesce(own.id, shared.id) IS NOT NULL) c
    GROUP BY c.id ORDER BY 2
    $$;

-- The active key after a change: the one that was chosen, while it is a candidate; else the next generation of the same
-- owner; else the first candidate. 0: none.
DROP FUNCTION active_kme(text);
CREATE FUNCTION active_kme(of_imsi text, chosen bigint) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce(
        (SELECT c.kme_id FROM candidate_kmes(of_imsi) c JOIN kme k ON k.id = c.kme_id
         LEFT JOIN kme o ON o.id = chosen AND chosen <> 0
         ORDER BY c.kme_id = chosen DESC, coalesce(k.owner = o.owner, false) DESC, c.place LIMIT 1),
        0)
    $$;

-- An owner has one active key at most.
CREATE UNIQUE INDEX kme_active ON kme (owner) WHERE state = 'active';
ALTER TABLE kme ADD CHECK (state IN ('active', 'previous', 'retired', 'none'));

-- The oldest first.
CREATE INDEX approval_by_time ON approval (first_at);

-- The key for vectors that are asked for under `wanted` (spec 4.2 "Which KME"): that one, or the one that has replaced it
-- in its device, while the binding may be under it; else `otherwise`.
CREATE FUNCTION kme_for(of_imsi text, wanted bigint, otherwise bigint) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce(
        (SELECT c.kme_id FROM kme w JOIN kme k ON k.owner = w.owner AND k.state = 'active'
         JOIN candidate_kmes(of_imsi) c ON c.kme_id = k.id WHERE w.id = wanted),
        otherwise)
    $$;

-- As in the second migration, but for the slots of the nodes where the UE is registered: those are not given up,
-- however many other nodes ask, so that whoever invents nodes does not take IND and ledger (spec 4.7 I2) from the ones
-- that serve it. There are two of them at most.
DROP FUNCTION auc_slot(integer[], bigint[], integer);
DROP FUNCTION auc_oldest_slot(bigint[]);
CREATE FUNCTION auc_oldest_slot(nodes integer[], seqs bigint[], mme integer, sgsn integer) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT position::integer FROM unnest(nodes, seqs) WITH ORDINALITY AS slots (node, seq, position)
          WHERE node IS DISTINCT FROM mme AND node IS DISTINCT FROM sgsn
          ORDER BY seq, position LIMIT 1 $$;
CREATE FUNCTION auc_slot(nodes integer[], seqs bigint[], node integer, mme integer, sgsn integer) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN array_position(nodes, node) IS NOT NULL THEN array_position(nodes, node)
                      WHEN cardinality(nodes) < 32 THEN cardinality(nodes) + 1
                      ELSE auc_oldest_slot(nodes, seqs, mme, sgsn) END $$;

-- Bindings that an operator changed while an import ran: neither saw the other's rows, so that terms and active key are
-- to be looked at again. Without a key: two who add the same one need not wait for each other.
CREATE TABLE unsettled (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    imsi text COLLATE "C" NOT NULL
);
