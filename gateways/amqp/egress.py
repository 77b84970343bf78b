"""Egress: what leaves for the desks, as messages to publish. No I/O.

A report's number is that of its envelope, dense per account and desk, and is put into the bytes
that the account wrote. So what is sent again is the same to the last byte.
"""

import json
import re
from collections.abc import Mapping, Sequence

from gateways.amqp.ingress import Answered
from gateways.amqp.publisher import Outgoing
from gateways.amqp.topology import GATEWAY, MAX_MESSAGE_BYTES, REPORTS_EXCHANGE
from messages.envelope import Envelope
from messages.reports import BusinessMessageReject

LAST = b',"TransactTime":"'
"""The last field of every report as its account writes it: ReportSeq follows it, unset."""

LIST = "List"
"""The type of a message that carries several reports."""

MAX_REPORTS = 100
"""Reports in one message."""

MAX_LIST_BYTES = MAX_MESSAGE_BYTES - 2
NO_HEADERS: Mapping[str, str] = {}

_LAST_LENGTH = len(LAST) + len('2026-11-23T14:30:00.123456789Z"}')
_DESK = "desk/"
# Within a JSON string a quote is escaped, so this can only be the field itself.
_CLORDID = re.compile(rb'"ClOrdID":("(?:[^"\\]|\\.)*")')
_LIST_ID = re.compile(rb'"ListID":("(?:[^"\\]|\\.)*")')
_REFERENCE = re.compile(rb'"BusinessRejectRefID":("(?:[^"\\]|\\.)*")')
_NAMES = {"ListStatus": _LIST_ID, "BusinessMessageReject": _REFERENCE}
"""What a report is about where that is no ClOrdID: in a ListStatus only its orders have some."""


def outgoing(envelope: Envelope) -> Outgoing:
    """The report in an envelope to ``desk/<desk>``, numbered with the envelope's ``seq``.

    Raises:
        ValueError: it is no such envelope; an account has said what it must not say.
    """
    recipient, seq, kind, body = envelope.recipient, envelope.seq, envelope.kind, envelope.body
    if not recipient.startswith(_DESK) or seq < 1 or not body[-_LAST_LENGTH:].startswith(LAST):
        raise ValueError(
            f"{kind} {seq} from {envelope.sender} to {recipient} is no report of an account to a "
            f"desk: it needs a number from 1 and must end in TransactTime, not in {body[-40:]!r}"
        )
    numbered = b'%s,"ReportSeq":%d}' % (body[:-1], seq)
    return _to_desk(recipient[len(_DESK) :], kind, _name(kind, body), numbered, envelope.trace)


def packed(reports: Sequence[Outgoing]) -> list[Outgoing]:
    """The reports of one account to one desk as few messages: JSON lists, in order.

    One alone stays what it is. A list has no ClOrdID and belongs to no trace; its type is List.
    """
    lists: list[list[Outgoing]] = []
    size = MAX_LIST_BYTES
    for report in reports:
        size += len(report.body) + 1
        if size > MAX_LIST_BYTES or len(lists[-1]) == MAX_REPORTS:
            lists.append([])
            size = len(report.body)
        lists[-1].append(report)
    return [_list(found) if len(found) > 1 else found[0] for found in lists]


def _list(reports: Sequence[Outgoing]) -> Outgoing:
    body = b"[%s]" % b",".join([report.body for report in reports])
    return Outgoing(REPORTS_EXCHANGE, reports[0].routing_key, body, LIST, "", NO_HEADERS, GATEWAY)


def answer(answered: Answered) -> Outgoing:
    """The reject of a request that reached no account. It has no number, as no account wrote it."""
    reject = answered.reject
    if isinstance(reject, BusinessMessageReject):
        name = reject.BusinessRejectRefID or ""
    else:
        name = reject.ClOrdID or ""
    body = reject.__pydantic_serializer__.to_json(reject)
    return _to_desk(answered.desk, reject.MsgType, name, body, answered.trace)


def _to_desk(desk: str, kind: str, name: str, body: bytes, trace: str) -> Outgoing:
    headers = {"traceparent": trace} if trace else {}
    return Outgoing(REPORTS_EXCHANGE, desk, body, kind, name, headers, GATEWAY)


def _name(kind: str, body: bytes) -> str:
    """ClOrdID(11), or ListID(66), out of a report's JSON, without reading the rest."""
    found = _NAMES.get(kind, _CLORDID).search(body)
    if found is None:
        return ""
    text = found[1]
    return str(json.loads(text)) if b"\\" in text else text[1:-1].decode()
