"""Time keeps every nanosecond: integers inside, RFC 3339 with nine decimals outside."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from messages.base import SECOND, Instant, UTCTimestamp, format_time, parse_time

LAST = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()) * SECOND + SECOND - 1

instants = st.integers(0, LAST)
TIMESTAMP: TypeAdapter[Instant] = TypeAdapter(UTCTimestamp)


@given(instants)
def test_a_time_comes_back_to_the_nanosecond(at: Instant) -> None:
    text = format_time(at)
    assert parse_time(text) == at
    assert len(text) == len("2026-11-23T14:30:00.123456789Z")
    assert json.loads(TIMESTAMP.dump_json(at)) == text
    assert TIMESTAMP.validate_json(json.dumps(text)) == at


@given(instants, instants)
def test_texts_of_times_sort_as_the_times_do(one: Instant, other: Instant) -> None:
    assert (format_time(one) < format_time(other)) == (one < other)


@given(instants, st.integers(0, 9))
def test_fewer_decimals_mean_zeros(at: Instant, kept: int) -> None:
    whole, _, fraction = format_time(at)[:-1].partition(".")
    text = f"{whole}.{fraction[:kept]}Z" if kept else f"{whole}Z"
    unit = 10 ** (9 - kept)
    assert parse_time(text) == at // unit * unit


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30)),  # noqa: DTZ001  # a zone is added
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
)
def test_an_offset_is_taken_off(local: datetime, minutes: int) -> None:
    zoned = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    utc = zoned.astimezone(UTC)
    assert parse_time(zoned.isoformat()) == parse_time(utc.isoformat())
    assert format_time(parse_time(zoned.isoformat()))[:19] == utc.isoformat()[:19]


def test_known_times_are_what_they_are() -> None:
    assert parse_time("1970-01-01T00:00:00Z") == 0
    assert parse_time("2026-11-23T14:30:00.123456789Z") == 1_795_444_200_123_456_789
    assert parse_time("2026-11-23t09:30:00.5-05:00") == 1_795_444_200_500_000_000
    assert parse_time("1970-01-01t00:00:00.000000001z") == 1


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2026-11-23", "2026-11-23T14:30Z", "2026-11-23T14:30:00", "20261123T143000Z"),
        *("2026-11-23 14:30:00Z", "2026-11-23T14:30:00.Z", "2026-11-23T14:30:00.1234567890Z"),
        *("2026-13-23T14:30:00Z", "2026-02-30T14:30:00Z", "2026-11-23T24:30:00Z"),
        *("2026-11-23T14:30:60Z", "2026-11-23T14:30:00+0500", "2026-11-23T14:30:00+24:00"),
        *("2026-11-23T14:30:00Z ", "2026-11-23T14:30:00Z\n", "0000-01-01T00:00:00Z"),
        *("1969-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "\u0662026-11-23T14:30:00Z"),
    ],
)
def test_what_is_no_rfc_3339_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_time(text)


@pytest.mark.parametrize("value", ["1.5", "true", "null", "[]", '"yesterday"'])
def test_a_timestamp_is_a_text_of_time_or_an_integer_of_nanoseconds(value: str) -> None:
    with pytest.raises(ValidationError, match="send RFC 3339 time"):
        TIMESTAMP.validate_json(value)


def test_decimals_of_another_script_are_refused() -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        parse_time("2026-11-23T14:30:00.\u0665Z")
