"""Two orders of one owner that would have traded with each other, and what became of them."""

from typing import Literal

from messages import base, rulebook, terms
from messages.base import Number


class SelfMatchFound(base.Event):
    """``OrderID`` would trade with ``Others`` of its owner, which the book cancels or reduces.

    ``RequestIDs``: of the book's requests to their venues; None: the book works that order itself.
    Of CancelOldest and Decrement the new order waits until they are answered.
    """

    Event: Literal["SelfMatchFound"] = "SelfMatchFound"
    OrderID: str
    Account: str
    Terms: terms.Terms
    Mode: rulebook.SelfMatchMode
    Others: tuple[str, ...]
    RequestIDs: tuple[str | None, ...]


class SelfMatchSettled(base.Event):
    """The new order waits no more: it goes on with ``OrderQty``, or it is over."""

    Event: Literal["SelfMatchSettled"] = "SelfMatchSettled"
    OrderID: str
    OrderQty: Number | None = None
