"""A short cut in the byte stream: message frames go straight to whoever wants them.

aiormq lets its user supply the transport, and that is all this needs. What arrives is split into
frames; deliveries, returns and confirms on a tapped channel are handed over at once, in order and
without a task; every other frame goes on to aiormq, which keeps the connection as it always does.
Frames leave by the same transport, always whole, so they may mix with aiormq's own.
"""

import asyncio
import contextlib
from typing import Any, Protocol

from aiormq import AMQPConnectionError, SSLContextProvider, TransportFactory
from yarl import URL

from gateways.amqp import frames

ALIVE_EVERY = 1.0  # seconds; see Tap.feed_data


class Listener(Protocol):
    """What is told about one channel, in the order of the wire. Nothing here may raise or wait."""

    def delivered(self, method: bytes, header: bytes, body: bytes) -> None: ...

    def returned(self, method: bytes, header: bytes) -> None: ...

    def confirmed(self, tag: int, multiple: bool, refused: bool) -> None: ...

    def closed(self, reason: str) -> None:
        """Nothing may be written any more. May come more than once."""


class Tap(asyncio.StreamReader):
    """What aiormq reads from: everything the broker sends, but for the frames that were tapped."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self.writer: asyncio.StreamWriter | None = None
        self._clock = loop.time
        self._listeners: dict[int, _Assembly] = {}
        self._rest = b""
        self._alive_at = 0.0

    def listen(self, channel: int, listener: Listener) -> None:
        """Hand this channel's messages and confirms to `listener` from now on."""
        self._listeners[channel] = _Assembly(listener)

    def forget(self, channel: int) -> None:
        """Leave this channel to aiormq again."""
        self._listeners.pop(channel, None)

    def write(self, data: bytes) -> bool:
        """Send whole frames now; False if the connection is gone."""
        if self.writer is None or self.writer.is_closing():
            return False
        self.writer.write(data)
        return True

    async def drain(self, limit: int) -> None:
        """Wait if more than `limit` bytes are still to be sent; returns when the link is gone."""
        writer = self.writer
        if writer is not None and writer.transport.get_write_buffer_size() > limit:
            with contextlib.suppress(ConnectionError):  # the listeners are told anyway
                await writer.drain()

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]  # transports have bytes
        """Called by the transport with whatever came in."""
        if self._rest:
            data = self._rest + data
        at = passed = 0
        size = len(data)
        tapped = False
        while size - at >= frames.OVERHEAD:
            kind, channel, length = frames.HEAD.unpack_from(data, at)
            end = at + frames.OVERHEAD + length
            if kind not in frames.KINDS:
                end = size  # not AMQP: aiormq says so better than we could
            if end > size:
                break
            assembly = self._listeners.get(channel)
            if assembly is not None and assembly.take(kind, data[at + 7 : end - 1]):
                tapped = True
                if passed < at:
                    super().feed_data(data[passed:at])
                passed = end
            at = end
        if passed < at:
            super().feed_data(data[passed:at])
        self._rest = data[at:]
        # aiormq takes a connection for dead when no frame comes. A busy broker sends no
        # heartbeats, and if everything else was tapped aiormq would hear nothing at all.
        if tapped and self._clock() - self._alive_at > ALIVE_EVERY:
            self._alive_at = self._clock()
            super().feed_data(frames.HEARTBEAT)

    def feed_eof(self) -> None:
        """Called by the transport when the broker has closed the connection."""
        self._all_closed("the broker closed the connection")
        super().feed_eof()

    def set_exception(self, exc: Exception) -> None:
        """Called by the transport when the connection broke."""
        self._all_closed(f"the connection broke: {exc}")
        super().set_exception(exc)

    def _all_closed(self, reason: str) -> None:
        for assembly in tuple(self._listeners.values()):
            assembly.listener.closed(reason)


class _Assembly:
    """Puts method, header and body frames of one channel together again."""

    __slots__ = ("_body", "_header", "_method", "_missing", "_pieces", "listener")

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self._method: bytes | None = None
        self._header = b""
        self._missing = 0
        self._pieces: list[bytes] = []

    def take(self, kind: int, payload: bytes) -> bool:
        """Whether the frame was for us; False leaves it to aiormq."""
        if kind == frames.METHOD:
            return self._take_method(payload)
        if self._method is None:
            return False
        if kind == frames.HEADER:
            self._header = payload
            self._missing = frames.read_body_size(payload)
        elif kind == frames.BODY:
            self._pieces.append(payload)
            self._missing -= len(payload)
        if self._missing <= 0:
            self._hand_over()
        return True

    def _take_method(self, payload: bytes) -> bool:
        code = int.from_bytes(payload[:4])
        if code in (frames.DELIVER, frames.RETURN):
            self._method = payload
            return True
        if code in (frames.ACK, frames.NACK):
            tag, multiple = frames.read_confirm(payload)
            self.listener.confirmed(tag, multiple, refused=code == frames.NACK)
            return True
        if code == frames.CHANNEL_CLOSE:
            # aiormq answers it a little later. A publish written after that answer would cost the
            # whole connection, so the listener has to know first.
            self.listener.closed(frames.read_reply(payload))
        return False

    def _hand_over(self) -> None:
        method, pieces = self._method, self._pieces
        assert method is not None
        self._method, self._pieces = None, []
        if int.from_bytes(method[:4]) == frames.RETURN:
            self.listener.returned(method, self._header)
        else:
            body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            self.listener.delivered(method, self._header, body)


class TapFactory(TransportFactory):
    """Makes the transports of one connection, one after another; `tap` is the newest."""

    def __init__(self) -> None:
        self.tap: Tap | None = None

    async def create(
        self, url: URL, **kwargs: Any
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Called by aiormq for every attempt to connect."""
        provider: SSLContextProvider = kwargs.pop("ssl_context_provider")
        context = await provider.get_context() if url.scheme == "amqps" else None
        loop = asyncio.get_running_loop()
        tap = Tap(loop)
        protocol = asyncio.StreamReaderProtocol(tap, loop=loop)
        assert url.host is not None
        try:
            transport, _ = await loop.create_connection(
                lambda: protocol, url.host, url.port or 5672, ssl=context, **kwargs
            )
        except OSError as error:
            raise AMQPConnectionError(*error.args) from error
        tap.writer = asyncio.StreamWriter(transport, protocol, tap, loop)
        self.tap = tap
        return tap, tap.writer
