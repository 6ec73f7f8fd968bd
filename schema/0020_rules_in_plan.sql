-- SPDX-License-Identifier: Apache-2.0
-- tolerated-from: 12
-- The rules of an access as in 0009, found within the statement that asks for them: both functions become part of its plan,
-- where rules_at() was called for each access, and began a statement of its own for each point.

-- The rules whose rectangles hold one of the points: a box of one point each, because GiST's operator class for boxes
-- does not index box @> point.
-- OFFSET 0: each point is looked up by itself, whatever the planner believes of how many rules there are.
CREATE OR REPLACE FUNCTION rules_at(subscriptions bigint[], devices bigint[]) RETURNS SETOF rule
    LANGUAGE sql STABLE ROWS 4
    AS $$
    SELECT r.* FROM unnest(subscriptions) x, unnest(devices) y, LATERAL (
        SELECT q.* FROM rule q WHERE q.area @> box(point(x::float8, y::float8), point(x::float8, y::float8)) OFFSET 0) r
    $$;

-- What may decide whether a subscription may use a device of these groups, with this version: the devices that the
-- binding lists (id 0), and rules. Those that are valid today first, then as deciding_rule() orders them, so that what
-- is beyond `at_most` decides nothing; whether a rule is valid is for the engine to say, which is told the time.
-- The first OFFSET 0 keeps the arguments of rules_at() plain, without which it is called and does not become part of the plan.
CREATE OR REPLACE FUNCTION access_rules(of_imsi text, of_imei bigint, of_svn text, of_groups integer[], at_most bigint)
    RETURNS TABLE (id bigint, subscription_low bigint, subscription_high bigint, subscription_group text,
                   device_low bigint, device_high bigint, device_group text, svns text, allow boolean,
                   priority integer, valid_from timestamptz, valid_until timestamptz, comment text)
    LANGUAGE sql STABLE ROWS 4
    AS $$
    SELECT r.id, r.subscription_low, r.subscription_high, coalesce(s.name, ''),
        r.device_low, r.device_high, coalesce(g.name, ''), r.svns, r.allow, r.priority, r.valid_from, r.valid_until,
        r.comment
    FROM (
        SELECT 0::bigint AS id, imsi_number(of_imsi) AS subscription_low, imsi_number(of_imsi) AS subscription_high,
            NULL::integer AS subscription_group_id, d.imei_lo AS device_low, d.imei_hi AS device_high,
            NULL::integer AS device_group_id, '' AS svns, true AS allow, 0 AS priority,
            NULL::timestamptz AS valid_from, NULL::timestamptz AS valid_until, '' AS comment
        -- Not by the index on imei_lo, whatever the planner thinks of a small table that may grow.
        FROM binding_device d WHERE d.imsi = of_imsi AND of_imei BETWEEN d.imei_lo + 0 AND d.imei_hi
        UNION ALL
        SELECT 0, imsi_number(of_imsi), imsi_number(of_imsi), NULL, 0, 99999999999999, b.group_id, '', true, 0, NULL, NULL, ''
        FROM binding b WHERE b.imsi = of_imsi AND b.group_id = ANY(of_groups)
        UNION ALL
        SELECT t.id, t.subscription_low, t.subscription_high, t.subscription_group_id, t.device_low, t.device_high,
            t.device_group_id, t.svns, t.allow, t.priority, t.valid_from, t.valid_until, t.comment
        FROM (SELECT imsi_number(of_imsi)
                    || ARRAY(SELECT -m.group_id::bigint FROM subscription_member m WHERE m.imsi = of_imsi) AS subscriptions,
                of_imei || ARRAY(SELECT -unnest(of_groups)::bigint) AS devices OFFSET 0) p,
            rules_at(p.subscriptions, p.devices) t
        WHERE t.svns = '' OR of_svn = ANY(string_to_array(t.svns, ','))) r
    LEFT JOIN subscription_group s ON s.id = r.subscription_group_id
    LEFT JOIN device_group g ON g.id = r.device_group_id
    ORDER BY coalesce(r.valid_from <= now(), true) AND coalesce(now() < r.valid_until, true) DESC, r.priority DESC,
        -- IMEISV, IMEI, range, TAC or group, any
        CASE WHEN r.device_group_id IS NOT NULL THEN 3
             WHEN r.device_low = r.device_high THEN (r.svns = '')::integer
             WHEN r.device_low = 0 AND r.device_high = 99999999999999 THEN 4
             WHEN r.device_high = r.device_low / 1000000 * 1000000 + 999999
                 AND r.device_low = greatest(r.device_low / 1000000 * 1000000, 1) THEN 3
             ELSE 2 END,
        r.allow, r.id
    LIMIT at_most
    $$;
