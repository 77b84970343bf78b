-- The journals of all actors of one installation. An append moves the actor's head by
-- compare-and-set in the same statement, so an incarnation that was succeeded cannot write.
CREATE TABLE oms_journal.heads (
    actor text COLLATE "C" PRIMARY KEY,
    epoch bigint NOT NULL,
    number bigint NOT NULL
);

CREATE TABLE oms_journal.entries (
    actor text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    epoch bigint NOT NULL,
    at bigint NOT NULL,
    sender text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    caused_at bigint NOT NULL,
    trace text NOT NULL,
    cause text NOT NULL,
    events bytea NOT NULL,
    sends bytea NOT NULL,
    timers bytea NOT NULL,
    chain bytea NOT NULL,
    PRIMARY KEY (actor, number)
);

CREATE TABLE oms_journal.acknowledged (
    actor text COLLATE "C" NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (actor, recipient)
);

CREATE TABLE oms_journal.snapshots (
    actor text COLLATE "C" PRIMARY KEY,
    number bigint NOT NULL,
    stamp text NOT NULL,
    data bytea NOT NULL
);
