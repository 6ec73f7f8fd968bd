-- SPDX-License-Identifier: Apache-2.0
-- tolerated-from: 12
-- Exchanges are begun as in 0017, each looked up by its own keys whatever the statistics say. There the planner could take
-- the indexes by time instead, which are for what is overdue: planned while their tables were empty, each exchange read all
-- that are pending, and all sessions of the last two minutes.

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
                    end_to_end = excluded.end_to_end, started_at = excluded.started_at, deadline = excluded.deadline
                RETURNING imsi, generation)
        SELECT q.place, CASE WHEN t.imsi IS NULL THEN coalesce(q.refused, 3::smallint) END, t.generation,
            (SELECT CASE WHEN c.expires_at > q.at THEN c.secret END FROM kme_session c WHERE c.imsi = t.imsi), q.chosen
        FROM looked q LEFT JOIN stored t ON t.imsi = q.imsi;
    END $$;
