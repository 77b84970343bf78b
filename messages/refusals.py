"""Why something was refused: one shape for rules, borders and reports."""

from messages.base import Message


class Refusal(Message):
    """The rule that refused, the field, what was given, what is allowed, and what to do."""

    Rule: str
    Field: str
    Given: str
    Allowed: str
    Remedy: str

    def text(self) -> str:
        """One line for Text(58)."""
        return f"{self.Field} {self.Given}: {self.Allowed}. {self.Remedy}"
