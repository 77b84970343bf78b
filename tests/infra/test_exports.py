"""Each transition of each order becomes exactly one record of each regime, or says why none."""

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from actors.transitions import HAPPENED
from infra.audit.clock import Spells
from infra.audit.sealed import Line
from infra.cli import main
from infra.exports import REGIMES
from infra.exports.facts import Facts
from infra.exports.fields import Kind, check, to_json
from infra.exports.identifiers import isin, lei
from infra.exports.parties import Reporting
from infra.exports.regime import Nothing, export
from infra.metrics import TRANSITIONS
from infra.reference import SAMPLE, ReferenceRefused, load
from infra.replayed import account_states
from infra.settings import Settings
from messages import events as ev
from tests.infra.exported import DAY, eventful, exported, of_type, reporting
from tests.infra.journaled_day import Day

D = Decimal
MOVES = {
    *HAPPENED, *TRANSITIONS, ev.OrderAdopted, ev.OrderRefused, ev.OrderMoved,
    ev.MassCancelRequested, ev.RequestPending, ev.OwnRequestMade,
}  # fmt: skip
"""Every kind of event by which an account's order moves, or is asked to."""

TO_VENUES = {ev.VenueMessageSent, ev.VenueExecuted, ev.VenueRequestRejected}


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    with eventful(tmp_path_factory.mktemp("eventful")) as day:
        yield day


ABOUT = {
    "agency": reporting(),
    "representative": reporting(representative=True),
    "broker": reporting(destination="F", peer=True),
    "ours": reporting(destination="I"),
}


# ---- the tables


def test_every_kind_of_transition_has_exactly_one_row() -> None:
    assert REGIMES["cat"]().rows.keys() >= MOVES | TO_VENUES
    assert REGIMES["rts24"]().rows.keys() >= MOVES
    fills = {ev.OrderFilled, ev.TradeCanceled, ev.TradeCorrected}
    assert REGIMES["rts22"]().rows.keys() == fills


@pytest.mark.parametrize("regime", REGIMES)
def test_every_type_that_a_row_names_has_a_table_of_fields(regime: str) -> None:
    made = REGIMES[regime]()
    for row in made.rows.values():
        for kind in row.types:
            names = [field.name for field in made.fields(kind)]
            assert len(names) == len(set(names))
            assert made.kind in names


@pytest.mark.parametrize("about", ABOUT)
@pytest.mark.parametrize("regime", REGIMES)
def test_each_journaled_transition_becomes_one_record_of_its_row_or_none(
    day: Day, regime: str, about: str
) -> None:
    made = REGIMES[regime]()
    seen: Counter[type] = Counter()
    for fact in Facts(day.data):
        row = made.rows.get(type(fact.event))
        if row is None:
            continue
        seen[type(fact.event)] += 1
        record = row.make(fact, ABOUT[about])
        if isinstance(record, Nothing):
            assert record.why
            continue
        records = record if isinstance(record, list) else [record]
        assert len(records) == 1 or regime == "rts22"
        for one in records:
            assert one[made.kind] in row.types, (fact.event, one)
    assert seen.keys() >= made.rows.keys() & MOVES - {ev.RequestPending}


@pytest.mark.parametrize("about", ABOUT)
@pytest.mark.parametrize("regime", REGIMES)
def test_no_record_of_the_day_is_rejected_by_its_field_check(
    day: Day, regime: str, about: str
) -> None:
    found = exported(day.data, regime, ABOUT[about])
    assert [one.faults for one in found.rejected] == []
    assert len(found.records) > 3


def test_every_order_rebuilds_its_full_record_from_the_journal(day: Day) -> None:
    """The last fact of each order is the order as its account knows it."""
    last = {fact.order.OrderID: fact.order for fact in Facts(day.data) if fact.order}
    known = account_states(day.data)["growth"].orders
    assert len(known) >= 12
    for order_id, order in known.items():
        assert last[order_id] == order


def test_entries_of_records_lead_back_to_the_journal(day: Day) -> None:
    records = exported(day.data, "cat").records
    ids = [record["firmROEID"] for record in records]
    assert len(ids) == len(set(ids))
    assert {one.partition("_")[0] for one in ids} == {"20261123"}


# ---- CAT


def test_the_life_of_an_order_is_its_cat_events(day: Day) -> None:
    records = exported(day.data, "cat").records
    told = [r["type"] for r in records if r.get("orderID") == "growth-2"]
    assert told == [
        *("MENO", "MEOR"), *("MEOMR", "MEMR", "MEOM"), *("MEOMR", "MEMR", "MEMRS"),
        *("MEOJ", "MEOJ"), *("MEOCR", "MECR", "MEOC"),
    ]  # fmt: skip


def test_a_new_order_says_what_the_desk_asked_for(day: Day) -> None:
    found = of_type(exported(day.data, "cat"), "MENO")
    (record,) = (r for r in found if r["orderID"] == "growth-5")
    assert {name: record[name] for name in ("symbol", "side", "orderType", "orderID")} == {
        "symbol": "BRK B", "side": "SS", "orderType": "LMT", "orderID": "growth-5"
    }  # fmt: skip
    assert record["timeInForce"] == {"DAY": 20261123}
    assert record["price"] == D(190)
    assert record["orderKeyDate"] == record["eventTimestamp"]
    assert record["eventTimestamp"].startswith("20261123T1216")  # New York


def test_an_order_of_another_member_is_accepted_and_routed_to_a_broker(day: Day) -> None:
    found = exported(day.data, "cat", ABOUT["broker"])
    assert [r["manualFlag"] for r in of_type(found, "MENO")] == [True]
    first = of_type(found, "MEOA")[0]
    assert (first["senderIMID"], first["routedOrderID"]) == ("456:ALFA", "a-1")
    route = of_type(found, "MEOR")[0]
    assert (route["destination"], route["destinationType"]) == ("789:PARI", "F")
    assert route["affiliateFlag"] is False


def test_a_route_is_named_as_the_venue_knows_it_and_sent_again_is_no_route(day: Day) -> None:
    found = exported(day.data, "cat")
    routes = [r["routedOrderID"] for r in of_type(found, "MEOR")]
    assert len(routes) == len(set(routes))
    assert "growth-1.1" in routes
    (supplement,) = of_type(found, "MEORS")
    assert (supplement["routedOrderID"], supplement["routeRejectedFlag"]) == ("growth-4.1", True)
    (sent,) = (r for r in of_type(found, "MEOR") if r["routedOrderID"] == "growth-4.1")
    assert supplement["eventTimestamp"] == sent["eventTimestamp"]


def test_fills_from_orders_of_our_own_are_fulfillments_and_their_amendments(day: Day) -> None:
    found = exported(day.data, "cat", ABOUT["representative"])
    fills, amended = of_type(found, "MEOF"), of_type(found, "MEFA")
    first = fills[0]
    assert (first["quantity"], first["price"]) == (D(40), D("189.5"))
    assert first["clientDetails"][0]["orderID"] == "growth-1"
    assert first["firmDetails"][0]["orderID"] == "growth-1-R"
    assert [(r["quantity"], r["priorFulfillmentID"]) for r in amended] == [
        (D(0), first["fulfillmentID"]), (D(12), fills[1]["fulfillmentID"])
    ]  # fmt: skip
    own = [r for r in of_type(found, "MENO") if r["representativeInd"] == "Y"]
    assert own[0]["aggregatedOrders"][0]["orderID"] == "growth-1"
    assert of_type(found, "MEOR")[0]["orderID"] == "growth-1-R"


def test_what_we_execute_ourselves_is_a_trade_and_no_route(day: Day) -> None:
    found = exported(day.data, "cat", ABOUT["ours"])
    assert not of_type(found, "MEOR")
    trades = of_type(found, "MEOT")
    assert [r["cancelFlag"] for r in trades].count(True) == 1
    sold = [r for r in trades if r["sideDetailsInd"] == "SELL"]
    assert sold[0]["sellDetails"][0]["orderID"] == "growth-9"


def test_fills_of_agency_orders_are_left_to_the_venue_and_counted(day: Day) -> None:
    found = exported(day.data, "cat")
    kinds = ev.OrderFilled | ev.TradeCanceled | ev.TradeCorrected
    fills = sum(isinstance(fact.event, kinds) for fact in Facts(day.data))
    why = "executed where it was routed to: reported by the exchange or broker"
    assert found.silent[why] == fills


# ---- MiFID II


def test_the_life_of_an_order_is_its_rts24_records(day: Day) -> None:
    records = exported(day.data, "rts24").records
    told = [r["Event"] for r in records if r["OrderID"] == "growth-1"]
    assert told == [
        *("NEWO", "CHMO", "PARF", "PARF", "CHMO", "CHMO", "CHMO", "REMA", "FILL")
    ]  # fmt: skip
    told = [r["Event"] for r in records if r["OrderID"] == "growth-2"]
    assert told == ["NEWO", "CHMO", "REME", "REMA", "REMA", "CAME"]
    last = [r for r in records if r["OrderID"] == "growth-1"][-1]
    assert (last["TransactionPrice"], last["TradedQuantity"]) == (D(190), D(88))
    assert (last["RemainingQuantity"], last["OrderStatus"]) == (D(0), "INAC")


def test_sequence_numbers_of_one_account_rise(day: Day) -> None:
    records = exported(day.data, "rts24").records
    numbers = [r["SequenceNumber"] for r in records]
    assert numbers == sorted(numbers)


def test_a_fill_is_one_report_a_bust_cancels_it_and_a_correction_does_both(day: Day) -> None:
    records = exported(day.data, "rts22").records
    told = [r["ReportStatus"] for r in records]
    assert told == ["NEWT", "NEWT", "CANC", "CANC", "NEWT", "NEWT", "NEWT", "NEWT", "NEWT", "NEWT"]
    first, second, bust, undone, again, *_ = records
    assert bust["TransactionReference"] == first["TransactionReference"]
    assert undone["TransactionReference"] == second["TransactionReference"]
    assert (again["Quantity"], again["Price"]) == (D(12), D(189))
    news = [r["TransactionReference"] for r in records if r["ReportStatus"] == "NEWT"]
    assert len(news) == len(set(news))
    (sold,) = (r for r in records if r.get("ShortSelling"))
    assert (sold["Seller"], sold["Buyer"]) == ("GROWTHFUND0000000040", "XPAR")


def test_a_record_made_while_the_clock_was_bad_says_so(day: Day) -> None:
    good = Spells([Line(1, 0, {"Good": True}, "")])
    bad = Spells([Line(1, 0, {"Good": False}, "")])
    for spells, flag in ((good, False), (bad, True), (None, None)):
        found = export(REGIMES["rts24"](), Facts(day.data, spells), reporting(), DAY)
        assert {record["ClockBad"] for record in found.records} == {flag}


# ---- the field checks


def wrong(regime: str, kind: str, day: Day, **changes: Any) -> list[str]:
    """The faults of the first record of that type after some changes."""
    made = REGIMES[regime]()
    record = dict(of_type(exported(day.data, regime), kind, made.kind)[0])
    for name, value in changes.items():
        record[name] = value
    record = {name: value for name, value in record.items() if value is not None}
    return [f"{f.field}: {f.what}" for f in check(record, made.fields(kind))]


@pytest.mark.parametrize(
    ("regime", "kind", "changes", "fault"),
    [
        ("cat", "MENO", {"side": "B"}, None),
        ("cat", "MENO", {"side": "BUY"}, "side: must be one of B, SL, SS, SX"),
        ("cat", "MENO", {"orderID": "x" * 65}, "orderID: has 65 characters, at most 64"),
        ("cat", "MENO", {"symbol": None}, "symbol: is missing"),
        ("cat", "MENO", {"price": None}, "price: is missing"),
        ("cat", "MENO", {"orderType": "MKT"}, "price: must be blank here"),
        ("cat", "MENO", {"price": D("1.123456789")}, "price: must have at most 10 digits and 8"),
        ("cat", "MENO", {"price": 190.0}, "price: must be a number"),
        ("cat", "MENO", {"manualFlag": "false"}, "manualFlag: must be true or false"),
        ("cat", "MENO", {"timeInForce": {"XXX": 1}}, "timeInForce: XXX is none of"),
        ("cat", "MENO", {"eventTimestamp": "20261123T120000"}, "eventTimestamp: does not look"),
        ("cat", "MENO", {"firmDesignatedID": None}, "firmDesignatedID: is missing; set it in"),
        ("cat", "MENO", {"representativeInd": "Y"}, "aggregatedOrders: is missing"),
        ("cat", "MENO", {"colour": "red"}, "colour: there is no such field"),
        ("cat", "MEOR", {"session": None}, "session: is missing"),
        ("cat", "MEOR", {"destinationType": "F"}, "affiliateFlag: is missing"),
        ("cat", "MEOR", {"destination": None}, "destination: is missing; set CatDestination"),
        ("rts24", "NEWO", {"Client": None}, "Client: is missing; set ClientID"),
        ("rts24", "NEWO", {"SubmittingEntity": "SHORT"}, "SubmittingEntity: does not look like"),
        ("rts24", "NEWO", {"TransactionPrice": D(1)}, "TransactionPrice: must be blank here"),
        ("rts24", "NEWO", {"Instrument": "AAPL"}, "Instrument: does not look like"),
        ("rts24", "NEWO", {"Instrument": "US0378331006"}, "Instrument: is no ISIN: its check"),
        ("rts24", "NEWO", {"SubmittingEntity": "OMSEXAMPLE0000000000"}, "SubmittingEntity: is no"),
        ("rts24", "NEWO", {"Client": "GROWTHFUND0000000000"}, "Client: is no CLIENT"),
        ("rts24", "NEWO", {"Client": "AGGR"}, None),
        ("rts24", "NEWO", {"ValidityPeriod": "GTDT"}, "ValidUntil: is missing"),
        ("rts24", "PARF", {"TradedQuantity": None}, "TradedQuantity: is missing"),
        ("rts24", "NEWO", {"SequenceNumber": -1}, "SequenceNumber: must be a whole number"),
        ("rts22", "NEWT", {"Venue": None}, "Venue: is missing; set Mic"),
        ("rts22", "NEWT", {"TradingCapacity": "DEAL"}, "InvestmentDecision: is missing"),
        ("rts22", "NEWT", {"Seller": "X", "ShortSelling": None}, "ShortSelling: is missing"),
        ("rts22", "CANC", {"Price": D(1)}, "Price: must be blank here"),
    ],
)  # fmt: skip
def test_each_field_is_checked(
    day: Day, regime: str, kind: str, changes: dict[str, Any], fault: str | None
) -> None:
    found = wrong(regime, kind, day, **changes)
    if fault is None:
        assert found == []
    else:
        assert any(one.startswith(fault) for one in found), found


@pytest.mark.parametrize("regime", ["rts24", "rts22"])
def test_the_fields_of_an_annex_have_their_numbers_in_order(regime: str) -> None:
    numbers = [field.number for field in REGIMES[regime]().fields("") if field.number]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 25


def test_decimals_are_written_as_numbers_with_exactly_their_digits() -> None:
    value = {"a": D("0.10"), "b": D("1E+2"), "c": [D("123456789.12345678")], "d": None, "e": True}
    assert to_json(value) == '{"a":0.1,"b":100,"c":[123456789.12345678],"e":true}'
    assert Kind.NUMBER.value == "a number"


@pytest.mark.parametrize("known", ["HWUPKR0MPOU8FGXBT394", "OMSEXAMPLE0000000008"])
def test_check_digits_of_an_lei_find_any_two_letters_that_were_swapped(known: str) -> None:
    assert lei(known)
    for place in range(len(known) - 1):
        swapped = known[:place] + known[place + 1] + known[place] + known[place + 2 :]
        assert lei(swapped) == (swapped == known)


@pytest.mark.parametrize("known", ["US0378331005", "DE0007164600", "GB0031348658"])
def test_the_check_digit_of_an_isin_finds_any_digit_that_was_changed(known: str) -> None:
    assert isin(known)
    for place in range(2, len(known)):
        changed = known[:place] + str((int(known[place]) + 1) % 10) + known[place + 1 :]
        assert not isin(changed)


# ---- the command


def run(data: Path, regime: str, out: Path, *words: str) -> Any:
    arguments = ["export", regime, "--date", "2026-11-23", "--out", str(out), "--data", str(data)]
    return CliRunner().invoke(main, [*arguments, *words])


def test_the_command_writes_json_lines_and_a_summary(day: Day, tmp_path: Path) -> None:
    Settings(data=day.data).save()
    out = tmp_path / "cat.jsonl"
    result = run(day.data, "cat", out)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert f"{len(rows):,} rows written to {out}" in result.stdout
    assert "MENO" in result.stdout
    assert "reported by the exchange or broker" in result.stdout
    told = json.loads(run(day.data, "rts24", out, "--json").stdout)
    assert told["Rows"] == len(out.read_text().splitlines()) == sum(told["ByType"].values())


def test_what_the_field_check_rejects_is_written_apart_with_the_reason(
    day: Day, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.toml"
    text = load_sample().replace('Isin = "US0378331005"', "").replace('Mic = "XPAR"', "")
    bare.write_text(text)
    out = tmp_path / "rts22.jsonl"
    result = run(day.data, "rts22", out, "--config", str(bare))
    assert result.exit_code == 1
    assert "Instrument: is missing; set Isin of [[reporting.instruments]]" in result.stdout
    rejected = [json.loads(line) for line in (tmp_path / "rts22.jsonl.rejected").open()]
    assert {f["field"] for one in rejected for f in one["Faults"]} >= {"Instrument", "Venue"}
    assert run(day.data, "rts22", out, "--config", "nowhere.toml").exit_code == 1
    assert "give a day" in run(day.data, "rts22", out, "--date", "today").stderr


def load_sample() -> str:
    return SAMPLE.read_text()


def test_the_sample_knows_every_desk_account_instrument_and_venue() -> None:
    known = load()
    about = known.reporting
    assert {d.Desk for d in about.desks} == set(known.desks)
    assert {a.Account for a in about.accounts} == {a.Account for a in known.accounts}
    assert {i.Symbol for i in about.instruments} == {i.Symbol for i in known.instruments}
    assert {v.Venue for v in about.venues} == {v.Venue for v in known.venues}
    assert Reporting().venue("X").Mic is None


def test_reporting_tables_name_only_what_there_is(tmp_path: Path) -> None:
    odd = tmp_path / "odd.toml"
    odd.write_text(f'{load_sample()}\n[[reporting.venues]]\nVenue = "XNOWHERE"\n')
    with pytest.raises(ReferenceRefused, match="venues names XNOWHERE"):
        load(odd)
