"""Alerts and what people did about them, as the journals of surveillance tell.

Read from the journal and not from the actor's memory: it has every alert there ever was.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from infra.replayed import journals, saying
from messages.base import Instant
from messages.events import ANY_EVENTS, AlertRaised, CaseMoved


@dataclass
class Line:
    """One alert. ``raised_at``: when it was journaled; ``steps``: what people did, in order."""

    alert: AlertRaised
    raised_at: Instant
    steps: list[CaseMoved] = field(default_factory=list)

    @property
    def status(self) -> str:
        """New, Open or Closed."""
        return self.steps[-1].CaseStatus if self.steps else "New"

    @property
    def assignee(self) -> str | None:
        """Who looks into it."""
        return self.steps[-1].Assignee if self.steps else None


def alerts(data: Path) -> dict[str, Line]:
    """Every alert of the installation by AlertID, the oldest first.

    Raises:
        CannotRead: a journal is damaged.
    """
    found: dict[str, Line] = {}
    for path in journals(data, "surveillance").values():
        for entry in saying(path, ['"Event":"AlertRaised"', '"Event":"CaseMoved"']):
            told = [
                event
                for event in json.loads(entry.events)
                if event["Event"] in ("AlertRaised", "CaseMoved")
            ]
            for event in ANY_EVENTS.validate_json(json.dumps(told)):
                if isinstance(event, AlertRaised):
                    found[event.AlertID] = Line(event, entry.at)
                elif isinstance(event, CaseMoved) and event.AlertID in found:
                    found[event.AlertID].steps.append(event)
    return found
