"""What the host of a venue connection adds: the FIX session in the same process.

The session's MsgSeqNum is the link number of what comes in, so what was not committed is asked for
again at the next logon. What goes out is taken or not: the actor asks the venue about the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import structlog
from pydantic import Field, TypeAdapter

from gateways.fix.session import FixSession
from infra.hosts.actor import ActorHost
from messages import venue as wire
from messages.base import Message
from messages.envelope import Envelope
from messages.reference import VenueDefinition

ToVenue = Annotated[
    wire.VenueNewOrder | wire.VenueCancel | wire.VenueReplace | wire.VenueStatusRequest,
    Field(discriminator="MsgType"),
]
TO_VENUE: TypeAdapter[ToVenue] = TypeAdapter(ToVenue)

log = structlog.get_logger()


class VenueSession:
    """Joins a venue actor's host with its FIX session."""

    def __init__(self, definition: VenueDefinition, folder: Path) -> None:
        self._address = f"fix/{definition.Venue}"
        self._session = FixSession(definition, folder, self._said)
        self._host: ActorHost | None = None

    @property
    def local(self) -> Mapping[str, Callable[[Sequence[Envelope]], None]]:
        """What the host delivers here instead of over a link."""
        return {"fix": self._send}

    def start(self, host: ActorHost) -> None:
        """Log on, and hear again whatever the actor has not committed."""
        self._host = host
        host.tell(self._address, wire.SessionDown(Text="starting"))
        self._session.start(host.shell.heard.get(self._address, 0))

    async def stop(self) -> None:
        """Log out."""
        self._session.stop()

    def _said(self, seq: int, message: Message) -> None:
        assert self._host is not None
        self._host.tell(self._address, message, seq)

    def _send(self, envelopes: Sequence[Envelope]) -> None:
        assert self._host is not None
        for envelope in envelopes:
            message = TO_VENUE.validate_json(envelope.body)
            if not self._session.send(message):
                log.warning("not sent", venue=self._address, clordid=message.ClOrdID)
                self._host.tell(self._address, wire.NotSent(ClOrdID=message.ClOrdID))
