"""What the exchange knows, in one SQLite file: ``exchange.sqlite`` in its data folder.

Invariant: one transaction holds all effects of a batch of requests, with the MsgSeqNum of the last
of them, and is on the disk (WAL, synchronous=FULL) before any report of the batch leaves.

Schema (quantities and prices are decimal texts, times nanoseconds since 1970 UTC):

- ``orders``: each order as it stands. ``number`` makes OrderID(37) ``O-<number>``; ``cl_ord_id``
  is the last accepted one; ``side``, ``ord_type``, ``time_in_force``, ``status`` are FIX codes;
  ``notional`` is the sum of LastQty times LastPx; ``priority`` is the place in time in the book.
- ``names``: every ClOrdID used, of orders, cancels and replaces, and the order it names.
- ``executions``: one row for each side of each trade, kept for ever; ``exec_id`` is ExecID(17).
- ``outbox``: reports that may not have been given to the session yet, oldest first.
- ``counters``: the last number used of each kind; ``inbound`` is the last committed MsgSeqNum(34).
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from gateways.paper.effects import Counters, Effects
from gateways.paper.orders import Order, OrdStatus

FILE = "exchange.sqlite"
VERSION = 1

_SCHEMA = """
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
_ORDER = (
    "number, cl_ord_id, account, symbol, side, ord_type, time_in_force, order_qty, price,"
    " leaves_qty, cum_qty, notional, status, priority"
)
_SIDES = {"1": "Buy", "2": "Sell", "5": "SellShort"}


class Execution(NamedTuple):
    """One side of one trade. ``Side`` is Buy, Sell or SellShort; ``TransactTime`` nanoseconds."""

    ExecID: str
    ClOrdID: str
    OrderID: str
    Symbol: str
    Side: str
    LastQty: Decimal
    LastPx: Decimal
    TransactTime: int


class Store:
    """The one writer of the file. Used by one thread after it was opened.

    ``outbox`` is the number of the last report written to it.
    """

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(
            folder / FILE, isolation_level=None, check_same_thread=False, cached_statements=32
        )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self._db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version={VERSION}; COMMIT;")
        elif version != VERSION:
            raise ValueError(
                f"{folder / FILE} has version {version} of the format, this program reads"
                f" {VERSION}: start it with an empty folder"
            )
        counters = dict(self._db.execute("SELECT name, value FROM counters").fetchall())
        self.inbound: int = counters.pop("inbound", 0)
        self.counters = Counters(**counters)
        (last,) = self._db.execute("SELECT max(id) FROM outbox").fetchone()
        self.outbox: int = last or 0

    def commit(self, effects: Effects, counters: Counters, inbound: int, sent: int) -> None:
        """All in one transaction; reports of the outbox up to number ``sent`` are dropped."""
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            self._write(effects, counters, inbound, sent)
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        self.inbound = inbound
        self.outbox += len(effects.reports)

    def unsent(self) -> list[tuple[int, str]]:
        """The outbox: numbers and reports."""
        return self._db.execute("SELECT id, report FROM outbox ORDER BY id").fetchall()

    def open_orders(self) -> Iterator[Order]:
        """In the order of priority, with all their ClOrdIDs."""
        names = defaultdict(list)
        for number, name in self._db.execute(
            "SELECT number, names.cl_ord_id FROM orders JOIN names USING (number)"
            " WHERE status IN ('0', '1')"
        ):
            names[number].append(name)
        for row in self._db.execute(
            f"SELECT {_ORDER} FROM orders WHERE status IN ('0', '1') ORDER BY priority"  # noqa: S608
        ):
            order = _order(row)
            order.names = names[order.number]
            yield order

    def find(self, cl_ord_id: str) -> Order | None:
        """The order that a ClOrdID names."""
        row = self._db.execute(
            f"SELECT {_ORDER} FROM orders WHERE number ="  # noqa: S608
            " (SELECT number FROM names WHERE cl_ord_id = ?)",
            (cl_ord_id,),
        ).fetchone()
        return _order(row) if row else None

    def close(self) -> None:
        """Nothing can be read or written afterwards."""
        self._db.close()

    def _write(self, effects: Effects, counters: Counters, inbound: int, sent: int) -> None:
        db = self._db
        if sent:
            db.execute("DELETE FROM outbox WHERE id <= ?", (sent,))
        db.executemany(
            f"INSERT OR REPLACE INTO orders ({_ORDER})"  # noqa: S608
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [_row(order) for order in effects.orders.values()],
        )
        db.executemany("INSERT INTO names VALUES (?, ?)", effects.names)
        db.executemany(
            "INSERT INTO executions (exec_id, cl_ord_id, number, symbol, side, quantity, price,"
            " time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (*fill[:5], f"{fill.quantity:f}", f"{fill.price:f}", fill.time)
                for fill in effects.fills
            ],
        )
        db.executemany(
            "INSERT INTO outbox VALUES (?, ?)", enumerate(effects.reports, self.outbox + 1)
        )
        names = ("order", "report", "trade", "priority", "inbound")
        db.executemany(
            "INSERT OR REPLACE INTO counters VALUES (?, ?)",
            zip(names, (*astuple(counters), inbound), strict=True),
        )


def read_executions(path: Path) -> Iterator[Execution]:
    """Every side of every trade, oldest first, from the file or its folder.

    Opens it for reading only; the exchange may be running, and what it has committed is seen.
    FileNotFoundError where there is no such file.
    """
    rows = _read(
        path,
        "SELECT exec_id, cl_ord_id, number, symbol, side, quantity, price, time"
        " FROM executions ORDER BY id",
    )
    for exec_id, cl_ord_id, number, symbol, side, quantity, price, time in rows:
        yield Execution(
            exec_id,
            cl_ord_id,
            f"O-{number}",
            symbol,
            _SIDES[side],
            Decimal(quantity),
            Decimal(price),
            time,
        )


def read_orders(path: Path) -> Iterator[Order]:
    """Every order as it stands, in FIX's codes, oldest first; see ``read_executions``."""
    for row in _read(path, f"SELECT {_ORDER} FROM orders ORDER BY number"):  # noqa: S608
        yield _order(row)


def _read(path: Path, query: str) -> Iterable[Any]:
    file = path / FILE if path.is_dir() else path
    if not file.exists():
        raise FileNotFoundError(f"no paper exchange has kept anything in {file}")
    db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    try:
        yield from db.execute(query)
    finally:
        db.close()


def _row(order: Order) -> tuple[Any, ...]:
    return (
        order.number,
        order.cl_ord_id,
        order.account,
        order.symbol,
        order.side,
        order.ord_type,
        order.time_in_force,
        f"{order.order_qty:f}",
        None if order.price is None else f"{order.price:f}",
        f"{order.leaves_qty:f}",
        f"{order.cum_qty:f}",
        f"{order.notional:f}",
        order.status.value,
        order.priority,
    )


def _order(row: Any) -> Order:
    number, cl_ord_id, account, symbol, side, ord_type, time_in_force, *numbers = row
    order_qty, price, leaves_qty, cum_qty, notional, status, priority = numbers
    return Order(
        number,
        cl_ord_id,
        account,
        symbol,
        side,
        ord_type,
        time_in_force,
        Decimal(order_qty),
        None if price is None else Decimal(price),
        Decimal(leaves_qty),
        Decimal(cum_qty),
        Decimal(notional),
        OrdStatus(status),
        priority,
    )
