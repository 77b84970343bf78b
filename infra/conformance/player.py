"""The player: it walks the rows of a variant and compares what the desk hears with each.

It waits for what must happen and never for time to pass: after the desk spoke, either the desk
hears something or the venue does; after the venue spoke, the desk hears it; and the answer to a
last question shows that nothing more was said. ``Stage.news`` alone knows when to give up.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from infra.conformance.comparison import described, differences
from infra.conformance.desk_side import DeskSide
from infra.conformance.labels import Labels, is_telephoned
from infra.conformance.rules import Modeled
from infra.conformance.scenarios import Row, Scenario, Variant
from infra.conformance.stage import ACCOUNT, DEFAULT_PX, Cast, Stage
from infra.conformance.venue_side import SPEAKS, Unsayable, VenueSide, leads_to
from infra.conformance.verdict import Difference, Failure, Played, Verdict
from messages.orders import OrderStatusRequest


class Differs(Exception):
    """A row went differently."""

    def __init__(self, row: Row | None, found: list[Difference], note: str = "") -> None:
        super().__init__(note)
        self.failure = Failure(row, tuple(found), note)


class Player:
    """Plays scenarios on a stage, one after the other. ``run`` tells runs on one stage apart."""

    def __init__(self, stage: Stage, cast: Cast, run: str) -> None:
        self._stage = stage
        self._cast = cast
        self._run = run
        self._count = 0
        self._past: set[str] = set()

    async def play(self, scenario: Scenario) -> Verdict:
        """Every variant of it."""
        began = time.monotonic()
        played = []
        for variant in scenario.variants():
            self._count += 1
            prefix = f"{self._run}-{self._count}-{scenario.id}"
            act = _Act(self._stage, self._cast, scenario, variant, prefix, self._past)
            played.append(await act.play())
        return Verdict(scenario, tuple(played), time.monotonic() - began)


class _Act:
    """One variant. ``past``: every ClOrdID that reached the venue, in earlier variants too."""

    def __init__(
        self,
        stage: Stage,
        cast: Cast,
        scenario: Scenario,
        variant: Variant,
        prefix: str,
        past: set[str],
    ) -> None:
        self._stage = stage
        self._past = past
        self._variant = variant
        self._names = scenario.names
        self._prefix = prefix
        self._labels = Labels(prefix)
        self._desk = DeskSide(self._labels, cast, self._names)
        self._venue = VenueSide(prefix, self._labels, cast, self._names)
        self._orders: dict[str, Modeled] = {}
        self._asked: list[Row] = []
        self._fences = 0

    async def play(self) -> Played:
        done, events, failure = 0, [], None
        try:
            for row in self._variant.rows:
                if row.direction == "event":
                    events.append(row.words.get("event", ""))
                elif row.direction == "in":
                    await self._in(row)
                else:
                    await self._out(row)
                done += 1
            await self._nothing_more()
        except Differs as differs:
            failure = differs.failure
        await self._clear(failed=failure is not None)
        return Played(self._variant.name, done, tuple(events), failure)

    # ---- rows

    async def _in(self, row: Row) -> None:
        try:
            request = self._desk.request(row)
        except ValueError as error:
            raise Differs(row, [], f"the desk cannot say this: {_in_one_line(error)}") from error
        if row.msg == "NewOrderSingle":
            terms = self._desk.terms(row.fields.get("ClOrdID", ""))
            self._order(row).qty = self._order(row).qty or Modeled.quantity(terms)
        self._asked.append(row)
        await self._stage.publish(request)
        stage = self._stage
        if not await self._until(lambda: bool(stage.reports or stage.requests)):
            raise Differs(row, [], self._why("neither did the desk hear anything, nor the venue"))
        self._take_requests()

    async def _out(self, row: Row) -> None:
        order, stage = self._order(row), self._stage
        order.told(row, DEFAULT_PX)
        if not stage.reports:
            await self._say(row, order)
            if not await self._until(lambda: bool(stage.reports)):
                said = "the venue said it" if row.msg in SPEAKS else "no venue says this"
                raise Differs(row, [], self._why(f"{said}, and the desk heard nothing"))
        report = stage.reports.popleft()
        found = differences(row, report, self._labels, self._names, order.by_rule())
        if found:
            raise Differs(row, found)

    async def _say(self, row: Row, order: Modeled) -> None:
        if row.msg not in SPEAKS:
            return  # the desk will hear it of the product: of a mass cancel, for example
        await self._until(partial(self._reached, row))
        try:
            words = self._venue.words(row, order, self._labels.root(row.fields))
        except Unsayable as error:
            raise Differs(row, [], f"the desk heard nothing, and {error}") from error
        await self._stage.say(words)

    async def _nothing_more(self) -> None:
        """Ask something; whatever comes before the answer is more than the rows say."""
        await self._fence()
        self._take_requests()
        heard = [described(r, self._labels, self._names) for r in self._stage.reports]
        if heard:
            raise Differs(None, [], f"the desk heard more: {'; '.join(heard)}")

    # ---- what arrives

    def _order(self, row: Row) -> Modeled:
        return self._orders.setdefault(self._labels.root(row.fields), Modeled())

    def _reached(self, row: Row) -> bool:
        self._take_requests()
        return self._venue.reached(row)

    def _take_requests(self) -> None:
        """What reached the venue belongs to a row that asked; repeats and questions do not."""
        requests = self._stage.requests
        while requests:
            request = requests.popleft()
            clordid, orig = request.get("11", ""), request.get("41", "")
            if request.get("35") == "H" or clordid in self._past or not self._asked:
                continue  # the product asks about what is unanswered for long
            self._past.add(clordid)
            if orig in self._past and not self._venue.owns(orig):
                continue  # about an order of an earlier variant
            row = next((r for r in reversed(self._asked) if leads_to(r, request)), self._asked[-1])
            if found := self._venue.take(row, request):
                listed = [Difference(f"{f} at the venue", e, g) for f, e, g in found]
                raise Differs(row, listed)

    async def _until(self, holds: Callable[[], bool]) -> bool:
        while not holds():
            if not await self._stage.news():
                return holds()
        return True

    def _why(self, note: str) -> str:
        return "; ".join([note, *self._stage.trouble])

    async def _fence(self) -> None:
        """A question that changes nothing; its answer is taken, what came before it is left."""
        self._fences += 1
        name = f"{self._prefix}-fence{self._fences}"
        await self._stage.publish(OrderStatusRequest(ClOrdID=name, Account=ACCOUNT))
        reports = self._stage.reports

        def answered() -> bool:
            return any(getattr(report, "ClOrdID", None) == name for report in reports)

        if not await self._until(answered):
            raise Differs(None, [], self._why("the desk's last question was not answered"))
        kept = [r for r in reports if getattr(r, "ClOrdID", None) != name]
        reports.clear()
        reports.extend(kept)

    async def _clear(self, failed: bool) -> None:
        """Leave nothing open and nothing unread behind, whatever happened."""
        stage = self._stage
        ending = [
            (root, order)
            for root, order in self._orders.items()
            if not order.over and (is_telephoned(root) or root in self._venue.heard)
        ]
        for root, order in ending:
            stage.reports.clear()
            await stage.say(self._venue.ended(order, root))
            await self._until(lambda: bool(stage.reports))
        if ending or failed:
            with suppress(Differs):  # what matters has been said already
                await self._fence()
        stage.reports.clear()
        stage.requests.clear()
        stage.trouble.clear()


def _in_one_line(error: ValueError) -> str:
    return " ".join(str(error).split())
