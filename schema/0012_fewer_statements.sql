-- SPDX-License-Identifier: Apache-2.0
-- The two transactions of an exchange as 0011 has them, with fewer statements: rows are looked up by their keys, and
-- written where that changes something. They do and return what 0011 says, so a daemon that knows it alone may call them.

CREATE OR REPLACE FUNCTION begin_kme_exchange(of_imsi text, of_imei bigint, of_owner text, txid bytea, sealed bytea,
                                   of_algorithm smallint, of_not_after timestamptz, of_occasion smallint, of_way smallint,
                                   of_host text, of_realm text, of_request bigint, has_key boolean, devices_max integer,
                                   due timestamptz, at timestamptz)
    RETURNS TABLE (refused smallint, given integer, kept bytea, chosen device_key)
    LANGUAGE plpgsql ROWS 1
    AS $$
    #variable_conflict use_column
    DECLARE
        mine kme_exchange;
        held_until timestamptz;
        newest device_key;
        next_one bigint;
    BEGIN
        -- What a crash of the server may lose is worth nothing then, and the UE comes again: nobody waits for the disk.
        PERFORM set_config('synchronous_commit', 'off', true);
        PERFORM 1 FROM subscriber s WHERE s.imsi = of_imsi FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        -- By their keys alone: while a table is small the planner would look for what is not yet over by its time.
        SELECT e.* INTO mine FROM kme_exchange e WHERE e.imsi = of_imsi;
        SELECT p.not_before INTO held_until FROM kme_pause p WHERE p.imsi = of_imsi;
        IF of_way = 0 AND mine.way = 0 AND mine.deadline >= at AND mine.host = of_host AND mine.realm = of_realm
                AND mine.end_to_end = of_request THEN
            refused := 2;
        ELSIF of_way = 1 AND mine.way = 0 AND mine.deadline >= at THEN
            -- Who asks by https has proven nothing, and takes nothing from a UE that has authenticated.
            refused := 1;
        ELSIF held_until > at THEN
            refused := 1;
        ELSIF NOT has_key THEN
            SELECT d.* INTO newest FROM device_key d
                WHERE d.imei = of_imei AND d.revoked_at IS NULL AND coalesce(d.valid_from <= at, true)
                    AND coalesce(at < d.valid_until, true)
                ORDER BY d.added_at DESC, d.id DESC LIMIT 1;
            IF NOT FOUND THEN
                refused := 0;
            END IF;
            chosen := newest;
        END IF;
        IF refused IS NULL THEN
            -- Of the subscriptions in one device each is given a generation of its own.
            PERFORM pg_advisory_xact_lock(of_imei);
            next_one := 1 + greatest(0, (SELECT max(k.generation) FROM kme k WHERE k.owner = of_owner),
                (SELECT max(e.generation) FILTER (WHERE e.imsi <> of_imsi AND e.deadline >= at) FROM kme_exchange e
                 WHERE e.imei = of_imei))::bigint;
            IF next_one > 2147483647 THEN
                refused := 3;
            ELSIF (SELECT count(*) FROM binding_device d WHERE d.imsi = of_imsi) >= devices_max
                AND NOT EXISTS (SELECT FROM binding_device d
                    WHERE d.imsi = of_imsi AND d.imei_lo = of_imei AND d.imei_hi = of_imei) THEN
                refused := 4;
            END IF;
        END IF;
        IF refused IS NULL THEN
            given := next_one;
            INSERT INTO kme_exchange (imsi, transaction, imei, generation, secret, rand_algorithm, not_after, occasion, way,
                    host, realm, end_to_end, started_at, deadline)
                VALUES (of_imsi, txid, of_imei, given, sealed, of_algorithm, of_not_after, of_occasion, of_way,
                    of_host, of_realm, of_request, at, due)
                ON CONFLICT (imsi) DO UPDATE SET transaction = excluded.transaction, imei = excluded.imei,
                    generation = excluded.generation, secret = excluded.secret,
                    rand_algorithm = excluded.rand_algorithm, not_after = excluded.not_after,
                    occasion = excluded.occasion, way = excluded.way, host = excluded.host, realm = excluded.realm,
                    end_to_end = excluded.end_to_end, started_at = excluded.started_at, deadline = excluded.deadline;
            kept := (SELECT CASE WHEN c.expires_at > at THEN c.secret END FROM kme_session c WHERE c.imsi = of_imsi);
        END IF;
        RETURN NEXT;
    END $$;

-- Ends an exchange, once; false: it was over, or what it established cannot be stored any more. `is_established`: `sealed`
-- is the active key of the device now, and of every binding that lists it. Else nothing changes but that the next
-- exchange waits for a pause (in seconds, by how many failed in a row before; none: it need not). A failure long ago is
-- forgotten.
CREATE OR REPLACE FUNCTION finish_kme_exchange(of_imsi text, txid bytea, of_owner text, is_established boolean, sealed bytea,
                                    check_value text, pauses integer[], devices_max integer, at timestamptz)
    RETURNS boolean
    LANGUAGE plpgsql
    AS $$
    DECLARE
        x kme_exchange;
        node_id serving_node.id%TYPE;
        slot integer;
        old_id bigint;
        new_id bigint;
        binding_state auc.state%TYPE;
        has_had boolean;
        listed bigint;
        is_listed boolean;
        fits boolean;
    BEGIN
        PERFORM 1 FROM subscriber s WHERE s.imsi = of_imsi FOR NO KEY UPDATE;
        DELETE FROM kme_exchange e WHERE e.imsi = of_imsi AND e.transaction = txid RETURNING e.* INTO x;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        -- Before a row of auc: whoever has the device renews those of its other subscriptions.
        PERFORM pg_advisory_xact_lock(x.imei);
        SELECT n.id INTO node_id FROM serving_node n WHERE n.host = x.host AND n.realm = x.realm;
        -- The Update-Location has had the regular vector that it rests on (spec 4.7, I2), and none that came after it.
        SELECT a.kme_id, a.state, array_position(a.ind_node, node_id),
                coalesce(a.ind_regular_at[array_position(a.ind_node, node_id)] <= x.started_at, false)
            INTO old_id, binding_state, slot, has_had FROM auc a WHERE a.imsi = of_imsi FOR NO KEY UPDATE;
        -- A lock ends by the operator alone. And a key that came by import meanwhile is the operator's choice.
        fits := is_established AND x.deadline >= at AND coalesce(binding_state <> 2, false)
            AND NOT EXISTS (SELECT FROM kme k WHERE k.owner = of_owner AND k.generation >= x.generation);
        IF fits THEN
            -- An operator who lists devices has this row before he changes the list (statement::hold_binding).
            PERFORM 1 FROM binding b WHERE b.imsi = of_imsi FOR NO KEY UPDATE;
            IF NOT FOUND THEN
                INSERT INTO binding (imsi) VALUES (of_imsi) ON CONFLICT (imsi) DO UPDATE SET changed_at = now();
            END IF;
            SELECT count(*), coalesce(bool_or(d.imei_lo = x.imei AND d.imei_hi = x.imei), false)
                INTO listed, is_listed FROM binding_device d WHERE d.imsi = of_imsi;
            fits := is_listed OR listed < devices_max;
        END IF;
        IF NOT fits THEN
            IF has_had THEN
                UPDATE auc a SET ind_regular_at[slot] = NULL WHERE a.imsi = of_imsi;
            END IF;
            IF NOT is_established AND cardinality(pauses) > 0 THEN
                INSERT INTO kme_pause AS p (imsi, failures, not_before)
                    VALUES (of_imsi, 1, at + make_interval(secs => pauses[1]))
                    ON CONFLICT (imsi) DO UPDATE SET
                        failures = CASE WHEN p.not_before < at - interval '1 day' THEN 1
                            ELSE least(p.failures + 1, 1000) END,
                        not_before = at + make_interval(secs => pauses[CASE
                            WHEN p.not_before < at - interval '1 day' THEN 1
                            ELSE least(p.failures + 1, cardinality(pauses)) END]);
            END IF;
            RETURN NOT is_established;
        END IF;
        IF NOT is_listed THEN
            UPDATE binding b SET changed_at = now() WHERE b.imsi = of_imsi;
            INSERT INTO binding_device (imsi, position, imei_lo, imei_hi)
                SELECT of_imsi, coalesce(max(d.position), -1) + 1, x.imei, x.imei
                FROM binding_device d WHERE d.imsi = of_imsi;
        END IF;
        DELETE FROM approval q WHERE q.imsi = of_imsi AND q.imei = x.imei;
        DELETE FROM kme_pause p WHERE p.imsi = of_imsi;
        IF NOT EXISTS (SELECT FROM device d WHERE d.imei_lo = x.imei AND d.imei_hi = x.imei) THEN
            INSERT INTO device (imei_lo, imei_hi) VALUES (x.imei, x.imei) ON CONFLICT DO NOTHING;
        END IF;
        UPDATE kme k SET state = 'previous', replaced_at = at, changed_at = at
            WHERE k.owner = of_owner AND k.state = 'active';
        INSERT INTO kme (owner, imei, generation, algorithm, key, kcv, not_after, changed_at)
            VALUES (of_owner, x.imei, x.generation, x.rand_algorithm, sealed, check_value, x.not_after, at)
            RETURNING id INTO new_id;
        UPDATE auc a SET kme_id = new_id, state = 0, strong = 0, weak = 0, turns = 0, open_at = NULL,
            unanswered = false, refuse_until = NULL, proved_at = at,
            ind_regular_at[coalesce(slot, 1)] = CASE WHEN NOT has_had THEN a.ind_regular_at[coalesce(slot, 1)] END
            WHERE a.imsi = of_imsi;
        -- What was proven under another device's key, or a group's, is not proven under this one (spec 4.7 I1); the
        -- generation before was this device's.
        UPDATE registration g SET verified = false WHERE g.imsi = of_imsi AND g.verified
            AND NOT EXISTS (SELECT FROM kme o WHERE o.id = old_id AND o.owner = of_owner);
        IF EXISTS (SELECT FROM binding_device d
                WHERE d.imei_lo = x.imei AND d.imei_hi = x.imei AND d.imsi <> of_imsi) THEN
            WITH other AS MATERIALIZED (
                SELECT a.imsi, a.kme_id, active_kme(a.imsi, a.kme_id) AS next_id FROM auc a
                WHERE a.imsi IN (SELECT d.imsi FROM binding_device d
                                 WHERE d.imei_lo = x.imei AND d.imei_hi = x.imei AND d.imsi <> of_imsi)
                ORDER BY a.imsi FOR NO KEY UPDATE),
            renewed AS (UPDATE auc a SET kme_id = o.next_id FROM other o
                WHERE a.imsi = o.imsi AND a.kme_id <> o.next_id)
            UPDATE registration g SET verified = false FROM other o
                WHERE g.imsi = o.imsi AND g.verified AND o.next_id <> o.kme_id
                    AND NOT EXISTS (SELECT FROM kme k JOIN kme n ON n.id = o.next_id
                                    WHERE k.id = o.kme_id AND k.owner = n.owner);
        END IF;
        RETURN true;
    END $$;
