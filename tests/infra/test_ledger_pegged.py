"""The price of a pegged order, and of what is left of a market order, is the venue's to name."""

from decimal import Decimal
from typing import Any

import pytest

from infra.ledger import close
from messages.fix import ExecInst, ExecType, OrdStatus, OrdType, Side
from messages.orders import NewOrderSingle, OrderCancelReplaceRequest
from tests.infra.ledger_story import ACCOUNT, SYMBOL, Story, Told

PEGGED = {"OrdType": OrdType.Pegged, "ExecInst": (ExecInst.PrimaryPeg,)}
LEFT_OVER = {"OrdType": OrdType.MarketWithLeftOverAsLimit}


@pytest.mark.parametrize("kind", [PEGGED, LEFT_OVER])
def test_a_replaced_order_without_a_price_has_the_one_that_its_venue_gave_it(
    kind: dict[str, Any],
) -> None:
    story = Story()
    asked = {"Account": ACCOUNT, "Symbol": SYMBOL, "Side": Side.Sell, **kind}
    story.send(NewOrderSingle(ClOrdID="c1", OrderQty=Decimal(10), **asked))
    order = Told(f"{ACCOUNT}-c1", "c1", Side.Sell, Decimal(10), Decimal("10.01"))
    story.report(order, ExecType.New, OrdStatus.New, **kind)
    story.send(
        OrderCancelReplaceRequest(
            ClOrdID="c2", OrigClOrdID="c1", OrderQty=Decimal(8), **asked
        )
    )  # fmt: skip
    order.clordid, order.qty = "c2", Decimal(8)
    story.report(order, ExecType.Replaced, OrdStatus.New, OrigClOrdID="c1", **kind)
    assert close({story.desk: story.lines}, story.fills).problems == []
