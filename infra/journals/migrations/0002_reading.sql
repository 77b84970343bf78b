-- One actor's journal under the names that its SQLite file would have, for those who only read.
-- The actor is the one of the session's setting oms.actor.
CREATE SCHEMA oms_reading;

CREATE VIEW oms_reading.head AS
    SELECT epoch, number FROM oms_journal.heads WHERE actor = current_setting('oms.actor');

CREATE VIEW oms_reading.entries AS
    SELECT number, epoch, at, sender, seq, kind, caused_at, trace, cause, events, sends, timers,
        chain
    FROM oms_journal.entries WHERE actor = current_setting('oms.actor');

CREATE VIEW oms_reading.acknowledged AS
    SELECT recipient, seq FROM oms_journal.acknowledged
    WHERE actor = current_setting('oms.actor');

CREATE VIEW oms_reading.snapshot AS
    SELECT number, stamp, data FROM oms_journal.snapshots
    WHERE actor = current_setting('oms.actor');

-- Whether the bytes occur. SQLite's function of that name says where, which nobody asks.
CREATE FUNCTION oms_reading.instr(bytea, bytea) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT position($2 IN $1) > 0';
