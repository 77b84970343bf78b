"""Golden journals: what a release wrote, kept for ever, and the state that it made of it.

    python -m tests.infra.golden VERSION

writes ``golden_journals/VERSION``: each actor's journal as the very file, packed, and in
``states.json`` its numbers and its whole state as this code has them. See docs/recipes/journal.md.
"""

import gzip
import json
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from infra.journals import journals
from infra.replayed import replay
from infra.shell import Shell
from messages import fix, lists, orders
from messages import venue as wire
from tests.infra.journaled_day import D, Day, cancel, new, traded_day

FOLDER = Path(__file__).with_name("golden_journals")
STATES = "states.json"


def golden_day(data: Path) -> Day:
    """Something of everything that actors of every kind write down."""
    day = traded_day(data)
    mistaken = day.fills("growth-2.1.1", 20, "181.25")
    day.executes(
        "growth-2.1.1",
        fix.ExecType.TradeCancel,
        ExecRefID=mistaken,
        LastQty=D(20),
        LastPx=D("181.25"),
    )
    again = day.fills("growth-2.1.1", 10, "181.25")
    day.executes(
        "growth-2.1.1", fix.ExecType.TradeCorrect, ExecRefID=again, LastQty=D(10), LastPx=D("181")
    )
    day.made_at_the_venue("T-1", fix.ExecType.New)
    day.desk("alpha", _bracket())
    day.desk("alpha", new("s-1", 10, "189", OrdType=fix.OrdType.StopLimit, StopPx=D(188)))
    day.says(wire.SessionDown())
    day.desk("beta", cancel("b-2", "b-1", "macro"))
    day.pass_time(60)
    day.says(wire.SessionUp())
    day.pass_time(60)
    day.desk(
        "alpha",
        orders.OrderMassCancelRequest(
            ClOrdID="m-1",
            Account="growth",
            MassCancelRequestType=fix.MassCancelRequestType.CancelAllOrders,
        ),
    )
    day.fills("growth-1.1", 1, "190")  # the order was full: a break
    day.parks("account/macro", wire.SessionUp(), "KeyError: 'x'")
    return day


def _bracket() -> lists.NewOrderList:
    terms: dict[str, Any] = {"Symbol": "AAPL", "OrderQty": D(30), "OrdType": fix.OrdType.Limit}
    exits: dict[str, Any] = terms | {"Side": fix.Side.Sell, "ClOrdLinkID": "exit"}
    return lists.NewOrderList(
        ListID="l-1",
        Account="growth",
        ContingencyType=fix.ContingencyType.OneTriggersTheOther,
        Orders=(
            lists.ListOrder(ClOrdID="l-1.1", Side=fix.Side.Buy, Price=D(185), **terms),
            lists.ListOrder(ClOrdID="l-1.2", Price=D(199), **exits),
            lists.ListOrder(ClOrdID="l-1.3", Price=D(170), **exits),
        ),
        Links=(
            lists.OrderLink(
                ClOrdLinkID="exit", ContingencyType=fix.ContingencyType.OneCancelsTheOther
            ),
        ),
    )


def told(shell: Shell) -> dict[str, Any]:
    """What is known after replay, as JSON data."""
    return {
        "number": shell.number,
        "chain": shell.chain.hex(),
        "heard": shell.heard,
        "sent": shell.sent,
        "timers": {key: [due, kind] for key, (due, kind, _) in shell.timers.items()},
        "digest": shell.state_digest(),
        "state": shell.actor.STATE.dump_python(shell.actor.state, mode="json"),
    }


def keep(data: Path, folder: Path) -> None:
    """Pack every journal of an installation at rest, and what this code makes of it."""
    folder.mkdir(parents=True)
    states = {}
    for address, path in journals(data).items():
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        packed = gzip.compress(path.read_bytes(), 9, mtime=0)
        (folder / f"{address.replace('/', '.')}.sqlite.gz").write_bytes(packed)
        states[address] = told(replay(address, path))
    (folder / STATES).write_text(json.dumps(states, indent=1, sort_keys=True) + "\n")


def unpack(folder: Path, data: Path) -> dict[str, Path]:
    """The journals of that release as an installation in ``data``."""
    for packed in folder.glob("*.sqlite.gz"):
        kind, _, name = packed.name.removesuffix(".gz").partition(".")
        path = data / "journals" / kind / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.decompress(packed.read_bytes()))
    return journals(data)


def main(version: str) -> None:
    """Write the golden journals of this release; those of a release are never written again."""
    with tempfile.TemporaryDirectory() as folder:
        with golden_day(Path(folder)):
            pass
        keep(Path(folder), FOLDER / version)


if __name__ == "__main__":
    main(sys.argv[1])
