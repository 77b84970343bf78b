"""What is in doubt at any venue, as the journals tell, and what it keeps reserved."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from actors.venue.state import Child, Proposal, Request, VenueState
from infra.reference import Reference, ReferenceRefused, load
from infra.replayed import events_of, journals, latest
from infra.settings import Settings, SettingsMissing
from messages.base import Instant
from messages.events import WentInDoubt


class Line(NamedTuple):
    """One request that the venue may or may not have. ``notional``: None where no price is known.

    ``leaves`` and ``notional`` are the most that may still trade, which is what is held back for
    it; ``notional`` is in ``currency``.
    """

    venue: str
    session_up: bool
    request: Request
    child: Child
    since: Instant
    leaves: Decimal
    notional: Decimal | None
    currency: str
    proposal: Proposal | None


def doubts(data: Path, venue: str | None = None) -> list[Line]:
    """Every request in doubt, the oldest first.

    Raises:
        CannotRead: a journal is damaged.
    """
    reference = _reference(data)
    found: list[Line] = []
    for address, path in journals(data, "venue").items():
        name = address.partition("/")[2]
        if venue not in (None, name):
            continue
        since = {event.ClOrdID: at for at, event in events_of(path, WentInDoubt)}
        if since:  # replaying every journal for nothing would be the usual case
            state: VenueState = latest(address, path).actor.state
            found += _lines(name, state, since, reference)
    return sorted(found, key=lambda line: line.since)


def _lines(
    venue: str, state: VenueState, since: dict[str, Instant], reference: Reference | None
) -> Iterator[Line]:
    for clordid in state.unanswered:
        request = state.requests[clordid]
        if not request.in_doubt:
            continue
        child = state.children[request.ChildID]
        leaves, notional, currency = _exposure(child, request, reference)
        yield Line(
            venue=venue,
            session_up=state.up,
            request=request,
            child=child,
            since=since[clordid],
            leaves=leaves,
            notional=notional,
            currency=currency,
            proposal=state.proposals.get(clordid),
        )


def _exposure(
    child: Child, request: Request, reference: Reference | None
) -> tuple[Decimal, Decimal | None, str]:
    """The larger of the order as it is and as it was asked for."""
    versions = [child.terms, *([request.terms] if request.terms else [])]
    leaves = max(Decimal(0), *(terms.quantity - child.cum_qty for terms in versions))
    instruments = reference.instruments if reference else ()
    known = next((i for i in instruments if i.Symbol == child.terms.Symbol), None)
    prices = [terms.Price for terms in versions if terms.Price is not None]
    price = max(prices, default=known.ReferencePx if known else None)
    if child.terms.OrderQty is None:
        return leaves, child.terms.CashOrderQty, child.terms.Currency or ""
    if price is None or known is None:
        return leaves, None, ""
    return leaves, leaves * price * known.ContractMultiplier, known.Currency


def _reference(data: Path) -> Reference | None:
    try:
        return load(Settings.of(data).config)
    except (SettingsMissing, ReferenceRefused):
        return None
