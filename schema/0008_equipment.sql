-- SPDX-License-Identifier: Apache-2.0
-- The equipment register (EIR) on the devices of the bindings: what S13 answers (TS 29.272 6, 7.2.20).

ALTER TABLE device
    -- Equipment-Status, TS 29.272 7.3.51: 0 permitted (white), 1 prohibited (black), 2 tracked (grey); NULL: not listed.
    -- A range or TAC with a status needs no group.
    ADD COLUMN status smallint CHECK (status BETWEEN 0 AND 2);

-- Devices while they have one software version: an IMEISV (TS 23.003 6.2.2), or one version of a range or TAC. Apart
-- from device, whose rows are what keys and groups belong to.
CREATE TABLE device_version (
    imei_lo bigint   NOT NULL CHECK (imei_lo BETWEEN 1 AND 99999999999999),
    imei_hi bigint   NOT NULL CHECK (imei_hi BETWEEN imei_lo AND 99999999999999),
    -- Software-Version, TS 29.272 7.3.5
    svn     text COLLATE "C" NOT NULL CHECK (svn ~ '^[0-9]{2}$'),
    -- as in device
    status  smallint NOT NULL CHECK (status BETWEEN 0 AND 2),
    -- ours: the operator's own words
    comment text     NOT NULL DEFAULT '',
    -- one device and its version are found by it
    PRIMARY KEY (imei_lo, imei_hi, svn)
);
-- Which range holds a device: ranges are few, single devices many and found by the primary key.
CREATE INDEX device_version_ranges ON device_version (imei_lo, imei_hi) WHERE imei_lo < imei_hi;
