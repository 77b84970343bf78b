"""A pattern: which sightings it looks at, and what it finds in what is remembered at that moment.

``look`` is a pure function of the state after the sighting. It yields findings, or a wish to look
again later where only time can tell. It never remembers anything by itself.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from actors.surveillance.state import Known, Order, SurveillanceState, Tape, Track, Trade
from messages.base import SECOND, Event, Instant
from messages.events.surveillance import Measure
from messages.surveillance import LookAgain
from messages.thresholds import Party, Thresholds

EVIDENCE = 40
"""Orders and entries of an alert; of more the last are named."""


class Sight(NamedTuple):
    """One sighting with all that a pattern may look at. ``order``: whose it is."""

    state: SurveillanceState
    known: Known
    seen: Any
    at: Instant
    symbol: str
    order: Order
    party: Party
    track: Track
    tape: Tape
    limits: Thresholds

    def ago(self, seconds: int) -> Instant:
        """So long before the sighting."""
        return self.at - seconds * SECOND


@dataclass(frozen=True, slots=True)
class Finding:
    """What an alert will say. ``trades`` and ``orders`` are the evidence."""

    owner: str
    severity: str
    text: str
    measures: tuple[Measure, ...]
    orders: tuple[Order, ...] = ()
    trades: tuple[Trade, ...] = ()


class Later(NamedTuple):
    """Look again then."""

    at: Instant
    what: LookAgain


class Pattern(NamedTuple):
    """A row of the table. ``sees``: the sightings that it looks at.

    ``again``: what it finds when a timer that it asked for is due.
    """

    name: str
    sees: tuple[type[Event], ...]
    look: Callable[[Sight], Iterator[Finding | Later]]
    again: Callable[[SurveillanceState, Known, LookAgain], Iterator[Finding]] | None = None


def measure(name: str, value: Decimal | int, threshold: Decimal | int) -> Measure:
    """What was measured and what it had to reach."""
    return Measure.model_construct(
        None, Name=name, Value=_short(Decimal(value)), Threshold=Decimal(threshold)
    )


def _short(value: Decimal) -> Decimal:
    places = value.as_tuple().exponent
    return round(value, 6) if isinstance(places, int) and places < -6 else value


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, a Decimal also of nothing."""
    return sum(amounts, Decimal(0))


def share(part: Decimal | int, whole: Decimal | int) -> Decimal:
    """The fraction; 0 of nothing."""
    return Decimal(part) / Decimal(whole) if whole else Decimal(0)


def accounts(finding: Finding) -> tuple[str, ...]:
    """Whose orders and trades it is made of."""
    found = [*(o.account for o in finding.orders), *(t.account for t in finding.trades)]
    return tuple(dict.fromkeys(found))


def desks(finding: Finding) -> tuple[str, ...]:
    """Which desks sent them."""
    found = [*(o.desk for o in finding.orders), *(t.desk for t in finding.trades)]
    return tuple(dict.fromkeys(found))


def order_ids(finding: Finding) -> tuple[str, ...]:
    """Their OrderIDs."""
    found = [*(o.id for o in finding.orders), *(t.order for t in finding.trades)]
    return tuple(dict.fromkeys(found))[-EVIDENCE:]


def entries(finding: Finding) -> tuple[str, ...]:
    """Where each stands: journal and number."""
    found = [(o.account, o.entry) for o in finding.orders]
    found += [(o.account, o.gone_entry) for o in finding.orders if o.gone_entry]
    found += [(t.account, t.entry) for t in finding.trades]
    return tuple(dict.fromkeys(f"account/{name} {number}" for name, number in found))[-EVIDENCE:]
