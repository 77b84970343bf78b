"""One seed from beginning to end, and what came of it."""

import gc
import hashlib
import logging
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field

import structlog

from infra.sim import trace
from infra.sim.faults import plan
from infra.sim.oracle import checks
from infra.sim.world import World

ORDERS = 300
SETTLE_S = 60.0
"""Virtual seconds after the last fault in which everything owed must happen."""


@dataclass
class Outcome:
    """``violations``: check -> sentences. ``digest`` is the same wherever the seed is run.

    ``trace``: the story of the first order that a violation names.
    """

    seed: int
    orders: int = 0
    entries: int = 0
    fills: int = 0
    crashes: int = 0
    network_faults: int = 0
    disk_faults: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    virtual_s: float = 0.0
    digest: str = ""
    checked: Counter[str] = field(default_factory=Counter)
    violations: dict[str, list[str]] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)


def run(
    seed: int, faults: tuple[str, ...], orders: int = ORDERS, settle_s: float = SETTLE_S
) -> Outcome:
    """Run a seed; whatever breaks in the run itself is a violation too.

    The collector waits until the end: what dead processes left behind is not to run on its own.
    What was there before is not looked at, however much that is.
    """
    logging_as_it_was = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with warnings.catch_warnings():  # of coroutines whose processes died
        warnings.filterwarnings("ignore", "coroutine .* was never awaited")
        gc.disable()
        gc.collect()  # what an earlier seed has left would be frozen, and never found again
        gc.freeze()
        try:
            found = _run(seed, faults, orders, settle_s)
            gc.collect()
            return found
        finally:
            gc.unfreeze()
            gc.enable()
            structlog.configure(**logging_as_it_was)


def _run(seed: int, faults: tuple[str, ...], orders: int, settle_s: float) -> Outcome:
    world = World(seed, plan(faults))
    outcome = Outcome(seed)
    try:
        world.run(orders, settle_s)
    except Exception:  # the run must tell of it with its seed, whatever it is
        outcome.violations["run"] = [traceback.format_exc(limit=-6)]
    for name, check in checks.CHECKS.items():
        outcome.checked[name] += 1
        try:
            if found := list(check(world)):
                outcome.violations[name] = found
        except Exception:
            outcome.violations[name] = [traceback.format_exc(limit=-4)]
    _count(world, outcome)
    outcome.checked += world.watch.looked
    outcome.checked["reports"] += world.evidence.reports
    outcome.checked["entries"] += outcome.entries
    outcome.checked["orders at venues"] += sum(len(e.placed) for e in world.exchanges.values())
    if outcome.violations and (order := trace.named(outcome.violations)):
        outcome.trace = list(trace.lines(world, order))
    return outcome


def _count(world: World, outcome: Outcome) -> None:
    outcome.orders = sum(desk.asks.orders for desk in world.desks)
    outcome.entries = sum(len(tape.entries) for tape in world.disk.tapes.values())
    outcome.fills = sum(len(e.fills) for e in world.exchanges.values())
    happened = sum((e.happened for e in world.exchanges.values()), Counter[str]())
    network = world.wire.faults + Counter(
        {
            "redelivered by the broker": world.broker.redelivered,
            "swallowed on the way to a venue": happened.pop("swallowed", 0),
            "said again by a venue": happened.pop("repeated", 0),
        }
    )
    disk = Counter({f"disk: {kind}": n for kind, n in world.disk.faults.items()})
    crashes = world.kills + world.disk.crashes
    outcome.kinds = crashes + network + disk + happened + world.keeps
    outcome.kinds["clock jumps"] += world.jumps
    outcome.crashes = sum(crashes.values())
    outcome.network_faults = sum(network.values())
    outcome.disk_faults = sum(disk.values())
    outcome.virtual_s = round(world.loop.now, 3)
    digest = hashlib.sha256()
    for address, tape in sorted(world.disk.tapes.items()):
        digest.update(address.encode() + (tape.entries[-1].chain if tape.entries else b""))
    for desk in world.desks:
        digest.update(desk.digest.digest())
    outcome.digest = digest.hexdigest()[:16]
