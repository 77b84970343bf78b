"""Links over asyncio streams: a unix socket on one node, TCP with TLS between nodes.

One connection per (sender, recipient). Batches go out as soon as there is something to send, a
window of them at a time; acknowledgements are cumulative and wait a quarter of a second or a good
part of a window for company, because waking a process costs more than the message does.
"""

import asyncio
import contextlib
import errno
import hmac
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

import structlog

from infra.links import Heard, Hello, Inbox, LinkBroken
from infra.links import frames as fr
from infra.links import tls as secured
from infra.links.endpoint import Endpoint, Locate
from infra.links.outlink import Outlink
from messages.envelope import Address, Envelope, decode_all, encode_all

ACKNOWLEDGE_AFTER_S = 0.25
ACKNOWLEDGE_AFTER = 256
"""Messages; a broker's prefetch is open to an ingress only once this has come back."""
BATCH = 512
REFUSED_S = 1.0
"""A refusal does not go away at once; a fenced sender ends meanwhile."""
RETRY_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)

log = structlog.get_logger()


class _Incoming(asyncio.Protocol):
    """One accepted connection."""

    def __init__(self, listener: "StreamListener") -> None:
        self._listener = listener
        self._frames = fr.Frames()
        self._transport: asyncio.Transport | None = None
        self._heard = 0
        self._told = 0
        self._timer: asyncio.TimerHandle | None = None
        self._greeted = False
        self.hello: Hello

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not its instances
        self._listener.connections.add(self)
        certificate = self._transport.get_extra_info("peercert")
        if self._listener.endpoint.name and not secured.is_link(certificate):
            log.error("link refused", error="the certificate is not made out to a link")
            self._transport.abort()
        elif self._listener.stopped:  # accepted at the last moment: nobody would answer
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._listener.connections.discard(self)
        self._transport = None
        if self._timer:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            for kind, payload in self._frames.feed(data):
                self._take(kind, payload)
        except (ValueError, LinkBroken) as error:
            log.error("link refused", error=str(error))
            self._refuse(str(error))

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == fr.HELLO:
            token, _, words = payload.partition(b"\n")
            if not hmac.compare_digest(token, self._listener.token.encode()):
                raise LinkBroken("the shared token does not match; set the same OMS_LINK_TOKEN")
            self.hello = Hello.model_validate_json(words)
            self._heard = self._told = self._listener.inbox.greet(self)
            self._greeted = True
            self._write(fr.HEARD, str(self._heard).encode())
        elif not self._greeted:
            raise LinkBroken("the first frame is not a hello")
        elif kind == fr.BATCH:
            self._listener.inbox.take(self, decode_all(payload))
        elif kind == fr.VITALS:
            self._listener.inbox.vitals(payload)

    def acknowledge(self, heard: int) -> None:
        """Tell the sender, a little later, together with what comes until then."""
        self._heard = max(self._heard, heard)
        if self._heard - self._told >= ACKNOWLEDGE_AFTER:
            self._tell()
        elif self._timer is None and self._heard > self._told and self._transport:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(ACKNOWLEDGE_AFTER_S, self._tell)

    def rewind(self, heard: int) -> None:
        """Something is missing: the sender goes back to what follows ``heard``."""
        self._write(fr.REWIND, str(heard).encode())

    def pause(self) -> None:
        """Back-pressure: read no more from this sender for now."""
        if self._transport:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport:
            self._transport.resume_reading()

    def _tell(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._told = self._heard
        self._write(fr.HEARD, str(self._heard).encode())

    def _write(self, kind: int, payload: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(fr.frame(kind, payload))

    def _refuse(self, reason: str) -> None:
        self._write(fr.REFUSED, reason.encode())
        self.close()

    def close(self) -> None:
        """Drop the connection; the sender will come again."""
        if self._transport:
            self._transport.close()


class StreamListener:
    """Accepts connections for one recipient process and hands what they bring to its inbox."""

    def __init__(self, inbox: Inbox, endpoint: Endpoint) -> None:
        self.inbox = inbox
        self.endpoint = endpoint
        self.token = endpoint.token
        self.connections: set[_Incoming] = set()
        self.stopped = False
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The TCP port that it listens on."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen. A socket file left by an earlier incarnation is replaced."""
        loop = asyncio.get_running_loop()
        end = self.endpoint
        if end.path:
            end.path.parent.mkdir(parents=True, exist_ok=True)
            end.path.unlink(missing_ok=True)
            self._server = await loop.create_unix_server(lambda: _Incoming(self), str(end.path))
        else:
            self._server = await self._at_a_free_port()

    async def _at_a_free_port(self) -> asyncio.Server:
        loop, end = asyncio.get_running_loop(), self.endpoint
        for port in end.candidates():
            try:
                return await loop.create_server(
                    lambda: _Incoming(self), end.host, port, ssl=end.tls
                )
            except OSError as error:
                if error.errno != errno.EADDRINUSE or not end.ports:
                    raise
        raise AssertionError("candidates end with an error")

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        self.stopped = True
        if self._server:
            self._server.close()
        for connection in list(self.connections):
            connection.close()


class _Outgoing(asyncio.Protocol):
    """One connection to a recipient."""

    def __init__(self, outpost: "StreamOutpost") -> None:
        self._outpost = outpost
        self._frames = fr.Frames()
        self.transport: asyncio.Transport | None = None
        self.writable = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._outpost.cut(self)

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True
        self._outpost.flush()

    def data_received(self, data: bytes) -> None:
        for kind, payload in self._frames.feed(data):
            self._outpost.told(self, kind, payload)


class StreamOutpost:
    """The sending end to one recipient: connects, activates it where it is not there, resends."""

    def __init__(
        self,
        link: Outlink,
        endpoint: Endpoint,
        heard: Heard,
        activate: Callable[[Address], Awaitable[None]],
        *,
        linger_s: float = 0.0,
        locate: Locate | None = None,
    ) -> None:
        """``locate``: asked at each connection where ``endpoint`` does not say host and port."""
        self._link = link
        self._endpoint = endpoint
        self._locate = locate
        self._heard = heard
        self._activate = activate
        self._linger_s = linger_s
        self._connection: _Outgoing | None = None
        self._greeted = False
        self._connecting: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._refused = False

    @property
    def unacknowledged(self) -> int:
        return self._link.unacknowledged

    def offer(self, envelopes: Sequence[Envelope]) -> None:
        self._link.offer(envelopes)
        if not self._linger_s:
            self.flush()
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._linger_s, self._lingered)

    def vitals(self, data: bytes) -> None:
        if self._greeted and self._connection and self._connection.transport:
            self._connection.transport.write(fr.frame(fr.VITALS, data))

    def flush(self) -> None:
        """Send whatever may be sent now."""
        connection = self._connection
        if connection is None or not self._greeted:
            self._connect()
            return
        while connection.writable and connection.transport:
            batch = self._link.ready(BATCH)
            if not batch:
                return
            connection.transport.write(fr.frame(fr.BATCH, encode_all(batch)))

    def told(self, connection: _Outgoing, kind: int, payload: bytes) -> None:
        """The recipient spoke."""
        if connection is not self._connection:
            return
        if kind == fr.REFUSED:
            log.error("link refused by recipient", to=self._link.recipient, why=payload.decode())
            self._refused = True
            return
        heard = int(payload)
        try:
            advanced = self._link.acknowledged(heard)
        except LinkBroken as error:
            log.error("link broken", error=str(error))
            self._refused = True
            if connection.transport:
                connection.transport.close()
            return
        self._greeted = True
        if kind == fr.REWIND:
            self._link.rewind()
        if advanced:
            self._heard(self._link.recipient, heard)
        self.flush()

    def cut(self, connection: _Outgoing) -> None:
        """The connection is gone: connect again where anything is owed."""
        if connection is not self._connection:
            return
        self._connection = None
        self._greeted = False
        if self._link.unacknowledged and not self._closed:
            self._connect()

    async def close(self) -> None:
        self._closed = True
        if self._timer:
            self._timer.cancel()
        if self._connecting:
            self._connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._connecting
        if self._connection and self._connection.transport:
            self._connection.transport.close()

    def _lingered(self) -> None:
        self._timer = None
        self.flush()

    def _connect(self) -> None:
        if self._connecting is None and self._connection is None and not self._closed:
            self._connecting = asyncio.ensure_future(self._keep_trying())

    async def _keep_trying(self) -> None:
        attempt = 0
        try:
            if self._refused:
                self._refused = False
                await asyncio.sleep(REFUSED_S)
            while not self._closed:
                try:
                    connection = await self._dial()
                except OSError:
                    await self._wake()
                    await asyncio.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
                    attempt += 1
                    continue
                hello = self._link.hello().model_dump_json().encode()
                words = self._endpoint.token.encode() + b"\n" + hello
                self._connection = connection
                assert connection.transport is not None
                connection.transport.write(fr.frame(fr.HELLO, words))
                return
        finally:
            self._connecting = None

    async def _wake(self) -> None:
        try:
            await self._activate(self._link.recipient)
        except Exception as error:  # whatever the runtime has: what is owed is tried again
            log.warning("cannot activate", to=self._link.recipient, error=str(error))

    async def _dial(self) -> _Outgoing:
        loop = asyncio.get_running_loop()
        end = self._endpoint
        if self._locate:
            end = await self._locate(self._link.recipient)
        if end.path:
            _, protocol = await loop.create_unix_connection(lambda: _Outgoing(self), str(end.path))
        else:
            _, protocol = await loop.create_connection(
                lambda: _Outgoing(self), end.host, end.port, ssl=end.tls, server_hostname=end.name
            )
        if protocol.transport is None:
            raise ConnectionResetError("the connection was gone before we could greet")
        return protocol
