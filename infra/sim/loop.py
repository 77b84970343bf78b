"""An event loop without time or sockets: it jumps to the next event, and its streams are memory.

Every callback belongs to the process that caused it (a context variable). A process that was
killed runs nothing any more, not even its clean-up; one that was stopped runs nothing until it
goes on. That is all that SIGKILL, SIGSTOP and SIGCONT are.
"""

import asyncio
from asyncio import base_events
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from typing import Any

from infra.sim.wire import Server, Wire


class Killed(BaseException):
    """The process dies here. No code of its own may catch it."""


class Process:
    """One incarnation of one process."""

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.number = number
        self.dead = False
        self.stopped = False
        self.parked: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        self.deaths: list[Callable[[], None]] = []

    def __repr__(self) -> str:
        return f"{self.name}#{self.number}"


PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)


WORLD = Process("world", 0)
"""What belongs to no process of the installation: it never dies."""


class Stalled(Exception):
    """Nothing is left to happen, and yet somebody waits."""


class SimLoop(base_events.BaseEventLoop):
    """Virtual time in seconds from 0. ``wire`` says what connections do."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self.now = 0.0
        self.wire = wire
        self.events = 0
        self._selector = self
        self.set_exception_handler(self._unhandled)
        self.set_task_factory(self._task)
        self.tasks: list[asyncio.Task[Any]] = []
        self.failures: list[BaseException] = []

    # ---- what BaseEventLoop asks of its selector and its subclass

    def select(self, timeout: float | None) -> list[Any]:
        """Nothing is ready but timers: jump to the earliest."""
        if timeout is None:
            raise Stalled("nothing is left to happen")
        self.now += timeout
        scheduled: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        if scheduled and timeout > 0:  # float sums must not stop short of the timer
            self.now = max(self.now, scheduled[0].when())
        return []

    def time(self) -> float:
        """Virtual seconds."""
        return self.now

    def _process_events(self, events: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass

    def _task(self, loop: asyncio.AbstractEventLoop, coro: Any, **more: Any) -> asyncio.Task[Any]:
        """Keeps every task: what the collector finalizes would run code of a dead process."""
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **more)
        self.tasks.append(task)
        return task

    # ---- processes

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        return super().call_soon(self._run, _owner(context), callback, args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:  # fmt: skip
        owner = _owner(context)
        return super().call_at(when, self._run, owner, callback, args, context=context)

    def _run(
        self, owner: Process | None, callback: Callable[..., object], args: tuple[Any, ...]
    ) -> None:
        self.events += 1
        if owner is not None:
            if owner.dead:
                return
            if owner.stopped:
                owner.parked.append((callback, args))
                return
        try:
            callback(*args)
        except Killed:
            if owner is not None:
                self.kill(owner)

    def in_process(self, process: Process, call: Callable[..., Any], *args: Any) -> Any:
        """Run a call as that process: what it starts belongs to the process."""
        context = copy_context()
        context.run(PROCESS.set, process)
        return context.run(call, *args)

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
        for callback, args in parked:
            self.in_process(process, self.call_soon, callback, *args)

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


def _owner(context: Context | None) -> Process | None:
    return context.get(PROCESS) if context is not None else PROCESS.get()


__all__ = ["PROCESS", "WORLD", "Killed", "Process", "SimLoop", "Stalled"]
