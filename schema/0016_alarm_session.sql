-- SPDX-License-Identifier: Apache-2.0
-- tolerated-from: 12
-- From an alarm to the log and the trace of the request that brought it.

ALTER TABLE alarm
    -- Session-Id (RFC 6733 8.8) of the request behind the last occurrence; NULL: no request brought it, or an earlier
    -- version counted it, which leaves here what stands here
    ADD COLUMN session text;
