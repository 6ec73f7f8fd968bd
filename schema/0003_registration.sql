-- SPDX-License-Identifier: Apache-2.0
-- What procedures leave behind: registrations, the history of associations, alarms.

-- Where a UE is registered (TS 23.008 2.4): one row for each domain. Keyed by IMSI.
CREATE TABLE registration (
    imsi              text COLLATE "C" NOT NULL REFERENCES subscriber (imsi) ON DELETE CASCADE,
    -- ours: "mme"; S6d will add "sgsn"
    domain            text NOT NULL DEFAULT 'mme' CHECK (domain IN ('mme', 'sgsn')),
    -- Origin-Host and Origin-Realm of the Update-Location-Request, RFC 6733 6.3 and 6.4
    host              text NOT NULL,
    realm             text NOT NULL,
    -- Visited-PLMN-Id, TS 29.272 7.3.9
    visited_plmn      bytea NOT NULL CHECK (octet_length(visited_plmn) = 3),
    -- Terminal-Information, TS 29.272 7.3.3: whether it was reported, IMEI (7.3.4) as a number, Software-Version (7.3.5)
    terminal_reported boolean NOT NULL,
    imei              bigint,
    svn               text,
    imei_invalid      boolean NOT NULL DEFAULT false,
    -- spec 4.7: the binding was proven for this access, or inherited
    verified          boolean NOT NULL,
    -- "UE purged in MME", TS 29.272 5.2.1.3.3
    purged            boolean NOT NULL DEFAULT false,
    registered_at     timestamptz NOT NULL,
    PRIMARY KEY (imsi, domain)
) WITH (fillfactor = 80);

-- Which devices a subscription was seen in (R1, spec 5.3). Keyed by IMSI.
CREATE TABLE association (
    imsi       text COLLATE "C" NOT NULL REFERENCES subscriber (imsi) ON DELETE CASCADE,
    -- TAC and SNR of TS 23.003 6.2.1 as a number
    imei       bigint NOT NULL,
    -- TS 23.003 6.2.2; empty: not reported
    svn        text NOT NULL DEFAULT '',
    first_seen timestamptz NOT NULL,
    last_seen  timestamptz NOT NULL,
    -- Origin-Host of the node that reported it last
    host       text NOT NULL,
    -- ours: tells apart what was seen at the same instant
    stored_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (imsi, imei, svn)
) WITH (fillfactor = 80);

-- Alarms (spec 5.3, fields after X.733): repeats are counted, not multiplied. No request waits for this table.
CREATE TABLE alarm (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- spec 5.3
    name       text NOT NULL,
    -- perceived severity, X.733 8.1.2.3
    severity   text NOT NULL,
    -- managed object, X.733 8.1.1: what of the three applies, empty otherwise
    imsi       text NOT NULL DEFAULT '',
    imei       text NOT NULL DEFAULT '',
    peer       text NOT NULL DEFAULT '',
    -- additional text, X.733 8.1.2.13; of the last occurrence
    detail     text NOT NULL DEFAULT '',
    first_at   timestamptz NOT NULL,
    last_at    timestamptz NOT NULL,
    count      bigint NOT NULL DEFAULT 1,
    -- empty: not cleared
    cleared_at timestamptz
);
-- One open alarm for each object: what a repeat is counted on.
CREATE UNIQUE INDEX alarm_open ON alarm (name, imsi, imei, peer) WHERE cleared_at IS NULL;
-- Operators read the newest first.
CREATE INDEX alarm_by_time ON alarm (last_at DESC);
