"""A town with a kill switch: triggers and releases among everything else that may happen.

The border tells the venue connection straight away, on a link of its own that may be slow; the kill
switch tells everybody through its outbox. An actor that comes back is told first what stands.
"""

import json
from collections import deque
from typing import Any

from actors.killswitch import KillSwitch
from infra.shell import Shell
from messages.base import Message
from messages.envelope import Address
from messages.kills import KILLSWITCH, Kill, KillDirectory, KillScope, ReleaseKill, StandingKill
from messages.operators import FromOperator
from tests.actors import town
from tests.actors.scenes import DESK
from tests.actors.town import ACCOUNTS, FIX, VENUE, Town

SCOPES = (
    (KillScope.Firm, None),
    (KillScope.Desk, DESK),
    (KillScope.Account, "acme"),
    (KillScope.Instrument, "AAPL"),
    (KillScope.Venue, "XNAS"),
)
PEOPLE = ("ann", "bob")


class KillTown(Town):
    """``pulled``: every kill, by KillID; ``released``: those that were ended."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.make[KILLSWITCH] = KillSwitch
        self.shells[KILLSWITCH] = Shell(KillSwitch(KILLSWITCH), 1)
        self.entries[KILLSWITCH] = []
        self.border: deque[Message] = deque()
        self.pulled: dict[str, Kill] = {}
        self.released: set[str] = set()
        everybody = {name: (DESK,) for name in ACCOUNTS}
        self.tell(
            KILLSWITCH, KillDirectory(Accounts=everybody, Symbols=("AAPL",), Venues=("XNAS",))
        )

    def pull(self) -> None:
        """Somebody stops something."""
        scope, name = self.random.choice(SCOPES)
        wish = Kill(Scope=scope, Name=name, Reason="a test", TransactTime=self.now)
        who = self.random.choice(PEOPLE)
        kill = wish.standing(who, self.now)
        self.pulled[kill.KillID] = wish
        self.border.append(kill)
        self._say(who, wish)

    def release(self) -> None:
        """The other one ends something that stands; the same person cannot."""
        standing = self.shells[KILLSWITCH].actor.state.standing
        if not standing:
            return
        kill: StandingKill = self.random.choice(standing)
        wish = ReleaseKill(KillID=kill.KillID, Reason="a test")
        self._say(kill.By, wish)
        still = self.shells[KILLSWITCH].actor.state.standing
        assert kill in still, "one person has released their own kill"
        other = next(name for name in PEOPLE if name != kill.By)
        self._say(other, wish)
        self.released.add(kill.KillID)

    def _say(self, who: str, wish: Kill | ReleaseKill) -> None:
        said = FromOperator(Operator=who, ReceivedAt=self.now, Request=wish)
        self.tell(KILLSWITCH, said, "ingress/0")

    def hear_border(self) -> None:
        """What the border had for the venue connection arrives."""
        self.tell(VENUE, self.border.popleft(), "ingress/0")

    def die(self, address: Address) -> None:
        """As ever; and the next incarnation is told first what stands."""
        super().die(address)
        if address not in (KILLSWITCH, town.COMPLIANCE):
            for kill in self.shells[KILLSWITCH].actor.state.standing_for(address):
                self.tell(address, kill)

    def run(self, steps: int) -> None:
        """Kills and releases among anything."""
        for _ in range(steps):
            luck = self.random.random()
            if luck < 0.02:
                self.pull()
            elif luck < 0.035:
                self.release()
            elif luck < 0.10 and self.border:
                self.hear_border()
            else:
                super().run(1)

    def heal(self) -> None:
        """Everything is heard; what stands stands on."""
        while self.border:
            self.hear_border()
        super().heal()

    def risk_after(self) -> list[str]:
        """Messages with new risk in the scope of a kill after the venue had journaled it."""
        wrong: list[str] = []
        standing: dict[str, StandingKill] = {}
        children: dict[str, dict[str, Any]] = {}
        kinds: dict[str, tuple[str, dict[str, Any]]] = {}
        for entry in self.entries[VENUE]:
            for event in json.loads(entry.events):
                match event["Event"]:
                    case "KillBegan":
                        kill = StandingKill.model_validate_json(json.dumps(event["Kill"]))
                        standing[kill.KillID] = kill
                    case "KillEnded":
                        standing.pop(event["KillID"], None)
                    case "ChildTaken":
                        children[event["ChildID"]] = event
                        kinds[event["ClOrdID"]] = ("New", event)
                    case "RequestTaken":
                        child = children[event["ChildID"]]
                        kind = "Replace" if event.get("Terms") else "Cancel"
                        kinds[event["ClOrdID"]] = (kind, child)
                    case "VenueMessageSent":
                        kind, child = kinds[event["ClOrdID"]]
                        stops = [k for k in standing.values() if _over(k, child)]
                        if kind == "New" and stops:
                            wrong.append(f"{event['ClOrdID']} after {stops[0].KillID}")
            for envelope in entry.envelopes():
                if envelope.recipient == FIX and envelope.kind == "VenueNewOrder":
                    body = json.loads(envelope.body)
                    kind, child = kinds[body["ClOrdID"]]
                    if any(_over(k, child) for k in standing.values()):
                        wrong.append(f"{body['ClOrdID']} left")
        return wrong


def _over(kill: StandingKill, child: dict[str, Any]) -> bool:
    """Read anew, and not by the code under test."""
    match kill.Scope:
        case KillScope.Firm:
            return True
        case KillScope.Desk:
            return bool(kill.Name == child.get("Desk"))
        case KillScope.Account:
            return bool(kill.Name == child["Account"])
        case KillScope.Instrument:
            return bool(kill.Name == child["Terms"]["Symbol"])
        case KillScope.Venue:
            return kill.Name == "XNAS"
