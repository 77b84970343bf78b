"""What the exchange knows, in one SQLite file: ``exchange.sqlite`` in its data folder.

Invariant: one transaction holds all effects of a batch of requests, with the MsgSeqNum of the last
of them, and is on the disk (WAL, synchronous=FULL) before any report of the batch leaves.
The schema is in schema.py.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from gateways.paper.effects import Counters, Effects, Later, Quoted, Standing, Trading
from gateways.paper.orders import Order
from gateways.paper.rows import OPEN, ORDER, STANDING, order_of, row_of, standing_of
from gateways.paper.schema import STEPS, VERSION

FILE = "exchange.sqlite"

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
        if version < VERSION:
            steps = "".join(STEPS[version:])
            self._db.executescript(f"BEGIN; {steps} PRAGMA user_version={VERSION}; COMMIT;")
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
            f"SELECT number, names.cl_ord_id FROM orders JOIN names USING (number) WHERE {OPEN}"  # noqa: S608
        ):
            names[number].append(name)
        for row in self._db.execute(
            f"SELECT {ORDER} FROM orders WHERE {OPEN} ORDER BY priority"  # noqa: S608
        ):
            order = order_of(row)
            if order.is_open:  # not a Day order that is done for the day
                order.names = names[order.number]
                yield order

    def find(self, cl_ord_id: str) -> Order | None:
        """The order that a ClOrdID names, with all its names."""
        row = self._db.execute(
            "SELECT number FROM names WHERE cl_ord_id = ?", (cl_ord_id,)
        ).fetchone()
        return self.find_number(row[0]) if row else None

    def find_number(self, number: int) -> Order | None:
        """The order with this number, with all its names."""
        row = self._db.execute(
            f"SELECT {ORDER} FROM orders WHERE number = ?",  # noqa: S608
            (number,),
        ).fetchone()
        if row is None:
            return None
        order = order_of(row)
        named = self._db.execute("SELECT cl_ord_id FROM names WHERE number = ?", (number,))
        order.names = [name for (name,) in named]
        return order

    def find_fill(self, exec_id: str) -> Standing | None:
        """The fill that this ExecID, or that of a correction of it, is about.

        Reads all executions: nobody waits for it but an operator.
        """
        row = self._db.execute(
            STANDING + " WHERE e.exec_id = coalesce("  # noqa: S608
            "(SELECT exec_id FROM corrections WHERE report_id = ?1), ?1)",
            (exec_id,),
        ).fetchone()
        return None if row is None else standing_of(row)

    def find_answer(self, cl_ord_id: str) -> str | None:
        """The OrderMassCancelReport that a ClOrdID was answered with."""
        row = self._db.execute(
            "SELECT report FROM answers WHERE cl_ord_id = ?", (cl_ord_id,)
        ).fetchone()
        return row[0] if row else None

    def trading(self) -> dict[str, Trading]:
        """Phases and last prices by symbol."""
        return {
            symbol: Trading(phase, resumes, None if last is None else Decimal(last))
            for symbol, phase, resumes, last in self._db.execute("SELECT * FROM symbols")
        }

    def later(self) -> list[Later]:
        """Requests whose answer waits."""
        return [Later(*row) for row in self._db.execute("SELECT * FROM later ORDER BY number")]

    def scripts(self) -> dict[str, str]:
        """Scripted behaviours that are on, as JSON."""
        return dict(self._db.execute("SELECT name, args FROM scripts").fetchall())

    def house(self) -> list[Quoted]:
        """What the house quotes."""
        return [
            Quoted(symbol, side, Decimal(price), Decimal(size), priority)
            for symbol, side, price, size, priority in self._db.execute("SELECT * FROM house")
        ]

    def trades(self, symbol: str = "", limit: int = 100) -> list[Standing]:
        """The last executions as they stand, oldest first; busted ones have quantity 0."""
        rows = self._db.execute(
            STANDING + " WHERE ?1 IN ('', e.symbol) ORDER BY e.id DESC LIMIT ?2",
            (symbol, limit),
        ).fetchall()
        return [standing_of(row) for row in reversed(rows)]

    def close(self) -> None:
        """Nothing can be read or written afterwards."""
        self._db.close()

    def _write(self, effects: Effects, counters: Counters, inbound: int, sent: int) -> None:
        db = self._db
        if sent:
            db.execute("DELETE FROM outbox WHERE id <= ?", (sent,))
        db.executemany(
            f"INSERT OR REPLACE INTO orders ({ORDER})"  # noqa: S608
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [row_of(order) for order in effects.orders.values()],
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
        self._write_rare(effects)
        db.executemany(
            "INSERT INTO outbox VALUES (?, ?)", enumerate(effects.reports, self.outbox + 1)
        )
        names = ("order", "report", "trade", "priority", "inbound")
        db.executemany(
            "INSERT OR REPLACE INTO counters VALUES (?, ?)",
            zip(names, (*astuple(counters), inbound), strict=True),
        )

    def _write_rare(self, effects: Effects) -> None:
        """What most transactions have none of."""
        db = self._db
        for number in effects.done:
            db.execute("DELETE FROM later WHERE number = ?", (number,))
        for table, rows in (
            ("later", effects.later),
            ("answers", list(effects.answers.items())),
            ("scripts", [row for row in effects.scripts.items() if row[1]]),
        ):
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                db.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows)  # noqa: S608
        for name in (name for name, args in effects.scripts.items() if not args):
            db.execute("DELETE FROM scripts WHERE name = ?", (name,))
        for symbol, (phase, resumes, last) in effects.symbols.items():
            price = None if last is None else f"{last:f}"
            row = (symbol, phase, resumes, price)
            db.execute("INSERT OR REPLACE INTO symbols VALUES (?, ?, ?, ?)", row)
        for key, quoted in effects.house.items():
            db.execute("DELETE FROM house WHERE symbol = ? AND side = ?", key)
            if quoted is not None:
                values = (f"{quoted.price:f}", f"{quoted.size:f}", quoted.priority)
                db.execute("INSERT INTO house VALUES (?, ?, ?, ?, ?)", (*key, *values))
        for one in effects.corrections:
            db.execute(
                "INSERT INTO corrections (exec_id, report_id, quantity, price, time)"
                " VALUES (?, ?, ?, ?, ?)",
                (one.exec_id, one.report_id, f"{one.quantity:f}", f"{one.price:f}", one.time),
            )


def read_executions(path: Path) -> Iterator[Execution]:
    """Every side of every trade as it stands, oldest first, from the file or its folder.

    Corrected ones have the corrected quantity and price; busted ones are left out.
    Opens it for reading only; the exchange may be running, and what it has committed is seen.
    FileNotFoundError where there is no such file.
    """
    rows = _read(path, STANDING + " ORDER BY e.id")
    for exec_id, cl_ord_id, number, symbol, side, quantity, price, time, _ in rows:
        if not Decimal(quantity):
            continue
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
    for row in _read(path, f"SELECT {ORDER} FROM orders ORDER BY number"):  # noqa: S608
        yield order_of(row)


def _read(path: Path, query: str) -> Iterable[Any]:
    file = path / FILE if path.is_dir() else path
    if not file.exists():
        raise FileNotFoundError(f"no paper exchange has kept anything in {file}")
    db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    try:
        yield from db.execute(query)
    finally:
        db.close()
