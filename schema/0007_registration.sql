-- SPDX-License-Identifier: Apache-2.0
-- Registrations of MMEs and SGSNs side by side, what each node was told of the subscription, and the requests to
-- nodes that must not be lost.

ALTER TABLE registration
    -- RAT-Type of the Update-Location-Request, TS 29.212 5.3.31
    ADD COLUMN rat_type               integer NOT NULL DEFAULT 1004,
    -- Supported-Features as the node announced them with this registration (TS 29.272 7.3.10): lists 1 and 2 of 3GPP
    -- and the list of our own vendor id; NULL: it announced none
    ADD COLUMN features_list_1        bigint,
    ADD COLUMN features_list_2        bigint,
    ADD COLUMN features_vendor        bigint,
    -- Node-Type-Indicator, TS 29.272 7.3.7: a combined MME/SGSN
    ADD COLUMN combined               boolean NOT NULL DEFAULT false,
    -- GPRS-Subscription-Data-Indicator, TS 29.272 7.3.7: the node wants GPRS-Subscription-Data too
    ADD COLUMN gprs_wanted            boolean NOT NULL DEFAULT false,
    -- UE-SRVCC-Capability, TS 29.272 7.3.130; NULL: not known
    ADD COLUMN ue_srvcc_capability    bigint,
    -- Homogeneous-Support-of-IMS-Voice-Over-PS-Sessions, TS 29.272 7.3.107; NULL: not known
    ADD COLUMN homogeneous_ims_voice  bigint,
    -- Active-APN and the PDN-GWs of Notify: what the node chose (TS 29.272 7.3.127, 5.2.5.1.3). Six texts for each:
    -- Context-Identifier, Service-Selection, Visited-Network-Identifier, host, realm, addresses with commas between
    ADD COLUMN active_apns            text[] NOT NULL DEFAULT '{}',
    -- SGSN-Number (7.3.102) or MME-Number-for-MT-SMS (7.3.159), E.164 digits; empty: not told
    ADD COLUMN node_number            text NOT NULL DEFAULT '',
    -- the node is registered for SMS, TS 29.272 5.2.1.1.3
    ADD COLUMN sms_registered         boolean NOT NULL DEFAULT false,
    -- URRP-MME, URRP-SGSN: somebody waits for the UE to be reachable (TS 29.272 5.2.5.1.3)
    ADD COLUMN urrp                   boolean NOT NULL DEFAULT false,
    -- "SGSN area restricted", TS 29.272 7.3.49
    ADD COLUMN area_restricted        boolean NOT NULL DEFAULT false,
    -- last known location, of Purge-UE (TS 29.272 5.2.1.3.3) or an IDA: octets as 7.3.115 to 7.3.119 have them
    ADD COLUMN location_cell          bytea,
    ADD COLUMN location_area          bytea,
    ADD COLUMN location_service_area  bytea,
    ADD COLUMN location_geographical  bytea,
    ADD COLUMN location_age_minutes   bigint,
    ADD COLUMN location_current       boolean NOT NULL DEFAULT false,
    ADD COLUMN location_at            timestamptz,
    -- Which Subscription-Data the node has: the profile's version, the override and the MSISDN that its last ULA, IDR
    -- or DSR was made of; NULL: not known, so that it is told everything. Whatever differs from what is stored today
    -- has to be told (TS 29.272 5.2.2.1.1): the difference is the queue, and nothing can be lost from it.
    ADD COLUMN told_profile_version   bigint,
    ADD COLUMN told_override          jsonb,
    ADD COLUMN told_msisdn            text,
    -- ours: when a node that has to be told may be told (again); NULL: nobody has found a difference. A daemon that
    -- tells it moves this into the future, so that another one takes over only when it has died.
    ADD COLUMN telling_at             timestamptz,
    ADD COLUMN telling_attempts       integer NOT NULL DEFAULT 0;
-- What is due to be told, without a look at those that are up to date. An Update-Location leaves it as it is as a rule,
-- and stays a heap-only update.
CREATE INDEX registration_telling ON registration (telling_at) WHERE telling_at IS NOT NULL;

-- Subscribers that changed while registered: told before the many of a changed profile. A hint: what is not here is
-- found by comparing.
CREATE TABLE subscription_changed (
    imsi text COLLATE "C" PRIMARY KEY
);

CREATE FUNCTION note_subscription_changed() RETURNS trigger LANGUAGE plpgsql
    AS $$
    BEGIN
        INSERT INTO subscription_changed (imsi)
            SELECT new.imsi WHERE EXISTS (SELECT FROM registration g WHERE g.imsi = new.imsi AND NOT g.purged)
            ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$;
CREATE TRIGGER subscription_changed AFTER UPDATE ON subscriber FOR EACH ROW
    WHEN (old.profile_id IS DISTINCT FROM new.profile_id OR old.override IS DISTINCT FROM new.override
          OR old.msisdn IS DISTINCT FROM new.msisdn)
    EXECUTE FUNCTION note_subscription_changed();

-- Requests to nodes that must not be lost: written before the first attempt and removed by the answer.
CREATE TABLE node_request (
    id         bigint GENERATED ALWAYS AS IDENTITY,
    -- empty for a request about a node as a whole
    imsi       text COLLATE "C" NOT NULL DEFAULT '',
    -- Cancel-Location, Insert-Subscriber-Data with IDR-Flags alone, Reset (TS 29.272 7.2.7, 7.2.9, 7.2.15)
    kind       text NOT NULL CHECK (kind IN ('cancel_location', 'insert', 'reset')),
    -- Destination-Host and Destination-Realm, and the half of a combined node
    host       text NOT NULL,
    realm      text NOT NULL,
    domain     text NOT NULL DEFAULT 'mme' CHECK (domain IN ('mme', 'sgsn')),
    -- Cancellation-Type, TS 29.272 7.3.24
    cancellation_type smallint NOT NULL DEFAULT 0,
    -- CLR-Flags bit 1
    reattach_required boolean NOT NULL DEFAULT false,
    -- IDR-Flags, TS 29.272 7.3.103
    idr_flags  bigint NOT NULL DEFAULT 0,
    -- User-Id of a Reset, TS 29.272 7.3.50: leading digits of IMSIs
    user_ids   text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    attempts   integer NOT NULL DEFAULT 0,
    -- ours: the next attempt. Who makes it moves this into the future first, as with registration.telling_at.
    not_before timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (imsi, id)
);
-- The requests that are due.
CREATE INDEX node_request_due ON node_request (not_before);

-- Withdrawal of a subscription (TS 29.272 5.2.1.2.1): whoever deletes the subscriber, its nodes are told.
CREATE FUNCTION cancel_withdrawn_subscription() RETURNS trigger LANGUAGE plpgsql
    AS $$
    BEGIN
        INSERT INTO node_request (kind, imsi, host, realm, domain, cancellation_type)
            SELECT 'cancel_location', g.imsi, g.host, g.realm, g.domain, 2
            FROM registration g WHERE g.imsi = old.imsi AND NOT g.purged;
        RETURN old;
    END $$;
CREATE TRIGGER subscription_withdrawn BEFORE DELETE ON subscriber FOR EACH ROW
    EXECUTE FUNCTION cancel_withdrawn_subscription();
