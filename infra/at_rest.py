"""What must be true of an installation at rest, beyond what its desks can see.

The ledger speaks from outside; this looks inside: at every journal, at compliance's totals, and at
the metrics that compliance serves. Each thing wrong is one sentence.
"""

import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from actors.account.state import AccountState
from actors.compliance import ComplianceState
from actors.conservation import imbalances
from actors.venue.state import VenueState
from gateways.paper.store import read_executions
from infra import compose, endpoints
from infra.journals import journals
from infra.replayed import CannotRead, replay
from infra.shell import Shell
from infra.supervisor import paper_folder
from messages.envelope import Address
from messages.fix import Side

LAG_S = 10.0
"""Copies for compliance travel together, and vitals once a second: what is wrong only until then
is not wrong."""

_CHILD = re.compile(r"-\d+(\.\d+)+$")
"""What a venue's ClOrdID has behind the name of the account: order, child, request."""

ZERO_GAUGES = ("oms_conservation", "oms_in_doubt_orders", "oms_link_unacked", "oms_link_backlog")


def problems(data: Path, within_s: float = LAG_S) -> list[str]:
    """What is wrong ``within_s`` seconds from now at the latest; empty as soon as nothing is.

    The installation runs, nobody sends, and every order was canceled.
    """
    deadline = time.monotonic() + within_s
    while True:
        found = [*_journals(data), *_metrics(data)]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.5)


def _journals(data: Path) -> Iterator[str]:
    shells: dict[Address, Shell] = {}
    for address, path in journals(data).items():
        try:
            shells[address] = replay(address, path)
        except CannotRead as error:
            yield str(error)
    if compose.COMPLIANCE not in shells:
        yield f"{compose.COMPLIANCE} has no journal that can be read"
        return
    yield from _audit(shells)
    for address, shell in shells.items():
        yield from _nothing_left(address, shell.actor.state)
    yield from _positions(data, shells)


def _audit(shells: dict[Address, Shell]) -> Iterator[str]:
    compliance: ComplianceState = shells[compose.COMPLIANCE].actor.state
    yield from (f"violation: {what}" for what in compliance.violations)
    yield from (f"out of balance: {what}" for what in imbalances(compliance.totals))
    for name in ("messages_parked", "breaks"):
        if count := compliance.totals.get(name, 0):
            yield f"compliance counted {count} {name}"
    for address, shell in shells.items():
        audited = compliance.audited.get(address, 0)
        if address != compose.COMPLIANCE and audited != shell.number:
            yield f"{address} has {shell.number} entries, compliance has heard {audited} of them"


def _nothing_left(address: Address, state: object) -> Iterator[str]:
    match state:
        case AccountState():
            if state.open:
                yield f"{address}: {len(state.open)} orders are open"
            for currency, reserved in state.reserved.items():
                if reserved:
                    yield f"{address} holds back {reserved} {currency}, and nothing is open"
        case VenueState():
            for clordid in state.unanswered:
                yield f"{address}: {clordid} is unanswered"
        case _:
            pass  # books follow their accounts; compliance is looked at above


def _positions(data: Path, shells: dict[Address, Shell]) -> Iterator[str]:
    """What each account holds of a symbol is what venues executed for its children."""
    held: dict[tuple[str, str], Decimal] = {}
    executed: dict[tuple[str, str], Decimal] = {}
    for address, shell in shells.items():
        if isinstance(shell.actor.state, AccountState):
            for symbol, position in shell.actor.state.positions.items():
                held[address.partition("/")[2], symbol] = position.quantity
    for path in sorted(paper_folder(data, "").glob("*/exchange.sqlite")):
        for one in read_executions(path):
            key = (_CHILD.sub("", one.ClOrdID), one.Symbol)
            executed[key] = executed.get(key, Decimal(0)) + one.LastQty * Side(one.Side).sign
    for key in sorted({*held, *executed}):
        mine, theirs = held.get(key, Decimal(0)), executed.get(key, Decimal(0))
        if mine != theirs:
            yield f"account {key[0]} holds {mine} {key[1]}, venues executed {theirs} for it"


def _metrics(data: Path) -> Iterator[str]:
    url = str(endpoints.read(data).get("metrics", ""))
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # our own, loopback
            text = answer.read().decode()
    except (urllib.error.URLError, ValueError, OSError) as error:
        yield f"no metrics at {url or 'any address'}: {error}"
        return
    families = {family.name: family for family in text_string_to_metric_families(text)}
    for name in ZERO_GAUGES:
        if name not in families:
            yield f"{name} is not among the metrics"
            continue
        for sample in families[name].samples:
            if sample.value:
                labels = ", ".join(sample.labels.values())
                yield f"{name} {labels} reads {Decimal(sample.value):f}"
