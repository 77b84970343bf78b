"""A desk in a process of its own, to be killed: connects as alpha, sends, and says what it hears.

Run as ``python -m tests.live.a_desk DATA CLORDID...``; a ClOrdID that begins with ``macro`` is for
account macro and good till cancelled, the others are day orders for account growth.
"""

import asyncio
import sys
from pathlib import Path

from gateways.amqp.desk import Desk
from infra import endpoints
from infra.settings import Settings
from messages import fix
from messages.base import Instant
from messages.reports import DeskReport
from tests.live.stage import an_order


def _say(report: DeskReport, at: Instant, redelivered: bool) -> None:
    del at, redelivered
    words = (getattr(report, "ClOrdID", ""), getattr(report, "ExecType", report.MsgType))
    print(*words, flush=True)


async def _main(data: Path, names: list[str]) -> None:
    lasting = {"Account": "macro", "TimeInForce": fix.TimeInForce.GoodTillCancel}
    orders = [an_order(name, **(lasting if name.startswith("macro") else {})) for name in names]
    url = endpoints.desk(Settings.of(data), "alpha")
    async with await Desk.connect(url, "alpha", on_report=_say) as desk:
        await desk.send(orders)
        await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), sys.argv[2:]))
