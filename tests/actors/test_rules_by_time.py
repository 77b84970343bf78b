"""Rules that count by time: duplicates and rates, with the instant that each message comes at."""

from hypothesis import given, settings
from hypothesis import strategies as st

from messages.base import SECOND
from messages.fix import OrdType, Side
from messages.lists import ListOrder, NewOrderList
from tests.actors.scenes import START, AccountScene, dec, definition, instrument, order, replace
from tests.actors.test_rules_of_rulebook import issued, ruled, short


def at(scene: AccountScene, nanos: int) -> AccountScene:
    scene.now = START + nanos
    return scene


def test_the_same_order_within_seconds_is_a_duplicate_whatever_its_name() -> None:
    found = ruled({"DuplicateWithin": 2}).desk(order("a"))
    at(found, 2 * SECOND - 1).desk(order("b", Price="10.000")).happened("OrderRefused")
    assert found.report.Refusal.Rule == "duplicate_order"
    for name, other in (("c", {"OrderQty": 101}), ("d", {"Price": "10.01"}), ("e", short(100))):
        found.desk(order(name, **other)).happened("OrderAccepted")
    at(found, 2 * SECOND).desk(order("f")).happened("OrderAccepted").replays()
    at(found, 9 * SECOND).desk(order("g", OrderQty=7)).replays()
    assert len(found.state.recent) == 1


def test_a_clordid_that_comes_again_is_no_duplicate_order() -> None:
    """I8."""
    found = ruled({"DuplicateWithin": 2}).desk(order("a")).desk(order("a"))
    found.happened("DuplicateReceived")


def test_a_bucket_lets_a_burst_through_and_then_the_rate() -> None:
    every = SECOND // 10
    found = ruled({"OrderRate": 10, "OrderBurst": 3})
    for name in "abc":
        found.desk(order(name)).happened("OrderAccepted")
    at(found, every - 1).desk(order("d")).happened("OrderRefused")
    assert (found.report.Refusal.Rule, found.report.Refusal.Level) == ("order_rate", "firm")
    at(found, every).desk(order("e")).happened("OrderAccepted").replays()
    found.desk(order("f")).happened("OrderRefused")
    at(found, 4 * every).desk(order("g")).desk(order("h")).desk(order("i"))
    found.happened("OrderAccepted").desk(order("j")).happened("OrderRefused").replays()


def test_each_desk_has_a_bucket_of_its_own_and_cancels_are_not_counted() -> None:
    own = definition(Desks=("blue", "red"), Cash={"USD": dec(100_000)})
    found = AccountScene(own, instrument())
    found.when(issued(Desks={"blue": {"OrderRate": 1}, "red": {"OrderRate": 1}}))
    found.desk(order("a")).happened("OrderAccepted")
    found.desk(replace("b", "a", OrderQty=50)).happened("CancelRefused")
    found.desk(order("a"), desk="red").happened("OrderAccepted")
    found.later(1).desk(replace("c", "a", OrderQty=50)).happened("ReplaceRequested")
    found.desk(order("d")).happened("OrderRefused").replays()


def test_the_orders_of_a_list_are_counted_one_by_one_and_leave_nothing_where_one_is_refused() -> (
    None
):
    def of(*quantities: int) -> NewOrderList:
        terms = {"Symbol": "AAPL", "Side": Side.Buy, "OrdType": OrdType.Limit, "Price": dec(10)}
        orders = tuple(
            ListOrder(ClOrdID=f"o{n}-{qty}", OrderQty=dec(qty), **terms)  # type: ignore[arg-type]
            for n, qty in enumerate(quantities)
        )
        return NewOrderList(ListID=f"l{sum(quantities)}", Account="acme", Orders=orders)

    found = ruled({"OrderRate": 2, "DuplicateWithin": 5, "MaxGross": "9999"})
    before = found.replayed().state
    found.desk(of(1, 2, 3))
    assert found.report.Refusal.Rule == "order_rate"
    found.desk(of(4, 4))
    assert found.report.Refusal.Rule == "duplicate_order"
    after = found.replays().state
    assert (after.buckets, after.recent, after.worths) == (
        before.buckets, before.recent, before.worths
    )  # fmt: skip
    found.desk(of(5, 6)).replays()
    assert len(found.state.recent) == 2


@settings(max_examples=25, deadline=None)
@given(
    rate=st.integers(1, 50),
    burst=st.integers(1, 20),
    gaps=st.lists(st.integers(0, SECOND // 5), min_size=5, max_size=60),
)
def test_in_no_stretch_of_time_more_pass_than_rate_and_burst_allow(
    rate: int, burst: int, gaps: list[int]
) -> None:
    found = ruled({"OrderRate": rate, "OrderBurst": burst})
    passed: list[int] = []
    for number, gap in enumerate(gaps):
        found.now += gap
        found.desk(order(f"o{number}", OrderQty=1))
        if found.events[0].Event == "OrderAccepted":  # type: ignore[attr-defined]
            passed.append(found.now)
    for first, begin in enumerate(passed):
        for count, end in enumerate(passed[first:], 1):
            assert (count - burst) * SECOND <= rate * (end - begin)
    found.replays()
