"""Order types and times in force of the paper exchange, as a client sees them over FIX."""

import pytest

from gateways.paper import sessions
from gateways.paper.outcomes import Phase
from tests.gateways.paper_client import NOW, Fields, brief, fields
from tests.gateways.paper_market import Exchange

HOUR = 3_600_000_000_000


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def turn(exchange: Exchange, phase: Phase) -> list[Fields]:
    sessions.change_phase(exchange.market.floor, "AAPL", phase, exchange.now)
    return [fields(report) for report in exchange.taken().reports]


def trade(exchange: Exchange, price: str) -> list[Fields]:
    """One unit traded; what is said beyond the four reports of that."""
    number = exchange.number
    exchange.ask(exchange.order(f"ts{number}", t54="2", t38="1", t44=price))
    return exchange.ask(exchange.order(f"tb{number}", t38="1", t44=price))[3:]


def test_a_stop_is_reported_with_its_price_and_again_when_it_triggers(exchange: Exchange) -> None:
    (new,) = exchange.ask(exchange.order("s", t40="3", t44="", t99="11"))
    assert (new["150"], new["39"], new["99"], "44" in new) == ("0", "0", "11", False)
    exchange.ask(exchange.order("o", t54="2", t44="12"))
    triggered, *fills = trade(exchange, "11")
    assert (triggered["150"], triggered["39"], triggered["11"]) == ("L", "0", "s")
    assert [brief(one) for one in fills] == ["F 2 s 100/100", "F 2 o 100/100"]


def test_a_waiting_stop_can_be_replaced_and_canceled(exchange: Exchange) -> None:
    exchange.ask(exchange.order("s", t40="3", t44="", t99="11"))
    (replaced,) = exchange.ask(exchange.replace("s2", "s", t40="3", t44="", t99="12"))
    assert (replaced["150"], replaced["99"]) == ("5", "12")
    assert trade(exchange, "11") == []
    assert exchange.say(exchange.cancel("s3", "s2")) == ["4 4 s3 0/100"]
    assert trade(exchange, "12") == []


def test_an_order_if_touched_takes_its_trigger_from_price_where_there_is_no_stop_px(
    exchange: Exchange,
) -> None:
    (new,) = exchange.ask(exchange.order("m", t40="J", t44="9"))
    assert (new["99"], "44" in new) == ("9", False)


def test_the_left_over_of_a_market_order_is_restated_with_its_limit(exchange: Exchange) -> None:
    exchange.ask(exchange.order("s", t54="2", t38="40"))
    new, *_, restated = exchange.ask(exchange.order("k", t40="K", t44=""))
    assert ("44" in new, restated["150"], restated["378"]) == (False, "D", "3")
    assert (restated["44"], restated["151"], restated["39"]) == ("10", "60", "1")


@pytest.mark.parametrize("tag", ["t111", "t1138"])
def test_an_iceberg_is_filled_in_the_parts_that_it_shows(exchange: Exchange, tag: str) -> None:
    (new,) = exchange.ask(exchange.order("i", t54="2", **{tag: "30"}))
    assert new["111"] == "30"
    exchange.ask(exchange.order("j", t54="2", t38="10"))
    _, *fills = exchange.ask(exchange.order("b", t38="50"))
    assert [(r["11"], r["32"]) for r in fills if r["54"] == "2"] == [
        *(("i", "30"), ("j", "10"), ("i", "10"))
    ]


def test_min_qty_that_is_not_there_cancels_the_order(exchange: Exchange) -> None:
    exchange.ask(exchange.order("s", t54="2", t38="40"))
    assert exchange.say(exchange.order("b", t110="50")) == ["0 0 b 0/100", "4 4 b 0/100"]


def test_all_or_none_waits_for_the_whole(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b", t18="5 G"), exchange.order("s", t54="2", t38="60"))
    assert exchange.say(exchange.status("b")) == ["I 0 b 0/100"]
    assert exchange.say(exchange.order("s2", t54="2", t38="40"))[-4:] == [
        *("F 1 b 60/100", "F 2 s 60/60", "F 2 b 100/100", "F 2 s2 40/40")
    ]


def test_cash_becomes_whole_units_at_the_best_price_or_the_last(exchange: Exchange) -> None:
    cash = {"t38": "", "t152": "1000"}
    (refused,) = exchange.ask(exchange.order("c0", t40="1", t44="", **cash))
    assert (refused["150"], refused["103"], refused["39"]) == ("8", "99", "8")
    exchange.ask(exchange.order("s", t54="2", t44="30"))
    new, fill, *_ = exchange.ask(exchange.order("c1", t40="1", t44="", **cash))
    assert (new["38"], new["151"], new["152"]) == ("33", "33", "1000")
    assert (fill["39"], fill["14"]) == ("2", "33")
    exchange.ask(exchange.cancel("x", "s", t54="2"))
    (new,) = exchange.ask(exchange.order("c2", t44="29", **cash))
    assert (new["38"], new["40"]) == ("33", "2")
    (less,) = exchange.ask(exchange.order("c3", t38="", t152="29.99"))
    assert (less["150"], less["103"]) == ("8", "13")


def test_a_pegged_order_is_restated_as_it_follows(exchange: Exchange) -> None:
    (new,) = exchange.ask(exchange.order("p", t40="P", t44="", t18="R", t211="-0.5"))
    assert (new["18"], new["211"], "44" in new) == ("R", "-0.5", False)
    _, moved = exchange.ask(exchange.order("b"))
    assert (moved["150"], moved["378"], moved["44"], moved["839"]) == ("D", "3", "9.5", "9.5")


def test_a_trailing_stop_follows_unseen_and_triggers(exchange: Exchange) -> None:
    exchange.ask(exchange.order("t", t54="2", t40="P", t44="", t18="a", t211="1"))
    for price in ("10", "14"):
        assert trade(exchange, price) == []
    (report,) = exchange.ask(exchange.status("t"))
    assert report["99"] == "13"
    exchange.ask(exchange.order("b", t44="5"))
    assert brief(trade(exchange, "13")[0]) == "L 0 t 0/100"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"t40": "3", "t44": ""}, "StopPx(99) is missing"),
        ({"t40": "P", "t44": ""}, "ExecInst(18) is missing"),
        ({"t59": "6"}, "ExpireDate(432) or ExpireTime(126)"),
        ({"t59": "6", "t432": "2026-12-31"}, "ExpireDate(432)=2026-12-31 is not a date"),
        ({"t59": "6", "t432": "2026123"}, "ExpireDate(432)=2026123 is not a date"),
        ({"t59": "6", "t126": "soon"}, "ExpireTime(126)=soon is not a UTC time"),
        ({"t40": "P", "t18": "M", "t836": "9"}, "PegOffsetType(836)=9"),
    ],
)
def test_conditions_that_cannot_be_understood_are_refused(
    exchange: Exchange, changes: Fields, text: str
) -> None:
    (report,) = exchange.ask(exchange.order("c1", **changes))
    assert report["35"] == "j"
    assert text in report["58"]


@pytest.mark.parametrize(
    ("changes", "reason", "text"),
    [
        ({"t110": "101"}, "13", "MinQty(110)=101"),
        ({"t111": "0"}, "13", "DisplayQty(1138)=0"),
        ({"t18": "G", "t111": "5"}, "11", "ExecInst(18)=G"),
        ({"t40": "P", "t44": "", "t18": "a"}, "11", "PegOffsetValue(211)=0"),
        ({"t40": "P", "t44": "", "t18": "M", "t59": "3"}, "11", "a pegged order rests"),
        ({"t59": "7", "t18": "G"}, "11", "TimeInForce(59)=7"),
        ({"t59": "2"}, "4", "AAPL is in Continuous"),
        ({"t59": "6", "t432": "20261122"}, "4", "ExpireDate(432)=20261122 is over"),
        ({"t59": "6", "t126": "20261123-14:00:00"}, "4", "ExpireTime(126)"),
    ],
)
def test_conditions_that_make_no_sense_are_rejected(
    exchange: Exchange, changes: Fields, reason: str, text: str
) -> None:
    (report,) = exchange.ask(exchange.order("c1", **changes))
    assert (report["150"], report["39"], report["103"]) == ("8", "8", reason)
    assert text in report["58"]


def test_an_order_expires_when_its_time_has_come(exchange: Exchange) -> None:
    exchange.ask(exchange.order("g", t59="6", t126="20261123-15:00:00"))
    exchange.market.floor.expire_due(NOW)
    assert exchange.taken().reports == []
    exchange.market.floor.expire_due(NOW + HOUR)
    (report,) = exchange.taken().reports
    assert brief(fields(report)) == "C C g 0/100"
    assert exchange.say(exchange.cancel("x", "g")) == ["9 0"]


def test_the_phase_is_said_before_what_the_auction_trades(exchange: Exchange) -> None:
    said = turn(exchange, Phase.OPENING_AUCTION)
    assert [(r["35"], r["326"], r["625"]) for r in said] == [("f", "22", "2")]
    exchange.ask(exchange.order("b", t59="2"), exchange.order("s", t54="2", t38="60"))
    status, *others = turn(exchange, Phase.CONTINUOUS)
    assert (status["326"], status["55"]) == ("17", "AAPL")
    assert [brief(one) for one in others] == ["F 1 b 60/100", "F 2 s 60/60", "C C b 60/100"]


def test_a_halt_is_said_and_new_orders_wait_for_the_end_of_it(exchange: Exchange) -> None:
    exchange.ask(exchange.order("k", t18="K"), exchange.order("b"))
    status, canceled = turn(exchange, Phase.HALTED)
    assert (status["326"], canceled["11"], canceled["378"]) == ("2", "k", "6")
    assert exchange.say(exchange.order("s", t54="2")) == ["0 0 s 0/100"]
    assert exchange.say(exchange.replace("b2", "b", t38="80")) == ["5 0 b2 0/80"]
    status, *fills = turn(exchange, Phase.CONTINUOUS)
    assert status["326"] == "3"
    assert [brief(one) for one in fills] == ["F 2 b2 80/80", "F 1 s 80/100"]


def test_a_closed_market_rejects_orders_and_takes_cancels(exchange: Exchange) -> None:
    exchange.ask(exchange.order("g", t59="1"))
    assert turn(exchange, Phase.CLOSED)[0]["326"] == "18"
    (report,) = exchange.ask(exchange.order("late"))
    assert (report["150"], report["103"]) == ("8", "2")
    assert exchange.say(exchange.cancel("x", "g")) == ["4 4 x 0/100"]


def end(exchange: Exchange, *, done_for_day: bool = False) -> list[Fields]:
    sessions.end_of_day(exchange.market.floor, exchange.now, done_for_day=done_for_day)
    return [r for r in map(fields, exchange.taken().reports) if r["35"] == "8"]


def test_the_end_of_a_day_expires_what_was_for_the_day(exchange: Exchange) -> None:
    exchange.ask(exchange.order("d"), exchange.order("g", t59="1"))
    exchange.ask(exchange.order("gt", t59="6", t432="20261123"))
    exchange.ask(exchange.order("gl", t59="6", t432="20261124"))
    assert [brief(one) for one in end(exchange)] == [
        *("C C d 0/100", "3 3 g 0/100", "C C gt 0/100", "3 3 gl 0/100")
    ]


def test_day_orders_are_done_for_the_day_where_the_exchange_says_so(exchange: Exchange) -> None:
    exchange.ask(exchange.order("d"))
    (done,) = end(exchange, done_for_day=True)
    assert (done["150"], done["39"], done["151"]) == ("3", "3", "0")
    assert exchange.say(exchange.cancel("x", "d")) == ["9 0"]


def test_an_order_till_canceled_goes_on_the_next_day_with_its_day_quantities(
    exchange: Exchange,
) -> None:
    """Scenario H.1.a of FIX 4.4, volume 4."""
    exchange.ask(exchange.order("x", t38="10000", t59="1"))
    exchange.ask(exchange.order("s", t54="2", t38="2000"))
    (done,) = end(exchange)
    assert (done["39"], done["14"], done["151"]) == ("3", "2000", "8000")
    exchange.now += HOUR
    sessions.next_day(exchange.market.floor, exchange.now)
    restated, status = map(fields, exchange.taken().reports)
    assert status["326"] == "17"
    assert (restated["150"], restated["39"], restated["378"]) == ("D", "1", "1")
    assert (restated["424"], restated["425"], restated["151"]) == ("8000", "0", "8000")
    _, _, fill = exchange.ask(exchange.order("t", t54="2", t38="1000"))
    assert (fill["14"], fill["151"], fill["39"]) == ("3000", "7000", "1")
    assert (fill["424"], fill["425"]) == ("8000", "1000")


def test_a_mass_cancel_is_answered_and_each_order_is_canceled(exchange: Exchange) -> None:
    exchange.ask(exchange.order("a"), exchange.order("b", t55="MSFT"), exchange.order("c"))
    answer, *canceled = exchange.ask(exchange.text("q", {"11": "m", "530": "1", "55": "AAPL"}))
    assert (answer["35"], answer["531"], answer["533"], answer["11"]) == ("r", "1", "2", "m")
    assert [brief(one) for one in canceled] == ["4 4 a 0/100", "4 4 c 0/100"]
    answer, *canceled = exchange.ask(exchange.text("q", {"11": "m2", "530": "7"}))
    assert (answer["531"], answer["533"], len(canceled)) == ("7", "1", 1)
    answer, *canceled = exchange.ask(exchange.text("q", {"11": "m3", "530": "7"}))
    assert (answer["531"], answer["533"], len(canceled)) == ("7", "0", 0)


def test_a_repeated_mass_cancel_cancels_nothing_again(exchange: Exchange) -> None:
    asked = {"11": "m", "530": "7"}
    exchange.ask(exchange.text("q", asked), exchange.order("a"))
    (again,) = exchange.ask(exchange.text("q", asked | {"97": "Y"}))
    assert (again["531"], again["533"]) == ("7", "0")
    (refused,) = exchange.ask(exchange.text("q", asked))
    assert (refused["531"], refused["532"]) == ("0", "0")
    assert exchange.say(exchange.status("a")) == ["I 0 a 0/100"]


def test_a_mass_cancel_of_another_kind_is_refused(exchange: Exchange) -> None:
    (refused,) = exchange.ask(exchange.text("q", {"11": "m", "530": "3"}))
    assert (refused["35"], refused["531"]) == ("r", "0")
    assert "530" in refused["58"]
