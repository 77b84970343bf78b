"""What the host of a venue connection adds: the FIX session in the same process.

The session's MsgSeqNum is the link number of what comes in, so what was not committed is asked for
again at the next logon. What goes out is taken or not: the actor asks the venue about the rest.
Everything is told in the order in which it was heard, but quotes, of which the next supersedes the
last: they wait for each other, and nothing waits for them.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import structlog
from pydantic import Field, TypeAdapter

from actors.venue.state import VenueState
from gateways.fix.session import FixSession
from infra.hosts.actor import ActorHost
from infra.hosts.quotes import Quotes
from messages import venue as wire
from messages.base import Message
from messages.envelope import Envelope
from messages.reference import VenueDefinition

ToVenue = Annotated[
    wire.VenueNewOrder
    | wire.VenueCancel
    | wire.VenueReplace
    | wire.VenueStatusRequest
    | wire.VenueMassStatusRequest
    | wire.VenueMarketDataRequest,
    Field(discriminator="MsgType"),
]
TO_VENUE: TypeAdapter[ToVenue] = TypeAdapter(ToVenue)
ToSession = Annotated[ToVenue | wire.SequenceAsked, Field(discriminator="MsgType")]
TO_SESSION: TypeAdapter[ToSession] = TypeAdapter(ToSession)
"""The session answers some of it itself."""

log = structlog.get_logger()


class VenueSession:
    """Joins a venue actor's host with its FIX session."""

    def __init__(
        self,
        definition: VenueDefinition,
        folder: Path,
        make_session: Callable[..., FixSession] = FixSession,
    ) -> None:
        self._address = f"fix/{definition.Venue}"
        self._session = make_session(definition, folder, self._said)
        self._host: ActorHost | None = None
        self._quotes = Quotes(self._tell)

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
        self._quotes.forget()

    def _said(self, seq: int, message: Message) -> None:
        match message:
            case wire.VenueQuotes():
                self._quotes.heard(seq, message)
                return
            case wire.SessionUp() | wire.SessionDown():
                self._quotes.forget()
            case wire.VenueSecurityStatus() | wire.VenueSessionStatus():
                self._quotes.flush()  # what was quoted before a halt is heard before it
        self._quotes.passed(seq)
        self._tell(seq, message)

    def _tell(self, seq: int, message: Message) -> None:
        assert self._host is not None
        self._host.tell(self._address, message, seq)

    def _send(self, envelopes: Sequence[Envelope]) -> None:
        assert self._host is not None
        for envelope in envelopes:
            message = TO_SESSION.validate_json(envelope.body)
            if isinstance(message, wire.SequenceAsked):
                told = wire.SequenceTold(KillID=message.KillID, MsgSeqNum=self._session.sent)
                self._host.tell(self._address, told)
                continue
            if isinstance(message, wire.VenueMarketDataRequest):
                self._quotes.asked(message)
            if self._session.send(message):
                continue
            if isinstance(message, wire.VenueMarketDataRequest):
                log.warning("not asked", venue=self._address, symbols=message.Symbols)
                text = "the session is down"
                reject = wire.VenueMarketDataReject(MDReqID=message.MDReqID, Text=text)
                self._host.tell(self._address, reject)
            elif not isinstance(message, wire.VenueMassStatusRequest):  # it is asked at each logon
                log.warning("not sent", venue=self._address, clordid=message.ClOrdID)
                self._host.tell(self._address, wire.NotSent(ClOrdID=message.ClOrdID))


def signs(state: VenueState) -> Mapping[str, Any]:
    """What a venue's vitals say beyond those of every actor."""
    doubts = [
        request.doubt_since
        for clordid in state.unanswered
        if (request := state.requests[clordid]).in_doubt
    ]
    since = min(doubts, default=0) or None
    return {"connected": state.up, "in_doubt_orders": len(doubts), "in_doubt_since": since}
