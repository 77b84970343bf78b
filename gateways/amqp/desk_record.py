"""What a desk sent and heard, with the time of each: the evidence a closing ledger is made of.

A line is written before what it tells can have an effect outside: ``sent`` before the publish,
``heard`` before the acknowledgement. So after a ``kill -9`` the record says at most too much, and
a line cut short tells of something that had not happened yet.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from messages.base import Instant
from messages.lists import ListCancelRequest, ListStatusRequest, NewOrderList
from messages.orders import (
    DESK_REQUEST,
    DeskRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
)
from messages.reports import DESK_REPORT, DeskReport


class Sent(NamedTuple):
    """A request went out for the first time (a resend of it is not recorded)."""

    at_ns: Instant
    request: DeskRequest


class Confirmed(NamedTuple):
    """The broker has these requests on disk; ``keys`` as in ``request_key``."""

    at_ns: Instant
    keys: tuple[str, ...]


class Heard(NamedTuple):
    """A report came in. ``redelivered`` is the broker's hint that it may have come before.

    ``traceparent``: the W3C trace context that it carries; it is not recorded.
    """

    at_ns: Instant
    report: DeskReport
    redelivered: bool
    traceparent: str = ""


Line = Sent | Confirmed | Heard

_LINE = re.compile(
    rb'\{"at":(\d+),(?:"redelivered":(true|false),)?"(sent|confirmed|heard)":(.+)\}\n'
)


def request_key(request: DeskRequest) -> str:
    """What names a request among all those of its desk.

    The ClOrdID, except for questions: theirs may be the ClOrdID of the order they ask about. A list
    is named by its ListID, and so is whatever is asked about it.
    """
    match request:
        case OrderStatusRequest():
            return f"status {request.OrdStatusReqID or request.ClOrdID}"
        case OrderMassStatusRequest():
            return f"status {request.MassStatusReqID}"
        case NewOrderList():
            return f"list {request.ListID}"
        case ListCancelRequest() | ListStatusRequest():
            return f"about list {request.ListID}"
        case _:
            return request.ClOrdID


class DeskRecord:
    """The lines of one desk, in memory and, with ``path``, appended to a file of JSON lines.

    Bodies are kept as the bytes that travelled and parsed when somebody reads them.
    """

    def __init__(self, path: Path | None = None, *, keep: bool = True) -> None:
        """``keep=False`` holds nothing in memory: for long runs, together with ``path``."""
        self._lines: list[bytes] | None = [] if keep else None
        self._file: int | None = None
        if path is not None:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            size = os.fstat(self._file).st_size
            if size and os.pread(self._file, 1, size - 1) != b"\n":
                os.write(self._file, b"\n")  # ends the line that a killed process cut short

    def sent(self, at_ns: Instant, bodies: Iterable[bytes]) -> None:
        """These request bodies are about to be published."""
        self._add([b'{"at":%d,"sent":%s}\n' % (at_ns, _one_line(body)) for body in bodies])

    def confirmed(self, at_ns: Instant, keys: Sequence[str]) -> None:
        """The broker confirmed the requests of these keys."""
        self._add([b'{"at":%d,"confirmed":%s}\n' % (at_ns, json.dumps(keys).encode())])

    def heard(self, reports: Iterable[tuple[Instant, bytes, bool]]) -> None:
        """These reports (received at, body, redelivered) are about to be acknowledged."""
        self._add(
            [
                b'{"at":%d,"redelivered":%s,"heard":%s}\n'
                % (at_ns, b"true" if redelivered else b"false", _one_line(body))
                for at_ns, body, redelivered in reports
            ]
        )

    def lines(self) -> Iterator[Line]:
        """Everything held in memory, in the order it happened."""
        if self._lines is None:
            raise ValueError("this record keeps nothing in memory: read its file by read_record")
        for line in self._lines:
            yield from _parse(line)

    def close(self) -> None:
        """Close the file; what was written is in it already."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _add(self, lines: list[bytes]) -> None:
        if self._lines is not None:
            self._lines += lines
        if self._file is not None and lines:
            data = b"".join(lines)
            while data:
                data = data[os.write(self._file, data) :]


def read_record(path: Path) -> Iterator[Line]:
    """The lines of a record's file. ValueError names a line that is whole and still wrong."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield from _parse(line)
            except ValueError as error:
                raise ValueError(
                    f"{path}, line {number} is no line of a record: {error}"
                ) from error


def _parse(line: bytes) -> Iterator[Line]:
    """The line, or nothing where it was cut short by the end of its process."""
    found = _LINE.fullmatch(line)
    if not found:
        return
    at, redelivered, kind, body = found.groups()
    try:
        match kind:
            case b"sent":
                yield Sent(int(at), DESK_REQUEST.validate_json(body))
            case b"confirmed":
                yield Confirmed(int(at), tuple(json.loads(body)))
            case _:
                yield Heard(int(at), DESK_REPORT.validate_json(body), redelivered == b"true")
    except json.JSONDecodeError:
        return
    except ValidationError as error:
        if error.errors()[0]["type"] != "json_invalid":
            raise


def _one_line(body: bytes) -> bytes:
    # Inside JSON's strings a line break is escaped, so a raw one can only be white space.
    return body.replace(b"\n", b" ") if b"\n" in body else body
