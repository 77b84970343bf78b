"""FIX codes, decimals, times and sequence numbers: exact both ways."""

from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.fix import codes
from gateways.fix.fields import Malformed, decimal_of, grouped, printable, time_of, time_text
from gateways.fix.numbers import TAIL, Numbers, expected_by_venue, stored_sender
from messages import fix
from messages.base import parse_time

TABLES: list[tuple[type[StrEnum], dict, dict]] = [  # type: ignore[type-arg]
    (fix.Side, codes.SIDE, codes.SIDE_OF),
    (fix.OrdType, codes.ORD_TYPE, codes.ORD_TYPE_OF),
    (fix.TimeInForce, codes.TIME_IN_FORCE, codes.TIME_IN_FORCE_OF),
    (fix.ExecInst, codes.EXEC_INST, codes.EXEC_INST_OF),
    (fix.PegOffsetType, codes.PEG_OFFSET_TYPE, codes.PEG_OFFSET_TYPE_OF),
    (fix.OrdStatus, codes.ORD_STATUS, codes.ORD_STATUS_OF),
    (fix.ExecType, codes.EXEC_TYPE, codes.EXEC_TYPE_OF),
    (fix.OrdRejReason, codes.ORD_REJ_REASON, codes.ORD_REJ_REASON_OF),
    (fix.CxlRejReason, codes.CXL_REJ_REASON, codes.CXL_REJ_REASON_OF),
    (
        fix.ExecRestatementReason,
        codes.EXEC_RESTATEMENT_REASON,
        codes.EXEC_RESTATEMENT_REASON_OF,
    ),
    (
        fix.SecurityTradingStatus,
        codes.SECURITY_TRADING_STATUS,
        codes.SECURITY_TRADING_STATUS_OF,
    ),
    (fix.TradSesStatus, codes.TRAD_SES_STATUS, codes.TRAD_SES_STATUS_OF),
    (fix.CxlRejResponseTo, codes.CXL_REJ_RESPONSE_TO, codes.CXL_REJ_RESPONSE_TO_OF),
    (fix.MassCancelRequestType, codes.MASS_CANCEL_REQUEST_TYPE, codes.MASS_CANCEL_REQUEST_TYPE_OF),
    (fix.MassStatusReqType, codes.MASS_STATUS_REQ_TYPE, codes.MASS_STATUS_REQ_TYPE_OF),
]

CODELESS = {fix.SecurityTradingStatus.ClosingAuction}
"""FIX has no code for it; the trading session tells."""

SAID_TO_NO_VENUE = {
    fix.SecurityType,
    fix.ContingencyType,
    fix.ListStatusType,
    fix.ListOrderStatus,
    fix.PendingReports,
    fix.TradingPhase,
    fix.HandlInst,
}


@pytest.mark.parametrize(("names", "out", "back"), TABLES, ids=lambda x: getattr(x, "__name__", ""))
def test_every_name_has_a_code_that_means_it(
    names: type[StrEnum],
    out: dict[StrEnum, str],
    back: dict[str, StrEnum],
) -> None:
    assert set(out) == set(names) - CODELESS
    assert all(back[code] is name for name, code in out.items())


def test_every_enumeration_that_a_venue_speaks_has_a_table() -> None:
    enumerations = (
        {
            kind
            for kind in vars(fix).values()
            if isinstance(kind, type) and issubclass(kind, StrEnum)
        }
        - {StrEnum, fix.Code}
        - SAID_TO_NO_VENUE
    )
    assert enumerations == {names for names, _, _ in TABLES}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("231.25", "231.25"),
        ("-0.5", "-0.5"),
        (".5", "0.5"),
        ("7.", "7"),
        ("00023.2300", "23.23"),
        ("1.12345678901200000", "1.123456789012"),
        ("999999999999999.999999999999", "999999999999999.999999999999"),
    ],
)
def test_a_fix_float_is_read_exactly(text: str, value: str) -> None:
    assert decimal_of(text, "44", "Price") == Decimal(value)


@pytest.mark.parametrize("text", ["", ".", "-", "+1", "1e5", "NaN", "Infinity", " 1", "1 ", "١"])
def test_what_is_no_fix_float_is_malformed(text: str) -> None:
    with pytest.raises(Malformed, match=r"Price\(44\)"):
        decimal_of(text, "44", "Price")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("20261123-14:30:00", "2026-11-23T14:30:00Z"),
        ("20261123-14:30:00.1", "2026-11-23T14:30:00.1Z"),
        ("20261123-14:30:00.123456789", "2026-11-23T14:30:00.123456789Z"),
        ("20261123-14:30:00.123456789999", "2026-11-23T14:30:00.123456789Z"),
        ("20240229-23:59:59.999", "2024-02-29T23:59:59.999Z"),
        ("20161231-23:59:60.5", "2017-01-01T00:00:00.5Z"),
    ],
)
def test_a_fix_time_is_read_to_the_nanosecond(text: str, iso: str) -> None:
    assert time_of(text, "60", "TransactTime") == parse_time(iso)


@pytest.mark.parametrize(
    "text", ["", "20261123", "20260230-00:00:00", "20261123-25:00:00", "20261123-14:30:00.", "now"]
)
def test_what_is_no_fix_time_is_malformed(text: str) -> None:
    with pytest.raises(Malformed, match=r"TransactTime\(60\)"):
        time_of(text, "60", "TransactTime")


@given(at=st.integers(min_value=0, max_value=4_102_444_800 * 10**9))
def test_a_time_written_with_nine_decimals_is_read_back(at: int) -> None:
    assert time_of(time_text(at, 9), "60", "TransactTime") == at


def test_a_time_is_cut_off_and_never_rounded_into_the_next_second() -> None:
    assert time_text(parse_time("2026-11-23T14:30:59.9999Z"), 3) == "20261123-14:30:59.999"


def test_a_group_is_read_entry_by_entry_and_what_stands_before_it_apart() -> None:
    text = "35=X|262=m|268=3|279=0|269=0|279=1|55=A|270=|279=2|269=1|10=000|".replace("|", "\x01")
    fields, entries = grouped(text, "268", "NoMDEntries")
    assert fields == {"35": "X", "262": "m"}
    assert entries == [
        {"279": "0", "269": "0"},
        {"279": "1", "55": "A"},
        {"279": "2", "269": "1", "10": "000"},
    ]


@pytest.mark.parametrize("text", ["35=X|262=m|", "35=X|262=m|268=0|10=000|", "35=X|262=m|268=|"])
def test_a_group_without_entries_is_empty(text: str) -> None:
    fields, entries = grouped(text.replace("|", "\x01"), "268", "NoMDEntries")
    assert (fields["262"], entries) == ("m", [])


@pytest.mark.parametrize("count", ["1", "3", "many"])
def test_a_group_with_other_than_the_entries_it_announces_is_malformed(count: str) -> None:
    text = f"35=X|268={count}|269=0|269=1|10=000|".replace("|", "\x01")
    with pytest.raises(Malformed, match=rf"NoMDEntries\(268\)={count}, but there are 2 entries"):
        grouped(text, "268", "NoMDEntries")


def test_text_that_is_not_utf8_is_read_as_latin1() -> None:
    assert printable(b"caf\xe9".decode("utf-8", "surrogateescape")) == "café"
    assert printable("café €") == "café €"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("MsgSeqNum too low, expecting 51 but received 1", 51),
        ("MsgSeqNum(34) is less than expected: 1 received, expected 51", 51),
        ("Sequence number 1 < expected 51", 51),
        ("MsgSeqNum(1) is lower than expected (51)", 51),
        ("MsgSeqNum too high, expecting 5 but received 51", None),
        ("expecting you at 5 tomorrow", None),
        ("", None),
    ],
)
def test_what_a_venue_expects_is_found_in_its_logout(text: str, number: int | None) -> None:
    assert expected_by_venue(text) == number


def test_our_number_never_goes_down(tmp_path: Path) -> None:
    numbers = Numbers("XPAR", tmp_path / "latch", sender=7, heard=0)
    numbers.raise_sender(3)
    assert numbers.sender == 7


@pytest.mark.parametrize(
    ("received", "target"), [(50, 50 - TAIL), (51 - TAIL, 51 - 2 * TAIL), (51 - TAIL - 1, 51)]
)
def test_only_a_short_way_back_is_made_good_without_a_human(
    tmp_path: Path, received: int, target: int
) -> None:
    numbers = Numbers("XPAR", tmp_path / "latch", sender=7, heard=50)
    text = numbers.venue_is_behind(f"MsgSeqNum too low, expecting 51 but received {received}")
    assert numbers.target == max(1, target)
    assert bool(numbers.disagreement()) == (target == 51)
    assert "51" in text


def test_a_store_that_is_missing_or_torn_begins_at_one(tmp_path: Path) -> None:
    assert stored_sender(tmp_path, "FIX.4.4-OMS-XPAR") == 1
    (tmp_path / "FIX.4.4-OMS-XPAR.seqnums").write_text("")
    assert stored_sender(tmp_path, "FIX.4.4-OMS-XPAR") == 1
    (tmp_path / "FIX.4.4-OMS-XPAR.seqnums").write_text("0000000105 : 0000000035")
    assert stored_sender(tmp_path, "FIX.4.4-OMS-XPAR") == 105
