"""Bugs on purpose: each breaks one promise, and the oracle must see it within a few seeds.

A mutant is a patch of the product's own code, taken back afterwards. Its name says what is wrong.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

Planted = tuple[object, str, Any]
MUTANTS: dict[str, Callable[[], list[Planted]]] = {}


def mutant(make: Callable[[], list[Planted]]) -> Callable[[], list[Planted]]:
    """One row of the table: what to patch, with what."""
    MUTANTS[make.__name__] = make
    return make


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The product with that bug in it."""
    with ExitStack() as stack:
        for where, attribute, wrong in MUTANTS[name]():
            stack.enter_context(patch.object(where, attribute, wrong))
        yield
