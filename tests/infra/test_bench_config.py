"""What a bench starts with: reference data as TOML, and orders that fill at once."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from gateways.paper.commands import perform
from infra.bench import config, replaying
from infra.bench.stage import installed
from infra.bench.takers import Makers, Takers
from infra.reference import SAMPLE, load
from infra.replay import open_source
from infra.settings import Settings
from infra.supervisor import CannotStart
from messages.fix import Side
from messages.orders import DESK_REQUEST, NewOrderSingle
from tests.gateways.paper_market import Exchange

LOBSTER = "34200.1,1,1,100,2238100,1\n34200.2,1,2,50,2238200,-1\n"


def parsed(body: bytes) -> NewOrderSingle:
    request = DESK_REQUEST.validate_json(body)
    assert isinstance(request, NewOrderSingle)
    return request


@pytest.mark.parametrize("path", [None, SAMPLE])
def test_reference_data_is_the_same_after_it_was_written_and_read(
    tmp_path: Path, path: Path | None
) -> None:
    reference = load(path) if path else config.market(3, 2, 2)
    config.write(tmp_path / "reference.toml", reference)
    assert load(tmp_path / "reference.toml") == reference


def test_the_reference_data_of_a_replay_fits_its_file(tmp_path: Path) -> None:
    (tmp_path / "AMZN_x.csv").write_text(LOBSTER)
    reference = replaying.reference(open_source(tmp_path / "AMZN_x.csv"), "AMZN")
    config.write(tmp_path / "reference.toml", reference)
    (instrument,) = load(tmp_path / "reference.toml").instruments
    assert (instrument.Symbol, instrument.ReferencePx) == ("AMZN", Decimal("223.81"))
    assert {desk for account in reference.accounts for desk in account.Desks} == set(
        reference.desks
    )


def test_a_round_of_orders_touches_every_account_instrument_venue_and_side() -> None:
    takers = Takers(config.market(4, 3, 2), Makers.DESK)
    orders = [parsed(one.body) for one in takers.orders(takers.round)]
    assert {order.Account for order in orders} == {"a1", "a2", "a3", "a4"}
    seen = Counter((order.Symbol, order.ExDestination, order.Side) for order in orders)
    assert len(seen) == 3 * 2 * 2
    assert set(seen.values()) == {3}  # all accounts but the one that owns the deep orders
    assert [order.ClOrdID for order in orders] == [f"b-{n}" for n in range(len(orders))]
    assert takers.made == takers.round


@pytest.mark.parametrize(("accounts", "instruments"), [(2, 1), (4, 4), (3, 5)])
def test_every_order_meets_a_deep_one_of_another_account(accounts: int, instruments: int) -> None:
    takers = Takers(config.market(accounts, instruments), Makers.DESK)
    deep = {(o.Symbol, o.Side): o for o in (parsed(one.body) for one in takers.seeds())}
    for order in (parsed(one.body) for one in takers.orders(2 * takers.round)):
        buys = order.Side is Side.Buy
        met = deep[order.Symbol, Side.Sell if buys else Side.Buy]
        assert met.Price == order.Price
        assert met.Account != order.Account
        assert order.ReportPendingNew
    for symbol in {symbol for symbol, _ in deep}:
        bid, ask = deep[symbol, Side.Buy].Price, deep[symbol, Side.Sell].Price
        assert bid is not None
        assert ask is not None
        assert bid < ask  # the deep orders do not meet each other


def test_one_account_alone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs two"):
        Takers(config.market(1, 1), Makers.DESK)


@pytest.mark.parametrize(("accounts", "instruments", "venues"), [(1, 1, 1), (4, 4, 1), (2, 3, 2)])
def test_every_order_is_filled_whole_by_what_the_house_quotes(
    accounts: int, instruments: int, venues: int
) -> None:
    takers = Takers(config.market(accounts, instruments, venues))
    floors = {f"X{number}": Exchange() for number in range(1, venues + 1)}
    for venue, command in takers.quotes():
        assert perform(floors[venue].market, command, 1)["ok"]
    seen: Counter[tuple[object, ...]] = Counter()
    for one in takers.orders(3 * takers.round):
        order = parsed(one.body)
        side = {Side.Buy: "1", Side.Sell: "2"}[order.Side]
        exchange = floors[order.ExDestination or ""]
        terms = {"t55": order.Symbol, "t38": f"{order.OrderQty}", "t44": f"{order.Price}"}
        new, fill = exchange.ask(exchange.order(order.ClOrdID, t54=side, **terms))
        assert (new["150"], fill["150"], fill["39"]) == ("0", "F", "2")
        seen[order.Account, order.Symbol, order.ExDestination, order.Side] += 1
    assert len(seen) == takers.round == accounts * instruments * venues * 2
    assert set(seen.values()) == {3}


def test_the_desk_of_a_bench_takes_lists_of_reports() -> None:
    (agreed,) = config.market(1, 1).desk_settings
    assert (agreed.Desk, agreed.PackReports) == (config.DESK, True)


def test_a_folder_with_an_installation_is_not_measured_in(tmp_path: Path) -> None:
    Settings(data=tmp_path).save()
    with (
        pytest.raises(CannotStart, match="name a new folder"),
        installed(config.market(2, 1), lambda part, what: None, data=tmp_path),
    ):
        pass
