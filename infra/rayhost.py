"""Ray places, names, restarts and supervises the processes. The only file that knows Ray.

Each address is one named, detached Ray actor with unlimited restarts and no retries: what was lost
in a crash is sent again by the links, which know what was heard.
"""

import asyncio
import gc
import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray
import ray.exceptions
import structlog

from infra import compose, endpoints, liveness, logs, pids, rayenv, starts
from infra.settings import Settings
from messages.envelope import Address

NAMESPACE = "oms"

ACTIVATE_EVERY_S = 0.5
"""An address that does not answer is not looked up more often than this."""

NOWHERE = "oms-nowhere"
"""A resource that no node offers."""

SYSTEM = ("gcs_server", "raylet")
"""Ray's own processes, without which it does not supervise."""

PASSIVATED = ("account", "book", "rulebook")
"""Kinds that give their process back when idle; the others have a world outside to listen to."""

GROUPS = {"ingress": "border", "egress": "border", "venue": "border", "compliance": "audit"}
"""The group of nodes that a kind belongs to, where there are groups; all others: the core."""

SHARE = 0.001
"""What an actor takes of the one unit that a node offers of its group."""

STORE = 100 * 1024 * 1024
"""Ray's object store in bytes: nothing of ours is in it."""

WHERE_S = 2.0
NODES_S = 120.0

log = structlog.get_logger()


class RayUnavailable(Exception):
    """Ray could not be started; the message says what to do."""


class RayHost:
    """One process: builds the host of its address from the settings, and runs it."""

    def __init__(self, address: Address) -> None:
        data = Path(os.environ[rayenv.NODE_DATA])
        logs.configure(logs.to_file(data, address), host=address, pid=str(os.getpid()))
        self._address = address
        self._settings = Settings.of(data)
        pids.write(self._settings.data, address)
        self._asked: dict[Address, float] = {}
        self._running: compose.Running | None = None
        self._started = asyncio.ensure_future(self._start())

    async def _start(self) -> None:
        if pause := starts.begin(self._settings.data, self._address):
            log.warning("waiting before another try", actor=self._address, pause_s=pause)
            await asyncio.sleep(pause)
        try:
            self._running = await compose.start(
                self._address, self._settings, self._activate, self._call, self._where
            )
        except Exception as error:
            log.error("cannot start", error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(1)  # do not spin: whatever is missing may take a moment to come
            os._exit(71)
        _settle_memory()
        log.info("serving", address=self._address)
        asyncio.ensure_future(liveness.beat(self._settings.data, self._address))  # noqa: RUF006
        if self._address.partition("/")[0] in PASSIVATED:
            asyncio.ensure_future(self._passivate_when_idle())  # noqa: RUF006  # lives as we do

    async def ready(self) -> int:
        """Returns the process id once in service."""
        await asyncio.shield(self._started)
        return os.getpid()

    async def where(self) -> tuple[str, int]:
        """Host and port at which this process listens, once it does (links with TLS)."""
        await asyncio.shield(self._started)
        assert self._running is not None
        return self._settings.node_ip, self._running.port

    async def called(self, words: bytes) -> bytes:
        """A batch by Ray call; see :mod:`infra.links.calls`."""
        await asyncio.shield(self._started)
        assert self._running is not None
        return await self._running.called(words)

    async def _passivate_when_idle(self) -> None:
        limit = self._settings.passivate_after_s
        assert self._running is not None
        while True:
            await asyncio.sleep(min(limit, 5.0))
            idle = self._running.idle_s()
            if idle is not None and idle > limit:
                log.info("passivated", actor=self._address, idle_s=round(idle))
                await self._running.stop()
                liveness.leave(self._settings.data, self._address)
                starts.forget(self._settings.data, self._address)
                # Not exit_actor(): it waits for calls under way, and those wait for us.
                self_handle = ray.get_actor(self._address, namespace=NAMESPACE)
                await asyncio.get_running_loop().run_in_executor(None, ray.kill, self_handle)

    async def _activate(self, address: Address) -> None:
        now = time.monotonic()
        if now - self._asked.get(address, 0.0) < ACTIVATE_EVERY_S:
            return
        self._asked[address] = now
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, place, address, self._settings)

    async def _where(self, address: Address) -> tuple[str, int]:
        loop = asyncio.get_running_loop()
        handle = await loop.run_in_executor(None, place, address, self._settings)
        found: tuple[str, int] = await asyncio.wait_for(handle.where.remote(), WHERE_S)
        return found

    async def _call(self, address: Address, words: bytes) -> bytes:
        handle = place(address, self._settings)
        try:
            answer: bytes = await handle.called.remote(words)
        except ray.exceptions.RayError as error:
            raise ConnectionError(f"{address}: {error}") from error
        return answer


def _settle_memory() -> None:
    """State is plain data without cycles and grows all day: do not walk it again and again.

    Measured: the collector took a fifth of an account's time at 15,000 orders.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 1_000)


def place(address: Address, settings: Settings) -> Any:
    """The Ray actor of that name, created where there is none.

    Raises:
        RayUnavailable: Ray does not answer.
    """
    options: dict[str, Any] = {
        "name": address,
        "namespace": NAMESPACE,
        "get_if_exists": True,
        "lifetime": "detached",
        "max_restarts": -1,
        "max_task_retries": 0,
        "max_concurrency": 1000,
        "num_cpus": 0,
    }
    if settings.nodes > 1:
        options["scheduling_strategy"] = "SPREAD"
    if settings.groups:
        group = GROUPS.get(address.partition("/")[0], "core")
        options["resources"] = {group: SHARE}
    try:
        return ray.remote(RayHost).options(**options).remote(address)
    except (RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise RayUnavailable(f"{address} was not placed: {error}") from error


def start(settings: Settings, *, again: bool = False) -> None:
    """Start Ray on this machine, its processes children of this one, or join what runs here.

    Returns when there are as many nodes as the settings say. ``again``: at once, for the others
    knew another one, and what they served goes on here.

    Raises:
        RayUnavailable: with what to do.
    """
    options: dict[str, Any] = {
        "log_to_driver": False, "logging_level": logging.ERROR, "namespace": NAMESPACE,
    }  # fmt: skip
    if settings.ray_address:
        options |= {"address": settings.ray_address}
    else:
        options |= {
            "address": "local",  # whatever RAY_ADDRESS says: nobody else's Ray
            "num_cpus": os.cpu_count(),
            "resources": dict.fromkeys(settings.node_groups, 1),
            "include_dashboard": False,
            "object_store_memory": STORE,
            "_node_ip_address": settings.node_ip,
        }
    try:
        ray.init(**options)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise RayUnavailable(
            f"Ray did not start: {str(error).splitlines()[0]}. It needs 100 MB in /dev/shm and "
            f"free ports; see what is amiss with: oms doctor"
        ) from error
    endpoints.write(settings.data, ray=ray.get_runtime_context().gcs_address)
    if not again:
        _await_nodes(settings.nodes)


def _await_nodes(wanted: int) -> None:
    deadline = time.monotonic() + NODES_S
    while (there := nodes()) < wanted:
        if time.monotonic() > deadline:
            raise RayUnavailable(
                f"{there} of {wanted} nodes (OMS_NODES) are there after {NODES_S:.0f} s: join the "
                "others with: oms node --head ADDRESS"
            )
        time.sleep(0.2)


def join(settings: Settings, head: str) -> list[str]:
    """The command by which a further node joins the Ray at ``head``, and stays until it ends."""
    offered = dict.fromkeys(settings.node_groups, 1)
    return [
        *(sys.executable, "-m", "ray.scripts.scripts", "start", "--block"),
        f"--address={head}", f"--node-ip-address={settings.node_ip}",
        f"--resources={json.dumps(offered)}", f"--object-store-memory={STORE}",
    ]  # fmt: skip


def nodes() -> int:
    """How many nodes are alive."""
    return sum(node["Alive"] for node in ray.nodes())  # type: ignore[no-untyped-call]


def await_ready(addresses: list[Address], settings: Settings, timeout_s: float = 60.0) -> None:
    """Place these and wait until each is in service.

    Raises:
        RayUnavailable: one did not come up in time.
    """
    handles = [place(address, settings) for address in addresses]
    try:
        ray.get([handle.ready.remote() for handle in handles], timeout=timeout_s)
    except (ray.exceptions.RayError, TimeoutError) as error:
        reasons = [reason for address in addresses for reason in _reasons(address, settings)]
        why = reasons[0] if reasons else f"none of {', '.join(addresses)} said why"
        raise RayUnavailable(f"{why} (all of it: oms logs --data {settings.data})") from error


def _reasons(address: Address, settings: Settings) -> Iterator[str]:
    """Why that process could not start, the last reason first."""
    path = logs.path(settings.data, address)
    for line in reversed(path.read_text().splitlines() if path.exists() else []):
        if '"event": "cannot start"' in line:
            yield f"{address} cannot start: {json.loads(line)['error']}"


class Spares:
    """Processes that are started and idle, with our modules imported, for actors that die.

    An actor that died goes on in one of them, and does not wait for a Python to start. Ray starts
    them for tasks that wait (as many as wait, less those that are idle), and keeps them
    (``RAY_num_workers_soft_limit``). The tasks never run: a process that has run one takes no
    actor any more.
    """

    def __init__(self) -> None:
        self._task = ray.remote(num_cpus=0, max_retries=0, resources={NOWHERE: 1})(_never)
        self._waiting: list[ray.ObjectRef[None]] = []

    def want(self, count: int) -> None:
        """Have so many; returns at once. ``done`` is to follow, a moment later."""
        self._waiting += [self._task.remote() for _ in range(count)]

    def done(self) -> None:
        """Ray has heard of it: nobody waits any more."""
        for waiting in self._waiting:
            ray.cancel(waiting)
        self._waiting.clear()


def _never() -> None:
    raise AssertionError("this is never run")


def ended() -> list[str]:
    """Those of Ray's own processes that have ended; they are waited for here."""
    node = ray._private.worker._global_node
    return [kind for kind, _ in node.dead_processes() if kind in SYSTEM] if node else []


def abandon() -> None:
    """End a Ray that lost a process of its own. Its workers end because their raylet has.

    Takes 5 s where the control store is gone: a driver that leaves waits for it.
    """
    node = ray._private.worker._global_node
    if node:
        node.kill_raylet(check_alive=False)
    stop()


def stop() -> None:
    """End Ray and every process it started."""
    ray.shutdown()
