"""Faults as data: what may go wrong, how often, one row each.

A rate is a number of faults per simulated second; a hazard is a probability for each write. A name
on the command line switches its rows on; ``all`` is every one.
"""

from dataclasses import dataclass, field

from infra.sim.disk import Hazards
from infra.sim.wire import Weather


@dataclass
class Plan:
    """Everything that may happen in one run."""

    weather: Weather = field(default_factory=Weather)
    hazards: Hazards = field(default_factory=Hazards)
    kills: float = 0.0
    kill_all: float = 0.0
    stops: float = 0.0
    partitions: float = 0.0
    line_cuts: float = 0.0
    venue_outages: float = 0.0
    broker_outages: float = 0.0
    swallowed: float = 0.0
    """Probability that a message to the venue vanishes, and nobody hears of it."""
    clock_jumps: float = 0.0
    passivations: float = 0.0
    snapshots: float = 0.0
    compliance_down: float = 0.0
    disconnects: float = 0.0
    resolutions: float = 0.0
    rule_changes: float = 0.0
    stops_of_trade: float = 0.0
    """Kills by people, of a scope, until somebody else releases them."""
    older: float = 0.0
    """Probability that an incarnation is of the version before."""


def _crash(plan: Plan) -> None:
    plan.kills = 1.5
    plan.kill_all = 0.03
    plan.hazards.before_write = 0.002
    plan.hazards.after_sync = 0.002
    plan.hazards.between_sends = 0.001
    plan.hazards.in_snapshot = 0.1
    plan.hazards.in_takeover = 0.05
    plan.compliance_down = 0.03
    plan.snapshots = 6.0


def _network(plan: Plan) -> None:
    plan.weather.cut = 0.005
    plan.weather.stall = 0.23
    plan.weather.double = 0.05
    plan.partitions = 0.3


def _disk(plan: Plan) -> None:
    plan.hazards.before_sync = 0.002
    plan.hazards.full = 0.001
    plan.hazards.io_error = 0.001
    plan.hazards.bit_flip = 0.0005
    plan.hazards.half_written = 0.002


def _zombie(plan: Plan) -> None:
    plan.stops = 0.5


def _venue(plan: Plan) -> None:
    plan.line_cuts = 0.2
    plan.venue_outages = 0.1
    plan.swallowed = 0.01
    plan.resolutions = 2.0


def _broker(plan: Plan) -> None:
    plan.broker_outages = 0.15


def _clock(plan: Plan) -> None:
    plan.clock_jumps = 0.3


def _passivation(plan: Plan) -> None:
    plan.passivations = 1.0


def _desk(plan: Plan) -> None:
    plan.disconnects = 0.05


def _rules(plan: Plan) -> None:
    plan.rule_changes = 0.3


def _killswitch(plan: Plan) -> None:
    plan.stops_of_trade = 0.2


def _upgrade(plan: Plan) -> None:
    plan.kills = max(plan.kills, 0.5)
    plan.older = 0.3


FAULTS = {
    "crash": _crash,
    "network": _network,
    "disk": _disk,
    "zombie": _zombie,
    "venue": _venue,
    "broker": _broker,
    "clock": _clock,
    "passivation": _passivation,
    "desk": _desk,
    "upgrade": _upgrade,
    "rules": _rules,
    "killswitch": _killswitch,
}
"""Name -> what it switches on."""


def plan(names: tuple[str, ...]) -> Plan:
    """The plan of these names. KeyError for one that there is not; ``all`` and ``none`` exist."""
    made = Plan()
    wanted = tuple(FAULTS) if "all" in names else tuple(n for n in names if n != "none")
    for name in wanted:
        FAULTS[name](made)
    return made
