-- SPDX-License-Identifier: Apache-2.0
-- Which key-encryption keys (spec 5.4) this database was sealed with, so that a program with another key file refuses
-- to run instead of answering with errors, or of adding secrets that nobody else can open.

CREATE TABLE key_check (
    -- number of the key in the key file
    number smallint PRIMARY KEY CHECK (number BETWEEN 1 AND 255),
    -- a constant that is no secret, sealed under that key
    sealed bytea NOT NULL
);
