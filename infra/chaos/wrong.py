"""Messages that no desk should send, each with a mark by which its answer is known.

They go past the desk's record, because most of them are no requests; the answer tells on them.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from gateways.amqp.connection import Connection, connect
from gateways.amqp.desk_outbox import Outbox, Prepared
from gateways.amqp.publisher import BulkPublisher
from messages.reports import BusinessMessageReject, DeskReport

MARK = re.compile(r"wrong-[a-z0-9_-]+-\d+")

Fields = dict[str, Any]


def _order(mark: str, account: str, symbol: str) -> Fields:
    return {
        "MsgType": "NewOrderSingle", "ClOrdID": mark, "Account": account, "Symbol": symbol,
        "Side": "Buy", "OrderQty": "100", "OrdType": "Limit", "Price": "1",
    }  # fmt: skip


def _json(fields: Fields) -> bytes:
    return json.dumps(fields).encode()


WRONG: dict[str, Callable[[Fields, str], bytes]] = {
    "not JSON": lambda _, mark: f"{mark} is no JSON".encode(),
    "cut short": lambda order, mark: _json({**order, "Text": mark})[:-2],
    "unknown field": lambda order, mark: _json({**order, "Pirce": mark}),
    "number for text": lambda order, _: _json({**order, "OrderQty": 100}),
    "unknown MsgType": lambda order, mark: _json({**order, "MsgType": mark}),
}
"""What is wrong with it, and how it is made of a good order and its mark."""


class Wrongdoer:
    """One desk's wrong messages, on a connection of its own.

    ``sent`` and ``answered``: marks by kind. A reject may come twice, and counts once.
    """

    def __init__(self, desk: str, connection: Connection, publisher: BulkPublisher) -> None:
        self._desk = desk
        self._connection = connection
        self._publisher = publisher
        self._outbox = Outbox(publisher, desk)
        self._kinds: dict[str, str] = {}
        self.answered: set[str] = set()

    @classmethod
    async def open(cls, url: str, desk: str) -> "Wrongdoer":
        """Connect as that desk."""
        connection = await connect(url, f"desk {desk} errs")
        publisher = BulkPublisher(connection)
        await publisher.open()
        return cls(desk, connection, publisher)

    async def close(self) -> None:
        """Disconnect."""
        await self._publisher.close()
        await self._connection.close()

    async def send(self, kind: str, account: str, symbol: str) -> None:
        """One more of that kind; returns when the broker has it."""
        mark = f"wrong-{self._desk}-{len(self._kinds) + 1}"
        self._kinds[mark] = kind
        body = WRONG[kind](_order(mark, account, symbol), mark)
        await self._outbox.send([Prepared(mark, account, "NewOrderSingle", body)])

    def heard(self, report: DeskReport) -> None:
        """What the desk was told."""
        if isinstance(report, BusinessMessageReject):
            known = set(MARK.findall(report.model_dump_json())) & self._kinds.keys()
            self.answered |= known

    def tally(self) -> dict[str, tuple[int, int]]:
        """How many of each kind were sent, and how many of them were answered."""
        found = dict.fromkeys(WRONG, (0, 0))
        for mark, kind in self._kinds.items():
            sent, answered = found[kind]
            found[kind] = (sent + 1, answered + (mark in self.answered))
        return found
