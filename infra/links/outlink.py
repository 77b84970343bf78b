"""One link's sending side without any I/O: what to send, what to keep, where to go on."""

from collections import deque
from collections.abc import Sequence

from infra.links import Hello, LinkBroken
from messages.envelope import Address, Envelope


class Outlink:
    """Envelopes from ``first`` on that the recipient has not acknowledged, in order.

    At most ``window`` are in flight; the rest waits here, which is the back-pressure.
    """

    def __init__(
        self,
        sender: Address,
        recipient: Address,
        *,
        epoch: int = 0,
        incarnation: str = "",
        heard: int = 0,
        window: int = 4096,
    ) -> None:
        self.sender = sender
        self.recipient = recipient
        self.epoch = epoch
        self.incarnation = incarnation
        self.heard = heard
        self.window = window
        self._kept: deque[Envelope] = deque()
        self._in_flight = 0

    @property
    def unacknowledged(self) -> int:
        """Offered and not acknowledged, in flight or waiting."""
        return len(self._kept)

    def hello(self) -> Hello:
        """What to say on a new connection; nothing is in flight on it yet."""
        self._in_flight = 0
        return Hello(
            sender=self.sender,
            recipient=self.recipient,
            epoch=self.epoch,
            incarnation=self.incarnation,
            first=self.heard + 1,
        )

    def offer(self, envelopes: Sequence[Envelope]) -> None:
        """Keep these until they are acknowledged. They follow on without a hole."""
        for envelope in envelopes:
            expected = self.heard + len(self._kept) + 1
            if envelope.seq != expected:
                raise LinkBroken(
                    f"{self.sender} offers {self.recipient} number {envelope.seq}, "
                    f"{expected} is due"
                )
            self._kept.append(envelope)

    def acknowledged(self, heard: int) -> int:
        """The recipient has everything up to ``heard``; how many that is more than before."""
        if heard > self.heard + len(self._kept):
            raise LinkBroken(
                f"{self.recipient} has heard {heard} of {self.sender}, which has only sent "
                f"{self.heard + len(self._kept)}: the sender's journal has lost entries"
            )
        count = max(0, heard - self.heard)
        for _ in range(count):
            self._kept.popleft()
        self.heard = max(heard, self.heard)
        self._in_flight = max(0, self._in_flight - count)
        return count

    def rewind(self) -> None:
        """The recipient missed something: everything unacknowledged is to be sent again."""
        self._in_flight = 0

    def ready(self, most: int) -> list[Envelope]:
        """The next envelopes that may go out, at most ``most``; they are in flight from now on."""
        room = min(most, self.window - self._in_flight, len(self._kept) - self._in_flight)
        if room <= 0:
            return []
        begin = self._in_flight
        self._in_flight += room
        if begin == 0 and room == len(self._kept):
            return list(self._kept)
        return [self._kept[i] for i in range(begin, begin + room)]
