"""Our frames are byte for byte the client library's, and nothing strange breaks them."""

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Any

import pamqp.body
import pamqp.frame
import pamqp.header
import pytest
from aiormq import spec
from hypothesis import given
from hypothesis import strategies as st

from gateways.amqp import frames
from gateways.amqp.tap import Tap

NOW = datetime(2026, 11, 23, 12, 30, 15, tzinfo=UTC)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SHORT = st.text(max_size=60)
EXCHANGE = st.from_regex(r"[a-zA-Z0-9_.:-]{0,60}", fullmatch=True)


def marshal(frame: Any, channel: int = 3) -> bytes:
    return pamqp.frame.marshal(frame, channel)


def payload(frame: Any) -> bytes:
    return marshal(frame)[7:-1]


def a_header(body: bytes = b"", **properties: Any) -> pamqp.header.ContentHeader:
    return pamqp.header.ContentHeader(
        body_size=len(body), properties=spec.Basic.Properties(**properties)
    )


@given(EXCHANGE, SHORT)
def test_a_publish_is_what_the_library_would_send(exchange: str, key: str) -> None:
    expected = spec.Basic.Publish(exchange=exchange, routing_key=key, mandatory=True)
    assert frames.publish_method(3, exchange, key) == marshal(expected)


@given(
    body=st.binary(max_size=40),
    type_=SHORT,
    correlation_id=SHORT,
    headers=st.dictionaries(st.text(min_size=1, max_size=30), SHORT, max_size=3),
    user_id=st.none() | SHORT.filter(bool),
    max_body=st.integers(1, 50),
)
def test_content_is_what_the_library_would_send(
    body: bytes,
    type_: str,
    correlation_id: str,
    headers: dict[str, str],
    user_id: str | None,
    max_body: int,
) -> None:
    made = frames.content(
        3,
        body,
        message_id=b"abc-1",
        timestamp=int(NOW.timestamp()),
        type_=type_,
        correlation_id=correlation_id,
        headers=dict(sorted(headers.items())),  # as the library does
        user_id=user_id,
        app_id=b"oms",
        max_body=max_body,
    )
    header = a_header(
        body,
        content_type="application/json",
        headers=headers or None,
        delivery_mode=2,
        correlation_id=correlation_id or None,
        message_id="abc-1",
        timestamp=NOW,
        message_type=type_ or None,
        user_id=user_id,
        app_id="oms",
    )
    pieces = [body[at : at + max_body] for at in range(0, len(body), max_body)]
    assert made == marshal(header) + b"".join(marshal(pamqp.body.ContentBody(p)) for p in pieces)


@given(st.integers(1, 2**63 - 1), st.booleans())
def test_settling_is_what_the_library_would_send(tag: int, multiple: bool) -> None:
    assert frames.ack(3, tag, multiple=multiple) == marshal(spec.Basic.Ack(tag, multiple))
    assert frames.dead_letter(3, tag) == marshal(spec.Basic.Nack(tag, False, False))


@given(st.integers(1, 2**63 - 1), st.booleans(), EXCHANGE, SHORT)
def test_a_delivery_is_read_as_the_library_reads_it(
    tag: int, redelivered: bool, exchange: str, key: str
) -> None:
    method = spec.Basic.Deliver("ctag", tag, redelivered, exchange, key)
    assert frames.read_deliver(payload(method)) == (tag, redelivered, exchange, key)


@given(st.integers(1, 2**63 - 1), st.booleans())
def test_confirms_are_read_as_the_library_reads_them(tag: int, multiple: bool) -> None:
    for method in (spec.Basic.Ack(tag, multiple), spec.Basic.Nack(tag, multiple, True)):
        assert frames.read_confirm(payload(method)) == (tag, multiple)


def test_the_properties_that_matter_are_found_among_all_others() -> None:
    everything = a_header(
        content_type="application/json",
        content_encoding="utf-8",
        headers={"traceparent": TRACE, "x-delivery-count": 3, "deep": {"a": [1, "b"]}, "z": "end"},
        delivery_mode=2,
        priority=4,
        correlation_id="ClOrdID",
        reply_to="somewhere",
        expiration="1000",
        message_id="m-1",
        timestamp=NOW,
        message_type="NewOrder",
        user_id="alpha",
        app_id="desk",
    )
    found = frames.read_properties(payload(everything))
    assert found == frames.Properties(
        "NewOrder",
        "ClOrdID",
        "m-1",
        "alpha",
        {"traceparent": TRACE, "x-delivery-count": 3, "z": "end"},
    )


@pytest.mark.parametrize("value", [TRACE, bytearray(TRACE.encode())])
def test_a_trace_context_may_come_as_text_or_as_bytes(value: object) -> None:
    found = frames.read_properties(payload(a_header(headers={"traceparent": value})))
    assert found.headers == {"traceparent": TRACE}


def test_a_message_without_properties_has_none() -> None:
    assert frames.read_properties(payload(a_header(b"body"))) == frames.Properties()


def test_tables_nested_without_end_are_stepped_over() -> None:
    deep = b""
    for _ in range(15_000):
        deep = b"\x01aF" + len(deep).to_bytes(4) + deep
    table = len(deep).to_bytes(4) + deep
    user = frames.short("alpha")
    raw = b"\0\x3c\0\0" + bytes(8) + (1 << 13 | 1 << 4).to_bytes(2) + table + user
    assert frames.read_properties(raw) == frames.Properties(user_id="alpha")


@given(st.binary(max_size=80), st.integers(0, 0xFFFF))
def test_strange_properties_never_raise(noise: bytes, flags: int) -> None:
    raw = b"\0\x3c\0\0" + bytes(8) + flags.to_bytes(2) + noise
    for cut in (raw, raw[: len(raw) // 2]):
        assert isinstance(frames.read_properties(cut), frames.Properties)


def test_text_that_is_not_utf8_is_still_a_message() -> None:
    raw = payload(a_header(message_type="NewOrder", user_id="alpha"))
    found = frames.read_properties(raw.replace(b"NewOrder", b"New\xff\xferd!"))
    assert found.user_id == "alpha"
    assert found.type.startswith("New")


def test_a_short_string_has_its_limit() -> None:
    assert len(frames.short("x" * 255)) == 256
    with pytest.raises(ValueError, match="256 bytes long, AMQP allows 255"):
        frames.short("x" * 256)


class Heard:
    """What a tap told about one channel."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def delivered(self, method: bytes, header: bytes, body: bytes) -> None:
        told = frames.read_deliver(method), frames.read_properties(header).user_id, body
        self.told.append(("delivered", *told))

    def returned(self, method: bytes, header: bytes) -> None:
        told = frames.read_reply(method), frames.read_properties(header).message_id
        self.told.append(("returned", *told))

    def confirmed(self, tag: int, multiple: bool, refused: bool) -> None:
        self.told.append(("confirmed", tag, multiple, refused))

    def closed(self, reason: str) -> None:
        self.told.append(("closed", reason))


def traffic() -> tuple[bytes, bytes, list[tuple[object, ...]]]:
    """What comes in; what of it is for aiormq; and what the listener of channel 3 is told."""
    theirs = [
        marshal(spec.Connection.Blocked("memory"), 0),
        marshal(spec.Channel.OpenOk(), 4),
        marshal(spec.Basic.Deliver("other", 1, False, "e", "k"), 4),
        marshal(a_header(b"x"), 4),
        marshal(pamqp.body.ContentBody(b"x"), 4),
        marshal(spec.Basic.ConsumeOk("tag")),
        frames.HEARTBEAT,
        marshal(spec.Channel.Close(404, "NOT_FOUND", 0, 0)),
    ]
    ours = [
        marshal(spec.Basic.Deliver("tag", 7, True, "orders.a", "acc")),
        marshal(a_header(b"abcdef", user_id="a")),
        marshal(pamqp.body.ContentBody(b"abc")),
        marshal(pamqp.body.ContentBody(b"def")),
        marshal(spec.Basic.Ack(3, True)),
        marshal(spec.Basic.Return(312, "NO_ROUTE", "e", "k")),
        marshal(a_header(b"", message_id="m-9")),
        marshal(spec.Basic.Nack(9, False, False)),
    ]
    order = [*theirs[:3], ours[0], theirs[3], *ours[1:3], theirs[4], ours[3], theirs[5], ours[4]]
    order += [*ours[5:7], theirs[6], ours[7], theirs[7]]
    told: list[tuple[object, ...]] = [
        ("delivered", (7, True, "orders.a", "acc"), "a", b"abcdef"),
        ("confirmed", 3, True, False),
        ("returned", "312 NO_ROUTE", "m-9"),
        ("confirmed", 9, False, True),
        ("closed", "404 NOT_FOUND"),
    ]
    return b"".join(order), b"".join(theirs), told


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 13, 64, 10_000])
async def test_a_tap_divides_the_stream_however_it_is_cut(size: int) -> None:
    tap, heard = Tap(asyncio.get_running_loop()), Heard()
    tap._alive_at = asyncio.get_running_loop().time()  # no extra heartbeat within this test
    tap.listen(3, heard)
    stream, theirs, told = traffic()
    for at in range(0, len(stream), size):
        tap.feed_data(stream[at : at + size])
    tap.feed_eof()
    assert heard.told == [*told, ("closed", "the broker closed the connection")]
    assert await tap.read() == theirs


async def test_aiormq_hears_a_heartbeat_while_everything_else_is_tapped() -> None:
    tap, heard = Tap(asyncio.get_running_loop()), Heard()
    tap.listen(3, heard)
    for tag in range(1, 50):
        tap.feed_data(marshal(spec.Basic.Ack(tag, False)))
    assert len(heard.told) == 49
    assert await tap.readexactly(8) == frames.HEARTBEAT
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.05):
            pytest.fail(f"one heartbeat a second is enough, here is more: {await tap.read(8)!r}")


async def test_what_is_not_amqp_is_left_to_aiormq_to_complain_about() -> None:
    tap = Tap(asyncio.get_running_loop())
    tap.feed_data(b"AMQP\0\0\x09\x01")
    tap.feed_eof()
    assert await tap.read() == b"AMQP\0\0\x09\x01"
