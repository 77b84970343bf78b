"""Kills as the journal of the kill switch tells them: what actors are told first, and certificates.

Whoever was dead when a kill came would hear of it over its links, but perhaps only after somebody
else's order. What stands at the start is therefore told by the host itself, like reference data.
"""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from infra.journals import journal_of
from messages.base import format_time
from messages.envelope import Address
from messages.kills import KILLSWITCH, KilledState, KillHeard, StandingKill

if TYPE_CHECKING:
    from actors.killswitch import KillSwitchState, Record


def standing(data: Path, address: Address) -> tuple[StandingKill, ...]:
    """Those that concern the actor, the oldest first; none where nobody ever triggered one.

    Raises:
        CannotRead: the journal is damaged, or its server cannot be asked.
    """
    return _state(data).standing_for(address)


def _state(data: Path) -> "KillSwitchState":
    from actors.killswitch import KillSwitchState

    path = journal_of(data, KILLSWITCH)
    if path.suffix == ".sqlite" and not path.exists():
        return KillSwitchState()
    from infra.replayed import latest, rows

    tables = "SELECT 1 FROM sqlite_master WHERE name = 'entries'"
    if path.suffix == ".sqlite" and not list(rows(path, tables)):
        return KillSwitchState()  # it ended before its first entry

    state: KillSwitchState = latest(KILLSWITCH, path).actor.state
    return state


class Certificate(NamedTuple):
    """What the actors said of one kill. ``orders`` by how they stand, as ``venue OrderID``."""

    record: "Record"
    orders: dict[KilledState, list[str]]

    @classmethod
    def of(cls, record: "Record") -> "Certificate":
        """What the kill switch knows of one kill, in order."""
        orders: dict[KilledState, list[str]] = {}
        for name, order in record.orders.items():
            orders.setdefault(order.State, []).append(name)
        return cls(record, orders)

    @property
    def missing(self) -> list[str]:
        """Who has not said that the kill is journaled, or what is open there."""
        return sorted({*self.record.awaited, *self.record.unlisted})

    @property
    def venues(self) -> list[KillHeard]:
        """What venue connections said when they had journaled it."""
        heard = self.record.heard.items()
        return [said for who, said in sorted(heard) if who.startswith("venue/")]

    def as_dict(self) -> dict[str, object]:
        """Under FIX names, times in RFC 3339."""
        record, kill = self.record, self.record.kill
        found: dict[str, object] = {
            "KillID": kill.KillID,
            "Scope": kill.Scope,
            "Name": kill.Name,
            "By": kill.By,
            "Reason": kill.Reason,
            "At": format_time(kill.At),
            "Quiet": record.quiet,
            "QuietAt": format_time(record.quiet_at) if record.quiet_at else None,
            "ReleasedBy": record.released_by or None,
            "ReleasedAt": format_time(record.released_at) if record.released_at else None,
            "ReleaseReason": record.release_reason or None,
            "NotHeard": self.missing,
            "Venues": [self._venue(said) for said in self.venues],
            "Orders": {state.value: names for state, names in self.orders.items()},
        }
        return found

    def _venue(self, said: KillHeard) -> dict[str, object]:
        return {
            "Venue": said.By.partition("/")[2],
            "At": format_time(said.At),
            "LastClOrdID": said.LastClOrdID,
            "LastSentAt": format_time(said.LastSentAt) if said.LastSentAt else None,
            "MsgSeqNum": self.record.sequences.get(said.By),
        }


def certificates(data: Path) -> list[Certificate]:
    """Of every kill there ever was, the oldest first.

    Raises:
        CannotRead: the journal is damaged, or its server cannot be asked.
    """
    return [Certificate.of(record) for record in _state(data).kills.values()]
