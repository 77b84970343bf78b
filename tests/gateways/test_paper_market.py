"""What the paper exchange answers, by the letter of FIX 4.4."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.paper.market import Market
from gateways.paper.requests import read
from gateways.paper.store import Store, read_executions, read_orders
from tests.gateways.paper_client import NOW, Fields, Sheet
from tests.gateways.paper_market import Exchange


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def test_a_new_order_is_reported_with_every_field_of_its_state(exchange: Exchange) -> None:
    (report,) = exchange.ask(exchange.order("c1"))
    assert report == {
        **{"35": "8", "37": "O-1", "11": "c1", "17": "XPAR-R1", "150": "0", "39": "0"},
        **{"1": "acme", "55": "AAPL", "54": "1", "38": "100", "40": "2", "44": "10", "59": "0"},
        **{"151": "100", "14": "0", "6": "0", "60": "20261123-14:30:00.123456789"},
    }


def test_each_side_of_a_trade_has_its_report_at_the_resting_price(exchange: Exchange) -> None:
    exchange.ask(exchange.order("s", t54="2", t38="40"))
    new, buy, sell = exchange.ask(exchange.order("b", t44="12"))
    assert new["150"] == "0"
    assert (buy["17"], sell["17"]) == ("XPAR-1-B", "XPAR-1-S")
    assert (buy["11"], sell["11"]) == ("b", "s")
    for report in (buy, sell):
        assert {t: report[t] for t in ("150", "32", "31", "30", "6", "14")} == {
            **{"150": "F", "32": "40", "31": "10", "30": "XPAR", "6": "10", "14": "40"}
        }
    assert (buy["39"], buy["151"]) == ("1", "60")
    assert (sell["39"], sell["151"]) == ("2", "0")


def test_the_average_price_is_exact_or_rounded_to_twelve_places(exchange: Exchange) -> None:
    exchange.ask(exchange.order("s1", t54="2", t38="1", t44="10"))
    exchange.ask(exchange.order("s2", t54="2", t38="2", t44="10.01"))
    *_, report, _ = exchange.ask(exchange.order("b", t38="3", t44="11"))
    assert report["6"] == "10.006666666667"


def test_what_is_left_of_a_market_order_is_canceled_under_its_own_name(exchange: Exchange) -> None:
    new, canceled = exchange.ask(exchange.order("m", t40="1", t44=""))
    assert "44" not in new
    assert (canceled["11"], canceled["150"], canceled["39"]) == ("m", "4", "4")
    assert (canceled["151"], "41" in canceled) == ("0", False)


def test_a_cancel_is_reported_under_its_own_name_and_the_order_it_ended(exchange: Exchange) -> None:
    exchange.ask(exchange.order("c1"))
    (report,) = exchange.ask(exchange.cancel("c2", "c1"))
    assert (report["11"], report["41"], report["150"], report["39"]) == ("c2", "c1", "4", "4")
    assert report["151"] == "0"


def test_a_fill_after_a_replace_carries_the_new_name(exchange: Exchange) -> None:
    exchange.ask(exchange.order("c1"))
    (replaced,) = exchange.ask(exchange.replace("c2", "c1", t38="120"))
    assert (replaced["11"], replaced["41"], replaced["150"]) == ("c2", "c1", "5")
    assert (replaced["39"], replaced["38"], replaced["151"]) == ("0", "120", "120")
    *_, fill = exchange.ask(exchange.order("s", t54="2", t38="20"))
    assert (fill["11"], fill["37"], fill["14"], fill["151"]) == ("c2", "O-1", "20", "100")


def test_replaced_is_reported_before_the_trades_it_leads_to(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b", t44="9"))
    exchange.ask(exchange.order("s", t54="2"))
    assert exchange.say(exchange.replace("b2", "b", t44="10")) == [
        "5 0 b2 0/100",
        "F 2 b2 100/100",
        "F 2 s 100/100",
    ]


def test_a_replace_to_what_is_filled_stops_the_order(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b"), exchange.order("s", t54="2", t38="40"))
    assert exchange.say(exchange.replace("b2", "b", t38="30")) == ["5 2 b2 40/40"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"t54": "2"}, "2"),
        ({"t55": "MSFT"}, "2"),
        ({"t40": "1", "t44": ""}, "2"),
        ({"t59": "3"}, "2"),
        ({"t1": "other"}, "2"),
        ({"t38": "0"}, "99"),
    ],
)
def test_terms_that_cannot_change_leave_the_order_as_it_was(
    exchange: Exchange, changes: Fields, reason: str
) -> None:
    exchange.ask(exchange.order("c1"))
    (refused,) = exchange.ask(exchange.replace("c2", "c1", **changes))
    assert (refused["35"], refused["102"], refused["434"]) == ("9", reason, "2")
    assert (refused["11"], refused["41"], refused["39"]) == ("c2", "c1", "0")
    assert exchange.say(exchange.status("c1")) == ["I 0 c1 0/100"]


def test_a_cancel_of_an_unknown_order_is_refused_and_its_name_stays_free(
    exchange: Exchange,
) -> None:
    (refused,) = exchange.ask(exchange.cancel("c2", "none"))
    assert refused == {
        **{"35": "9", "37": "NONE", "11": "c2", "41": "none", "39": "8", "434": "1", "102": "1"},
        **{"58": "no order has the ClOrdID none", "60": "20261123-14:30:00.123456789"},
    }
    assert exchange.say(exchange.order("c2")) == ["0 0 c2 0/100"]


def test_a_cancel_of_an_ended_order_is_too_late(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b"), exchange.order("s", t54="2"))
    (refused,) = exchange.ask(exchange.cancel("x", "b"))
    assert (refused["102"], refused["39"], refused["37"]) == ("0", "2", "O-1")
    assert exchange.say(exchange.status("x")) == ["I 2 x 100/100"]


def test_a_duplicate_is_rejected_with_the_state_of_the_first(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b"), exchange.order("s", t54="2", t38="40"))
    (report,) = exchange.ask(exchange.order("b"))
    assert (report["150"], report["103"], report["39"], report["37"]) == ("8", "6", "1", "O-1")
    assert exchange.say(exchange.status("b")) == ["I 1 b 40/100"]


def test_a_duplicate_name_of_a_cancel_or_replace_is_refused(exchange: Exchange) -> None:
    exchange.ask(exchange.order("c1"), exchange.replace("c2", "c1"))
    assert exchange.say(exchange.cancel("c2", "c1")) == ["9 6"]
    assert exchange.say(exchange.replace("c1", "c2")) == ["9 6"]


@pytest.mark.parametrize("mark", ["t97", "t43"])
def test_a_possible_repeat_is_answered_with_the_state(exchange: Exchange, mark: str) -> None:
    yes = {mark: "Y"}
    exchange.ask(exchange.order("c1"))
    assert exchange.say(exchange.order("c1", **yes)) == ["I 0 c1 0/100"]
    exchange.ask(exchange.replace("c2", "c1", t38="90"))
    assert exchange.say(exchange.replace("c2", "c1", t38="90", **yes)) == ["I 0 c2 0/90"]
    assert exchange.say(exchange.order("c1", **yes)) == ["I 0 c1 0/90"]
    exchange.ask(exchange.cancel("c3", "c2"))
    assert exchange.say(exchange.cancel("c3", "c2", **yes)) == ["I 4 c3 0/90"]


def test_a_possible_repeat_that_is_unknown_is_new(exchange: Exchange) -> None:
    assert exchange.say(exchange.order("c1", t97="Y")) == ["0 0 c1 0/100"]
    assert exchange.say(exchange.replace("c2", "c1", t97="Y")) == ["5 0 c2 0/100"]
    assert exchange.say(exchange.cancel("c3", "c2", t43="Y")) == ["4 4 c3 0/100"]


def test_a_status_is_found_by_every_name_of_the_chain(exchange: Exchange) -> None:
    exchange.ask(exchange.order("c1"), exchange.replace("c2", "c1"), exchange.cancel("c3", "c2"))
    for name in ("c1", "c2", "c3"):
        (report,) = exchange.ask(exchange.status(name, t790="q1"))
        assert (report["11"], report["150"], report["39"]) == (name, "I", "4")
        assert report["790"] == "q1"


def test_the_status_of_an_unknown_order_says_so(exchange: Exchange) -> None:
    (report,) = exchange.ask(exchange.status("none"))
    said = {t: report[t] for t in ("11", "37", "150", "39", "103", "151", "14")}
    assert said == {
        **{"11": "none", "37": "NONE", "150": "I", "39": "8"},
        **{"103": "5", "151": "0", "14": "0"},
    }


def test_the_mass_status_counts_the_open_orders_and_marks_the_last(exchange: Exchange) -> None:
    exchange.ask(exchange.order("a"), exchange.order("b", t55="MSFT"), exchange.order("c"))
    exchange.ask(exchange.cancel("x", "a"))
    found = exchange.ask(exchange.mass_status("m"))
    assert [(r["11"], r["150"], r["584"], r["911"], r["912"]) for r in found] == [
        ("b", "I", "m", "2", "N"),
        ("c", "I", "m", "2", "Y"),
    ]
    (only,) = exchange.ask(exchange.mass_status("m", t585="1", t55="MSFT"))
    assert (only["11"], only["911"]) == ("b", "1")


def test_the_mass_status_of_nothing_is_one_report(exchange: Exchange) -> None:
    (report,) = exchange.ask(exchange.mass_status("m"))
    said = {t: report[t] for t in ("150", "39", "37", "58", "911", "584")}
    assert said == {
        **{"150": "I", "39": "8", "37": "NONE"},
        **{"58": "no open orders", "911": "0", "584": "m"},
    }


@pytest.mark.parametrize(
    ("changes", "reason", "word"),
    [
        ({"t38": "0"}, "13", "OrderQty(38)=0"),
        ({"t38": "-5"}, "13", "OrderQty(38)=-5"),
        ({"t40": "6"}, "11", "OrdType(40)=6"),
        ({"t59": "8"}, "11", "TimeInForce(59)=8"),
        ({"t54": "8"}, "11", "Side(54)=8"),
    ],
)
def test_an_order_that_is_not_traded_here_is_rejected(
    exchange: Exchange, changes: Fields, reason: str, word: str
) -> None:
    (report,) = exchange.ask(exchange.order("c1", **changes))
    assert (report["150"], report["39"], report["103"]) == ("8", "8", reason)
    assert (report["151"], word in report["58"]) == ("0", True)
    assert exchange.say(exchange.order("c1", t97="Y"))[0].startswith("I 8 c1")


@pytest.mark.parametrize(
    ("changes", "reason", "text"),
    [
        ({"t11": ""}, "5", "ClOrdID(11) is missing"),
        ({"t55": ""}, "5", "Symbol(55) is missing"),
        ({"t44": ""}, "5", "Price(44) is missing"),
        ({"t38": ""}, "5", "OrderQty(38) is missing"),
        ({"t38": "1e3"}, "0", "OrderQty(38)=1e3 is not a decimal of up to 15 and 12 digits"),
        ({"t44": "NaN"}, "0", "Price(44)=NaN is not a decimal of up to 15 and 12 digits"),
    ],
)
def test_what_cannot_be_understood_is_refused_naming_the_field(
    exchange: Exchange, changes: Fields, reason: str, text: str
) -> None:
    (report,) = exchange.ask(exchange.order("c1", **changes))
    assert (report["35"], report["372"], report["45"]) == ("j", "D", "1")
    assert (report["380"], report["58"]) == (reason, text)
    assert report.get("379") == (None if "t11" in changes else "c1")


def test_an_unknown_message_type_is_refused(exchange: Exchange) -> None:
    (report,) = exchange.ask(exchange.text("R", {"11": "x"}))
    assert (report["35"], report["380"], report["379"]) == ("j", "3", "x")


NAMES = st.sampled_from([f"n{i}" for i in range(12)])
CHANGES = st.fixed_dictionaries(
    {
        "t54": st.sampled_from(["1", "2", "5"]),
        "t38": st.sampled_from(["1", "2.5", "7", "10", "0"]),
        "t44": st.sampled_from(["9", "9.5", "10", "-1"]),
        "t59": st.sampled_from(["0", "0", "1", "3", "4", "7"]),
        "t55": st.sampled_from(["AAPL", "AAPL", "MSFT"]),
    },
    optional={"t97": st.just("Y"), "t40": st.just("1")},
)
REQUESTS = st.lists(
    st.one_of(
        st.tuples(st.just("D"), NAMES, NAMES, CHANGES),
        st.tuples(st.sampled_from("DDDFGGHA"), NAMES, NAMES, CHANGES),
    ),
    max_size=40,
)


def text_of(sheet: Sheet, request: tuple[str, str, str, Fields]) -> str:
    kind, name, orig, changes = request
    few = {tag: changes[tag] for tag in ("t54", "t55", "t97") if tag in changes}
    match kind:
        case "D":
            return sheet.order(name, **changes)
        case "G":
            return sheet.replace(name, orig, **changes)
        case "F":
            return sheet.cancel(name, orig, **few)
        case "H":
            return sheet.status(name)
        case _:
            return sheet.mass_status(name)


@settings(deadline=None)
@given(REQUESTS)
def test_every_request_is_answered_and_every_report_adds_up(
    requests: list[tuple[str, str, str, Fields]],
) -> None:
    exchange = Exchange()
    seen: dict[str, Decimal] = {}
    exec_ids: set[str] = set()
    for request in requests:
        reports = exchange.ask(text_of(exchange, request))
        assert reports
        for report in (r for r in reports if r["35"] == "8"):
            assert report["17"] not in exec_ids
            exec_ids.add(report["17"])
            cum, leaves = Decimal(report["14"]), Decimal(report["151"])
            order = report["37"]
            if report["39"] in "01":
                assert cum + leaves == Decimal(report["38"])
            else:
                assert leaves == 0
            if report["150"] == "F":
                assert cum == seen.get(order, Decimal(0)) + Decimal(report["32"])
            elif order != "NONE":
                assert cum == seen.get(order, Decimal(0))
            seen[order] = cum


@settings(deadline=None, max_examples=50)
@given(REQUESTS, st.data())
def test_a_restart_between_any_two_requests_changes_no_answer(
    tmp_path_factory: pytest.TempPathFactory,
    requests: list[tuple[str, str, str, Fields]],
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("restart")
    steady, store = Exchange(), Store(folder)
    market = Market("XPAR", store.counters, store)
    for number, request in enumerate(requests, 1):
        text = text_of(steady, request)
        market.handle(read(text)[1], NOW)
        effects = market.take_effects()
        store.commit(effects, market.counters, number, 0)
        market.forget(effects)
        assert effects.reports == steady.effects(text).reports
        if data.draw(st.integers(0, 3)) == 0:
            store.close()
            store = Store(folder)
            market = Market("XPAR", store.counters, store)
            market.restore(store.open_orders(), store.trading())
    store.close()
    check_executions(folder)


TAGS = st.sampled_from(
    [
        *(
            "1",
            "11",
            "37",
            "38",
            "40",
            "41",
            "43",
            "44",
            "54",
            "55",
            "58",
            "59",
            "97",
            "584",
            "585",
        ),
        *("790", "18", "99", "110", "111", "1138", "126", "152", "211", "432", "836", "530"),
        *("262", "263", "264", "269"),
    ]
)
VALUES = st.sampled_from(
    [
        "",
        "1",
        "2",
        "7",
        "P",
        "G",
        "M",
        "O-1",
        "20261231",
        "0.5",
        "Y",
        "D",
        "G",
        "AF",
        "é",
        "\udcff",
        "\x00",
    ]
) | st.text(st.characters(exclude_characters="\x01", exclude_categories=["Cs"]), max_size=5)


@settings(deadline=None)
@given(st.sampled_from(["D", "F", "G", "H", "AF", "B", "q", "V"]), st.dictionaries(TAGS, VALUES))
def test_whatever_the_fields_hold_there_is_an_answer_that_can_be_sent(
    kind: str, values: Fields
) -> None:
    exchange = Exchange()
    effects = exchange.effects(exchange.order("known"), exchange.text(kind, values))
    said = [*effects.reports, *exchange.market.data.take()]
    assert len(said) >= 2 or values.get("263") == "2"
    for report in said:
        assert report.encode()


def check_executions(folder: Path) -> None:
    """Both sides of all trades, and each order's CumQty, add up."""
    sides = {"Buy": 1, "Sell": -1, "SellShort": -1}
    balance: dict[str, Decimal] = {}
    filled: dict[str, Decimal] = {}
    for one in read_executions(folder):
        balance[one.Symbol] = balance.get(one.Symbol, Decimal(0)) + sides[one.Side] * one.LastQty
        filled[one.OrderID] = filled.get(one.OrderID, Decimal(0)) + one.LastQty
    assert not any(balance.values())
    for order in read_orders(folder):
        assert filled.get(f"O-{order.number}", Decimal(0)) == order.cum_qty
