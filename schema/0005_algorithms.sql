-- SPDX-License-Identifier: Apache-2.0
-- Which algorithm set a subscription's vectors are computed with. None of these columns is in an index or written by
-- a request, so that the UPDATE of an Authentication-Information-Request stays HOT.

ALTER TABLE auc
    -- 0 Milenage (TS 35.206), 1 TUAK (TS 35.231), 2 the XOR test algorithm (TS 34.108 8.1.2). With TUAK, k holds 16 or
    -- 32 octets and opc the 32 octets of TOPc; with XOR, opc holds none.
    ADD COLUMN algorithm       smallint NOT NULL DEFAULT 0 CHECK (algorithm BETWEEN 0 AND 2),
    -- permutations in a row, TS 35.231 6.1
    ADD COLUMN tuak_iterations smallint NOT NULL DEFAULT 1 CHECK (tuak_iterations BETWEEN 1 AND 16),
    -- length of RES, TS 33.102 6.3.7
    ADD COLUMN res_octets      smallint NOT NULL DEFAULT 8 CHECK (res_octets BETWEEN 4 AND 16),
    -- the card is a SIM that knows no AUTN: triplets only, TS 33.102 6.8.1
    ADD COLUMN sim_only        boolean  NOT NULL DEFAULT false;
