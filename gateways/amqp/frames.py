"""The few AMQP 0-9-1 frames that carry every message, as bytes: publish, deliver, settle, confirm.

The client library encodes and decodes any frame, by reflection, one at a time; these few make up
all but a handful of the frames on the wire, so they are worth their own straight-line code.
What a stranger sent decodes to something or to nothing, and never raises.
"""

import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

METHOD, HEADER, BODY, HEARTBEAT_KIND = 1, 2, 3, 8
KINDS = frozenset({METHOD, HEADER, BODY, HEARTBEAT_KIND})
END = b"\xce"
HEAD = struct.Struct(">BHI")  # kind, channel, length of the payload; then payload and END
OVERHEAD = HEAD.size + len(END)
HEARTBEAT = HEAD.pack(HEARTBEAT_KIND, 0, 0) + END

MIN_FRAME = 4096  # bytes every broker must take

# class id << 16 | method id, as a method frame's payload begins
CHANNEL_CLOSE = 20 << 16 | 40
DELIVER = 60 << 16 | 60
RETURN = 60 << 16 | 50
ACK = 60 << 16 | 80
NACK = 60 << 16 | 120

CONTENT_TYPE = b"application/json"
MAX_SHORT = 255

# Property flags, in the order in which the properties follow each other on the wire.
HAS_CONTENT_TYPE, HAS_ENCODING, HAS_HEADERS = 1 << 15, 1 << 14, 1 << 13
HAS_DELIVERY_MODE, HAS_PRIORITY, HAS_CORRELATION_ID = 1 << 12, 1 << 11, 1 << 10
HAS_REPLY_TO, HAS_EXPIRATION, HAS_MESSAGE_ID = 1 << 9, 1 << 8, 1 << 7
HAS_TIMESTAMP, HAS_TYPE, HAS_USER_ID, HAS_APP_ID = 1 << 6, 1 << 5, 1 << 4, 1 << 3
ALWAYS = HAS_CONTENT_TYPE | HAS_DELIVERY_MODE | HAS_MESSAGE_ID | HAS_TIMESTAMP | HAS_APP_ID

_code = struct.Struct(">I")
_properties = struct.Struct(">HHQH")  # class, weight, body size, flags
_settle = struct.Struct(">BHIIQBB")  # a whole frame: head, method, delivery tag, bits, END
_seconds = struct.Struct(">Q")
_confirm = struct.Struct(">IQB")
_deliver = struct.Struct(">QB")
_reply_code = struct.Struct(">H")

# Field types of a table as RabbitMQ writes them: those that bring their length, and the others.
_STRING = ord("S")
_BYTES = ord("x")
_BY_LENGTH = frozenset(b"SxFA")
_SIZES = dict(zip(b"tbBsuIilTDdfV", (1, 1, 1, 2, 2, 4, 4, 8, 8, 5, 8, 4, 0), strict=True))
_SIGNED = frozenset(b"bsIl")
_WHOLE = _SIGNED | frozenset(b"tBui")


class Properties(NamedTuple):
    """What a message says about itself; `user_id` is the only part the broker has checked."""

    type: str = ""
    correlation_id: str = ""
    message_id: str = ""
    user_id: str | None = None
    headers: Mapping[str, object] = {}


class Deliver(NamedTuple):
    """The method part of a delivery."""

    tag: int
    redelivered: bool
    exchange: str
    routing_key: str


def short(text: str) -> bytes:
    """A short string; ValueError beyond 255 bytes."""
    data = text.encode()
    if len(data) > MAX_SHORT:
        raise ValueError(f"{text[:40]!r}... is {len(data)} bytes long, AMQP allows {MAX_SHORT}")
    return bytes((len(data),)) + data


def table(fields: Mapping[str, str]) -> bytes:
    """A field table of long strings."""
    parts = []
    for key, value in fields.items():
        data = value.encode()
        parts.append(short(key) + b"S" + _code.pack(len(data)) + data)
    joined = b"".join(parts)
    return _code.pack(len(joined)) + joined


@lru_cache(maxsize=4096)
def publish_method(channel: int, exchange: str, routing_key: str) -> bytes:
    """The frame of a mandatory basic.publish: a message nobody can receive comes back."""
    payload = b"\x00\x3c\x00\x28\x00\x00" + short(exchange) + short(routing_key) + b"\x01"
    return HEAD.pack(METHOD, channel, len(payload)) + payload + END


def content(
    channel: int,
    body: bytes,
    *,
    message_id: bytes,
    timestamp: int,
    type_: str,
    correlation_id: str,
    headers: Mapping[str, str],
    user_id: str | None,
    app_id: bytes,
    max_body: int,
) -> bytes:
    """The header and body frames of a persistent JSON message.

    `timestamp` is in whole seconds since 1970, all AMQP has. `max_body`: bytes in one frame.
    """
    flags = ALWAYS
    parts = [short_bytes(CONTENT_TYPE)]
    if headers:
        flags |= HAS_HEADERS
        parts.append(table(headers))
    parts.append(b"\x02")  # persistent
    if correlation_id:
        flags |= HAS_CORRELATION_ID
        parts.append(short(correlation_id))
    parts.append(short_bytes(message_id))
    parts.append(_seconds.pack(timestamp))
    if type_:
        flags |= HAS_TYPE
        parts.append(short(type_))
    if user_id is not None:
        flags |= HAS_USER_ID
        parts.append(short(user_id))
    parts.append(short_bytes(app_id))
    payload = _properties.pack(60, 0, len(body), flags) + b"".join(parts)
    frames = [HEAD.pack(HEADER, channel, len(payload)), payload, END]
    for start in range(0, len(body), max_body):
        piece = body[start : start + max_body]
        frames += (HEAD.pack(BODY, channel, len(piece)), piece, END)
    return b"".join(frames)


def short_bytes(data: bytes) -> bytes:
    """A short string of known length."""
    return bytes((len(data),)) + data


def ack(channel: int, tag: int, *, multiple: bool) -> bytes:
    """The frame that settles one delivery, or all up to `tag`."""
    return _settle.pack(METHOD, channel, 13, ACK, tag, multiple, END[0])


def dead_letter(channel: int, tag: int) -> bytes:
    """The frame that gives one delivery back for good: basic.nack without requeue."""
    return _settle.pack(METHOD, channel, 13, NACK, tag, 0, END[0])


def read_confirm(payload: bytes) -> tuple[int, bool]:
    """(delivery tag, multiple) of a basic.ack or basic.nack."""
    _, tag, bits = _confirm.unpack_from(payload)
    return tag, bool(bits & 1)


def read_deliver(payload: bytes) -> Deliver:
    """The method part of a basic.deliver, which the broker wrote."""
    at = 5 + payload[4]  # after the consumer tag
    tag, redelivered = _deliver.unpack_from(payload, at)
    exchange, at = _text(payload, at + 9)
    routing_key, _ = _text(payload, at)
    return Deliver(tag, bool(redelivered & 1), exchange, routing_key)


def read_reply(payload: bytes) -> str:
    """Why, in the broker's words: the reply code and text of a basic.return or channel.close."""
    text, _ = _text(payload, 6)
    return f"{_reply_code.unpack_from(payload, 4)[0]} {text}"


def read_body_size(payload: bytes) -> int:
    """The length of the body that follows this content header."""
    return int(_properties.unpack_from(payload)[2])


def read_properties(payload: bytes) -> Properties:
    """The properties in a content header; empty ones when it cannot be read.

    Without a readable `user_id` a message belongs to nobody, and a gateway refuses it.
    """
    try:
        return _read_properties(payload)
    except (ValueError, LookupError, struct.error):
        return Properties()


def _read_properties(payload: bytes) -> Properties:
    flags = _properties.unpack_from(payload)[3]
    at = 14
    headers: Mapping[str, object] = {}
    for flag in (HAS_CONTENT_TYPE, HAS_ENCODING):
        if flags & flag:
            at += 1 + payload[at]
    if flags & HAS_HEADERS:
        headers, at = _table(payload, at)
    if flags & HAS_DELIVERY_MODE:
        at += 1
    if flags & HAS_PRIORITY:
        at += 1
    correlation_id, at = _optional(payload, at, flags & HAS_CORRELATION_ID)
    for flag in (HAS_REPLY_TO, HAS_EXPIRATION):
        if flags & flag:
            at += 1 + payload[at]
    message_id, at = _optional(payload, at, flags & HAS_MESSAGE_ID)
    if flags & HAS_TIMESTAMP:
        at += 8
    type_, at = _optional(payload, at, flags & HAS_TYPE)
    user_id = _text(payload, at)[0] if flags & HAS_USER_ID else None
    return Properties(type_, correlation_id, message_id, user_id, headers)


def _optional(payload: bytes, at: int, present: int) -> tuple[str, int]:
    return _text(payload, at) if present else ("", at)


def _text(payload: bytes, at: int) -> tuple[str, int]:
    end = at + 1 + payload[at]
    if end > len(payload):
        raise ValueError("a short string ends beyond its frame")
    return payload[at + 1 : end].decode(errors="replace"), end


def _table(payload: bytes, at: int) -> tuple[Mapping[str, object], int]:
    """The strings, byte arrays (as text) and whole numbers of a field table, and where it ends.

    Anything else is stepped over unread: a stranger may nest tables in tables without end.
    """
    end = at + 4 + _code.unpack_from(payload, at)[0]
    at += 4
    if end > len(payload):
        raise ValueError("a field table ends beyond its frame")
    fields: dict[str, object] = {}
    while at < end:
        key, at = _text(payload, at)
        kind = payload[at]
        at += 1
        if kind in _BY_LENGTH:
            start, at = at + 4, at + 4 + _code.unpack_from(payload, at)[0]
            if at > end:
                raise ValueError("a field ends beyond its table")
            if kind in (_STRING, _BYTES):  # clients send a traceparent as either
                fields[key] = payload[start:at].decode(errors="replace")
        else:
            size = _SIZES[kind]
            if kind in _WHOLE:
                fields[key] = int.from_bytes(payload[at : at + size], signed=kind in _SIGNED)
            at += size
    return fields, end
