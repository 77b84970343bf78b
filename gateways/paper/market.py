"""The exchange without a connection or a disk: a request in, its effects out.

Pure: time is given, numbers are counted. Invariant: everything that a request changed stands in
the effects until they are taken, so that it is written in one transaction before any report leaves.
"""

from collections.abc import Iterable, Mapping
from typing import assert_never

from gateways.paper import entry, mass, reports, scripts
from gateways.paper.effects import Counters, Effects, Later, Quoted, Trading
from gateways.paper.floor import Floor, Past
from gateways.paper.market_data import MarketData
from gateways.paper.orders import Order
from gateways.paper.requests import (
    Cancel,
    MarketDataRequest,
    MassCancel,
    MassStatus,
    NewOrder,
    Replace,
    Request,
    Status,
    Unreadable,
    read,
)
from gateways.paper.scripts import Scripts

UNKNOWN_ORDER = "5"
"""OrdRejReason(103)."""


class Market:
    """All books of one venue, and the orders in them. ``past`` finds what has ended."""

    def __init__(self, venue: str, counters: Counters, past: Past) -> None:
        self.floor = Floor(venue, counters, past)
        self.data = MarketData(self.floor)
        self.scripts = Scripts({})
        self._later: dict[int, Later] = {}

    @property
    def counters(self) -> Counters:
        """The numbers used so far."""
        return self.floor.counters

    def restore(
        self,
        orders: Iterable[Order],
        trading: Mapping[str, Trading] | None = None,
        later: Iterable[Later] = (),
        scripted: Mapping[str, str] | None = None,
        house: Iterable[Quoted] = (),
    ) -> None:
        """Put back phases, open orders in the order of their priority, and what was to come."""
        self.floor.restore(orders, dict(trading or {}), house)
        self._later = {one.number: one for one in later}
        self.scripts = Scripts(scripted or {})

    def take_effects(self) -> Effects:
        """What happened since the last call."""
        return self.floor.take_effects()

    def forget(self, written: Effects) -> None:
        """Orders that have ended are found in the store from now on."""
        self.floor.forget(written)

    def handle(self, request: Request, now: int, text: str = "") -> None:
        """Do what is asked at ``now`` (nanoseconds since 1970); ``text`` is how it was asked."""
        if not self.scripts.active:
            self._decide(request, now)
            return
        effects = self.floor.effects
        waiting = len(effects.later)
        if scripts.begins(self.floor, self.scripts, request, now, text):
            self._later |= {one.number: one for one in effects.later[waiting:]}
            return
        first = len(effects.reports)
        self._decide(request, now)
        scripts.ends(self.floor, self.scripts, request, first, now)

    @property
    def next_due(self) -> int | None:
        """When something is to be done without a request, in nanoseconds since 1970."""
        if not self._later and not self.floor.expiries:
            return None
        due = [one.due for one in self._later.values()]
        return min(due + [when for when, _ in self.floor.expiries[:1]])

    def do_due(self, now: int) -> None:
        """Do what was to be done until ``now``."""
        self.floor.expire_due(now)
        for one in [one for one in self._later.values() if one.due <= now]:
            del self._later[one.number]
            self.floor.effects.done.append(one.number)
            request = read(one.text)[1]
            scripts.no_longer_pending(self.floor, request)
            first = len(self.floor.effects.reports)
            self._decide(request, now)
            scripts.ends(self.floor, self.scripts, request, first, now)

    def _decide(self, request: Request, now: int) -> None:
        match request:
            case NewOrder():
                entry.enter(self.floor, request, now)
            case Cancel():
                entry.cancel(self.floor, request, now)
            case Replace():
                entry.replace(self.floor, request, now)
            case Status():
                self._status(request, now)
            case MassStatus():
                mass.mass_status(self.floor, request, now)
            case MassCancel():
                mass.mass_cancel(self.floor, request, now)
            case MarketDataRequest():
                self.data.request(request, now)
            case Unreadable():
                self.floor.effects.reports.append(reports.business_reject(request))
            case _:
                assert_never(request)

    def _status(self, request: Status, now: int) -> None:
        extra = (f"790={request.request_id}",) if request.request_id else ()
        order = self.floor.find(request.cl_ord_id)
        if order is not None:
            self.floor.say(order, reports.ORDER_STATUS, now, request.cl_ord_id, *extra)
            return
        self.floor.say_none(
            request.cl_ord_id,
            request.symbol,
            request.side,
            now,
            f"103={UNKNOWN_ORDER}",
            f"58=no order has the ClOrdID {request.cl_ord_id}",
            *extra,
        )
