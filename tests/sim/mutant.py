"""Bugs on purpose: each breaks one promise, and the oracle must see it within a few seeds.

A mutant is a patch of the product's own code, taken back afterwards. Its name says what is wrong.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

Planted = tuple[object, str, Any]


@dataclass(frozen=True)
class Mutant:
    """``plant``: what to patch, with what. The faults and seeds that show it soonest."""

    plant: Callable[[], list[Planted]]
    faults: tuple[str, ...]
    seeds: tuple[int, ...]
    orders: int


MUTANTS: dict[str, Mutant] = {}


def mutant(
    faults: str = "none", seeds: tuple[int, ...] = (1, 2, 3, 4), orders: int = 40
) -> Callable[[Callable[[], list[Planted]]], Callable[[], list[Planted]]]:
    """One row of the table; one of the seeds is enough to see it, and the first usually is."""

    def make(plant: Callable[[], list[Planted]]) -> Callable[[], list[Planted]]:
        MUTANTS[plant.__name__] = Mutant(plant, tuple(faults.split(",")), seeds, orders)
        return plant

    return make


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The product with that bug in it."""
    with ExitStack() as stack:
        for where, attribute, wrong in MUTANTS[name].plant():
            stack.enter_context(patch.object(where, attribute, wrong))
        yield
