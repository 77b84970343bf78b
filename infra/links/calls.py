"""Links over remote calls (Ray's): one batch in flight, and the answer is the acknowledgement.

A runtime that reorders or loses calls cannot hurt: the next batch leaves only after the last one
was answered, and what was not answered goes out again.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import structlog

from infra.links import Heard, Hello, Inbox
from infra.links.outlink import Outlink
from messages.envelope import Address, Envelope, decode_all, encode_all

BATCH = 200
RETRY_S = (0.01, 0.05, 0.1, 0.2, 0.4)

Call = Callable[[Address, bytes], Awaitable[bytes]]
"""Carry these bytes to the recipient's :meth:`CallListener.called` and bring back its answer."""

log = structlog.get_logger()


class CallOutpost:
    """The sending end to one recipient."""

    def __init__(self, link: Outlink, call: Call, heard: Heard, *, timeout_s: float = 5.0) -> None:
        self._link = link
        self._call = call
        self._heard = heard
        self._timeout_s = timeout_s
        self._sending: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def unacknowledged(self) -> int:
        return self._link.unacknowledged

    def offer(self, envelopes: Sequence[Envelope]) -> None:
        self._link.offer(envelopes)
        if self._sending is None and not self._closed:
            self._sending = asyncio.ensure_future(self._send())

    def vitals(self, data: bytes) -> None:
        """Not carried: a call for news that may be lost would cost as much as a batch."""

    async def close(self) -> None:
        self._closed = True
        if self._sending:
            self._sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sending

    async def _send(self) -> None:
        attempt = 0
        try:
            while self._link.unacknowledged and not self._closed:
                hello = self._link.hello().model_dump_json().encode()
                words = hello + b"\n" + encode_all(self._link.ready(BATCH))
                try:
                    answer = await asyncio.wait_for(
                        self._call(self._link.recipient, words), self._timeout_s
                    )
                    heard = int(answer)
                    advanced = self._link.acknowledged(heard)
                except Exception as error:  # whatever the runtime has: what is owed goes again
                    log.warning("call failed", to=self._link.recipient, error=str(error))
                    await asyncio.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
                    attempt += 1
                    continue
                attempt = 0
                if advanced:
                    self._heard(self._link.recipient, heard)
        finally:
            self._sending = None


class _Caller:
    """One call as its recipient sees it: answered once its last envelope is durable."""

    def __init__(self, hello: Hello, last: int) -> None:
        self.hello = hello
        self.answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._last = last

    def acknowledge(self, heard: int) -> None:
        if heard >= self._last and not self.answer.done():
            self.answer.set_result(heard)

    def rewind(self, heard: int) -> None:
        if not self.answer.done():
            self.answer.set_result(heard)

    def pause(self) -> None:
        """One batch in flight is all there is to hold back."""

    def resume(self) -> None:
        """See :meth:`pause`."""


class CallListener:
    """The receiving end: what the runtime calls."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def called(self, words: bytes) -> bytes:
        """One batch; returns the number heard once it is durable.

        Raises:
            ValueError: the batch is malformed. LinkBroken: the ends contradict each other.
        """
        head, _, rest = words.partition(b"\n")
        envelopes = decode_all(rest)
        caller = _Caller(Hello.model_validate_json(head), envelopes[-1].seq if envelopes else 0)
        heard = self._inbox.greet(caller)
        fresh = [envelope for envelope in envelopes if envelope.seq > heard]
        if not fresh:
            return str(heard).encode()
        self._inbox.take(caller, fresh)
        return str(await caller.answer).encode()
