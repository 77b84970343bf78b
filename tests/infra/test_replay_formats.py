"""A file's rows become events, one for one, and a file says itself which format it has."""

import lzma
from decimal import Decimal
from pathlib import Path

import pytest

from infra import replay
from infra.replay import Kind, MarketEvent, bitstamp, lobster
from messages.fix import SecurityType, Side

D = Decimal

LOBSTER = """\
Time,Type,OrderId,Size,Price,Direction
36000.00001,1,7001,300,1002500,1
36000.5,2,7001,100,1002500,1
36001.25,4,7001,50,1002500,1
36002,5,0,25,1002550,-1
36003,3,7001,150,1002500,1
36004,6,0,900,1002600,1
36005,7,0,0,-1,-1
"""
BITSTAMP = """\
id,timestamp,exchange.timestamp,price,volume,action,direction
51,1000,900,200.10,150000000,created,bid
52,1500,900,200.00,100000000,created,ask
51,1501,900,200.10,50000000,changed,bid
52,1502,900,200.00,0,deleted,ask
51,1600,900,200.25,50000000,changed,bid
51,1700,900,200.25,70000000,changed,bid
51,1800,900,200.25,70000000,deleted,bid
40,1900,800,199.00,30000000,changed,bid
41,1901,800,199.00,30000000,deleted,bid
"""


def test_each_lobster_row_is_one_event_with_its_type_quantity_and_price() -> None:
    events = list(lobster.events(LOBSTER.splitlines()))
    assert [(e.kind, e.qty, e.price) for e in events] == [
        (Kind.New, D(300), D("100.2500")),
        (Kind.Reduce, D(100), D("100.2500")),
        (Kind.Execute, D(50), D("100.2500")),
        (Kind.Hidden, D(25), D("100.2550")),
        (Kind.Delete, D(150), D("100.2500")),
        (Kind.Cross, D(900), D("100.2600")),
        (Kind.Halt, D(0), D("-0.0001")),
    ]
    assert events[0] == MarketEvent(
        36_000_000_010_000, Kind.New, "7001", Side.Buy, D(300), D("100.25")
    )
    assert events[3].side is Side.Sell


def test_a_lobster_file_may_come_without_its_header() -> None:
    bare = LOBSTER.splitlines()[1:]
    assert list(lobster.events(bare)) == list(lobster.events(LOBSTER.splitlines()))


def test_a_bitstamp_row_tells_what_is_left_and_the_event_what_changed() -> None:
    events = list(bitstamp.events(BITSTAMP.splitlines()))
    assert [(e.order_id, e.kind, e.qty, e.price) for e in events] == [
        ("51", Kind.New, D("1.5"), D("200.10")),
        ("52", Kind.New, D(1), D("200.00")),
        ("51", Kind.Match, D(1), D("200.10")),
        ("52", Kind.Delete, D(1), D("200.00")),
        ("51", Kind.Change, D(0), D("200.25")),
        ("51", Kind.Change, D("0.2"), D("200.25")),
        ("51", Kind.Delete, D("0.7"), D("200.25")),
        ("40", Kind.Match, D(0), D("199.00")),
        ("41", Kind.Delete, D("0.3"), D("199.00")),
    ]
    assert events[0].at_ns == 1_000_000_000
    assert events[1].side is Side.Sell


@pytest.mark.parametrize(
    ("parse", "row"),
    [
        (lobster.events, "36000,1,7001,300,1002500"),
        (lobster.events, "36000,9,7001,300,1002500,1"),
        (lobster.events, "36000,1,7001,many,1002500,1"),
        (lobster.events, "36000,1,7001,300,1002500,2"),
        (bitstamp.events, "51,1000,900,200.10,150000000,created"),
        (bitstamp.events, "51,1000,900,200.10,150000000,born,bid"),
        (bitstamp.events, "51,1000,900,dear,150000000,created,bid"),
        (bitstamp.events, "51,1000,900,200.10,150000000,created,up"),
    ],
)
def test_a_row_that_is_not_the_formats_is_named(parse: object, row: str) -> None:
    assert callable(parse)
    with pytest.raises(replay.UnreadableRow, match=r"line 2 is not .*Price|line 2 is not id,"):
        list(parse(["", row]))


@pytest.mark.parametrize(
    ("text", "name", "security_type"),
    [
        (LOBSTER, "lobster", SecurityType.CommonStock),
        (LOBSTER.partition("\n")[2], "lobster", SecurityType.CommonStock),
        (BITSTAMP, "bitstamp", SecurityType.ForeignExchange),
    ],
)
def test_a_file_shows_its_format_by_its_first_line(
    tmp_path: Path, text: str, name: str, security_type: SecurityType
) -> None:
    plain, packed = tmp_path / "orders.csv", tmp_path / "orders.csv.xz"
    plain.write_text(text)
    with lzma.open(packed, "wt") as file:
        file.write(text)
    assert replay.open_source(plain).format.name == name
    assert list(replay.open_source(plain).events()) == list(replay.open_source(packed).events())
    assert replay.open_source(plain).format.security_type is security_type


def test_a_file_of_no_known_format_is_refused_with_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("date,open,close\n")
    with pytest.raises(ValueError, match=r"begins with 'date,open,close.*lobster, bitstamp"):
        replay.open_source(path)


def test_a_broken_row_is_named_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(LOBSTER + "36006,1,cut of")
    with pytest.raises(replay.UnreadableRow, match=r"x\.csv: line 9"):
        list(replay.open_source(path).events())


def test_the_instrument_has_the_ticks_and_lots_that_the_orders_stand_on() -> None:
    share = replay.instrument(lobster.events(LOBSTER.splitlines()), "TEST", venues=["PAPER"])
    assert (share.TickSize, share.LotSize, share.ReferencePx) == (D("0.01"), D(1), D("100.25"))
    assert share.Venues == ("PAPER",)
    coin = replay.instrument(
        bitstamp.events(
            [
                "1,1,1,200.1,150000000,created,bid",
                "2,1,1,200.3,12345678,created,ask",
                "3,1,1,200.2,100000000,created,ask",
                "3,1,1,200.005,100000000,changed,ask",
            ]
        ),
        "BTC",
        venues=["PAPER"],
    )
    assert coin.TickSize == D("0.001")
    assert coin.LotSize == D("0.00000001")
    assert coin.ReferencePx == D("200.2")


def test_a_file_without_an_order_defines_no_instrument() -> None:
    with pytest.raises(ValueError, match="no order among the first 100"):
        replay.instrument(lobster.events(["36005,7,0,0,-1,-1"]), "TEST", venues=["PAPER"])
