-- SPDX-License-Identifier: Apache-2.0
-- tolerated-from: 12
-- Several daemons on one database: each tells its own nodes of a changed profile at its own pace, what another one leaves
-- half done is looked for again, and what is being sent is not taken for what waits.

-- Until when whoever took it has it to himself. The lease counts while not_before says the same: who postpones the request,
-- or hands it over, writes that column alone. NULL: nobody has had it.
ALTER TABLE node_request ADD COLUMN leased_until timestamptz;
-- The same beside telling_at: until when the node is being told.
ALTER TABLE registration ADD COLUMN telling_leased_until timestamptz;

-- Nodes of which a daemon passed over registrations that have to be told, because the node was another daemon's peer. When
-- that changes, all daemons look again.
CREATE TABLE left_to_another (
    -- Origin-Host of the node, in lower case, as in daemon_reach
    host text PRIMARY KEY
);
-- Grows when all registrations are to be looked through again, although no profile has changed.
CREATE SEQUENCE sweeps_asked_for;
