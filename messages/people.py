"""People: who may decide what, by role. A person is a user of the broker, like a desk.

A role is a right; who has which stands in the reference data, and whoever decides something is
journaled with the roles they had then.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from messages import base
from messages.base import Message

Reason = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
"""One line of text."""


class Role(StrEnum):
    """What a person may decide."""

    PortfolioManager = "PortfolioManager"
    """Proposes orders, and writes notes on them."""
    Compliance = "Compliance"
    """Approves orders, triggers and releases kills, changes rules, handles alerts."""
    Trader = "Trader"
    """Releases approved staged orders to the market."""
    Operator = "Operator"
    """Settles what is in doubt, triggers and releases kills, changes rules, handles alerts."""


class Person(Message):
    """A person with their roles. ``Desk``: the desk whose orders are their own, if any."""

    Name: base.Name
    Roles: tuple[Role, ...]
    Desk: base.Name | None = None
