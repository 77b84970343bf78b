"""What must be true of an installation at rest, beyond what its desks can see.

The ledger speaks from outside; this looks inside: at every journal, at compliance's totals, and at
the metrics that compliance serves. Each thing wrong is one sentence, filed under the invariant of
docs/ARCHITECTURE.md that it breaks, and how much was looked at is counted.
"""

import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from actors.account.state import AccountState
from actors.compliance import ComplianceState
from actors.conservation import LAWS, imbalances
from actors.venue.state import VenueState
from gateways.paper.store import read_executions, read_orders
from infra import compose, endpoints
from infra.children import paper_folder
from infra.journals import journals
from infra.replayed import CannotRead, replay
from infra.shell import Shell
from messages.envelope import Address
from messages.fix import Side

LAG_S = 10.0
"""Copies for compliance travel together, and vitals once a second: what is wrong only until then
is not wrong."""

ZERO_GAUGES = {
    "oms_conservation": "I14",
    "oms_in_doubt_orders": "I16",
    "oms_link_unacked": "I3",
    "oms_link_backlog": "I3",
}


class Wrong(NamedTuple):
    """One thing, and the invariant that it breaks."""

    invariant: str
    what: str


@dataclass
class Rest:
    """One look. ``checked``: how many things were looked at, by invariant.

    ``totals``: those of compliance, over the whole life of the installation.
    """

    wrong: list[Wrong] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)
    totals: dict[str, int] = field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        """What is wrong, a sentence each."""
        return [what for _, what in self.wrong]


def problems(data: Path, within_s: float = LAG_S) -> list[str]:
    """What is wrong ``within_s`` seconds from now at the latest; empty as soon as nothing is.

    The installation runs, nobody sends, and every order was canceled.
    """
    return examine(data, within_s).problems


def examine(data: Path, within_s: float = LAG_S) -> Rest:
    """The first look at which nothing is wrong, or the last one; see ``problems``."""
    deadline = time.monotonic() + within_s
    while True:
        rest = Rest()
        rest.wrong = [*_journals(data, rest), *_metrics(data, rest)]
        if not rest.wrong or time.monotonic() > deadline:
            return rest
        time.sleep(0.5)


def _journals(data: Path, rest: Rest) -> Iterator[Wrong]:
    shells: dict[Address, Shell] = {}
    for address, path in journals(data).items():
        try:
            shells[address] = replay(address, path)
            rest.checked["I6"] += shells[address].number
        except CannotRead as error:
            yield Wrong("I6", str(error))
    if compose.COMPLIANCE not in shells:
        yield Wrong("I18", f"{compose.COMPLIANCE} has no journal that can be read")
        return
    yield from _audit(shells, rest)
    for address, shell in shells.items():
        yield from _nothing_left(address, shell.actor.state, rest)
    yield from _positions(data, shells, rest)


def _audit(shells: dict[Address, Shell], rest: Rest) -> Iterator[Wrong]:
    compliance: ComplianceState = shells[compose.COMPLIANCE].actor.state
    rest.totals = dict(compliance.totals)
    entries = sum(compliance.audited.values())
    rest.checked.update({"I4": entries, "I12": entries, "I14": len(LAWS), "I7": entries})
    yield from (Wrong(_broken(what), f"violation: {what}") for what in compliance.violations)
    yield from (Wrong("I14", f"out of balance: {w}") for w in imbalances(compliance.totals))
    for name, invariant in (("messages_parked", "I7"), ("breaks", "I12")):
        if count := compliance.totals.get(name, 0):
            yield Wrong(invariant, f"compliance counted {count} {name}")
    for address, shell in shells.items():
        if address == compose.COMPLIANCE:
            continue
        audited = compliance.audited.get(address, 0)
        rest.checked["I18"] += shell.number
        if audited != shell.number:
            what = f"{address} has {shell.number} entries, compliance has heard {audited} of them"
            yield Wrong("I18", what)


def _broken(violation: str) -> str:
    """The invariant that compliance found broken."""
    if "epoch fell" in violation:
        return "I4"
    return "I18" if "was due" in violation else "I12"


def _nothing_left(address: Address, state: object, rest: Rest) -> Iterator[Wrong]:
    match state:
        case AccountState():
            rest.checked["I11"] += len(state.orders)
            if state.open:
                yield Wrong("I11", f"{address}: {len(state.open)} orders are open")
            rest.checked["I13"] += len(state.reserved)
            for currency, reserved in state.reserved.items():
                if reserved:
                    what = f"{address} holds back {reserved} {currency}, and nothing is open"
                    yield Wrong("I13", what)
        case VenueState():
            rest.checked["I16"] += len(state.requests)
            for clordid in state.unanswered:
                yield Wrong("I16", f"{address}: {clordid} is unanswered")
        case _:
            pass  # books follow their accounts; compliance is looked at above


def _positions(data: Path, shells: dict[Address, Shell], rest: Rest) -> Iterator[Wrong]:
    """What each account holds of a symbol is what venues executed for its orders."""
    held: dict[tuple[str, str], Decimal] = {}
    executed: dict[tuple[str, str], Decimal] = {}
    for address, shell in shells.items():
        if isinstance(shell.actor.state, AccountState):
            for symbol, position in shell.actor.state.positions.items():
                held[address.partition("/")[2], symbol] = position.quantity
    for path in sorted(paper_folder(data, "").glob("*/exchange.sqlite")):
        # The order says whose it is: one that the venue made has no ClOrdID.
        accounts = {f"O-{order.number}": order.account for order in read_orders(path)}
        for one in read_executions(path):
            key = (accounts[one.OrderID], one.Symbol)
            executed[key] = executed.get(key, Decimal(0)) + one.LastQty * Side(one.Side).sign
            rest.checked["I10"] += 1
    for key in sorted({*held, *executed}):
        mine, theirs = held.get(key, Decimal(0)), executed.get(key, Decimal(0))
        if mine != theirs:
            what = f"account {key[0]} holds {mine} {key[1]}, venues executed {theirs} for it"
            yield Wrong("I10", what)


def _metrics(data: Path, rest: Rest) -> Iterator[Wrong]:
    url = str(endpoints.read(data).get("metrics", ""))
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # our own, loopback
            text = answer.read().decode()
    except (urllib.error.URLError, ValueError, OSError) as error:
        yield Wrong("I18", f"no metrics at {url or 'any address'}: {error}")
        return
    families = {family.name: family for family in text_string_to_metric_families(text)}
    for name, invariant in ZERO_GAUGES.items():
        if name not in families:
            yield Wrong(invariant, f"{name} is not among the metrics")
            continue
        for sample in families[name].samples:
            rest.checked[invariant] += 1
            if sample.value:
                labels = ", ".join(sample.labels.values())
                yield Wrong(invariant, f"{name} {labels} reads {Decimal(sample.value):f}")
