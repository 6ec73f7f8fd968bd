-- SPDX-License-Identifier: Apache-2.0
-- Scenario 2 of seed 004: public keys of devices, and the exchange that gives a device its KME (spec 4.4, 4.5).

-- R20. A key is never changed: one that is replaced is revoked, and stays to be seen.
CREATE TABLE device_key (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- TAC and SNR of TS 23.003 6.2.1 as a number
    imei        bigint NOT NULL CHECK (imei BETWEEN 1 AND 99999999999999),
    -- SHA-256 of der; its first 8 octets are KEY-FP
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    -- crypto::KeyType: 0 X25519, 1 P-256, 2 RSA
    type        smallint NOT NULL CHECK (type BETWEEN 0 AND 2),
    -- SubjectPublicKeyInfo, RFC 5280 4.1.2.7
    der         bytea NOT NULL,
    -- ours: who vouches for it
    origin      text NOT NULL DEFAULT '',
    valid_from  timestamptz,
    valid_until timestamptz,
    revoked_at  timestamptz,
    -- seed 000: its private half cannot be read out; NULL: not known
    secure      boolean,
    added_at    timestamptz NOT NULL DEFAULT now(),
    -- also: the keys of a device
    UNIQUE (imei, fingerprint)
);

-- An exchange that has begun (spec 4.4): committed before anything is sent, deleted by whatever ends it. One for a
-- subscription: what comes later takes its place.
CREATE TABLE kme_exchange (
    imsi           text COLLATE "C" PRIMARY KEY REFERENCES subscriber (imsi) ON DELETE CASCADE,
    -- TXID; unique: an answer by https names nothing else
    transaction    bytea NOT NULL UNIQUE CHECK (octet_length(transaction) = 8),
    imei           bigint NOT NULL,
    generation     integer NOT NULL CHECK (generation > 0),
    -- KME || N_HSS, sealed (spec 5.4)
    secret         bytea NOT NULL,
    -- rand-alg of spec 4.1
    rand_algorithm smallint NOT NULL CHECK (rand_algorithm IN (1, 2)),
    not_after      timestamptz,
    -- binding::Occasion
    occasion       smallint NOT NULL,
    -- store::ExchangeWay: 0 s6a, 1 https
    way            smallint NOT NULL,
    -- of the Update-Location-Request: Origin-Host, Origin-Realm and End-to-End Identifier
    host           text NOT NULL DEFAULT '',
    realm          text NOT NULL DEFAULT '',
    end_to_end     bigint NOT NULL DEFAULT 0,
    started_at     timestamptz NOT NULL,
    -- after that the row is worth nothing, whoever finds it
    deadline       timestamptz NOT NULL
);
-- What is pending for a device, whichever of its subscriptions it is for; and what is overdue, the oldest first.
CREATE INDEX kme_exchange_by_imei ON kme_exchange (imei);
CREATE INDEX kme_exchange_by_deadline ON kme_exchange (deadline);

-- When an exchange that failed may be tried again: spec 4.4 "retry after back-off".
CREATE TABLE kme_pause (
    imsi       text COLLATE "C" PRIMARY KEY REFERENCES subscriber (imsi) ON DELETE CASCADE,
    -- in a row
    failures   smallint NOT NULL,
    not_before timestamptz NOT NULL
);
-- Those that are over long since.
CREATE INDEX kme_pause_by_time ON kme_pause (not_before);

-- CK || IK || AUTN of the last vector of a UE that is to be given a key: for HOME-MAC (spec 4.5). Sealed; for 120 s.
CREATE TABLE kme_session (
    imsi       text COLLATE "C" PRIMARY KEY REFERENCES subscriber (imsi) ON DELETE CASCADE,
    secret     bytea NOT NULL,
    expires_at timestamptz NOT NULL
);
-- Those that are over.
CREATE INDEX kme_session_by_end ON kme_session (expires_at);

ALTER TABLE kme
    -- NOT-AFTER of spec 4.5: to be renewed by then; NULL: for good. "bindhssctl kme renew" sets it to now.
    ADD COLUMN not_after timestamptz;

-- The two transactions of an exchange, one round trip each. Every statement of them sees what was committed before it:
-- they lock first and look afterwards. What is done for one device is ordered by a lock on its IMEI, behind that of the
-- subscriber.

-- Begins an exchange. No row: there is no such subscriber. `refused`: NULL when it has begun; store::NotBegun: 0 the
-- device has no valid key, 1 attempts failed a short time ago, 2 the same request has begun it; 3 the device had its
-- last generation, 4 the binding lists `devices_max` devices and not this one. `chosen`: the device's key, unless
-- the caller has one (`has_key`).
CREATE FUNCTION begin_kme_exchange(of_imsi text, of_imei bigint, of_owner text, txid bytea, sealed bytea,
                                   of_algorithm smallint, of_not_after timestamptz, of_occasion smallint, of_way smallint,
                                   of_host text, of_realm text, of_request bigint, has_key boolean, devices_max integer,
                                   due timestamptz, at timestamptz)
    RETURNS TABLE (refused smallint, given integer, kept bytea, chosen device_key)
    LANGUAGE plpgsql ROWS 1
    AS $$
    #variable_conflict use_column
    DECLARE
        newest device_key;
        next_one bigint;
    BEGIN
        PERFORM 1 FROM subscriber s WHERE s.imsi = of_imsi FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        IF of_way = 0 AND EXISTS (SELECT FROM kme_exchange e WHERE e.imsi = of_imsi AND e.deadline >= at AND e.way = 0
                AND e.host = of_host AND e.realm = of_realm AND e.end_to_end = of_request) THEN
            refused := 2;
        ELSIF of_way = 1 AND EXISTS (SELECT FROM kme_exchange e
                WHERE e.imsi = of_imsi AND e.deadline >= at AND e.way = 0) THEN
            -- Who asks by https has proven nothing, and takes nothing from a UE that has authenticated.
            refused := 1;
        ELSIF EXISTS (SELECT FROM kme_pause p WHERE p.imsi = of_imsi AND p.not_before > at) THEN
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
                (SELECT max(e.generation) FROM kme_exchange e
                 WHERE e.imei = of_imei AND e.imsi <> of_imsi AND e.deadline >= at))::bigint;
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
            kept := (SELECT c.secret FROM kme_session c WHERE c.imsi = of_imsi AND c.expires_at > at);
        END IF;
        RETURN NEXT;
    END $$;

-- Ends an exchange, once; false: it was over, or what it established cannot be stored any more. `is_established`: `sealed`
-- is the active key of the device now, and of every binding that lists it. Else nothing changes but that the next
-- exchange waits for a pause (in seconds, by how many failed in a row before; none: it need not). A failure long ago is
-- forgotten.
CREATE FUNCTION finish_kme_exchange(of_imsi text, txid bytea, of_owner text, is_established boolean, sealed bytea,
                                    check_value text, pauses integer[], devices_max integer, at timestamptz)
    RETURNS boolean
    LANGUAGE plpgsql
    AS $$
    DECLARE
        x kme_exchange;
        old_id bigint;
        new_id bigint;
        listed bigint;
        is_listed boolean;
    BEGIN
        PERFORM 1 FROM subscriber s WHERE s.imsi = of_imsi FOR NO KEY UPDATE;
        DELETE FROM kme_exchange e WHERE e.imsi = of_imsi AND e.transaction = txid RETURNING e.* INTO x;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        -- Before a row of auc: whoever has the device renews those of its other subscriptions.
        PERFORM pg_advisory_xact_lock(x.imei);
        -- The Update-Location has had the regular vector that it rests on (spec 4.7, I2), and none that came after it.
        UPDATE auc a SET ind_regular_at[array_position(a.ind_node, n.id)] = NULL FROM serving_node n
            WHERE a.imsi = of_imsi AND n.host = x.host AND n.realm = x.realm
                AND a.ind_regular_at[array_position(a.ind_node, n.id)] <= x.started_at;
        IF NOT is_established THEN
            IF cardinality(pauses) > 0 THEN
                INSERT INTO kme_pause AS p (imsi, failures, not_before)
                    VALUES (of_imsi, 1, at + make_interval(secs => pauses[1]))
                    ON CONFLICT (imsi) DO UPDATE SET
                        failures = CASE WHEN p.not_before < at - interval '1 day' THEN 1
                            ELSE least(p.failures + 1, 1000) END,
                        not_before = at + make_interval(secs => pauses[CASE
                            WHEN p.not_before < at - interval '1 day' THEN 1
                            ELSE least(p.failures + 1, cardinality(pauses)) END]);
            END IF;
            RETURN true;
        END IF;
        IF x.deadline < at THEN
            RETURN false;
        END IF;
        -- A lock ends by the operator alone. And a key that came by import meanwhile is the operator's choice.
        SELECT a.kme_id INTO old_id FROM auc a WHERE a.imsi = of_imsi AND a.state <> 2 FOR NO KEY UPDATE;
        IF NOT FOUND OR EXISTS (SELECT FROM kme k WHERE k.owner = of_owner AND k.generation >= x.generation) THEN
            RETURN false;
        END IF;
        INSERT INTO binding (imsi) VALUES (of_imsi) ON CONFLICT (imsi) DO UPDATE SET changed_at = now();
        SELECT count(*), coalesce(bool_or(d.imei_lo = x.imei AND d.imei_hi = x.imei), false) INTO listed, is_listed
            FROM binding_device d WHERE d.imsi = of_imsi;
        IF listed >= devices_max AND NOT is_listed THEN
            RETURN false;
        END IF;
        IF NOT is_listed THEN
            INSERT INTO binding_device (imsi, position, imei_lo, imei_hi)
                SELECT of_imsi, coalesce(max(d.position), -1) + 1, x.imei, x.imei
                FROM binding_device d WHERE d.imsi = of_imsi;
        END IF;
        DELETE FROM approval q WHERE q.imsi = of_imsi AND q.imei = x.imei;
        DELETE FROM kme_pause p WHERE p.imsi = of_imsi;
        INSERT INTO device (imei_lo, imei_hi) VALUES (x.imei, x.imei) ON CONFLICT DO NOTHING;
        UPDATE kme k SET state = 'previous', replaced_at = at, changed_at = at
            WHERE k.owner = of_owner AND k.state = 'active';
        INSERT INTO kme (owner, imei, generation, algorithm, key, kcv, not_after, changed_at)
            VALUES (of_owner, x.imei, x.generation, x.rand_algorithm, sealed, check_value, x.not_after, at)
            RETURNING id INTO new_id;
        UPDATE auc a SET kme_id = new_id, state = 0, strong = 0, weak = 0, turns = 0, open_at = NULL,
            unanswered = false, refuse_until = NULL, proved_at = at WHERE a.imsi = of_imsi;
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
