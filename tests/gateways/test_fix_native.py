"""What a venue works natively, and the words in which an order is kept from it."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from gateways.fix.dialect import Unsendable
from gateways.fix.dialects import DIALECTS
from gateways.fix.native import check, native
from messages.fix import ExecInst, OrdType, TimeInForce
from messages.venue import VenueNewOrder
from tests.gateways.dialect_samples import CANCEL, LISTEN, REPLACE, STATUS, TERMS, asking

STANDARD = native(DIALECTS["FIX44"])
LITTLE = STANDARD.model_copy(update={"DisplayQty": False, "MinQty": False})


def refused() -> Iterator[tuple[VenueNewOrder, str]]:
    types = "Limit, Market, Stop, StopLimit"
    for kind in OrdType:
        if str(kind) not in types.split(", "):
            yield asking(OrdType=kind), f"XPAR has no OrdType {kind}; send one of {types}"
    crossing = TimeInForce.GoodTillCrossing
    known = ", ".join(sorted(set(TimeInForce) - {crossing}))
    text = f"XPAR has no TimeInForce {crossing}; send one of {known}"
    yield asking(TimeInForce=crossing), text
    peg = ExecInst.MidPricePeg
    yield asking(ExecInst=(ExecInst.Held, peg)), f"XPAR has no ExecInst {peg}; leave it out"
    yield asking(DisplayQty=Decimal(5)), "XPAR takes no DisplayQty; leave it out"
    yield asking(MinQty=Decimal(5)), "XPAR takes no MinQty; leave it out"
    cash = asking(OrderQty=None, CashOrderQty=Decimal(5))
    yield cash, "XPAR takes no CashOrderQty; send OrderQty"


@pytest.mark.parametrize(("order", "reason"), list(refused()), ids=lambda case: str(case)[:40])
def test_what_a_venue_does_not_do_is_kept_from_it(order: VenueNewOrder, reason: str) -> None:
    with pytest.raises(Unsendable) as error:
        check("XPAR", order, LITTLE)
    assert str(error.value) == reason
    replace = REPLACE.model_copy(update={"Terms": order.Terms})
    with pytest.raises(Unsendable):
        check("XPAR", replace, LITTLE)


@pytest.mark.parametrize("order", [order for order, _ in TERMS])
def test_the_paper_exchange_takes_every_order(order: VenueNewOrder) -> None:
    check("XPAR", order, native(DIALECTS["Paper"]))


def test_cancels_and_questions_always_leave() -> None:
    pegged = asking(OrdType=OrdType.Pegged).Terms
    for message in (CANCEL.model_copy(update={"Terms": pegged}), STATUS, LISTEN):
        check("XPAR", message, LITTLE)


def test_what_the_standard_dialect_says_of_its_venues() -> None:
    assert set(STANDARD.ExecInsts) == {one for one in ExecInst if "Peg" not in one}
    assert (STANDARD.DisplayQty, STANDARD.MinQty) == (True, True)
    assert (STANDARD.CashOrderQty, STANDARD.MarketData) == (False, False)
