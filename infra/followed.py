"""One order followed through the journals by all the names it goes by.

At its account it is an OrderID and the desk's ClOrdIDs, at the book an OrderID and a ChildID, at
the venue a ChildID and the ClOrdIDs of its requests. An entry tells of the order if one of these is
in it, or if it has the trace of one of the order's requests and names no other order. What an entry
also says of other orders is left out of the copy.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from infra.replayed import account_journals, entries, journals, rows, saying
from messages.entry import Entry, EntryCopy
from messages.envelope import Address, encode_all
from messages.fix import OrdRejReason

Json = dict[str, Any]
Names = dict[str, set[str]]
"""Field to the values by which it names the order, at one kind of actor."""

NAMING = ("OrderID", "ChildID", "ClOrdID", "OrderIDs")
"""The fields by which events and messages name an order."""

BEGINS = ("OrderAccepted", "OrderAdopted", "OrderRefused")
"""The events with which an account's order begins."""

PARKED = '"Event":"MessageParked"'
NO_ORDER = ("", "NONE")

RECENT = 20_000
"""Among the ClOrdIDs of so many entries of an account, the latest, suggestions are looked for."""

_CLORDID = re.compile(r'"ClOrdID":("(?:[^"\\]|\\.)*")')


@dataclass
class Followed:
    """An order; ``order_id`` is empty for a request that no order came of."""

    account: str
    desk: str
    order_id: str
    clordids: list[str]
    symbol: str = ""
    children: set[str] = field(default_factory=set)
    venues: set[str] = field(default_factory=set)
    at_venue: set[str] = field(default_factory=set)
    venue_order_ids: set[str] = field(default_factory=set)
    traces: set[str] = field(default_factory=set)

    @property
    def order_ids(self) -> set[str]:
        """The OrderID as a set, to be looked up in."""
        return {self.order_id} if self.order_id else set()

    def names(self, kind: str) -> Names:
        """By what names it is known at an actor of this kind."""
        match kind:
            case "account":
                return {"OrderID": self.order_ids, "ClOrdID": set(self.clordids)}
            case "book":
                return {"OrderID": self.order_ids | self.children, "ChildID": self.children}
            case _:
                either = self.children | self.at_venue
                named = either | self.venue_order_ids
                return {"OrderID": named, "ChildID": self.children, "ClOrdID": self.at_venue}


def find(data: Path, clordid: str, desk: str | None = None) -> list[Followed]:
    """The orders that any desk (or ``desk``) has given that ClOrdID, at first or later.

    One, but where several desks use the same, or where it is that of a mass cancel. Where it is no
    ClOrdID it may be an OrderID: an order that a venue made has no other name.

    Raises:
        CannotRead: a journal is damaged, or there is none.
    """
    return _with_clordid(data, clordid, desk) or list(_with_order_id(data, clordid, desk))


def _with_order_id(data: Path, order_id: str, desk: str | None) -> Iterator[Followed]:
    for address, path in account_journals(data).items():
        account = address.partition("/")[2]
        for entry in saying(path, [f'"OrderID":{json.dumps(order_id)}']):
            for said in json.loads(entry.events):
                begins = said.get("Event") in BEGINS and said["OrderID"] == order_id
                if begins and desk in (None, said["Desk"]):
                    yield Followed(account, said["Desk"], order_id, [])
                    return


def _with_clordid(data: Path, clordid: str, desk: str | None) -> list[Followed]:
    found: dict[tuple[str, str, str], Followed] = {}
    for address, path in account_journals(data).items():
        account = address.partition("/")[2]
        for entry in saying(path, [f'"ClOrdID":{json.dumps(clordid)}', PARKED]):
            for said in map(subject, json.loads(entry.events)):
                owner = said.get("Desk")
                if said.get("ClOrdID") != clordid or not owner or desk not in (None, owner):
                    continue
                repeat = said.get("OrdRejReason") == OrdRejReason.DuplicateOrder
                for order_id in said.get("OrderIDs") or [said.get("OrderID", "")]:
                    known = "" if repeat or order_id in NO_ORDER else order_id
                    order = Followed(account, owner, known, [clordid])
                    found.setdefault((account, owner, known), order)
    orders = [order for order in found.values() if order.order_id]
    return orders or list(found.values())


def collect(data: Path, order: Followed, *, audit: bool = False) -> list[EntryCopy]:
    """Every entry that tells of ``order``, with what it says of it, by time; fills in its names.

    ``audit``: also what compliance journaled when it heard of these.

    Raises:
        CannotRead: a journal is damaged.
    """
    found: list[EntryCopy] = []
    for kind in ("account", "book", "venue"):
        for address, path in _passed(data, kind, order).items():
            _learn(kind, path, order)
            found += _tellings(kind, address, path, order)
    if audit:
        for address, path in journals(data, "compliance").items():
            found += [_copy(address, entry) for entry in _audits(path, found)]
    return sorted(found, key=lambda entry: (entry.At, entry.Actor, entry.Number))


def similar(data: Path, clordid: str) -> list[str]:
    """Up to three ClOrdIDs that were used lately and look like ``clordid``.

    Raises:
        CannotRead: a journal is damaged, or there is none.
    """
    known: dict[str, None] = {}
    query = "SELECT events FROM entries ORDER BY number DESC LIMIT ?"
    for path in account_journals(data).values():
        for (events,) in rows(path, query, [RECENT]):
            known.update((json.loads(text), None) for text in _CLORDID.findall(events.decode()))
    return get_close_matches(clordid, known, n=3, cutoff=0.5)


def subject(event: Json) -> Json:
    """What names the order: the event itself, or the message that was parked."""
    if event.get("Event") != "MessageParked":
        return event
    try:
        body = json.loads(event["Body"])
    except ValueError:
        return event
    if not isinstance(body, dict):
        return event
    request = body.get("Request")
    return {**request, "Desk": body.get("Desk")} if isinstance(request, dict) else body


def _passed(data: Path, kind: str, order: Followed) -> dict[Address, Path]:
    """The journals of that kind of actor that the order went through."""
    match kind:
        case "account":
            addresses = {f"account/{order.account}"}
        case "book":
            addresses = {f"book/{order.symbol}"}
        case _:
            addresses = {f"venue/{venue}" for venue in order.venues}
    return {address: path for address, path in journals(data, kind).items() if address in addresses}


def _learn(kind: str, path: Path, order: Followed) -> None:
    """What else the order is called, from the events that name it by what we know."""
    known = order.children if kind == "venue" else order.order_ids
    named: list[str] = []
    for entry in saying(path, [json.dumps(name) for name in known]):
        for event in json.loads(entry.events):
            if kind == "venue" and event.get("ChildID") in known:
                order.at_venue.update(filter(None, [event.get("ClOrdID")]))
                order.venue_order_ids.update(filter(None, [event.get("VenueOrderID")]))
            elif kind == "book" and event.get("OrderID") in known and "Venue" in event:
                order.children.add(event.get("ChildID", event["OrderID"]))  # adopted: one name
                order.venues.add(event["Venue"])
            elif kind == "account" and event.get("OrderID") in known:
                named += filter(None, [event.get("ClOrdID")])
                order.symbol = event.get("Terms", {}).get("Symbol", order.symbol)
    order.clordids = list(dict.fromkeys([*named, *order.clordids]))


def _tellings(kind: str, address: Address, path: Path, order: Followed) -> Iterator[EntryCopy]:
    names = order.names(kind)
    told = [json.dumps(name) for name in sorted(set().union(*names.values()))]
    sent = [json.dumps(name) for name in sorted(names["OrderID"])]
    tests = ["instr(events, ?)"] * (len(told) + 1) + ["instr(sends, ?)"] * len(sent)
    values: list[object] = [word.encode() for word in (*told, PARKED, *sent)]
    for entry in _ordered(path, tests, values, order.traces):
        copy = _about(address, entry, names, order)
        if copy is None:
            continue
        if kind == "account" and entry.trace:
            order.traces.add(entry.trace[3:35])
        yield copy


def _audits(path: Path, heard: list[EntryCopy]) -> list[Entry]:
    """The entries in which compliance took these copies; it takes many at once."""
    where = "sender = ? AND seq = (SELECT min(seq) FROM entries WHERE sender = ? AND seq >= ?)"
    found = {
        entry.number: entry
        for copy in heard
        for entry in entries(path, where, [copy.Actor, copy.Actor, copy.Number])
    }
    return [found[number] for number in sorted(found)]


def _ordered(
    path: Path, tests: list[str], values: list[object], traces: set[str]
) -> Iterator[Entry]:
    marks = ", ".join("?" * len(traces))
    where = " OR ".join([*tests, f"substr(trace, 4, 32) IN ({marks})"])
    return entries(path, where, [*values, *sorted(traces)])


def _about(address: Address, entry: Entry, names: Names, order: Followed) -> EntryCopy | None:
    """The entry with what it says of the order; None where it says nothing of it."""
    events = json.loads(entry.events)
    envelopes = entry.envelopes()
    heard = [(event, subject(event)) for event in events]
    said = [(envelope, json.loads(envelope.body)) for envelope in envelopes]
    ours = any(_names(what, names, order.desk) for _, what in (*heard, *said))
    others = any(key in what for _, what in (*heard, *said) for key in NAMING)
    if not ours and (others or entry.trace[3:35] not in order.traces):
        return None
    kept = [event for event, what in heard if _names(what, names, order.desk) or _neutral(what)]
    sends = [
        envelope for envelope, what in said if _names(what, names, order.desk) or _neutral(what)
    ]
    if len(kept) < len(events) or len(sends) < len(envelopes):
        entry = entry._replace(events=json.dumps(kept).encode(), sends=encode_all(sends))
    return _copy(address, entry)


def _names(said: Json, names: Names, desk: str) -> bool:
    if not names["OrderID"].isdisjoint((said.get("OrderID"), *said.get("OrderIDs", ()))):
        return True
    if said.get("Desk", desk) != desk:
        return False  # another desk may use the same ClOrdID
    other = said.get("OrderID", "") not in NO_ORDER
    if other and said.get("OrdRejReason") != OrdRejReason.DuplicateOrder:
        return False  # a mass cancel gives its ClOrdID to many orders
    return any(said.get(key) in names.get(key, ()) for key in ("ChildID", "ClOrdID"))


def _neutral(said: Json) -> bool:
    return not any(key in said for key in NAMING)


def _copy(address: Address, entry: Entry) -> EntryCopy:
    return EntryCopy.model_validate_json(entry.copy_body(address))
