"""What a host does beside its messages: begun once, and ended with the host."""

import asyncio
from abc import ABC, abstractmethod

import structlog

log = structlog.get_logger()


class Background(ABC):
    """Goes on from ``start`` to ``stop``; if it ends by itself, that is said."""

    _task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=type(self).__name__)
        self._task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @abstractmethod
    async def _run(self) -> None:
        """What it does, for ever."""

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()):
            log.error("ended by itself", part=type(self).__name__, exc_info=error)
