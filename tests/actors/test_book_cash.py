"""Orders by cash, and what MinQty, AllOrNone and unknown venues allow."""

import pytest

from messages.fix import ExecInst, ExecType, OrdRejReason, OrdType, Side, TimeInForce
from messages.terms import Terms
from tests.actors.book_scenes import MarketScene, iceberg, stop, venue, working
from tests.actors.scenes import BookScene, dec, instrument, terms

REJECTED = "account/acme Execution acme-1 Rejected"
FOLLOWED = "venue/XNAS Follow"
SENT = "venue/XNAS NewOrder acme-1.1"


def cash(money: str = "1000", **fields: object) -> Terms:
    return working(OrdType.Market, OrderQty=None, CashOrderQty=dec(money), **fields)


def book(**fields: object) -> MarketScene:
    return MarketScene(instrument(Venues=("XNAS",), **fields), venue())


def told(scene: MarketScene) -> object:
    return scene.sends[0].message


def test_money_buys_whole_lots_at_the_far_side_of_the_quote() -> None:
    scene = book(LotSize=dec(10), ContractMultiplier=dec(2)).order(cash()).then(FOLLOWED)
    scene.quote("9.00", "9.90", "10.10").then(SENT, FOLLOWED)
    assert (scene.child().OrderQty, scene.child().CashOrderQty) == (40, None)
    scene.venue(ExecType.New).then("account/acme Execution acme-1 New").replays()
    assert told(scene).OrderQty == 40  # type: ignore[attr-defined]


def test_a_sale_by_cash_is_measured_at_the_bid() -> None:
    scene = book().order(cash(Side=Side.SellShort)).quote("9.00", "10.00", "20.00")
    assert scene.child().OrderQty == 100


def test_where_prices_are_heard_already_the_order_goes_at_once() -> None:
    scene = book().order(stop("99"), "acme-9").quote("10.00", "9.99", "10.00")
    scene.order(cash()).happened("OrderPlanned", "QuantityMeasured", "OrderRouted").then(SENT)


def test_a_held_order_by_cash_says_how_many_units_it_is() -> None:
    scene = book().order(stop(OrderQty=None, CashOrderQty=dec(505))).then(FOLLOWED)
    scene.quote("10.00", "9.99", "10.00").then("account/acme Execution acme-1 New").replays()
    assert told(scene).OrderQty == 50  # type: ignore[attr-defined]


def test_less_than_a_lot_is_rejected() -> None:
    scene = book().order(cash("9.99")).quote("10.00", "9.99", "10.00").then(REJECTED, FOLLOWED)
    assert told(scene).OrdRejReason is OrdRejReason.IncorrectQuantity  # type: ignore[attr-defined]
    assert scene.text.startswith("CashOrderQty 9.99: buys less than one lot at 10.00")


def test_without_a_fresh_price_the_order_is_rejected_and_says_so() -> None:
    scene = book().order(cash()).quote("10.00").passes(4).then()
    scene.passes(1).then(REJECTED, FOLLOWED).replays()
    assert scene.text.startswith("CashOrderQty: no fresh price came from XNAS")
    scene.quote("10.00", "9.99", "10.00").then()


def test_an_order_by_cash_that_waits_for_its_price_can_be_cancelled() -> None:
    scene = book().order(cash()).cancel().then("account/acme Execution acme-1 Canceled b", FOLLOWED)
    scene.passes(5).then().replays()


def test_more_money_is_more_units() -> None:
    scene = book().order(cash(TimeInForce=TimeInForce.Day)).order(stop("99"), "acme-9")
    scene.quote("10.00", "9.99", "10.00").replace(cash("2000"))
    scene.then("venue/XNAS ReplaceOrder acme-1.1 b")
    assert scene.child().OrderQty == 200
    scene.venue(ExecType.Replaced, RequestID="b").replays()
    assert told(scene).OrderQty == 200  # type: ignore[attr-defined]
    scene.lost().replace(cash("3000"), "c")
    scene.then("account/acme RequestRejected acme-1 c BrokerOption")


def test_an_order_by_cash_is_native_where_the_venue_says_so() -> None:
    scene = MarketScene(instrument(Venues=("XNAS",)), venue(CashOrderQty=True)).order(cash())
    scene.happened("OrderRouted")
    assert scene.child().CashOrderQty == 1000


TIMES = "Day, GoodTillCancel, ImmediateOrCancel, FillOrKill"
ELSEWHERE = "or name another venue in ExDestination"
LEAVE = f"leave it out, {ELSEWHERE}"


def no_time(time_in_force: TimeInForce, kind: OrdType = OrdType.Limit) -> tuple[Terms, str]:
    px = "10.00" if kind is OrdType.Limit else None
    return (
        terms(OrdType=kind, TimeInForce=time_in_force, Price=px),
        f"TimeInForce {time_in_force}: XNAS works {kind} orders {TIMES}; "
        f"send one of these, {ELSEWHERE}",
    )


def no_instruction(instruction: ExecInst) -> tuple[Terms, str]:
    text = f"ExecInst {instruction}: XNAS works none; {LEAVE}"
    return terms(ExecInst=(instruction,)), text


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            terms(MinQty=dec(10)),
            f"MinQty 10: XNAS does not work it, and nobody else can; {LEAVE}",
        ),
        no_instruction(ExecInst.AllOrNone),
        no_instruction(ExecInst.ParticipateDontInitiate),
        no_time(TimeInForce.AtTheClose),
        no_time(TimeInForce.GoodTillCrossing),
        no_time(TimeInForce.AtTheOpening),
        no_time(TimeInForce.FillOrKill, OrdType.MarketWithLeftOverAsLimit),
        (
            terms(TimeInForce=TimeInForce.GoodTillDate, ExpireDate="20200101"),
            "ExpireDate 20200101: has passed; send a later one",
        ),
        (
            working(OrdType.Market, DisplayQty=dec(10)),
            "DisplayQty 10: XNAS shows a part of no Market order; "
            "send a Limit order, or leave it out",
        ),
    ],
)
def test_what_nobody_can_do_is_rejected_with_field_and_remedy(given: Terms, text: str) -> None:
    scene = book().order(given).happened("OrderUnroutable").then(REJECTED).replays()
    assert scene.text == text


def test_promises_about_one_order_do_not_go_with_several_children() -> None:
    can = venue(MinQty=True, ExecInsts=(ExecInst.AllOrNone,))
    for given in (iceberg(MinQty=dec(10)), iceberg(ExecInst=(ExecInst.AllOrNone,))):
        scene = MarketScene(instrument(Venues=("XNAS",)), can).order(given).then(REJECTED)
        assert "XNAS works it on a single order, and this one is several there" in scene.text


def test_a_promise_that_the_venue_keeps_goes_with_what_the_book_holds() -> None:
    can = venue(MinQty=True, ExecInsts=(ExecInst.AllOrNone,))
    given = stop(MinQty=dec(10), ExecInst=(ExecInst.AllOrNone,))
    scene = MarketScene(instrument(Venues=("XNAS",)), can).order(given).quote("10.50")
    assert (scene.child().MinQty, scene.child().ExecInst) == (10, (ExecInst.AllOrNone,))


def test_without_market_data_the_book_holds_nothing_by_price() -> None:
    for given, field in ((stop(), "OrdType Stop"), (cash(), "CashOrderQty 1000")):
        scene = MarketScene(instrument(Venues=("XNAS",)), venue(MarketData=False)).order(given)
        scene.then(REJECTED)
        assert scene.text.startswith(f"{field}: XNAS does not work it and sends no market data")


def test_a_venue_of_which_nothing_is_said_works_market_and_limit() -> None:
    scene = BookScene(instrument(Venues=("XNAS",)))
    assert not scene.state.venues
    fresh = MarketScene(instrument(Venues=("XNAS",))).order(stop())
    fresh.happened("OrderPlanned", "WaitBegan", "VenueFollowed")
    bare = MarketScene(instrument(Venues=("XNAS",)), venue().model_copy(update={"Native": None}))
    bare.order(terms(ExecInst=(ExecInst.AllOrNone,))).then(REJECTED)


def test_an_instruction_that_the_book_fulfils_is_not_for_the_venue() -> None:
    scene = book().order(terms(ExecInst=(ExecInst.Held, ExecInst.Work))).then(SENT)
    assert scene.child().ExecInst is None


def test_the_first_venue_that_does_it_natively_is_chosen_and_then_the_first_that_can() -> None:
    native = venue("XPAR", DisplayQty=True)
    MarketScene(instrument(), venue(), native).order(iceberg()).then("venue/XPAR NewOrder acme-1.1")
    MarketScene(instrument(), venue(), venue("XPAR")).order(iceberg()).then(SENT)
    MarketScene(instrument(), venue(OrdTypes=(OrdType.Market,)), venue("XPAR")).order(
        iceberg()
    ).then("venue/XPAR NewOrder acme-1.1")


def test_a_replace_to_what_the_venue_does_not_work_is_refused() -> None:
    scene = book().order().replace(iceberg())
    scene.then("account/acme RequestRejected acme-1 b BrokerOption")
    assert "cancel it and send them as a new order" in scene.text
    scene.replace(terms(MinQty=dec(10)), "c")
    assert scene.text.startswith("MinQty 10: XNAS does not work it")
