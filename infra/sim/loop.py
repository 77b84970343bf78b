"""An event loop without time or sockets: it jumps to the next event, and its streams are memory.

Every callback belongs to the process that caused it (a context variable). A process that was
killed runs nothing any more, not even its clean-up; one that was stopped runs nothing until it
goes on. That is all that SIGKILL, SIGSTOP and SIGCONT are.
"""

import asyncio
from asyncio import base_events
from collections import deque
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from heapq import heappop, heappush
from typing import Any

from infra.sim.wire import Server, Wire


class Killed(BaseException):
    """The process dies here. No code of its own may catch it."""


PROCESS: ContextVar["Process | None"] = ContextVar("process", default=None)


class Process:
    """One incarnation of one process. ``context``: what is begun in it belongs to the process."""

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.number = number
        self.dead = False
        self.stopped = False
        self.parked: list[_Handle] = []
        self.deaths: list[Callable[[], None]] = []
        self.context = copy_context()
        self.context.run(PROCESS.set, self)

    def __repr__(self) -> str:
        return f"{self.name}#{self.number}"


WORLD = Process("world", 0)
"""What belongs to no process of the installation: it never dies."""


class Stalled(Exception):
    """Nothing is left to happen, and yet somebody waits; or there is no end of it."""


class _Handle(asyncio.TimerHandle):
    """A callback of a process: it runs as long as the process does."""

    __slots__ = ("owner",)
    owner: Process | None
    _context: Context
    _callback: Callable[..., object]
    _loop: "SimLoop"

    def _run(self) -> None:
        owner = self.owner
        if owner is not None:
            if owner.dead:
                return
            if owner.stopped:
                owner.parked.append(self)
                return
        try:
            self._context.run(self._callback, *self._args)
        except Killed:
            if owner is not None:
                self._loop.kill(owner)
        except BaseException as error:
            if isinstance(error, SystemExit | KeyboardInterrupt):
                raise
            self._loop.call_exception_handler({"exception": error, "handle": self})


class SimLoop(base_events.BaseEventLoop):
    """Virtual time in seconds from 0. ``wire`` says what connections do.

    Of BaseEventLoop it keeps what tasks and futures need; the queue is its own, in which what is
    due at the same instant runs in the order in which it was asked for.
    """

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self.now = 0.0
        self.wire = wire
        self._soon: deque[_Handle] = deque()
        self._later: list[tuple[float, int, _Handle]] = []
        self._count = 0
        self.most = 0
        """After so many callbacks it is given up; 0: never."""
        self.run_so_far = 0
        self.set_exception_handler(self._unhandled)
        self.set_task_factory(self._task)
        self.tasks: list[asyncio.Task[Any]] = []
        self.failures: list[BaseException] = []

    # ---- what BaseEventLoop leaves to its subclass, or does too slowly

    def time(self) -> float:
        """Virtual seconds."""
        return self.now

    def _run_once(self) -> None:
        """Everything that is ready; where nothing is, jump to what is due next."""
        soon, later = self._soon, self._later
        while not soon:
            if not later:
                raise Stalled("nothing is left to happen")
            when, _, handle = heappop(later)
            if not handle._cancelled:
                self.now = max(self.now, when)
                soon.append(handle)
        self.run_so_far += len(soon)
        if self.run_so_far > self.most > 0:
            raise Stalled(f"after {self.most} callbacks it has not come to rest")
        for _ in range(len(soon)):
            handle = soon.popleft()
            if not handle._cancelled:
                handle._run()

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> _Handle:
        handle = self._handle(self.now, callback, args, context)
        self._soon.append(handle)
        return handle

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any,
        context: Context | None = None,
    ) -> _Handle:  # fmt: skip
        return self.call_at(self.now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any,
        context: Context | None = None,
    ) -> _Handle:  # fmt: skip
        handle = self._handle(when, callback, args, context)
        self._count += 1
        heappush(self._later, (when, self._count, handle))
        return handle

    def _handle(
        self,
        when: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        context: Context | None,
    ) -> _Handle:
        handle = _Handle(when, callback, args, self, context)
        handle.owner = context.get(PROCESS) if context is not None else PROCESS.get()
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It stays in the queue until it is due."""

    def _write_to_self(self) -> None:
        pass

    def _task(self, loop: asyncio.AbstractEventLoop, coro: Any, **more: Any) -> asyncio.Task[Any]:
        """Keeps every task: what the collector finalizes would run code of a dead process."""
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **more)
        self.tasks.append(task)
        return task

    # ---- processes

    def in_process(self, process: Process, call: Callable[..., Any], *args: Any) -> Any:
        """Run a call as that process: what it starts belongs to the process."""
        return process.context.copy().run(call, *args)

    def soon_in(self, process: Process, call: Callable[..., object], *args: Any) -> _Handle:
        """:meth:`call_soon`, as that process."""
        return self.call_soon(call, *args, context=process.context)

    def later_in(
        self, process: Process, delay: float, call: Callable[..., object], *args: Any
    ) -> _Handle:
        """:meth:`call_later`, as that process."""
        return self.call_at(self.now + delay, call, *args, context=process.context)

    def kill(self, process: Process) -> None:
        """SIGKILL: nothing of it runs any more, and its connections are cut."""
        if process.dead:
            return
        process.dead = True
        process.parked.clear()
        for death in process.deaths:
            death()

    def stop_process(self, process: Process) -> None:
        """SIGSTOP."""
        process.stopped = True

    def resume_process(self, process: Process) -> None:
        """SIGCONT: what was due meanwhile runs now, in order."""
        process.stopped = False
        parked, process.parked = process.parked, []
        self._soon.extend(parked)

    def _unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        del loop
        error = context.get("exception")
        if isinstance(error, BaseException) and not isinstance(error, Killed):
            self.failures.append(error)

    # ---- streams

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Callable[[], asyncio.Protocol], host: str, port: int, **_: Any
    ) -> Server:
        del port
        return self.wire.listen(self, host, protocol_factory, PROCESS.get())

    async def create_connection(  # type: ignore[override]
        self, protocol_factory: Callable[[], asyncio.Protocol], host: str, port: int, **_: Any
    ) -> tuple[Any, asyncio.Protocol]:
        del port
        return await self.wire.connect(self, host, protocol_factory, PROCESS.get())


__all__ = ["PROCESS", "WORLD", "Killed", "Process", "SimLoop", "Stalled"]
