"""What `oms doctor` looks at, a line each: what was found, what that means, and what helps."""

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """OK; WARN: it works, but worse or not for long; FAIL: it does not work."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


class Check(NamedTuple):
    """One line. ``remedy`` is empty where none is needed."""

    name: str
    verdict: Verdict
    found: str
    remedy: str = ""


def graded(
    name: str, value: float, *, warn: float, fail: float, found: str, remedy: str, less: bool = True
) -> Check:
    """A measure against two bounds; beyond ``fail`` is worse than beyond ``warn``.

    ``less``: the smaller the worse; else the larger.
    """
    beyond = [value < bound if less else value > bound for bound in (fail, warn)]
    if beyond[0]:
        return Check(name, Verdict.FAIL, found, remedy)
    if beyond[1]:
        return Check(name, Verdict.WARN, found, remedy)
    return Check(name, Verdict.OK, found)
