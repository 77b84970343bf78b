"""One event of a real exchange, whatever the file it came from.

A format is a function from lines of text to these events, one event for each row and none left
out, so that the rows of a file can be accounted for to the last one.
"""

import gzip
import lzma
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import IO, NamedTuple, cast

from messages import fix
from messages.base import Instant

_OPENERS: dict[str, Callable[..., IO[str]]] = {
    ".xz": cast(Callable[..., IO[str]], lzma.open),
    ".gz": cast(Callable[..., IO[str]], gzip.open),
}


class Kind(StrEnum):
    """What a row says."""

    New = "new"
    """An order of ``qty`` at ``price`` begins to rest (or arrives, where the file shows both)."""
    Reduce = "reduce"
    """Its owner took ``qty`` off a resting order."""
    Change = "change"
    """The order's price is now ``price``, and ``qty`` was added to it (often 0)."""
    Delete = "delete"
    """The order is gone, for whatever reason."""
    Execute = "execute"
    """``qty`` of a resting order traded against an order that this file does not show."""
    Match = "match"
    """``qty`` of the order traded against another order of this file."""
    Hidden = "hidden"
    """A trade against an order that nobody could see."""
    Cross = "cross"
    """An auction's trade."""
    Halt = "halt"
    """Trading stopped or went on."""


class MarketEvent(NamedTuple):
    """``at_ns`` counts on the source's own clock: only differences mean anything.

    ``side`` is that of the order named, never of the one that traded against it. Quantities are
    in units of the instrument, prices in its currency.
    """

    at_ns: Instant
    kind: Kind
    order_id: str
    side: fix.Side
    qty: Decimal
    price: Decimal


class UnreadableRow(ValueError):
    """A row that the format does not allow: which one, and why."""


@contextmanager
def rows(path: Path) -> Iterator[IO[str]]:
    """The lines of a text file, plain or compressed (``.xz``, ``.gz``)."""
    opener = _OPENERS.get(path.suffix)
    with opener(path, "rt") if opener else path.open() as lines:
        yield lines
