-- SPDX-License-Identifier: Apache-2.0
-- tolerated-from: 12
-- What the API of operators asks for: changes that happen once, lists by page and filter among ten million rows.

-- Changes that were asked for under a key: the same is not done again. Written in the transaction of the change, deleted
-- after limits::idempotency_kept_hours.
CREATE TABLE operator_request (
    -- the caller's name and its idempotency key. Primary: who comes with the same one waits for who came first.
    key         text COLLATE "C" PRIMARY KEY CHECK (key <> ''),
    -- SHA-256 of what was asked for
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    at          timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- The oldest first, to be deleted.
CREATE INDEX operator_request_by_time ON operator_request (at);

ALTER TABLE audit
    -- the name of the API's request, as in the log; empty: the change came another way
    ADD COLUMN request text NOT NULL DEFAULT '',
    -- An import is told when it ends: so the times grow as the numbers do, and a search for the newest ones knows where
    -- to stop.
    ALTER COLUMN at SET DEFAULT clock_timestamp();
-- Entries of one person, one kind or one request, the newest first.
CREATE INDEX audit_by_who ON audit (who, id);
CREATE INDEX audit_by_what ON audit (what COLLATE "C", id);
CREATE INDEX audit_by_request ON audit (request, id) WHERE request <> '';

-- Alarms are listed by number, which no repeat changes: without the time in an index the UPDATE that counts one is HOT.
DROP INDEX alarm_by_time;
-- Open ones among all that were cleared, and those of one name, severity or subscription.
CREATE INDEX alarm_open_by_id ON alarm (id) WHERE cleared_at IS NULL;
CREATE INDEX alarm_open_by_severity ON alarm (severity, id) WHERE cleared_at IS NULL;
CREATE INDEX alarm_by_name ON alarm (name, id);
CREATE INDEX alarm_by_imsi ON alarm (imsi, id) WHERE imsi <> '';

-- Whose number is it; who has this profile, in the order of the list.
CREATE INDEX subscriber_by_msisdn ON subscriber (msisdn, imsi) WHERE msisdn <> '';
CREATE INDEX subscriber_by_profile ON subscriber (profile_id, imsi);
-- Whose terms say so. No request changes terms_from, so the UPDATE of an AIR stays HOT.
CREATE INDEX auc_by_terms ON auc (terms_from, imsi);
-- Who is registered at a node. A UE that moves to another node costs an entry; one that stays, none.
CREATE INDEX registration_by_node ON registration (host, imsi, domain);

-- As before, and in the order of the list.
DROP INDEX device_by_group;
CREATE INDEX device_by_group ON device (group_id, imei_lo, imei_hi) WHERE group_id IS NOT NULL;
-- The equipment register among devices that are only known.
CREATE INDEX device_listed ON device (imei_lo, imei_hi) WHERE status IS NOT NULL;

-- Approvals are listed by subscription.
DROP INDEX approval_by_time;

-- How many rows name something: to count ten million takes a second, to add up what was added and taken away no time.
-- Rows are only added, so that two imports do not wait for each other; the daemons fold them from time to time.
CREATE TABLE tally (
    -- 0 subscribers of a profile, 1 bindings that name terms, 2 members of a subscription group
    what   smallint NOT NULL CHECK (what BETWEEN 0 AND 2),
    -- its number
    of     integer NOT NULL,
    change bigint NOT NULL
);
CREATE INDEX tally_of ON tally (what, of) INCLUDE (change);

INSERT INTO tally SELECT 0, profile_id, count(*) FROM subscriber GROUP BY profile_id;
INSERT INTO tally SELECT 1, terms_id, count(*) FROM binding WHERE terms_id IS NOT NULL GROUP BY terms_id;
INSERT INTO tally SELECT 2, group_id, count(*) FROM subscription_member GROUP BY group_id;

CREATE FUNCTION tally_subscribers() RETURNS trigger LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO tally SELECT 0, profile_id, count(*) FROM added GROUP BY profile_id;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO tally SELECT 0, profile_id, -count(*) FROM gone GROUP BY profile_id;
        ELSE
            INSERT INTO tally SELECT 0, profile_id, sum(n) FROM (SELECT profile_id, 1 AS n FROM added
                UNION ALL SELECT profile_id, -1 FROM gone) moved GROUP BY profile_id HAVING sum(n) <> 0;
        END IF;
        RETURN NULL;
    END $$;
CREATE TRIGGER subscribers_added AFTER INSERT ON subscriber REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tally_subscribers();
CREATE TRIGGER subscribers_gone AFTER DELETE ON subscriber REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION tally_subscribers();
CREATE TRIGGER subscribers_moved AFTER UPDATE ON subscriber REFERENCING OLD TABLE AS gone NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tally_subscribers();

CREATE FUNCTION tally_bindings() RETURNS trigger LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO tally SELECT 1, terms_id, count(*) FROM added WHERE terms_id IS NOT NULL GROUP BY terms_id;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO tally SELECT 1, terms_id, -count(*) FROM gone WHERE terms_id IS NOT NULL GROUP BY terms_id;
        ELSE
            INSERT INTO tally SELECT 1, terms_id, sum(n) FROM (SELECT terms_id, 1 AS n FROM added
                UNION ALL SELECT terms_id, -1 FROM gone) moved
                WHERE terms_id IS NOT NULL GROUP BY terms_id HAVING sum(n) <> 0;
        END IF;
        RETURN NULL;
    END $$;
CREATE TRIGGER bindings_added AFTER INSERT ON binding REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tally_bindings();
CREATE TRIGGER bindings_gone AFTER DELETE ON binding REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION tally_bindings();
CREATE TRIGGER bindings_moved AFTER UPDATE ON binding REFERENCING OLD TABLE AS gone NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tally_bindings();

CREATE FUNCTION tally_members() RETURNS trigger LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO tally SELECT 2, group_id, count(*) FROM added GROUP BY group_id;
        ELSE
            INSERT INTO tally SELECT 2, group_id, -count(*) FROM gone GROUP BY group_id;
        END IF;
        RETURN NULL;
    END $$;
CREATE TRIGGER members_added AFTER INSERT ON subscription_member REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tally_members();
CREATE TRIGGER members_gone AFTER DELETE ON subscription_member REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION tally_members();
