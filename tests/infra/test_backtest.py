"""``oms rules test``: rules of books, approvals and shared rates over journals of then."""

import json
from pathlib import Path
from typing import Any

import pytest

from messages.base import Message
from messages.fix import CxlRejReason, ExecType, SecurityTradingStatus, Side
from messages.market import Quote, TradingStatus
from messages.refusals import Refusal
from messages.routing import Execution, NewOrder, ReplaceOrder, RequestRejected
from messages.rulebook import RuleBook, RulesIssued
from tests.actors.book_scenes import venue
from tests.actors.lists import listed, one
from tests.actors.scenes import dec, definition, from_desk, instrument, order, replace, terms
from tests.infra.test_commands_rules import NOW, journaled, judged, oms

OWNERS = '[Owners]\nacme = "one"\nbravo = "one"\n'


def rules(version: int = 1, **book: Any) -> RulesIssued:
    return RulesIssued(Version=version, Rules=RuleBook.model_validate(book, strict=False))


def new(account: str, **fields: Any) -> NewOrder:
    return NewOrder(OrderID=f"{account}-1", Account=account, Terms=terms(**fields))


def day(data: Path, *book: Message, said: RulesIssued | None = None, **second: Any) -> None:
    """Acme buys 100 at 10; then bravo sends ``second``, and the book hears of both."""
    given = (said,) if said else ()
    for name, fields in (("acme", {}), ("bravo", second)):
        one = from_desk(order(f"{name}-o", name, **fields))
        journaled(data, f"account/{name}", definition(name), instrument(), *given, one)
    heard = (instrument(), venue("XNAS"), venue("XPAR"), *given, *book)
    journaled(data, "book/AAPL", *heard, new("acme"), new("bravo", **second))


SELLS: dict[str, Any] = {"Side": Side.Sell, "Price": "10.00"}


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [
        ("CancelNewest", "blocked now"), ("CancelBoth", "blocked now"),
        ("CancelOldest", "waits now"), ("Decrement", "waits now"),
    ],
)  # fmt: skip
def test_orders_of_one_owner_that_met_are_found(tmp_path: Path, mode: str, outcome: str) -> None:
    day(tmp_path, **SELLS)
    text = f'SelfMatch = "{mode}"\n'
    assert judged(tmp_path, text) == []
    assert judged(tmp_path, text + OWNERS) == [("bravo-o", outcome, "self_match")]
    found = oms(tmp_path, "test", str(tmp_path / "new.toml")).output
    assert "2 orders and replaces judged, 1 as before; 1 " + outcome in found
    assert "acme-1 of the same owner" in found


def test_orders_that_do_not_meet_are_judged_as_before(tmp_path: Path) -> None:
    day(tmp_path, Side=Side.Sell, Price="10.01")
    assert judged(tmp_path, 'SelfMatch = "CancelNewest"\n' + OWNERS) == []


@pytest.mark.parametrize("mode", ["CancelNewest", "CancelOldest"])
def test_what_self_match_prevention_stopped_is_let_through_without_it(
    tmp_path: Path, mode: str
) -> None:
    day(tmp_path, said=rules(SelfMatch=mode, Owners={"acme": "one", "bravo": "one"}), **SELLS)
    assert judged(tmp_path, "") == [("bravo-o", "let through now", "self_match")]
    assert judged(tmp_path, f'SelfMatch = "{mode}"\n' + OWNERS) == []


def test_an_order_that_an_account_blocks_comes_to_no_book(tmp_path: Path) -> None:
    day(tmp_path, **SELLS)
    text = 'SelfMatch = "CancelNewest"\n[Accounts.bravo]\nMaxOrderQty = "99"\n' + OWNERS
    assert judged(tmp_path, text) == [("bravo-o", "blocked now", "order_size")]


def test_a_market_that_was_halted_then_is_closed_to_the_rule(tmp_path: Path) -> None:
    halts = [
        TradingStatus(Venue=name, Symbol="AAPL", Status=SecurityTradingStatus.Halt)
        for name in ("XNAS", "XPAR")
    ]
    day(tmp_path, *halts, **SELLS)
    assert judged(tmp_path, "MarketOpen = true\n") == [
        ("acme-o", "blocked now", "market_open"), ("bravo-o", "blocked now", "market_open"),
    ]  # fmt: skip


SHORT: dict[str, Any] = {"Side": Side.SellShort, "Price": "10.00"}
SSR = "[Securities.AAPL]\nShortSaleRestricted = true\n"


def test_a_short_sale_is_judged_by_the_bids_of_then_or_counted_as_not_judged(
    tmp_path: Path,
) -> None:
    day(tmp_path, **SHORT)
    assert judged(tmp_path, SSR + 'NationalBestBid = "10"\n') == [
        ("bravo-o", "blocked now", "short_sale_price")
    ]
    assert judged(tmp_path, SSR + 'NationalBestBid = "9.99"\n') == []
    assert judged(tmp_path, SSR) == []
    found = oms(tmp_path, "test", str(tmp_path / "new.toml")).output
    assert "2 as before; 1 not judged by short_sale_price" in found


def test_the_quotes_that_a_book_followed_then_are_known(tmp_path: Path) -> None:
    old = rules(Securities={"AAPL": {"ShortSaleRestricted": True}})
    quote = Quote(Venue="XNAS", Symbol="AAPL", BidPx=dec("10.00"), At=NOW)
    day(tmp_path, quote, said=old, **SHORT)
    assert judged(tmp_path, SSR) == []
    assert judged(tmp_path, "") == [("bravo-o", "let through now", "short_sale_price")]


def replaced(data: Path, answer: Message, said: RulesIssued | None = None) -> None:
    """Bravo sells at 11, and wants 10 then: what the book said to that is ``answer``."""
    given = (said,) if said else ()
    away = {"Side": Side.Sell, "Price": "11.00"}
    wish = replace("bravo-r", "bravo-o", account="bravo", Side=Side.Sell, Price="10.00")
    journaled(
        data, "account/acme", definition("acme"), instrument(), *given,
        from_desk(order("acme-o", "acme")),
    )  # fmt: skip
    journaled(
        data, "account/bravo", definition("bravo"), instrument(), *given,
        from_desk(order("bravo-o", "bravo", **away)), *[instrument()] * 3, from_desk(wish), answer,
    )  # fmt: skip
    down = ReplaceOrder(OrderID="bravo-1", RequestID="bravo-r", Terms=wish.terms())
    journaled(
        data, "book/AAPL", instrument(), venue("XNAS"), venue("XPAR"), *given,
        new("acme"), new("bravo", **away), *[instrument()] * 3, down,
    )  # fmt: skip


def test_a_replace_that_would_have_met_its_owner_s_order_is_blocked(tmp_path: Path) -> None:
    done = Execution(
        OrderID="bravo-1", Symbol="AAPL", Account="bravo", ExecType=ExecType.Replaced,
        Venue="XNAS", VenueExecID="x", RequestID="bravo-r", TransactTime=NOW,
    )  # fmt: skip
    replaced(tmp_path, done)
    assert judged(tmp_path, 'SelfMatch = "Decrement"\n' + OWNERS) == [
        ("bravo-r", "blocked now", "self_match")
    ]
    assert judged(tmp_path, 'SelfMatch = "Decrement"\n') == []


def test_a_replace_that_the_book_refused_is_let_through_where_the_rule_is_gone(
    tmp_path: Path,
) -> None:
    refusal = Refusal(
        Rule="self_match", Field="Price", Given="10", Allowed="would trade", Remedy="cancel"
    )
    no = RequestRejected(
        OrderID="bravo-1", Symbol="AAPL", Account="bravo", RequestID="bravo-r",
        CxlRejReason=CxlRejReason.BrokerOption, Text="no", Refusal=refusal,
    )  # fmt: skip
    old = rules(SelfMatch="Decrement", Owners={"acme": "one", "bravo": "one"})
    replaced(tmp_path, no, old)
    assert judged(tmp_path, "") == [("bravo-r", "let through now", "self_match")]
    assert judged(tmp_path, 'SelfMatch = "Decrement"\n' + OWNERS) == []


# ---- accounts


def orders(data: Path, *sizes: int, said: RulesIssued | None = None) -> None:
    given = (definition(), instrument(), *((said,) if said else ()))
    sent = (from_desk(order(f"o{n}", OrderQty=size)) for n, size in enumerate(sizes))
    journaled(data, "account/acme", *given, *sent)


def test_what_waits_for_people_is_told_from_what_is_blocked(tmp_path: Path) -> None:
    """I26."""
    orders(tmp_path, 10, 20, 30, said=rules(Firm={"ApproveNotional": "250"}))
    assert judged(tmp_path, '[Firm]\nApproveNotional = "250"\n') == []
    assert judged(tmp_path, '[Firm]\nApproveNotional = "150"\n') == [
        ("o1", "waits now", "approve_notional")
    ]
    assert judged(tmp_path, "") == [("o2", "let through now", "approve_notional")]
    assert judged(tmp_path, '[Firm]\nMaxOrderQty = "29"\nApproveNotional = "250"\n') == [
        ("o2", "blocked now", "order_size")
    ]


def test_a_list_is_judged_as_a_whole(tmp_path: Path) -> None:
    def sent(name: str, *sizes: int) -> Any:
        orders = (one(f"{name}{n}", OrderQty=size) for n, size in enumerate(sizes))
        return from_desk(listed(None, *orders, list_id=name))

    heard = (definition(MaxOrderQty=dec(100)), instrument(), sent("x", 10, 101), sent("y", 10, 90))
    journaled(tmp_path, "account/acme", *heard)
    assert judged(tmp_path, "") == []
    assert judged(tmp_path, '[Accounts.acme]\nMaxOrderQty = "101"\n') == [
        ("x0", "let through now", "order_size"), ("x1", "let through now", "order_size"),
    ]  # fmt: skip
    assert judged(tmp_path, '[Firm]\nMaxOrderQty = "89"\n') == [
        ("y0", "blocked now", "order_size"), ("y1", "blocked now", "order_size"),
    ]  # fmt: skip


def test_a_shared_rate_is_one_bucket_for_all_accounts(tmp_path: Path) -> None:
    """I32. Each account sends one order a second, both at once."""
    for name in ("acme", "bravo"):
        sent = (from_desk(order(f"{name}-{n}", name, OrderQty=1)) for n in range(3))
        journaled(tmp_path, f"account/{name}", definition(name), instrument(), *sent)
    assert judged(tmp_path, "[Desks.blue]\nSharedRate = 2\n") == []
    found = judged(tmp_path, "[Desks.blue]\nSharedRate = 1\n")
    assert ("bravo-0", "blocked now", "shared_rate") in found
    assert {rule for _, _, rule in found} == {"shared_rate"}
    assert json.dumps(found).count("acme-0") == 0


def test_a_shared_net_is_judged_by_what_all_are_long(tmp_path: Path) -> None:
    """I32."""
    day(tmp_path)
    assert judged(tmp_path, '[Firm]\nSharedNet = "2000"\n') == []
    assert judged(tmp_path, '[Firm]\nSharedNet = "1999"\n') == [
        ("bravo-o", "blocked now", "shared_net")
    ]
