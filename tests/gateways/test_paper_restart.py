"""A paper exchange that is restarted between any two requests answers as one that is not."""

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.paper.commands import perform
from gateways.paper.market import Market
from gateways.paper.outcomes import Phase
from gateways.paper.phases import everything
from gateways.paper.requests import read
from gateways.paper.store import Store, read_executions, read_orders
from tests.gateways.paper_client import NOW, Fields
from tests.gateways.paper_market import Exchange

MINUTE = 60_000_000_000
NAMES = [f"n{number}" for number in range(10)]
PHASES = ["PreOpen", "OpeningAuction", "Continuous", "ClosingAuction", "Closed", "Halted"]


class Step(NamedTuple):
    """A request or a command, and whether the exchange is restarted after it."""

    kind: str
    name: str
    orig: str
    changes: Fields
    command: dict[str, Any]
    restart: bool


TERMS: list[Fields] = [
    *({}, {}, {"t40": "1", "t44": ""}, {"t111": "2"}, {"t110": "3"}, {"t18": "G"}, {"t18": "K"}),
    *({"t40": "3", "t44": "", "t99": "10"}, {"t40": "4", "t99": "9.5"}, {"t40": "K", "t44": ""}),
    *({"t40": "J", "t44": "9.5"}, {"t40": "P", "t44": "", "t18": "R"}),
    *({"t40": "P", "t44": "", "t18": "M"}, {"t40": "P", "t18": "P", "t211": "-0.5"}),
    *({"t40": "P", "t44": "", "t18": "a", "t211": "0.5"}, {"t38": "", "t152": "50"}),
    *({"t59": "1"}, {"t59": "2"}, {"t59": "3"}, {"t59": "4"}, {"t59": "5"}, {"t59": "7"}),
    *({"t59": "6", "t432": "20261123"}, {"t59": "6", "t126": "20261123-14:40:00"}),
]
QUOTE = {
    **{"do": "quote", "Symbol": "AAPL", "BidPx": "9", "BidSize": "3"},
    **{"OfferPx": "9.5", "OfferSize": "30"},
}
EXECUTIONS = [f"XPAR-{trade}-{side}" for trade in range(1, 6) for side in "BS"]
COMMANDS: list[dict[str, Any]] = [
    *({"do": "phase", "Symbol": "AAPL", "Phase": phase} for phase in PHASES),
    *({"do": "halt", "Symbol": "AAPL"}, {"do": "resume", "Symbol": "AAPL"}),
    *({"do": "end_of_day"}, {"do": "next_day"}, {"do": "end_of_day", "DayOrders": "DoneForDay"}),
    *({"do": "bust", "ExecID": one, "Reopen": "both"} for one in EXECUTIONS),
    *({"do": "bust", "ExecID": one} for one in EXECUTIONS),
    *({"do": "correct", "ExecID": one, "LastQty": "2", "LastPx": "9"} for one in EXECUTIONS),
    *({"do": "cancel", "ClOrdID": name} for name in NAMES[:4]),
    *({"do": "restate", "ClOrdID": name, "OrderQty": "4"} for name in NAMES[:4]),
    *({"do": "replace", "ClOrdID": name, "OrderQty": "6"} for name in NAMES[:4]),
    *({"do": "stop", "ClOrdID": name, "LastQty": "1", "LastPx": "9"} for name in NAMES[:4]),
    *({"do": "fill", "ClOrdID": name, "LastQty": "1", "LastPx": "9"} for name in NAMES[:4]),
    {"do": "order", "Account": "a", "Symbol": "AAPL", "Side": "Sell", "OrderQty": "3"},
    *({"do": "quote", "Symbol": "AAPL", "BidPx": px, "BidSize": "4"} for px in ("9", "9.5")),
    *({"do": "quote", "Symbol": "AAPL", "OfferPx": px, "OfferSize": "5"} for px in ("9.5", "10")),
    QUOTE,
    {"do": "quote", "Symbol": "AAPL"},
    *({"do": "script", "name": "late_fill", "args": {"times": 1}},),
    *({"do": "script", "name": "slow_cancel", "args": {"ms": "60000"}},),
    *({"do": "script", "name": "slow_cancel", "args": None},),
    *({"do": "script", "name": name} for name in ("pending", "overfill", "fill_before_ack")),
    *({"do": "book", "Symbol": "AAPL"}, {"do": "trades"}),
]
STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from("DDDDDDFGHAqCC"),
        *(st.sampled_from(NAMES), st.sampled_from(NAMES)),
        st.builds(
            lambda terms, side, quantity, price: {
                **{"t54": side, "t38": quantity, "t44": price},
                **terms,
            },
            *(st.sampled_from(TERMS), st.sampled_from("12"), st.sampled_from(["2", "5", "9"])),
            st.sampled_from(["9", "9.5", "10"]),
        ),
        st.sampled_from(COMMANDS),
        st.booleans(),
    ),
    max_size=40,
)


def text_of(sheet: Exchange, step: Step) -> str:
    few = {"t54": step.changes["t54"]}
    match step.kind:
        case "D":
            return sheet.order(step.name, **step.changes)
        case "G":
            return sheet.replace(step.name, step.orig, **step.changes)
        case "F":
            return sheet.cancel(step.name, step.orig, **few)
        case "H":
            return sheet.status(step.name)
        case "q":
            return sheet.text("q", {"11": step.name, "530": "7"})
        case _:
            return sheet.mass_status(step.name)


class Kept:
    """The same exchange on a disk, which may be restarted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start()

    def start(self) -> None:
        self.store = store = Store(self.folder)
        self.market = Market("XPAR", store.counters, store)
        self.market.restore(
            *(store.open_orders(), store.trading(), store.later(), store.scripts(), store.house())
        )

    def commit(self, number: int) -> list[str]:
        effects = self.market.take_effects()
        self.store.commit(effects, self.market.counters, number, 0)
        self.market.forget(effects)
        return effects.reports


@settings(deadline=None, max_examples=150)
@given(STEPS)
def test_a_restart_between_any_two_steps_changes_no_answer(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    steady, kept = Exchange(), Kept(tmp_path_factory.mktemp("restart"))
    for number, step in enumerate(steps, 1):
        now = steady.now = NOW + number * MINUTE
        for market in (steady.market, kept.market):
            market.do_due(now)
        if step.kind == "C":
            answer = perform(kept.market, step.command, now)
            assert answer == perform(steady.market, step.command, now)
        else:
            text = text_of(steady, step)
            for market in (steady.market, kept.market):
                market.handle(read(text)[1], now, text)
        assert kept.commit(number) == steady.taken().reports
        if step.restart:
            kept.store.close()
            kept.start()
        check(kept.market)
    kept.store.close()
    filled: Counter[str] = Counter()
    for one in read_executions(kept.folder):
        filled[one.OrderID] += one.LastQty  # type: ignore[assignment]
    for order in read_orders(kept.folder):
        assert filled[f"O-{order.number}"] == order.cum_qty


def check(market: Market) -> None:
    """No book is crossed while trading is continuous, and every open order is in its book."""
    for symbol, book in market.floor.books.items():
        bid, offer = book.bids.top(), book.offers.top()
        if book.phase is Phase.CONTINUOUS and bid and offer:
            assert bid[0] < offer[0]
        there = sorted(order.number for order in everything(book))
        open_here = [o.number for o in market.floor.open.values() if o.symbol == symbol]
        assert there == sorted(open_here)
        for order in market.floor.open.values():
            assert order.order_qty == order.cum_qty + order.leaves_qty
