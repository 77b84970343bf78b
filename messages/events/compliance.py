"""What compliance finds."""

from typing import Literal

from messages import base


class EntryAudited(base.Event):
    """An actor's entry was heard, in its place; ``Counts`` adds to the running totals."""

    Event: Literal["EntryAudited"] = "EntryAudited"
    Actor: str
    Number: int
    Epoch: int
    Counts: dict[str, int]


class ViolationFound(base.Event):
    """An entry breaks a rule that no entry may break: an alarm."""

    Event: Literal["ViolationFound"] = "ViolationFound"
    Actor: str
    Number: int
    What: str
