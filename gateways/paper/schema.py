"""The tables of ``exchange.sqlite``.

(Quantities and prices are decimal texts, times nanoseconds since 1970 UTC.)

- ``orders``: each order as it stands. ``number`` makes OrderID(37) ``O-<number>``; ``cl_ord_id``
  is the last accepted one; ``side``, ``ord_type``, ``time_in_force``, ``status`` are FIX codes;
  ``notional`` is the sum of LastQty times LastPx; ``priority`` is the place in time in the book;
  ``conditions`` is JSON of what an order asks beyond the ordinary, NULL for an ordinary one.
- ``names``: every ClOrdID used, of orders, cancels and replaces, and the order it names.
- ``executions``: one row for each side of each trade, kept for ever; ``exec_id`` is ExecID(17).
- ``corrections``: what became of an execution: quantity 0 is a bust; the last one stands.
- ``symbols``: phase and last price of each symbol; "" is where a symbol begins.
- ``answers``: ClOrdIDs of mass cancels and their reports. ``later``: requests whose answer waits.
- ``house``: what the house quotes, by symbol and side; see house.py.
- ``scripts``: scripted behaviours that are on, as JSON.
- ``outbox``: reports that may not have been given to the session yet, oldest first.
- ``counters``: the last number used of each kind; ``inbound`` is the last committed MsgSeqNum(34).
"""

VERSION = 3

FIRST = """
CREATE TABLE orders (
    number INTEGER PRIMARY KEY, cl_ord_id TEXT NOT NULL, account TEXT NOT NULL,
    symbol TEXT NOT NULL, side TEXT NOT NULL, ord_type TEXT NOT NULL, time_in_force TEXT NOT NULL,
    order_qty TEXT NOT NULL, price TEXT, leaves_qty TEXT NOT NULL, cum_qty TEXT NOT NULL,
    notional TEXT NOT NULL, status TEXT NOT NULL, priority INTEGER NOT NULL
);
CREATE INDEX open_orders ON orders (priority) WHERE status IN ('0', '1');
CREATE TABLE names (cl_ord_id TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX names_by_number ON names (number);
CREATE TABLE executions (
    id INTEGER PRIMARY KEY, exec_id TEXT NOT NULL, cl_ord_id TEXT NOT NULL,
    number INTEGER NOT NULL, symbol TEXT NOT NULL, side TEXT NOT NULL, quantity TEXT NOT NULL,
    price TEXT NOT NULL, time INTEGER NOT NULL
);
CREATE TABLE outbox (id INTEGER PRIMARY KEY, report TEXT NOT NULL);
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""
SECOND = """
ALTER TABLE orders ADD COLUMN conditions TEXT;
DROP INDEX open_orders;
CREATE INDEX open_orders ON orders (priority) WHERE status IN ('0', '1', '3', '7');
CREATE TABLE corrections (
    id INTEGER PRIMARY KEY, exec_id TEXT NOT NULL, report_id TEXT NOT NULL, quantity TEXT NOT NULL,
    price TEXT NOT NULL, time INTEGER NOT NULL
);
CREATE INDEX corrections_by_execution ON corrections (exec_id);
CREATE TABLE symbols (symbol TEXT PRIMARY KEY, phase TEXT, resumes TEXT, last TEXT) WITHOUT ROWID;
CREATE TABLE answers (cl_ord_id TEXT PRIMARY KEY, report TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE later (number INTEGER PRIMARY KEY, due INTEGER NOT NULL, text TEXT NOT NULL);
CREATE TABLE scripts (name TEXT PRIMARY KEY, args TEXT NOT NULL) WITHOUT ROWID;
"""
"""What version 2 added to version 1."""
THIRD = """
CREATE TABLE house (
    symbol TEXT NOT NULL, side TEXT NOT NULL, price TEXT NOT NULL, size TEXT NOT NULL,
    priority INTEGER NOT NULL, PRIMARY KEY (symbol, side)
) WITHOUT ROWID;
"""
"""What version 3 added."""

STEPS = (FIRST, SECOND, THIRD)
"""``STEPS[n]`` makes version n + 1 of version n; there is nothing at version 0."""
