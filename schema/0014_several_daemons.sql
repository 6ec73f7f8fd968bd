-- SPDX-License-Identifier: Apache-2.0
-- tolerated-from: 12
-- Several daemons on one database: who has which node as its peer, and word to the others of what is to be sent.

-- The peers of each daemon: requests to a node go out where it is connected. Written anew every few seconds and worth
-- nothing later, so a crash of the server may empty it.
CREATE UNLOGGED TABLE daemon_reach (
    -- Origin-Host of the node, in lower case (RFC 6733 4.3.1 compares without case)
    host        text NOT NULL,
    -- Diameter identity of the daemon
    daemon      text NOT NULL,
    -- who died says nothing any more
    valid_until timestamptz NOT NULL,
    PRIMARY KEY (host, daemon)
);
-- What one daemon withdraws.
CREATE INDEX daemon_reach_of ON daemon_reach (daemon);

-- Wakes the daemons, which look by themselves once a second too. One notice a transaction, whatever it changed; and none
-- of an Update-Location, which keeps its requests for itself: a transaction that notifies waits for all others that do.
CREATE FUNCTION notify_of_node_work() RETURNS trigger LANGUAGE plpgsql
    AS $$
    BEGIN
        PERFORM pg_notify('bindhss_node_work', '');
        RETURN NULL;
    END $$;
CREATE TRIGGER subscription_changed_notice AFTER INSERT ON subscription_changed FOR EACH ROW
    EXECUTE FUNCTION notify_of_node_work();
-- 0007: what operators order is due when it is stored, what procedures store is due when their lease ends.
CREATE TRIGGER node_request_notice AFTER INSERT ON node_request FOR EACH ROW
    WHEN (new.not_before <= now())
    EXECUTE FUNCTION notify_of_node_work();
CREATE TRIGGER profile_notice AFTER UPDATE ON profile FOR EACH ROW
    WHEN (old.version IS DISTINCT FROM new.version)
    EXECUTE FUNCTION notify_of_node_work();
