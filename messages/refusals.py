"""Why something was refused: one shape for rules, borders and reports."""

from messages.base import Message


class Refusal(Message):
    """The rule that refused, the field, what was given, what is allowed, and what to do.

    ``Version``: of the rule book it was judged by; ``Level``: whose limit it was. ``Limit`` and
    ``Inputs``: the numbers that were compared, by name. ``Approval``: somebody else may let it
    through.
    """

    Rule: str
    Field: str
    Given: str
    Allowed: str
    Remedy: str
    Version: int | None = None
    Level: str | None = None
    Limit: str | None = None
    Inputs: dict[str, str] | None = None
    Approval: bool | None = None

    def text(self) -> str:
        """One line for Text(58)."""
        return f"{self.Field} {self.Given}: {self.Allowed}. {self.Remedy}"
