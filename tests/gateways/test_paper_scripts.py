"""Scripted behaviours: what venues do wrong or late, on purpose."""

from collections import Counter

import pytest

from tests.gateways.paper_client import NOW, brief, fields
from tests.gateways.paper_market import Exchange

MS = 1_000_000


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def script(exchange: Exchange, name: str, **args: object) -> None:
    assert exchange.do("script", name=name, args=args)["ok"]


def due(exchange: Exchange, ms: int) -> list[str]:
    """What is said because so much time has gone by."""
    exchange.market.do_due(NOW + ms * MS)
    return [brief(fields(report)) for report in exchange.taken().reports]


def test_a_late_fill_comes_after_the_cancel_was_confirmed(exchange: Exchange) -> None:
    script(exchange, "late_fill", qty="30", px="9.5")
    canceled, fill = exchange.ask(exchange.order("b"), exchange.cancel("b2", "b"))[1:]
    assert (canceled["150"], canceled["39"]) == ("4", "4")
    assert (fill["150"], fill["39"], fill["32"], fill["31"]) == ("F", "4", "30", "9.5")
    assert (fill["14"], fill["151"], fill["11"]) == ("30", "0", "b2")


def test_a_late_fill_of_all_that_was_left_needs_no_arguments(exchange: Exchange) -> None:
    script(exchange, "late_fill")
    *_, fill = exchange.ask(exchange.order("b"), exchange.cancel("b2", "b"))
    assert (fill["32"], fill["31"], fill["14"]) == ("100", "10", "100")


def test_each_report_is_said_twice_with_the_same_exec_id(exchange: Exchange) -> None:
    script(exchange, "duplicate")
    said = exchange.ask(exchange.order("s", t54="2"), exchange.order("b"))
    assert set(Counter(report["17"] for report in said).values()) == {2}


def test_a_fill_and_the_next_report_of_its_order_are_swapped(exchange: Exchange) -> None:
    for name in ("s1", "s2"):
        exchange.ask(exchange.order(name, t54="2", t38="50"))
    script(exchange, "out_of_order")
    said = exchange.say(exchange.order("b"))
    assert [one for one in said if " b " in one] == ["0 0 b 0/100", "F 2 b 100/100", "F 1 b 50/100"]


def test_a_dropped_request_is_never_answered(exchange: Exchange) -> None:
    script(exchange, "drop", times=1)
    assert exchange.say(exchange.order("a")) == []
    assert exchange.say(exchange.order("b")) == ["0 0 b 0/100"]
    assert exchange.ask(exchange.status("a"))[0]["103"] == "5"


def test_a_fill_is_said_before_the_order_is_acknowledged(exchange: Exchange) -> None:
    exchange.ask(exchange.order("s", t54="2", t38="40"))
    script(exchange, "fill_before_ack")
    said = exchange.say(exchange.order("b"))
    assert [one for one in said if " b " in one] == ["F 1 b 40/100", "0 0 b 0/100"]


def test_more_than_the_order_is_filled(exchange: Exchange) -> None:
    exchange.ask(exchange.order("s", t54="2"))
    script(exchange, "overfill", qty="7")
    *_, extra = exchange.ask(exchange.order("b"))
    assert (extra["150"], extra["39"], extra["32"]) == ("F", "2", "7")
    assert (extra["14"], extra["38"], extra["151"]) == ("107", "100", "0")


def test_everything_is_refused(exchange: Exchange) -> None:
    exchange.ask(exchange.order("a"))
    script(exchange, "reject_all", text="no more today", Symbol="AAPL")
    (new,) = exchange.ask(exchange.order("b"))
    assert (new["150"], new["39"], new["103"], new["58"]) == ("8", "8", "0", "no more today")
    (refused,) = exchange.ask(exchange.cancel("a2", "a"))
    assert (refused["35"], refused["102"], refused["39"]) == ("9", "2", "0")
    assert exchange.say(exchange.replace("a3", "a")) == ["9 2"]
    assert exchange.say(exchange.order("m", t55="MSFT")) == ["0 0 m 0/100"]
    exchange.do("script", name="reject_all", args=None)
    assert exchange.say(exchange.order("c")) == ["0 0 c 0/100"]


def test_a_slow_cancel_may_be_overtaken_by_a_fill(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b"))
    script(exchange, "slow_cancel", ms=200)
    assert exchange.say(exchange.cancel("b2", "b")) == []
    assert exchange.market.next_due == NOW + 200 * MS
    assert exchange.say(exchange.order("s", t54="2"))[-1] == "F 2 b 100/100"
    assert due(exchange, 199) == []
    assert due(exchange, 200) == ["9 0"]
    assert exchange.market.next_due is None


def test_a_pending_cancel_is_said_and_hides_the_fills_that_come(exchange: Exchange) -> None:
    """Scenario B.1.b of FIX 4.4, volume 4."""
    exchange.ask(exchange.order("b"))
    script(exchange, "slow_cancel", ms=200)
    script(exchange, "pending")
    (pending,) = exchange.ask(exchange.cancel("b2", "b"))
    assert (pending["150"], pending["39"], pending["11"]) == ("6", "6", "b2")
    assert (pending["41"], pending["151"]) == ("b", "100")
    *_, fill = exchange.ask(exchange.order("s", t54="2", t38="40"))
    assert (fill["150"], fill["39"], fill["11"], fill["151"]) == ("F", "6", "b", "60")
    exchange.do("script", name="slow_cancel", args=None)
    exchange.do("script", name="pending", args=None)
    (refused,) = exchange.ask(exchange.replace("b", "b"))
    assert (refused["102"], refused["39"]) == ("6", "6")
    assert due(exchange, 200) == ["4 4 b2 40/100"]


def test_a_pending_replace_is_said_before_its_answer(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b"))
    script(exchange, "pending")
    assert exchange.say(exchange.replace("b2", "b", t38="90")) == ["E E b2 0/100", "5 0 b2 0/90"]
    assert exchange.say(exchange.replace("b3", "none")) == ["9 1"]


def test_a_delay_is_known_to_who_sends(exchange: Exchange) -> None:
    script(exchange, "delay", ms=250)
    assert exchange.market.scripts.delay_ms == 250
    assert exchange.say(exchange.order("b")) == ["0 0 b 0/100"]
    exchange.do("script", name="delay", args=None)
    assert exchange.market.scripts.delay_ms == 0
