-- SPDX-License-Identifier: Apache-2.0
-- Subscriptions as documents (docs/operations.md "Subscription profiles"): all of Subscription-Data, TS 29.272 7.3.2,
-- shared by many subscribers in a profile; what differs of one subscriber beside it.

-- The names of the bits of a mask, as a document lists them; NULL for none.
CREATE FUNCTION bit_names(mask bigint, names text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE
    AS $$ SELECT jsonb_agg(n.name ORDER BY n.bit) FROM unnest(names) WITH ORDINALITY n (name, bit)
          WHERE (mask >> (n.bit - 1)::integer) & 1 = 1 $$;

-- Numbers of versions, in the order in which they come into being.
CREATE SEQUENCE profile_version_number AS bigint;

ALTER TABLE profile
    -- ours: which row of profile_version this is
    ADD COLUMN version bigint NOT NULL DEFAULT nextval('profile_version_number') UNIQUE,
    ADD COLUMN data    jsonb;

UPDATE profile p SET data = jsonb_strip_nulls(jsonb_build_object(
    'operator_determined_barring', bit_names(p.operator_determined_barring, ARRAY['all_packet_services',
        'roamer_access_hplmn_ap', 'roamer_access_vplmn_ap', 'outgoing_calls', 'outgoing_international',
        'outgoing_international_but_home', 'outgoing_interzonal', 'outgoing_interzonal_but_home',
        'outgoing_international_but_home_and_interzonal']),
    'access_restriction', bit_names(p.access_restriction_data, ARRAY['utran', 'geran', 'gan', 'hspa_evolution',
        'wb_eutran', 'handover_to_non_3gpp', 'nb_iot', 'enhanced_coverage', 'nr_as_secondary_rat',
        'unlicensed_as_secondary_rat', 'nr_in_5gs', 'lte_m', 'wb_eutran_but_lte_m']),
    'rau_tau_timer_s', nullif(p.rau_tau_timer_s, 0),
    'charging_characteristics', nullif(p.charging_characteristics, ''),
    'ambr', jsonb_build_object('uplink', p.ambr_uplink, 'downlink', p.ambr_downlink),
    'default_context', CASE WHEN n.apns IS NOT NULL THEN p.default_context_identifier END,
    'apns', n.apns))
FROM profile q LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(a.context_identifier, jsonb_strip_nulls(jsonb_build_object(
        'apn', a.service_selection,
        'pdn_type', (ARRAY['ipv4', 'ipv6', 'ipv4v6', 'ipv4_or_ipv6'])[a.pdn_type + 1],
        'qci', a.qci,
        'arp', jsonb_build_object('priority_level', a.arp_priority_level,
            'preemption_capability', a.arp_preemption_capability,
            'preemption_vulnerability', a.arp_preemption_vulnerability),
        'ambr', CASE WHEN a.ambr_uplink IS NOT NULL
            THEN jsonb_build_object('uplink', a.ambr_uplink, 'downlink', a.ambr_downlink) END))) AS apns
    FROM profile_apn a WHERE a.profile_id = q.id) n ON true
WHERE q.id = p.id;

DROP TABLE profile_apn;
DROP FUNCTION bit_names(bigint, text[]);
ALTER TABLE profile
    DROP COLUMN access_restriction_data,
    DROP COLUMN operator_determined_barring,
    DROP COLUMN rau_tau_timer_s,
    DROP COLUMN charging_characteristics,
    DROP COLUMN ambr_uplink,
    DROP COLUMN ambr_downlink,
    DROP COLUMN default_context_identifier,
    ALTER COLUMN data SET NOT NULL,
    ADD CHECK (jsonb_typeof(data) = 'object'),
    -- An EPS or a GPRS part: without either an Authentication-Information-Request ends with 5420 (TS 29.272 5.2.3.1.3).
    ADD COLUMN has_service boolean NOT NULL GENERATED ALWAYS AS (coalesce(data -> 'apns', '{}') <> '{}'
        OR coalesce(data -> 'pdp_contexts', '{}') <> '{}') STORED;

-- Every document that a profile has had: what a node was told is one of them (registration.told_profile_version), and
-- a change is told as the difference from it. Rows never change.
CREATE TABLE profile_version (
    version    bigint PRIMARY KEY,
    -- whose it was; NULL: that profile is there no more
    profile_id integer REFERENCES profile (id) ON DELETE SET NULL,
    data       jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO profile_version (version, profile_id, data) SELECT version, id, data FROM profile;
-- Whose versions they are, when a profile goes.
CREATE INDEX profile_version_by_profile ON profile_version (profile_id);

-- The version follows the document, whoever changes it.
CREATE FUNCTION number_profile_version() RETURNS trigger LANGUAGE plpgsql
    AS $$
    BEGIN
        IF new.data <> old.data THEN
            new.version := nextval('profile_version_number');
        END IF;
        RETURN new;
    END $$;
CREATE TRIGGER profile_changes BEFORE UPDATE ON profile FOR EACH ROW EXECUTE FUNCTION number_profile_version();
CREATE FUNCTION keep_profile_version() RETURNS trigger LANGUAGE plpgsql
    AS $$
    BEGIN
        INSERT INTO profile_version (version, profile_id, data) VALUES (new.version, new.id, new.data);
        RETURN NULL;
    END $$;
CREATE TRIGGER profile_added AFTER INSERT ON profile FOR EACH ROW EXECUTE FUNCTION keep_profile_version();
CREATE TRIGGER profile_changed AFTER UPDATE ON profile FOR EACH ROW WHEN (old.version <> new.version)
    EXECUTE FUNCTION keep_profile_version();

ALTER TABLE subscriber
    -- What differs from the profile: a JSON merge patch (RFC 7396)
    ADD COLUMN override    jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(override) = 'object'),
    -- As profile.has_service, when the override has a say in it; NULL: the profile decides
    ADD COLUMN has_service boolean;
-- Whether there is any subscriber to look at when every profile has service.
CREATE INDEX subscriber_without_service ON subscriber (imsi) WHERE has_service = false;
-- Who is affected by a change of a profile beyond what its document says.
CREATE INDEX subscriber_with_override ON subscriber (profile_id) WHERE override <> '{}';
