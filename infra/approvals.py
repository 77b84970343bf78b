"""What waits for people in any account, as the journals tell, with what was said of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from actors.account.state import AccountState, Order, Staging
from infra.replayed import account_journals, events_of, latest
from messages.base import Instant
from messages.events import OrderDecided, OrderStaged
from messages.people import Role


class Waiting(NamedTuple):
    """One order that waits. ``decided``: what persons said of it, oldest first."""

    account: str
    order: Order
    staging: Staging
    since: Instant
    decided: tuple[OrderDecided, ...]

    @property
    def awaits(self) -> Role:
        """Who is to decide next."""
        return self.staging.steps[self.staging.done]


def waiting(data: Path, account: str | None = None) -> list[Waiting]:
    """Every order that waits, the oldest first.

    Raises:
        CannotRead: there is no such account, or a journal is damaged.
    """
    found: list[Waiting] = []
    for address, path in account_journals(data, account).items():
        since = {event.OrderID: at for at, event in events_of(path, OrderStaged)}
        if since:  # replaying every journal for nothing would be the usual case
            state: AccountState = latest(address, path).actor.state
            said = [event for _, event in events_of(path, OrderDecided)] if state.staged else []
            found += _of(address.partition("/")[2], state, since, said)
    return sorted(found, key=lambda one: one.since)


def _of(
    account: str, state: AccountState, since: dict[str, Instant], said: list[OrderDecided]
) -> Iterator[Waiting]:
    for name, staging in state.staged.items():
        decided = tuple(event for event in said if event.OrderID == name)
        yield Waiting(account, state.orders[name], staging, since[name], decided)
