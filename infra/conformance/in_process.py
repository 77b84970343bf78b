"""The stage in one process: the same actors behind their shells, no broker, no session, no clock.

Links deliver at once and in order, so everything that a word leads to has happened when it returns.
The venue's words pass through the same dialect as on a session.
"""

import itertools
from collections import deque

from gateways.fix import scripted
from gateways.fix.dialect import Malformed, Unsendable
from gateways.fix.dialects import DIALECTS
from infra.compose import make_actor
from infra.conformance.stage import ACCOUNT, DESK, VENUE, Cast, WireFields
from infra.hosts.venue import TO_VENUE
from infra.shell import ActorFailed, Shell
from messages import venue as wire
from messages.base import Instant, Message
from messages.envelope import Address, Envelope
from messages.orders import DeskRequest, FromDesk
from messages.reports import DESK_REPORT, DeskReport

START: Instant = 1_795_400_000_000_000_000
TICK: Instant = 1_000

INGRESS, FIX, REFERENCE = "ingress/0", f"fix/{VENUE}", "reference/0"


class InProcess:
    """See Stage."""

    def __init__(self, cast: Cast) -> None:
        self.reports: deque[DeskReport] = deque()
        self.requests: deque[WireFields] = deque()
        self.trouble: list[str] = []
        self._reference = cast.reference(port=1)
        self._dialect = DIALECTS[self._reference.venues[0].Dialect]
        self._shells: dict[Address, Shell] = {}
        self._waiting: deque[Envelope] = deque()
        self._clock = itertools.count(START, TICK)
        self._said = itertools.count(1)
        self._tell(f"venue/{VENUE}", wire.SessionUp(), FIX)

    async def publish(self, request: DeskRequest) -> None:
        """See Stage."""
        said = FromDesk(Desk=DESK, ReceivedAt=next(self._clock), Request=request)
        self._tell(f"account/{ACCOUNT}", said, INGRESS)

    async def say(self, fields: WireFields) -> None:
        """See Stage."""
        try:
            message = scripted.understood(self._dialect, fields)
        except Malformed as error:
            self.trouble.append(f"the dialect cannot read it: {error}")
            return
        if message is not None:
            self._tell(f"venue/{VENUE}", message, FIX, next(self._said))

    async def news(self) -> bool:
        """See Stage: everything has happened already."""
        return False

    def _tell(self, address: Address, message: Message, sender: Address, seq: int = 0) -> None:
        body = message.model_dump_json(exclude_none=True).encode()
        kind = type(message).__name__
        at = next(self._clock)
        self._waiting.append(Envelope(sender, address, seq, kind, at, "", body))
        while self._waiting:
            self._deliver(self._waiting.popleft())

    def _deliver(self, envelope: Envelope) -> None:
        match envelope.recipient.partition("/")[0]:
            case "desk":
                self.reports.append(DESK_REPORT.validate_json(envelope.body))
            case "fix":
                self._ask(envelope.body)
            case _:
                self._take(self._shell(envelope.recipient), envelope)

    def _ask(self, body: bytes) -> None:
        try:
            self.requests.append(scripted.worded(self._dialect, TO_VENUE.validate_json(body)))
        except Unsendable as error:
            self.trouble.append(f"the dialect cannot say it: {error}")

    def _take(self, shell: Shell, envelope: Envelope) -> None:
        try:
            shell.take(envelope, next(self._clock))
        except ActorFailed as error:
            self.trouble.append(f"{shell.address} failed on {envelope.kind}: {error}")
            shell.park(envelope, str(error), next(self._clock))
        self._waiting.extend(shell.take_outbox())

    def _shell(self, address: Address) -> Shell:
        known = self._shells.get(address)
        if known is not None:
            return known
        shell = self._shells[address] = Shell(make_actor(address), epoch=1)
        for message in self._reference.about(address):
            body = message.model_dump_json(exclude_none=True).encode()
            kind = type(message).__name__
            at = next(self._clock)
            self._take(shell, Envelope(REFERENCE, address, 0, kind, at, "", body))
        return shell
