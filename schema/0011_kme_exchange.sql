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

-- When an exchange that failed may be tried again: spec 4.4 "retry after back-off".
CREATE TABLE kme_pause (
    imsi       text COLLATE "C" PRIMARY KEY REFERENCES subscriber (imsi) ON DELETE CASCADE,
    failures   smallint NOT NULL,
    not_before timestamptz NOT NULL
);

-- CK || IK || AUTN of the last vector of a UE that is to be given a key: for HOME-MAC (spec 4.5). Sealed; for 120 s.
CREATE TABLE kme_session (
    imsi       text COLLATE "C" PRIMARY KEY REFERENCES subscriber (imsi) ON DELETE CASCADE,
    secret     bytea NOT NULL,
    expires_at timestamptz NOT NULL
);

ALTER TABLE kme
    -- NOT-AFTER of spec 4.5: to be renewed by then; NULL: for good. "bindhssctl kme renew" sets it to now.
    ADD COLUMN not_after timestamptz;
