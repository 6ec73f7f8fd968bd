-- SPDX-License-Identifier: Apache-2.0
-- Tables as those of :rows subscribers, filled without going through the product; each statement ends with a blank line.
-- Sealed keys are what no list reads: any octets will do. Every hundredth subscriber has another profile and is of the
-- group, every thousandth has a policy of its own; every second one is registered, at one of three nodes.

SET synchronous_commit = off;

INSERT INTO profile (name, data) VALUES ('rare', '{}');

INSERT INTO subscription_group (name, terms_id, rank) SELECT 'fleet', id, 1 FROM terms WHERE name = 'imei_monitor';

INSERT INTO device_group (name) VALUES ('fleet');

INSERT INTO subscriber (imsi, msisdn, profile_id)
    SELECT '00101' || lpad(i::text, 10, '0'), '49' || lpad(i::text, 10, '0'),
        (SELECT id FROM profile WHERE name = CASE WHEN i % 100 = 7 THEN 'rare' ELSE 'default' END)
    FROM generate_series(0, :rows - 1) i;

INSERT INTO subscription_member (imsi, group_id)
    SELECT '00101' || lpad(i::text, 10, '0'), (SELECT id FROM subscription_group)
    FROM generate_series(0, :rows - 1) i WHERE i % 100 = 7;

INSERT INTO kme (owner, imei, algorithm, key, kcv)
    SELECT 'imei:' || (35000000000000 + i), 35000000000000 + i, 1, '\x00', 'abcdef'
    FROM generate_series(0, :rows - 1) i;

INSERT INTO device (imei_lo, imei_hi, group_id, status)
    SELECT 35000000000000 + i, 35000000000000 + i, CASE WHEN i % 2 = 0 THEN (SELECT id FROM device_group) END,
        CASE WHEN i % 1000000 = 5 THEN 1 END
    FROM generate_series(0, :rows - 1) i;

INSERT INTO auc (imsi, k, opc, amf, terms_from, kme_id)
    SELECT '00101' || lpad(i::text, 10, '0'), '\x00', '\x00', '\x8000',
        CASE WHEN i % 1000 = 3 THEN (SELECT id FROM terms WHERE name = 'kme')
             WHEN i % 100 = 7 THEN -(SELECT id FROM subscription_group) ELSE 0 END, 0
    FROM generate_series(0, :rows - 1) i;

INSERT INTO binding (imsi, terms_id)
    SELECT '00101' || lpad(i::text, 10, '0'), (SELECT id FROM terms WHERE name = 'kme')
    FROM generate_series(0, :rows - 1) i WHERE i % 1000 = 3;

INSERT INTO binding_device (imsi, position, imei_lo, imei_hi)
    SELECT '00101' || lpad(i::text, 10, '0'), 0, 35000000000000 + i, 35000000000000 + i
    FROM generate_series(0, :rows - 1) i WHERE i % 1000 = 3;

INSERT INTO registration (imsi, host, realm, visited_plmn, terminal_reported, verified, registered_at, purged)
    SELECT '00101' || lpad(i::text, 10, '0'),
        'mme' || (CASE WHEN i % 20000 = 4 THEN 3 ELSE i % 4 / 2 + 1 END) || '.example.net', 'example.net', '\x00f110',
        false, false, now(), i % 10 = 0
    FROM generate_series(0, :rows - 1) i WHERE i % 2 = 0;

INSERT INTO audit (who, what, detail, request, at)
    SELECT CASE WHEN i % 100000 = 9 THEN 'bob' ELSE 'alice' END,
        CASE WHEN i % 50000 = 8 THEN 'remove subscriber' ELSE 'put subscriber' END, '', 'r' || i,
        now() - (:rows - i) * interval '1 second'
    FROM generate_series(0, :rows - 1) i;

INSERT INTO alarm (name, severity, imsi, first_at, last_at, cleared_at)
    SELECT CASE WHEN i % 70000 = 1 THEN 'rare_alarm' ELSE 'common_alarm' END,
        CASE WHEN i % 90000 = 2 THEN 'critical' ELSE 'minor' END, '00101' || lpad(i::text, 10, '0'), now(), now(),
        CASE WHEN i % 100 <> 1 AND i % 90000 <> 2 THEN now() END
    FROM generate_series(0, :rows - 1) i;

VACUUM ANALYZE;

