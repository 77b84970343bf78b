"""The player in process: the sample goes as it says, and whatever goes otherwise is found."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infra.conformance.in_process import InProcess
from infra.conformance.player import Player
from infra.conformance.scenarios import Scenario, load
from infra.conformance.stage import ACCOUNT, DESK, VENUE, Cast, WireFields
from infra.conformance.verdict import Failure, Verdict
from messages import fix
from messages.orders import DeskRequest
from messages.reports import DeskReport, ExecutionReport
from tests.infra.test_conformance_scenarios import SAMPLE, read

CAST = Cast(("USD", "EUR"))

NEW = "t: 1, dir: in, msg: NewOrderSingle, ClOrdID: X, OrderQty: 100"
ACKNOWLEDGED = (
    "t: 2, dir: out, msg: ExecutionReport, ClOrdID: X, ExecType: '0', OrdStatus: '0',"
    " OrderQty: 100, CumQty: 0, LeavesQty: 100"
)
FILLED = (
    "t: 3, dir: out, msg: ExecutionReport, ClOrdID: X, ExecType: F, OrdStatus: '2',"
    " OrderQty: 100, CumQty: 100, LeavesQty: 0, LastQty: 100, LastPx: 7, AvgPx: 7"
)


class Tampered(InProcess):
    """A system that reports something else than the real one."""

    def __init__(self, tamper: Callable[[DeskReport], list[DeskReport]]) -> None:
        super().__init__(CAST)
        self._tamper = tamper

    async def publish(self, request: DeskRequest) -> None:
        await super().publish(request)
        self._distort()

    async def say(self, fields: WireFields) -> None:
        await super().say(fields)
        self._distort()

    def _distort(self) -> None:
        reports = [told for report in self.reports for told in self._tamper(report)]
        self.reports.clear()
        self.reports.extend(reports)


class Deaf(InProcess):
    """A system that loses everything the venue says."""

    async def say(self, fields: WireFields) -> None:
        self.trouble.append(f"lost a message {fields['35']}")


class Slow(InProcess):
    """What arrives at one end is there at once, at the other end one by one and late."""

    def __init__(self, end: str) -> None:
        super().__init__(CAST)
        self._end = end
        self._late: list[Any] = []

    async def publish(self, request: DeskRequest) -> None:
        await super().publish(request)
        self._delay()

    async def say(self, fields: WireFields) -> None:
        await super().say(fields)
        self._delay()

    async def news(self) -> bool:
        if not self._late:
            return False
        getattr(self, self._end).append(self._late.pop(0))
        return True

    def _delay(self) -> None:
        self._late.extend(getattr(self, self._end))
        getattr(self, self._end).clear()


async def play(scenario: Scenario, stage: InProcess | None = None) -> Verdict:
    return await Player(stage or InProcess(CAST), CAST, "run").play(scenario)


def failure(verdict: Verdict) -> Failure:
    found = next((played.failure for played in verdict.variants if played.failure), None)
    assert found is not None
    return found


@pytest.mark.parametrize("scenario", load(SAMPLE), ids=lambda scenario: scenario.id)
async def test_the_sample_goes_as_it_says(scenario: Scenario) -> None:
    verdict = await play(scenario)
    assert [played.failure for played in verdict.variants if played.failure] == []
    assert verdict.rows == sum(len(variant.rows) for variant in scenario.variants())


@pytest.mark.parametrize("end", ["reports", "requests"])
async def test_the_two_ends_may_be_reached_in_any_order(end: str) -> None:
    stage = Slow(end)
    for run in ("one", "two"):
        player = Player(stage, CAST, run)
        verdicts = [await player.play(scenario) for scenario in load(SAMPLE)]
        assert [p.failure for v in verdicts for p in v.variants if p.failure] == []


async def test_files_can_be_played_twice_on_one_stage() -> None:
    stage = InProcess(CAST)
    for run in ("one", "two"):
        player = Player(stage, CAST, run)
        assert all([(await player.play(scenario)).passed for scenario in load(SAMPLE)])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ClOrdID", "other"),
        ("OrigClOrdID", "other"),
        ("OrderID", "NONE"),
        ("ExecType", fix.ExecType.Canceled),
        ("OrdStatus", fix.OrdStatus.Canceled),
        ("OrderQty", Decimal(1)),
        ("CumQty", Decimal(1)),
        ("LeavesQty", Decimal(1)),
        ("LastQty", Decimal(1)),
        ("LastPx", Decimal(1)),
        ("AvgPx", Decimal(1)),
    ],
)
async def test_a_report_that_differs_in_one_field_is_found(
    tmp_path: Path, field: str, value: object
) -> None:
    def tamper(report: DeskReport) -> list[DeskReport]:
        trade = isinstance(report, ExecutionReport) and report.ExecType is fix.ExecType.Trade
        return [report.model_copy(update={field: value})] if trade else [report]

    scenario = read(tmp_path, NEW, ACKNOWLEDGED + ", OrderID: O", FILLED + ", OrderID: O")
    assert (await play(scenario)).passed
    found = failure(await play(scenario, Tampered(tamper)))
    assert found.row == scenario.rows[2]
    assert [difference.field for difference in found.differences] == [field]


async def test_a_report_that_comes_twice_is_found(tmp_path: Path) -> None:
    def twice(report: DeskReport) -> list[DeskReport]:
        asked = isinstance(report, ExecutionReport) and report.ExecType is fix.ExecType.OrderStatus
        return (
            [report]
            if asked or report.PossResend
            else [  # type: ignore[union-attr]
                report,
                report.model_copy(update={"PossResend": True}),
            ]
        )

    found = failure(await play(read(tmp_path, NEW, ACKNOWLEDGED), Tampered(twice)))
    assert found.row is None
    assert "the desk heard more: ExecutionReport ClOrdID=X ExecType=0 (New)" in found.line()


async def test_a_report_that_never_comes_is_found_with_what_went_wrong(tmp_path: Path) -> None:
    found = failure(await play(read(tmp_path, NEW, ACKNOWLEDGED), Deaf(CAST)))
    assert found.row is not None
    assert "the desk heard nothing; lost a message 8" in found.line()


async def test_another_message_than_the_rows_is_found(tmp_path: Path) -> None:
    cancel = "t: 1, dir: in, msg: OrderCancelRequest, ClOrdID: Y, OrigClOrdID: X"
    wrong = "t: 2, dir: out, msg: ExecutionReport, ClOrdID: Y, OrigClOrdID: X, ExecType: '4'"
    found = failure(await play(read(tmp_path, cancel, wrong)))
    assert found.differences[0].field == "MsgType"
    assert "OrderCancelReject ClOrdID=Y OrigClOrdID=X" in found.differences[0].got


async def test_a_reference_to_another_execution_is_found() -> None:
    def tamper(report: DeskReport) -> list[DeskReport]:
        ref = getattr(report, "ExecRefID", None)
        return [report.model_copy(update={"ExecRefID": "E-0"})] if ref else [report]

    scenario = next(one for one in load(SAMPLE) if one.id == "S.2")
    found = failure(await play(scenario, Tampered(tamper)))
    assert [difference.field for difference in found.differences] == ["ExecRefID"]


async def test_terms_that_do_not_reach_the_venue_are_found(tmp_path: Path) -> None:
    class Lossy(InProcess):
        async def publish(self, request: DeskRequest) -> None:
            await super().publish(request)
            for fields in self.requests:
                fields.pop("59", None)

    scenario = read(tmp_path, NEW + ", TimeInForce: '1'", ACKNOWLEDGED)
    assert (await play(scenario)).passed
    found = failure(await play(scenario, Lossy(CAST)))
    assert found.line() == (
        "row 1 (t 1, in NewOrderSingle): "
        "TimeInForce at the venue: expected 1 (GoodTillCancel), got nothing"
    )


async def test_a_field_that_the_product_does_not_have_is_named(tmp_path: Path) -> None:
    found = failure(await play(read(tmp_path, NEW + ", Moonphase: 3", ACKNOWLEDGED)))
    assert "the desk cannot say this" in found.line()
    assert "Moonphase" in found.line()
    verdict = await play(read(tmp_path, NEW, ACKNOWLEDGED + ", Moonphase: 3"))
    assert failure(verdict).line().endswith("Moonphase: expected 3, got nothing")


async def test_where_the_file_contradicts_the_rules_either_value_is_right() -> None:
    scenario = next(one for one in load(SAMPLE) if one.id == "S.4")
    assert (await play(scenario)).passed
    rows = tuple(replace(row, conflict=False) for row in scenario.rows)
    found = failure(await play(replace(scenario, rows=rows)))
    assert "OrdStatus: expected 0 (New), got 6 (PendingCancel)" in found.line()


async def test_a_changed_price_is_repeated_with_every_other_term(tmp_path: Path) -> None:
    said: list[WireFields] = []

    class Noted(InProcess):
        async def publish(self, request: DeskRequest) -> None:
            await super().publish(request)
            said.extend(dict(fields) for fields in self.requests)

    scenario = read(
        tmp_path,
        NEW + ", TimeInForce: '1', Price: 50, ExecInst: G",
        ACKNOWLEDGED,
        "t: 3, dir: in, msg: OrderCancelReplaceRequest, ClOrdID: Y, OrigClOrdID: X,"
        " OrderQty: 100, change: limit price only",
        "t: 4, dir: out, msg: ExecutionReport, ClOrdID: Y, OrigClOrdID: X, ExecType: '5',"
        " OrdStatus: '0', OrderQty: 100, Price: 51",
    )
    assert (await play(scenario, Noted(CAST))).passed
    order, change = said
    assert (order["44"], order["59"], order["18"]) == ("50", "1", "G")
    assert (change["44"], change["59"], change["38"]) == ("51", "1", "100")
    assert "18" not in change  # ExecInst is repeated or gone (FIX)


async def test_nothing_is_left_open_behind_a_variant(tmp_path: Path) -> None:
    stage = InProcess(CAST)
    await play(read(tmp_path, NEW, ACKNOWLEDGED), stage)
    assert not stage.reports
    assert not stage.requests
    mass = (
        "t: 1, dir: in, MsgType: q, ClOrdID: Q",
        "t: 2, dir: out, msg: OrderMassCancelReport, ClOrdID: Q, TotalAffectedOrders: 0",
    )
    assert (await Player(stage, CAST, "next").play(read(tmp_path, *mass))).passed


def test_the_cast_has_the_desk_its_account_and_an_instrument_for_each_currency() -> None:
    reference = Cast(("USD", "EUR"), ("IBM",)).reference(port=4711)
    assert [one.Currency for one in reference.instruments] == ["USD", "EUR", "USD"]
    assert reference.instruments[2].Symbol == "IBM"
    assert (reference.desks, reference.accounts[0].Account) == ((DESK,), ACCOUNT)
    assert (reference.venues[0].Venue, reference.venues[0].Port) == (VENUE, 4711)
    assert reference.accounts[0].PendingReports is fix.PendingReports.Venue
