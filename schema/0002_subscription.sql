-- SPDX-License-Identifier: Apache-2.0
-- What belongs to one subscription, keyed by IMSI: co-located shards in a database sharded by IMSI (Citus).

CREATE TABLE subscriber (
    -- TS 23.003 2.2, TS 23.008 2.1.1.1
    imsi       text COLLATE "C" PRIMARY KEY CHECK (imsi ~ '^[0-9]{6,15}$'),
    -- TS 23.008 2.1.2, TS 29.329 6.3.2 (AVP MSISDN); empty: none
    msisdn     text NOT NULL DEFAULT '' CHECK (msisdn ~ '^[0-9]{0,15}$'),
    -- Subscription-Data, TS 29.272 7.3.2
    profile_id integer NOT NULL REFERENCES profile (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- The authentication centre: one row for each subscription, and the only table that an Authentication-Information-
-- Request writes. Every such UPDATE is meant to be HOT (heap-only): no column that it changes is in an index, and
-- the pages keep room for the next version of their rows.
CREATE TABLE auc (
    imsi          text COLLATE "C" PRIMARY KEY REFERENCES subscriber (imsi) ON DELETE CASCADE,
    -- K of TS 33.102 6.3.1 and OPc of TS 35.206 4.1, sealed (spec 5.4)
    k             bytea NOT NULL,
    opc           bytea NOT NULL,
    -- AMF of TS 33.102 Annex H, the subscription's own bits
    amf           bytea NOT NULL CHECK (octet_length(amf) = 2),
    -- the last SEQ handed out (TS 33.102 C.1.1.2 with the profile of C.3.2). It only ever grows (spec 4.7 I7).
    seq           bigint NOT NULL DEFAULT 0 CHECK (seq BETWEEN 0 AND 8796093022207),
    -- policy of the binding (spec 4.1): 0 off, 1 imei_monitor, 2 imei_enforce, 3 kme, 4 kme_imei
    policy        smallint NOT NULL DEFAULT 0 CHECK (policy BETWEEN 0 AND 4),
    -- the active key (spec 4.1), 0: none. Derived by active_kme(); kept here so that a request needs one statement.
    -- No foreign key: replacing the key of a group changes its id here in one statement, not in one for each row.
    kme_id        bigint NOT NULL DEFAULT 0,
    -- The slots of IND (TS 33.102 C.3.4, spec 2.4) and what was issued to each node (spec 4.7). Position n is IND n - 1.
    -- A node keeps its slot; beyond 32 nodes the one whose SEQ is the oldest gives up its slot. All slots share the one
    -- counter seq, so a USIM takes the next vector in a slot whoever had it before.
    ind_node             integer[]     NOT NULL DEFAULT '{}',  -- serving_node.id
    ind_seq              bigint[]      NOT NULL DEFAULT '{}',  -- the last SEQ issued in the slot
    ind_pre_processed_at timestamptz[] NOT NULL DEFAULT '{}',  -- the last B-AV (spec 4.2)
    ind_regular_at       timestamptz[] NOT NULL DEFAULT '{}',  -- the last R-AV that no Update-Location has consumed
    ind_kme_id           bigint[]      NOT NULL DEFAULT '{}'   -- the key of the last B-AV
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);

-- Bindings (spec 4.1); the policy is in auc.
CREATE TABLE binding (
    imsi       text COLLATE "C" PRIMARY KEY REFERENCES subscriber (imsi) ON DELETE CASCADE,
    -- the group that authorises its members and gives its key
    group_id   integer REFERENCES device_group (id),
    changed_at timestamptz NOT NULL DEFAULT now()
);
-- Whose active key changes with the key of a group.
CREATE INDEX binding_by_group ON binding (group_id) WHERE group_id IS NOT NULL;

-- Devices authorised one by one (R1, spec 5.1): IMEI, range or TAC as numbers of 14 digits.
CREATE TABLE binding_device (
    imsi     text COLLATE "C" NOT NULL REFERENCES subscriber (imsi) ON DELETE CASCADE,
    -- ours: order of the import; the first device that has a key gives it
    position smallint NOT NULL,
    imei_lo  bigint NOT NULL CHECK (imei_lo BETWEEN 1 AND 99999999999999),
    imei_hi  bigint NOT NULL CHECK (imei_hi BETWEEN imei_lo AND 99999999999999),
    PRIMARY KEY (imsi, position)
);
-- Whose active key changes with the key of a device.
CREATE INDEX binding_device_by_imei ON binding_device (imei_lo);

-- The slot to reuse when all 32 are taken: the one with the oldest SEQ. Apart from auc_slot(), which PostgreSQL can
-- inline only while it has no sub-select.
CREATE FUNCTION auc_oldest_slot(seqs bigint[]) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT position::integer FROM unnest(seqs) WITH ORDINALITY AS slots (seq, position)
          ORDER BY seq, position LIMIT 1 $$;

-- The slot of a node: its own, else a free one, else the oldest.
CREATE FUNCTION auc_slot(nodes integer[], seqs bigint[], node integer) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN array_position(nodes, node) IS NOT NULL THEN array_position(nodes, node)
                      WHEN cardinality(nodes) < 32 THEN cardinality(nodes) + 1
                      ELSE auc_oldest_slot(seqs) END $$;

-- The active key of a subscription (spec 4.2 "Which KME"): of the group that its binding names, else of the first
-- authorised device that has one, be it its own or that of its group. 0: none.
CREATE FUNCTION active_kme(of_imsi text) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce(CASE
        WHEN b.group_id IS NOT NULL THEN
            (SELECT k.id FROM kme k WHERE k.group_id = b.group_id ORDER BY k.generation DESC LIMIT 1)
        ELSE
            (SELECT coalesce(own.id, shared.id)
             FROM binding_device d
             LEFT JOIN LATERAL (
                 SELECT k.id FROM kme k WHERE k.imei = d.imei_lo AND d.imei_lo = d.imei_hi
                 ORDER BY k.generation DESC LIMIT 1) own ON true
             LEFT JOIN LATERAL (
                 SELECT k.id FROM
                     (SELECT v.group_id, v.imei_hi - v.imei_lo AS width FROM device v
                      WHERE v.imei_lo = d.imei_lo AND v.imei_hi = d.imei_hi
                      UNION ALL
                      SELECT v.group_id, v.imei_hi - v.imei_lo FROM device v
                      WHERE v.imei_lo < v.imei_hi AND v.imei_lo <= d.imei_lo AND v.imei_hi >= d.imei_hi) v
                 JOIN kme k ON k.group_id = v.group_id
                 WHERE own.id IS NULL
                 ORDER BY v.width, k.generation DESC LIMIT 1) shared ON true
             WHERE d.imsi = b.imsi AND coalesce(own.id, shared.id) IS NOT NULL
             ORDER BY d.position LIMIT 1)
        END, 0)
    FROM binding b WHERE b.imsi = of_imsi
    $$;
