-- SPDX-License-Identifier: Apache-2.0
-- tolerated-from: 12
-- Exchanges are begun and ended as in 0017 and 0018, each row at the cost of its own look-up however many share a statement.
-- There, what had been looked up was joined with the arguments by comparing each with each: a seventh of the two transactions
-- when sixty shared them, and more when more did.

-- A row that is changed is looked up by its key, and found again by where it lies (ctid), which compares nothing. So are rows that
-- were locked before, or that only end meanwhile. A row that a report may change meanwhile (approval) moves, and is named by its
-- key; few have one.
ALTER TYPE kme_exchange_end ADD ATTRIBUTE new_id bigint; -- of the key that is stored

-- Places are those among the arguments; of a subscription that does not exist there is no row. No two are of one subscription.
CREATE OR REPLACE FUNCTION begin_kme_exchanges(imsis text[], imeis bigint[], owners text[], transactions bytea[], secrets bytea[],
                                    algorithms smallint[], not_afters timestamptz[], occasions smallint[], ways smallint[],
                                    hosts text[], realms text[], requests bigint[], have_key boolean[], devices_max integer,
                                    deadlines timestamptz[], ats timestamptz[])
    RETURNS TABLE (place bigint, refused smallint, given integer, kept bytea, chosen device_key)
    LANGUAGE plpgsql ROWS 32
    AS $$
    #variable_conflict use_column
    BEGIN
        -- What a crash of the server may lose is worth nothing then, and the UE comes again: nobody waits for the disk.
        PERFORM set_config('synchronous_commit', 'off', true);
        PERFORM 1 FROM subscriber s WHERE s.imsi = ANY (imsis) ORDER BY s.imsi FOR NO KEY UPDATE;
        -- Of the subscriptions in one device each is given a generation of its own.
        PERFORM pg_advisory_xact_lock(d.imei) FROM (SELECT DISTINCT i.imei FROM unnest(imeis) AS i (imei) ORDER BY i.imei) d;
        RETURN QUERY
        WITH asked AS MATERIALIZED (
            SELECT q.* FROM unnest(imsis, imeis, owners, transactions, secrets, algorithms, not_afters, occasions, ways,
                    hosts, realms, requests, have_key, deadlines, ats) WITH ORDINALITY
                AS q (imsi, imei, owner, transaction, secret, algorithm, not_after, occasion, way, host, realm, request,
                    has_key, due, at, place)
            WHERE (SELECT true FROM subscriber s WHERE s.imsi = q.imsi)),
        looked AS MATERIALIZED (
            SELECT q.*, newest.whole AS chosen, (CASE
                    WHEN q.way = 0 AND e.way = 0 AND e.deadline >= q.at AND e.host = q.host AND e.realm = q.realm
                        AND e.end_to_end = q.request THEN 2
                    -- Who asks by https has proven nothing, and takes nothing from a UE that has authenticated.
                    WHEN q.way = 1 AND e.way = 0 AND e.deadline >= q.at THEN 1
                    WHEN p.not_before > q.at THEN 1
                    WHEN NOT q.has_key AND newest.id IS NULL THEN 0
                    WHEN (SELECT count(*) FROM binding_device d WHERE d.imsi = q.imsi) >= devices_max
                        AND NOT EXISTS (SELECT FROM binding_device d
                            WHERE d.imsi = q.imsi AND d.imei_lo = q.imei AND d.imei_hi = q.imei) THEN 4
                END)::smallint AS refused
            FROM asked q
            LEFT JOIN LATERAL (SELECT x.* FROM kme_exchange x WHERE x.imsi = q.imsi LIMIT 1) e ON true
            LEFT JOIN LATERAL (SELECT x.* FROM kme_pause x WHERE x.imsi = q.imsi LIMIT 1) p ON true
            LEFT JOIN LATERAL (
                SELECT d.id, d AS whole FROM device_key d
                WHERE NOT q.has_key AND d.imei = q.imei AND d.revoked_at IS NULL AND coalesce(d.valid_from <= q.at, true)
                    AND coalesce(q.at < d.valid_until, true)
                ORDER BY d.added_at DESC, d.id DESC LIMIT 1) newest ON true),
        numbered AS MATERIALIZED (
            SELECT q.*, greatest(0, (SELECT max(k.generation) FROM kme k WHERE k.owner = q.owner),
                    (SELECT max(e.generation) FILTER (WHERE e.deadline >= q.at
                            -- These are replaced below.
                            AND e.imsi NOT IN (SELECT o.imsi FROM looked o WHERE o.refused IS NULL))
                        FROM kme_exchange e WHERE e.imei = q.imei))
                + row_number() OVER (PARTITION BY q.imei ORDER BY q.place) AS generation
            FROM looked q WHERE q.refused IS NULL),
        stored AS (
            INSERT INTO kme_exchange (imsi, transaction, imei, generation, secret, rand_algorithm, not_after, occasion, way,
                    host, realm, end_to_end, started_at, deadline)
                SELECT n.imsi, n.transaction, n.imei, n.generation, n.secret, n.algorithm, n.not_after, n.occasion, n.way,
                    n.host, n.realm, n.request, n.at, n.due
                FROM numbered n WHERE n.generation <= 2147483647
                ON CONFLICT (imsi) DO UPDATE SET transaction = excluded.transaction, imei = excluded.imei,
                    generation = excluded.generation, secret = excluded.secret,
                    rand_algorithm = excluded.rand_algorithm, not_after = excluded.not_after,
                    occasion = excluded.occasion, way = excluded.way, host = excluded.host, realm = excluded.realm,
                    end_to_end = excluded.end_to_end, started_at = excluded.started_at, deadline = excluded.deadline)
        SELECT n.place, CASE WHEN n.generation > 2147483647 THEN 3::smallint END,
            CASE WHEN n.generation <= 2147483647 THEN n.generation::integer END,
            (SELECT CASE WHEN c.expires_at > n.at THEN c.secret END FROM kme_session c WHERE c.imsi = n.imsi), n.chosen
        FROM numbered n
        UNION ALL SELECT q.place, q.refused, NULL, NULL, q.chosen FROM looked q WHERE q.refused IS NOT NULL;
    END $$;

-- What finish_kme_exchanges() does with exchanges of different devices: it returns those that fit.
CREATE OR REPLACE FUNCTION end_kme_exchanges(ending kme_exchange_end[], devices_max integer) RETURNS kme_exchange_end[]
    LANGUAGE plpgsql
    AS $$
    DECLARE
        imsis text[];
        others text[];
    BEGIN
        -- A key that came by import meanwhile is the operator's choice.
        ending := ARRAY(SELECT x FROM unnest(ending) x WHERE x.fits
            AND x.generation > coalesce((SELECT max(k.generation) FROM kme k WHERE k.owner = x.owner), -1));
        -- An operator who lists devices has this row before he changes the list (statement::hold_binding).
        INSERT INTO binding (imsi) SELECT x.imsi FROM unnest(ending) x
            WHERE (SELECT true FROM binding b WHERE b.imsi = x.imsi) IS NULL
            ON CONFLICT (imsi) DO UPDATE SET changed_at = now();
        ending := ARRAY(
            SELECT (x.place, x.imsi, x.imei, x.generation, x.algorithm, x.not_after, x.owner, x.established, x.key, x.kcv,
                x.pauses, x.at, x.turn, x.slot, x.has_had, x.old_id, true, l.is_listed,
                nextval('kme_id_seq'))::kme_exchange_end
            FROM unnest(ending) x, LATERAL (
                SELECT count(*) AS listed, coalesce(bool_or(d.imei_lo = x.imei AND d.imei_hi = x.imei), false) AS is_listed
                FROM binding_device d WHERE d.imsi = x.imsi) l
            WHERE l.is_listed OR l.listed < devices_max);
        imsis := ARRAY(SELECT x.imsi FROM unnest(ending) x);
        IF EXISTS (SELECT FROM unnest(ending) x WHERE NOT x.is_listed) THEN
            UPDATE binding b SET changed_at = now()
                WHERE b.imsi = ANY (ARRAY(SELECT x.imsi FROM unnest(ending) x WHERE NOT x.is_listed));
            INSERT INTO binding_device (imsi, position, imei_lo, imei_hi)
                SELECT x.imsi, coalesce((SELECT max(d.position) FROM binding_device d WHERE d.imsi = x.imsi), -1) + 1,
                    x.imei, x.imei
                FROM unnest(ending) x WHERE NOT x.is_listed;
        END IF;
        DELETE FROM approval q USING unnest(ending) x WHERE q.imsi = ANY (imsis) AND q.imsi = x.imsi AND q.imei = x.imei;
        DELETE FROM kme_pause p WHERE p.imsi = ANY (imsis);
        INSERT INTO device (imei_lo, imei_hi) SELECT x.imei, x.imei FROM unnest(ending) x
            WHERE (SELECT true FROM device d WHERE d.imei_lo = x.imei AND d.imei_hi = x.imei) IS NULL
            ON CONFLICT DO NOTHING;
        UPDATE kme k SET state = 'previous', replaced_at = x.at, changed_at = x.at
            FROM unnest(ending) x, LATERAL (
                SELECT y.ctid FROM kme y WHERE y.owner = x.owner AND y.state = 'active' LIMIT 1) old
            WHERE k.ctid = old.ctid AND k.state = 'active';
        INSERT INTO kme (id, owner, imei, generation, algorithm, key, kcv, not_after, changed_at)
            SELECT x.new_id, x.owner, x.imei, x.generation, x.algorithm, x.key, x.kcv, x.not_after, x.at FROM unnest(ending) x;
        UPDATE auc a SET kme_id = x.new_id, state = 0, strong = 0, weak = 0, turns = 0, open_at = NULL,
            unanswered = false, refuse_until = NULL, proved_at = x.at,
            ind_regular_at[coalesce(x.slot, 1)] =
                CASE WHEN NOT x.has_had THEN a.ind_regular_at[coalesce(x.slot, 1)] END
            FROM unnest(ending) x, LATERAL (SELECT y.ctid FROM auc y WHERE y.imsi = x.imsi LIMIT 1) known
            WHERE a.ctid = known.ctid;
        -- What was proven under another device's key, or a group's, is not proven under this one (spec 4.7 I1); the
        -- generation before was this device's.
        UPDATE registration g SET verified = false
            WHERE g.verified AND g.imsi = ANY (ARRAY(SELECT x.imsi FROM unnest(ending) x
                WHERE (SELECT o.owner FROM kme o WHERE o.id = x.old_id) IS DISTINCT FROM x.owner));
        others := ARRAY(SELECT d.imsi FROM unnest(ending) x, LATERAL (
            SELECT y.imsi FROM binding_device y WHERE y.imei_lo = x.imei AND y.imei_hi = x.imei AND y.imsi <> x.imsi
            OFFSET 0) d);
        IF cardinality(others) > 0 THEN
            WITH other AS MATERIALIZED (
                SELECT a.imsi, a.kme_id, active_kme(a.imsi, a.kme_id) AS next_id FROM auc a
                WHERE a.imsi = ANY (others)
                ORDER BY a.imsi FOR NO KEY UPDATE),
            renewed AS (UPDATE auc a SET kme_id = o.next_id FROM other o
                WHERE a.imsi = o.imsi AND a.kme_id <> o.next_id)
            UPDATE registration g SET verified = false FROM other o
                WHERE g.imsi = o.imsi AND g.verified AND o.next_id <> o.kme_id
                    AND NOT EXISTS (SELECT FROM kme k JOIN kme n ON n.id = o.next_id
                                    WHERE k.id = o.kme_id AND k.owner = n.owner);
        END IF;
        RETURN ending;
    END $$;

-- Places are those among the arguments; of an exchange that is gone, or was replaced, there is no row. No two are of one
-- subscription.
CREATE OR REPLACE FUNCTION finish_kme_exchanges(imsis text[], transactions bytea[], owners text[], are_established boolean[],
                                     keys bytea[], kcvs text[], pauses text[], devices_max integer, ats timestamptz[])
    RETURNS TABLE (place bigint, stored boolean)
    LANGUAGE plpgsql ROWS 32
    AS $$
    #variable_conflict use_column
    DECLARE
        ending kme_exchange_end[];
        fitting kme_exchange_end[] := '{}';
    BEGIN
        PERFORM 1 FROM subscriber s WHERE s.imsi = ANY (imsis) ORDER BY s.imsi FOR NO KEY UPDATE;
        -- Before rows of auc: whoever has the device renews those of its other subscriptions.
        PERFORM pg_advisory_xact_lock(d.imei) FROM (
            SELECT DISTINCT e.imei FROM kme_exchange e WHERE e.imsi = ANY (imsis) ORDER BY e.imei) d;
        PERFORM 1 FROM auc a WHERE a.imsi = ANY (imsis) ORDER BY a.imsi FOR NO KEY UPDATE;
        PERFORM 1 FROM binding b WHERE b.imsi = ANY (imsis) ORDER BY b.imsi FOR NO KEY UPDATE;
        WITH gone AS (
            DELETE FROM kme_exchange e
                USING unnest(imsis, transactions, owners, are_established, keys, kcvs, pauses, ats) WITH ORDINALITY
                    AS q (imsi, transaction, owner, established, key, kcv, pauses, at, place), LATERAL (
                    SELECT y.ctid FROM kme_exchange y WHERE y.imsi = q.imsi AND y.transaction = q.transaction LIMIT 1) pending
                WHERE e.ctid = pending.ctid
                RETURNING e.*, q.owner, q.established, q.key, q.kcv, q.pauses, q.at, q.place),
        found AS (
            SELECT x.*, a.kme_id, a.state, array_position(a.ind_node, n.id) AS slot,
                -- The Update-Location has had the regular vector that it rests on (spec 4.7, I2), and none that came after.
                coalesce(a.ind_regular_at[array_position(a.ind_node, n.id)] <= x.started_at, false) AS has_had,
                row_number() OVER (PARTITION BY x.imei ORDER BY x.generation) AS turn
            FROM gone x
            LEFT JOIN LATERAL (SELECT y.* FROM auc y WHERE y.imsi = x.imsi LIMIT 1) a ON true
            LEFT JOIN LATERAL (
                SELECT y.id FROM serving_node y WHERE y.host = x.host AND y.realm = x.realm LIMIT 1) n ON true)
        SELECT coalesce(array_agg((x.place, x.imsi, x.imei, x.generation, x.rand_algorithm, x.not_after, x.owner,
                x.established, x.key, x.kcv, x.pauses::integer[], x.at, x.turn, x.slot, x.has_had, x.kme_id,
                -- A lock ends by the operator alone.
                x.established AND x.deadline >= x.at AND coalesce(x.state <> 2, false), false,
                NULL)::kme_exchange_end), '{}')
            INTO ending FROM found x;
        FOR nth IN 1 .. (SELECT coalesce(max(x.turn), 0) FROM unnest(ending) x) LOOP
            fitting := fitting || end_kme_exchanges(ARRAY(SELECT x FROM unnest(ending) x WHERE x.turn = nth), devices_max);
        END LOOP;
        IF cardinality(fitting) < cardinality(ending) THEN
            UPDATE auc a SET ind_regular_at[x.slot] = NULL
                FROM unnest(ending) x, LATERAL (SELECT y.ctid FROM auc y WHERE y.imsi = x.imsi LIMIT 1) known
                WHERE a.ctid = known.ctid AND x.has_had AND x.place NOT IN (SELECT f.place FROM unnest(fitting) f);
            INSERT INTO kme_pause AS p (imsi, failures, not_before)
                SELECT x.imsi, n.failures, x.at + make_interval(secs => x.pauses[least(n.failures, cardinality(x.pauses))])
                FROM unnest(ending) x
                LEFT JOIN LATERAL (SELECT p.* FROM kme_pause p WHERE p.imsi = x.imsi LIMIT 1) before ON true, LATERAL (
                    SELECT CASE WHEN before.not_before >= x.at - interval '1 day' THEN least(before.failures + 1, 1000)
                        ELSE 1 END AS failures) n
                WHERE NOT x.established AND cardinality(x.pauses) > 0
                ON CONFLICT (imsi) DO UPDATE SET failures = excluded.failures, not_before = excluded.not_before;
        END IF;
        RETURN QUERY SELECT x.place, NOT x.established OR x.place = ANY (SELECT f.place FROM unnest(fitting) f)
            FROM unnest(ending) x;
    END $$;
