"""How well the patterns recognise what they should, and nothing else: precision, recall, delay.

Each case goes through the actor itself, in the batches in which compliance would send it: of each
account what 250 ms brought, accounts in any order. An alert of the case's pattern that names its
owner finds it; one that names anybody else, or that finds an innocent, is false.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import heappop, heappush
from random import Random

from actors.actor import Send, Timer
from actors.surveillance.patterns import NAMES
from actors.surveillance.sight import Sighting
from actors.surveillance.surveillance import Surveillance
from infra.surveillance.cases import cases
from infra.surveillance.stage import CLOSE_S, SECURITIES, Case
from messages import events as ev
from messages.base import SECOND, Event, Instant, Message
from messages.operators import FromOperator
from messages.surveillance import LookAgain, Sightings
from messages.thresholds import SurveillanceDefinition, Thresholds, Watched

LINGER: Instant = SECOND // 4
CLOSES = 12 * 3_600 + CLOSE_S
RECALL, PRECISION, DELAY_S = 0.95, 0.90, 5.0


@dataclass
class Score:
    """Of one pattern. ``also``: alerts of other patterns about guilty owners: kin, not counted."""

    pattern: str
    guilty: int = 0
    innocent: int = 0
    found: int = 0
    false: int = 0
    delays: list[float] = field(default_factory=list)
    missed: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    also: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        """Of the guilty, how many were found."""
        return self.found / self.guilty if self.guilty else 1.0

    @property
    def precision(self) -> float:
        """Of the alerts, how many were about the guilty."""
        return self.found / (self.found + self.false) if self.found + self.false else 1.0

    @property
    def delay(self) -> float:
        """The longest time in seconds from the last of it to the alert."""
        return max(self.delays, default=0.0)

    @property
    def passes(self) -> bool:
        """Whether it is as good as promised."""
        good = self.recall >= RECALL and self.precision >= PRECISION
        return good and self.delay <= DELAY_S


def evaluate(
    bands: Sequence[Thresholds],
    seeds: Sequence[int],
    count: int = 50,
    told: Callable[[str], None] | None = None,
) -> list[Score]:
    """Every pattern's score over all seeds; ``told`` hears which pattern is being played."""
    scores = {name: Score(name) for name in NAMES}
    for name in NAMES:
        if told:
            told(name)
        for seed in seeds:
            for case in cases(name, seed, count):
                _judge(scores, case, list(play(case, bands, seed)))
    return list(scores.values())


def _judge(
    scores: dict[str, Score], case: Case, alerts: list[tuple[Instant, ev.AlertRaised]]
) -> None:
    score = scores[case.pattern]
    score.guilty += case.guilty
    score.innocent += not case.guilty
    found = False
    for at, alert in alerts:
        about = alert.Owner == case.owner
        if alert.Pattern == case.pattern and about and case.guilty:
            if not found:
                score.found += 1
                score.delays.append(max(0.0, (at - case.over) / SECOND))
            found = True
        elif about and case.guilty:
            score.also[alert.Pattern] += 1
        elif alert.Pattern == case.pattern or not about:
            other = scores[alert.Pattern]
            other.false += 1
            other.wrong[case.what if about else f"the crowd, during: {case.what}"] += 1
        else:
            score.also[alert.Pattern] += 1
    if case.guilty and not found:
        score.missed[case.what] += 1


def play(
    case: Case, bands: Sequence[Thresholds], seed: int = 0
) -> Iterator[tuple[Instant, ev.AlertRaised]]:
    """Every alert with the time at which it was raised."""
    actor = Surveillance("surveillance/0")
    timers: list[tuple[Instant, str, LookAgain]] = []
    pending: dict[str, LookAgain] = {}
    start = case.rows[0][0]
    for at, message in ((start, definition(case, bands)), *_batches(case, Random(f"{seed}"))):
        while timers and timers[0][0] <= at:
            due, key, asked = heappop(timers)
            del pending[key]
            yield from _alerts(actor, asked, due, timers, pending)
        yield from _alerts(actor, message, at, timers, pending)
    while timers:
        due, key, asked = heappop(timers)
        del pending[key]
        yield from _alerts(actor, asked, due, timers, pending)


def _alerts(
    actor: Surveillance,
    message: Message,
    now: Instant,
    timers: list[tuple[Instant, str, LookAgain]],
    pending: dict[str, LookAgain],
) -> Iterator[tuple[Instant, ev.AlertRaised]]:
    for effect in actor.receive(message, now):  # type: ignore[arg-type]  # one of its messages
        match effect:
            case Timer(key=key, at=at, message=LookAgain() as asked):
                if key not in pending:
                    pending[key] = asked
                    heappush(timers, (at, key, asked))
            case Event():
                actor.apply(effect)
                if isinstance(effect, ev.AlertRaised):
                    yield now, effect
            case Timer() | Send():
                pass  # answers to people


def _batches(case: Case, random: Random) -> Iterator[tuple[Instant, Message]]:
    """What compliance sends: every 250 ms of each account what came, accounts in any order."""
    window: dict[str, list[Sighting]] = {}
    end: Instant = 0
    for at, row in case.rows:
        if at >= end:
            yield from _sent(window, end, random)
            end = at - at % LINGER + LINGER
        if isinstance(row, FromOperator):
            yield from _sent(window, end, random)
            yield end, row
        else:
            window.setdefault(getattr(row, "Account", "book"), []).append(row)
    yield from _sent(window, end, random)


def _sent(
    window: dict[str, list[Sighting]], end: Instant, random: Random
) -> Iterator[tuple[Instant, Message]]:
    runs = list(window.values())
    random.shuffle(runs)
    window.clear()
    for run in runs:
        yield end, Sightings.model_construct(None, MsgType="Sightings", Rows=tuple(run))


def definition(case: Case, bands: Sequence[Thresholds]) -> SurveillanceDefinition:
    """The case's parties and lists, with the bands of the installation."""
    watched = (
        Watched(Symbol=one.symbol, Band=one.band, ADV=Decimal(one.adv), CloseAt=CLOSES)
        for one in SECURITIES
    )
    return SurveillanceDefinition(
        Bands=tuple(bands),
        Instruments=tuple(watched),
        Parties=case.parties,
        Restrictions=case.restrictions,
    )
