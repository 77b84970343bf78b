"""Everything that happened to one order in a run, one line each, in the order it happened.

For every entry of a journal that names the order, or a request on it: when, where, what came, what
followed from it, and between these lines what struck the processes that they are of.
"""

import json
import re
from collections.abc import Iterator, Mapping

from infra.sim.setting import ACCOUNTS, DESKS, VENUES
from infra.sim.world import World
from messages.entry import Entry

_ORDER = re.compile(rf"\b(?:{'|'.join(ACCOUNTS)})-\d+\b")
_CLORDID = re.compile(rf"\b(?:{'|'.join(DESKS)})-\d+\b")
_ADOPTED = re.compile(rf"\b(?:{'|'.join(VENUES)})\.T[A-Z]+\d+\b")


def named(violations: Mapping[str, list[str]]) -> str | None:
    """The first order or request that the sentences name."""
    for sentences in violations.values():
        for sentence in sentences:
            for pattern in (_CLORDID, _ORDER, _ADOPTED):
                if found := pattern.search(sentence):
                    return found[0]
    return None


def lines(world: World, name: str) -> Iterator[str]:
    """The story of the order that ``name`` (OrderID or ClOrdID) belongs to."""
    order = _order_of(world, name)
    word = re.compile(rf'"{re.escape(order)}[".]|[ "]{re.escape(name)}["@]'.encode())
    found: list[tuple[float, int, str, str]] = []
    for address, tape in world.disk.tapes.items():
        if address.startswith("compliance"):
            continue
        for entry, at in zip(tape.entries, world.disk.times[address], strict=True):
            if word.search(entry.events) or word.search(entry.sends):
                found.append((at, 0, address, _line(entry)))
    touched = {address for _, _, address, _ in found}
    first, last = min(found, default=(0.0,))[0], max(found, default=(0.0,))[0]
    for at, address, what in world.marks:
        if first <= at <= last and address in touched | {"ingress/0", "egress/0"}:
            found.append((at, 1, address, f"*** {what}"))
    yield f"{order} ({name}):"
    for at, _, address, text in sorted(found):
        yield f"{at:10.4f} {address:14} {text}"


def _order_of(world: World, name: str) -> str:
    for order_id, order in world.evidence.orders.items():
        for _, clordid in (*order.names, *order.tried):
            if clordid == name:
                return order_id
    return name


def _line(entry: Entry) -> str:
    events = []
    for event in json.loads(entry.events):
        told = (event.get(n) for n in ("ChildID", "ClOrdID", "RequestID", "ExecType", "LastQty"))
        events.append(f"{event['Event']}({' '.join(str(t) for t in told if t)})")
    sends = [f"{kind}>{to}#{seq}" for to, seq, kind in entry.sent()]
    said = f"{entry.sender}#{entry.seq}" if entry.seq else entry.sender
    head = f"e{entry.epoch} n{entry.number} {said} {entry.kind}"
    return f"{head}: {' '.join(events)} | {' '.join(sends)}"
