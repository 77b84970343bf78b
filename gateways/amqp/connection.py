"""Connections that come back by themselves, and channels that come back with them.

A channel that was lost is a new channel with a new generation: whatever belonged to the old one
(pending confirms, unacknowledged deliveries) is over, and the broker will say so again.
Use one connection to publish and another one to consume: a broker short of memory or disk stops
reading from whoever publishes, and acknowledgements must not wait behind that.
"""

import asyncio
import logging
from abc import ABC, abstractmethod

import aiormq
from aio_pika import RobustConnection, connect_robust
from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from yarl import URL

from gateways.amqp import frames
from gateways.amqp.tap import Tap, TapFactory

RECONNECT_INTERVAL = 0.25  # seconds between attempts to reach a broker that is away
OPEN_TIMEOUT = 15.0  # seconds for opening and setting up a channel
CLOSE_TIMEOUT = 2.0  # seconds for the broker to agree that a channel is closed
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 2.0  # seconds before a lost channel is opened again
BUFFERED = 1 << 20
SETTLED = 5.0  # a channel that lasted so many seconds was healthy

log = logging.getLogger(__name__)


class BrokerGone(ConnectionError):
    """There is no channel to the broker at the moment; nothing was sent."""


class _TappedConnection(RobustConnection):
    """aio-pika's reconnecting connection over a transport that we can listen in on."""

    def __init__(self, url: URL, **kwargs: object) -> None:
        super().__init__(url, **kwargs)  # type: ignore[arg-type]
        self.factory = TapFactory()
        self.kwargs["transport_factory"] = self.factory


class Connection:
    """A connection to the broker that is made again whenever it breaks. See `connect`."""

    def __init__(self, robust: _TappedConnection, name: str) -> None:
        self.name = name
        self._robust = robust

    async def open_channel(self) -> tuple[aiormq.abc.AbstractChannel, Tap]:
        """A new plain channel, as soon as there is a connection."""
        await self._robust.ready()
        transport, tap = self._robust.transport, self._robust.factory.tap
        if transport is None or tap is None:
            raise BrokerGone(f"connection {self.name!r} was lost again")
        return await transport.connection.channel(publisher_confirms=False), tap

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._robust.close_called

    async def close(self) -> None:
        """Close it for good, with every channel on it."""
        await self._robust.close()


async def connect(url: str, name: str, heartbeat: int = 10) -> Connection:
    """Connect to the broker at `url` (amqp or amqps); raises BrokerGone if that fails.

    `name` is shown by the broker's tools. `heartbeat` in seconds: the broker drops a client that
    hangs after two of them, we drop a broker that hangs after about three.
    """
    target = URL(url).update_query(
        name=name, heartbeat=heartbeat, reconnect_interval=RECONNECT_INTERVAL
    )
    try:
        robust = await connect_robust(target, connection_class=_TappedConnection)
    except CONNECTION_EXCEPTIONS as error:
        where = f"{target.host}:{target.port}{target.path} as {target.user}"
        raise BrokerGone(
            f"cannot connect {name!r} to the broker at {where}: {type(error).__name__} {error}; "
            "is it running, and are address, password and connection limit right?"
        ) from error
    return Connection(robust, name)


class LastingChannel(ABC):
    """A channel that is opened and set up again whenever it or its connection is lost.

    `generation` counts its incarnations from 1; `usable` says whether the newest one is ready.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.generation = 0
        self.number = 0  # of the channel, on the wire
        self.frame_max = frames.MIN_FRAME  # bytes, as agreed with the broker
        self.channel: aiormq.abc.AbstractChannel | None = None
        self._tap: Tap | None = None
        self._listening = False
        self._ready = asyncio.Event()
        self._lost = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._over = False

    @property
    def usable(self) -> bool:
        """Whether there is an open channel at this moment, as far as we know."""
        return self._ready.is_set() and not self._over

    async def open(self) -> None:
        """Open it now, and keep it open from then on; raises what the first attempt raises."""
        await self._open_once()
        self._keeper = asyncio.create_task(self._keep_open(), name=f"keeps {self.connection.name}")

    async def ready(self) -> None:
        """Return as soon as there is an open channel; BrokerGone once `close` was called."""
        await self._ready.wait()
        if self._over:
            raise BrokerGone(f"channel {self.connection.name!r} is closed")

    async def close(self) -> None:
        """Close it for good; the connection stays."""
        self._over = True
        self._ready.set()
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        await self._leave("closed by us")

    def write(self, data: bytes) -> bool:
        """Send whole frames on this channel now; False if it is gone, and then it is not usable.

        The transport learns from a failed write that the connection is broken, and tells it in the
        next turn of the loop: who tried again at once would never let that turn come.
        """
        if not self._listening or self._tap is None:
            return False
        if self._tap.write(data):
            return True
        self.closed("the connection is closing")
        return False

    async def drain(self) -> None:
        """Wait while more than `BUFFERED` bytes have not left this process."""
        if self._tap is not None:
            await self._tap.drain(BUFFERED)

    def closed(self, reason: str) -> None:
        """Told by the tap or by aiormq: this incarnation is over."""
        if self._listening:
            self._listening = False
            if not self._over:
                self._ready.clear()
                log.warning("channel %r is lost: %s", self.connection.name, reason)
            self._lost.set()
            self.lost(reason)

    def delivered(self, method: bytes, header: bytes, body: bytes) -> None:
        """Told by the tap; only a channel that consumes has a use for it."""
        return

    def returned(self, method: bytes, header: bytes) -> None:
        """Told by the tap; only a channel that publishes has a use for it."""
        return

    def confirmed(self, tag: int, multiple: bool, refused: bool) -> None:
        """Told by the tap; only a channel that publishes has a use for it."""
        return

    @abstractmethod
    async def set_up(self, channel: aiormq.abc.AbstractChannel) -> None:
        """Make a fresh channel fit for its purpose; what arrives on it is already ours."""

    @abstractmethod
    def lost(self, reason: str) -> None:
        """Settle what belonged to the incarnation that has just ended."""

    async def _open_once(self) -> None:
        async with asyncio.timeout(OPEN_TIMEOUT):
            channel, tap = await self.connection.open_channel()
            self.generation += 1
            self.channel, self.number, self._tap = channel, channel.number, tap
            self.frame_max = channel.connection.connection_tune.frame_max or frames.MIN_FRAME
            self._lost.clear()
            self._listening = True
            tap.listen(channel.number, self)
            channel.closing.add_done_callback(lambda done: self._closed_by_aiormq(channel))
            channel.on_consumer_cancel_callbacks.add(self._cancelled)
            try:
                await self.set_up(channel)
            except BaseException:
                await self._leave("it could not be set up")
                raise
            if self._listening:
                self._ready.set()
            else:  # lost again already; the keeper goes on
                await self._leave("lost while opening")

    async def _keep_open(self) -> None:
        clock, pause, opened = asyncio.get_running_loop().time, FIRST_PAUSE, 0.0
        while True:
            await self._lost.wait()
            await self._leave("lost")
            if clock() - opened > SETTLED:
                pause = FIRST_PAUSE
            while not self._ready.is_set():
                await asyncio.sleep(pause)
                if self.connection.closed:
                    self._over = True
                    self._ready.set()  # whoever waits for it is told
                    return
                pause = min(pause * 2, LONGEST_PAUSE)
                await self._try_to_open()
            opened = clock()
            log.info("channel %r is back", self.connection.name)

    async def _try_to_open(self) -> None:
        task = asyncio.current_task()
        try:
            await self._open_once()
        except asyncio.CancelledError:
            # aiormq also cancels whoever waits for it while its connection closes.
            if task is None or task.cancelling():
                raise
            log.warning("channel %r: the connection closed while opening", self.connection.name)
        except Exception as error:
            log.warning("cannot reopen channel %r: %r", self.connection.name, error)

    async def _leave(self, reason: str) -> None:
        channel, tap, self.channel, self._tap = self.channel, self._tap, None, None
        self.closed(reason)
        if channel is None or tap is None:
            return
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await channel.close()
        except CONNECTION_EXCEPTIONS as error:
            log.debug("channel %r did not close in order: %r", self.connection.name, error)
        tap.forget(channel.number)

    def _closed_by_aiormq(self, channel: aiormq.abc.AbstractChannel) -> None:
        if channel is self.channel:
            self.closed("the channel was closed")

    def _cancelled(self, frame: object) -> None:
        # The queue was deleted, or its node went away: a fresh channel finds out which.
        self.closed("the broker cancelled the consumer")
