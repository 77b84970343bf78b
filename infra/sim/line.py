"""A FIX session to a venue as its host sees it: in order, resent from a number, cut at any time."""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from infra.sim.loop import PROCESS, WORLD, SimLoop
from messages.base import Instant, Message
from messages.venue import SessionDown, SessionUp, VenueQuotes

if TYPE_CHECKING:
    from infra.sim.exchange import Exchange, ToVenue

LOGON_S = 0.05
TRAVEL_S = 0.001


class Line:
    """The interface of :class:`gateways.fix.session.FixSession`, in memory."""

    def __init__(
        self,
        exchange: "Exchange",
        loop: SimLoop,
        random: Random,
        on_message: Callable[[int, Message], None],
        clock: Callable[[], Instant],
    ) -> None:
        self._exchange = exchange
        self._loop = loop
        self._random = random
        self._on_message = on_message
        self._clock = clock
        self._process = PROCESS.get()
        self._next = 0
        self._fresh = 0
        self._up = False
        self._stopped = False
        self._pumping = False
        self.sent = 0
        exchange.line = self
        if self._process is not None:
            self._process.deaths.append(self._died)

    @property
    def logged_on(self) -> bool:
        """Whether a message sent now leaves now."""
        return self._up

    def start(self, heard: int) -> None:
        """Log on, and hear again whatever follows ``heard``."""
        self._next = heard
        self._loop.call_later(LOGON_S, self._log_on)

    def stop(self) -> None:
        """Log out."""
        self._stopped = True
        self._up = False

    def send(self, message: "ToVenue") -> bool:
        """False: it did not leave and never will."""
        if not self._up:
            return False
        self.sent += 1
        self._loop.later_in(WORLD, TRAVEL_S, self._arrive, message)  # it is on the wire
        return True

    def cut(self) -> None:
        """The connection breaks; what is on the wire towards the venue may be lost."""
        if not self._up:
            return
        self._up = False
        self._tell(SessionDown(Text="cut"))
        self._in(LOGON_S * (1 + self._random.random() * 10), self._log_on)

    def said(self) -> None:
        """The venue has said something more."""
        if self._up and not self._pumping:
            self._pumping = True
            self._in(TRAVEL_S, self._pump)

    def _log_on(self) -> None:
        if self._stopped or self._up or self._exchange.line is not self:
            return
        if not self._exchange.open:
            self._in(LOGON_S, self._log_on)
            return
        self._up = True
        self._fresh = len(self._exchange.said)
        self._exchange.logged_on()
        self._on_message(0, SessionUp())
        self.said()

    def _pump(self) -> None:
        self._pumping = False
        said = self._exchange.said
        while self._up and self._next < len(said):
            message = said[self._next]
            self._next += 1
            if isinstance(message, VenueQuotes) and self._next <= self._fresh:
                continue  # nobody resends a quote: its number is filled
            self._on_message(self._next, message)
            break
        if self._up and self._next < len(said):
            self.said()

    def _arrive(self, message: "ToVenue") -> None:
        exchange = self._exchange
        if self._up and exchange.open and self._random.random() >= exchange.swallows:
            exchange.now = self._clock()
            exchange.hear(message)
        else:
            exchange.happened["swallowed"] += 1

    def _tell(self, message: Message) -> None:
        self._in(0, self._on_message, 0, message)

    def _in(self, delay: float, call: Callable[..., None], *args: object) -> None:
        if self._process is None:
            self._loop.call_later(delay, call, *args)
        elif not self._process.dead:
            self._loop.later_in(self._process, delay, call, *args)

    def _died(self) -> None:
        self._up = False
        self._stopped = True
