-- SPDX-License-Identifier: Apache-2.0
-- Small tables that many subscriptions share. In a database sharded by IMSI (Citus) they are reference tables.

-- What an MME is told to let a UE attach: Subscription-Data (TS 29.272 7.3.2), shared by many subscribers.
CREATE TABLE profile (
    id                          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- ours: the name that an import uses. Unique: it is looked up by name.
    name                        text COLLATE "C" NOT NULL UNIQUE CHECK (name <> ''),
    -- Access-Restriction-Data, TS 29.272 7.3.31: a set bit forbids the access
    access_restriction_data     bigint NOT NULL DEFAULT 0 CHECK (access_restriction_data BETWEEN 0 AND 4294967295),
    -- Operator-Determined-Barring, TS 29.272 7.3.30
    operator_determined_barring bigint NOT NULL DEFAULT 0 CHECK (operator_determined_barring BETWEEN 0 AND 4294967295),
    -- Subscribed-Periodic-RAU-TAU-Timer in seconds, TS 29.272 7.3.134; 0: not sent
    rau_tau_timer_s             bigint NOT NULL DEFAULT 0 CHECK (rau_tau_timer_s BETWEEN 0 AND 4294967295),
    -- 3GPP-Charging-Characteristics, TS 32.298: four hexadecimal digits or nothing
    charging_characteristics    text NOT NULL DEFAULT '' CHECK (charging_characteristics ~ '^([0-9A-Fa-f]{4})?$'),
    -- AMBR of the UE in bit/s, TS 29.272 7.3.41
    ambr_uplink                 bigint NOT NULL CHECK (ambr_uplink BETWEEN 0 AND 4294967295),
    ambr_downlink               bigint NOT NULL CHECK (ambr_downlink BETWEEN 0 AND 4294967295),
    -- Context-Identifier of the default APN, TS 29.272 7.3.27
    default_context_identifier  bigint NOT NULL DEFAULT 1 CHECK (default_context_identifier > 0)
);

-- APN-Configuration, TS 29.272 7.3.35. A profile without any has no EPS part (5420, TS 29.272 5.2.1.1.3).
CREATE TABLE profile_apn (
    profile_id             integer NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
    -- Context-Identifier, TS 29.272 7.3.27
    context_identifier     bigint NOT NULL CHECK (context_identifier > 0),
    -- Service-Selection (RFC 5778 6.2): the network identifier of TS 23.003 9.1.1, or "*" (TS 29.272 7.3.36).
    -- Letters, digits, hyphens and dots alone: the view that the daemon reads separates its fields by '|' and ';'.
    service_selection      text NOT NULL CHECK (service_selection ~ '^([A-Za-z0-9.-]{1,62}|\*)$'),
    -- PDN-Type, TS 29.272 7.3.62: 0 IPv4, 1 IPv6, 2 IPv4v6, 3 IPv4 or IPv6
    pdn_type               smallint NOT NULL DEFAULT 0 CHECK (pdn_type BETWEEN 0 AND 3),
    -- QoS-Class-Identifier, TS 29.272 7.3.37: non-GBR alone for a default bearer
    qci                    smallint NOT NULL DEFAULT 9 CHECK (qci BETWEEN 5 AND 9),
    -- Allocation-Retention-Priority, TS 29.212 5.3.32, 5.3.45, 5.3.46, 5.3.47
    arp_priority_level     smallint NOT NULL DEFAULT 8 CHECK (arp_priority_level BETWEEN 1 AND 15),
    arp_preemption_capability    boolean NOT NULL DEFAULT false,
    arp_preemption_vulnerability boolean NOT NULL DEFAULT true,
    -- AMBR of the APN in bit/s, TS 29.272 7.3.41; both or none
    ambr_uplink            bigint CHECK (ambr_uplink BETWEEN 0 AND 4294967295),
    ambr_downlink          bigint CHECK (ambr_downlink BETWEEN 0 AND 4294967295),
    CHECK ((ambr_uplink IS NULL) = (ambr_downlink IS NULL)),
    -- Context-Identifier is unique within a subscription (TS 29.272 7.3.27); read by profile
    PRIMARY KEY (profile_id, context_identifier)
);

-- A profile with which a stock MME lets a UE attach.
INSERT INTO profile (name, ambr_uplink, ambr_downlink) VALUES ('default', 50000000, 100000000);
INSERT INTO profile_apn (profile_id, context_identifier, service_selection, pdn_type, qci, arp_priority_level,
                         ambr_uplink, ambr_downlink)
    SELECT id, 1, 'internet', 2, 9, 8, 50000000, 100000000 FROM profile WHERE name = 'default';

-- MMEs and SGSNs by number: the ledger of the authentication centre names a node in 4 octets. The daemon caches it.
CREATE TABLE serving_node (
    id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Origin-Host and Origin-Realm, RFC 6733 6.3 and 6.4. Unique: a node is looked up by both.
    host  text COLLATE "C" NOT NULL,
    realm text COLLATE "C" NOT NULL,
    UNIQUE (host, realm)
);

-- Key group of spec 4.1: devices that share a KME, or that a binding authorises together.
CREATE TABLE device_group (
    id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- ours. Unique: it is looked up by name.
    name text COLLATE "C" NOT NULL UNIQUE CHECK (name <> '')
);

-- One device (imei_lo = imei_hi), a range of serial numbers or a whole TAC; TAC and SNR of TS 23.003 6.2.1 as a number.
CREATE TABLE device (
    imei_lo  bigint NOT NULL CHECK (imei_lo BETWEEN 1 AND 99999999999999),
    imei_hi  bigint NOT NULL CHECK (imei_hi BETWEEN imei_lo AND 99999999999999),
    -- spec 4.1
    group_id integer REFERENCES device_group (id),
    -- ours: the operator's own words
    comment  text NOT NULL DEFAULT '',
    PRIMARY KEY (imei_lo, imei_hi)
);
-- The members of a group are read at every Update-Location of a subscription bound to it.
CREATE INDEX device_by_group ON device (group_id) WHERE group_id IS NOT NULL;
-- Which range holds a device: ranges are few, single devices many and found by the primary key.
CREATE INDEX device_ranges ON device (imei_lo, imei_hi) WHERE imei_lo < imei_hi;

-- Device keys (spec 4.1).
-- The row 0 stands for "no key": the authentication centre's UPDATE joins this table, and UPDATE ... FROM has no outer
-- join to its target.
CREATE TABLE kme (
    -- A key that is replaced gets a new id, so that the ledger never takes the old one's vectors for the new one's.
    id         bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    -- "imei:<14 digits>" or "group:<name>"; with the generation the row key of the seal (spec 5.4)
    owner      text COLLATE "C" NOT NULL,
    -- one of the two: whose key it is (spec 4.1)
    imei       bigint,
    group_id   integer REFERENCES device_group (id),
    -- spec 4.1: 0 is the factory key
    generation integer NOT NULL DEFAULT 0 CHECK (generation >= 0),
    -- rand-alg of spec 4.1: 1 AES-128, 2 AES-256; 0 in the row "no key"
    algorithm  smallint NOT NULL CHECK (algorithm BETWEEN 0 AND 2),
    -- the key, sealed (spec 5.4)
    key        bytea NOT NULL,
    -- key check value, 3 octets in hexadecimal (spec 5.4)
    kcv        text NOT NULL,
    -- ours; in the states of spec 4.1 a factory key is active from its import on
    state      text NOT NULL DEFAULT 'active',
    changed_at timestamptz NOT NULL DEFAULT now(),
    CHECK (id = 0 OR (imei IS NULL) <> (group_id IS NULL)),
    -- one key for each owner and generation; an import replaces it by this
    UNIQUE (owner, generation)
);
-- The key of a device, the key of a group: when a binding is put, and in the view of devices.
CREATE INDEX kme_by_imei ON kme (imei, generation) WHERE imei IS NOT NULL;
CREATE INDEX kme_by_group ON kme (group_id, generation) WHERE group_id IS NOT NULL;
INSERT INTO kme (id, owner, algorithm, key, kcv, state) VALUES (0, '', 0, '', '', 'none');
