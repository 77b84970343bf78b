"""How many messages a host takes in one turn.

A turn is over when everything in it is durable and has gone out, and until then nobody is heard: so
where somebody is urgent a turn is of what can be done in a given time, and not of all that waits.
"""

TURN = 512
"""At most this many messages in one commit."""

LEAST = 32
"""Fewer would spend the time on commits."""


class Turns:
    """``most``: for the next turn, by how long the last one took. ``within_s``: the time for it."""

    def __init__(self, within_s: float) -> None:
        self.most = TURN
        self._within_s = within_s

    def took(self, count: int, seconds: float) -> None:
        """A turn of so many messages is over; of a few nothing can be told."""
        if count >= LEAST and seconds > 0:
            self.most = int(max(LEAST, min(TURN, count * self._within_s / seconds)))
