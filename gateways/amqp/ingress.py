"""Ingress: what a desk's bytes mean. No I/O, no clock, and nothing that a desk sends raises.

Every request in a delivery becomes exactly one result, whatever stands beside it: routed to its
account, or answered with a reject that names the fault. Only a delivery that can be laid at no
desk's door is dead, and then it is so as a whole.
"""

import hashlib
import json
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from pydantic import ValidationError

from gateways.amqp.ingress_faults import (
    MISSING,
    NOT_AUTHORIZED,
    TIMES,
    UNKNOWN_ID,
    Fault,
    Pairs,
    explain,
    fault,
    groups,
    json_kind,
    number,
    reference,
    repeated,
    shown,
    time_range,
    within,
)
from gateways.amqp.ingress_items import ONE_OR_LIST, split
from gateways.amqp.throttle import Throttle
from gateways.amqp.topology import MAX_MESSAGE_BYTES, orders_exchange
from messages.base import Instant, Message, parse_time
from messages.fix import ExecType, OrdRejReason, OrdStatus
from messages.lists import ListCancelRequest, ListStatusRequest, NewOrderList
from messages.orders import DESK_REQUEST, DeskRequest, NewOrderSingle, OrderMassStatusRequest
from messages.reports import BusinessMessageReject, ExecutionReport

NO_ORDER = "NONE"
"""OrderID(37) where there is no such order (FIX)."""

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_LAST_TIME = parse_time("9999-12-31T23:59:59.999999999Z")
_ORDERS = orders_exchange("")
_DIGIT = re.compile(rb"[0-9]")
_UNLIMITED = Throttle()


class Known(Protocol):
    """What reference data says exists."""

    @property
    def accounts(self) -> Container[str]: ...

    @property
    def desks(self) -> Container[str]: ...

    def accounts_of(self, desk: str) -> Sequence[str]:
        """The accounts that the desk may trade."""
        ...


@dataclass(frozen=True, slots=True)
class Routed:
    """A request for the account ``recipient``. ``kind`` is its MsgType, ``body`` a FromDesk.

    ``trace``: the desk's W3C traceparent, or one made of desk, account and ClOrdID, so that what
    is delivered again has the same.
    """

    recipient: str
    kind: str
    trace: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that goes no further: ``reject`` goes back to ``desk``. ``trace`` may be empty."""

    desk: str
    reject: BusinessMessageReject | ExecutionReport
    trace: str


@dataclass(frozen=True, slots=True)
class Dead:
    """A delivery from no desk that we know, so there is nobody to answer."""

    reason: str


Result = Routed | Answered | Dead


def translate(
    body: bytes,
    user_id: str | None,
    routing_key: str,
    exchange: str,
    traceparent: str | None,
    received_at: Instant,
    known: Known,
    throttle: Throttle = _UNLIMITED,
) -> list[Result]:
    """One delivery's requests, in order; at least one result, and Dead is always the only one.

    ``user_id`` is the broker's word for who sent it; ``exchange`` names the desk that may write
    there. ``routing_key`` and ``body`` are the sender's claims.
    """
    owner = exchange[len(_ORDERS) :] if exchange.startswith(_ORDERS) else ""
    desk = user_id or owner
    if desk not in known.desks:
        sender = f"user_id {shown(user_id)} on exchange {shown(exchange)}"
        return [Dead(f"{sender} is no known desk: is it in the configuration?")]
    if not traceparent or not _TRACEPARENT.fullmatch(traceparent):
        traceparent = ""
    reader = _Reader(desk, routing_key, traceparent, received_at, known, throttle)
    wrong = wrong_sender("desk", desk, user_id, exchange)
    if wrong is None and (request := _plain(body)) is not None:
        return list(reader.route(request, body))
    items = split(body)
    if isinstance(items, Fault):
        return [reader.reject(wrong or items, {})]
    return [result for raw, value in items for result in reader.judge(raw, value, wrong)]


def wrong_sender(kind: str, name: str, user_id: str | None, exchange: str) -> Fault | None:
    """Why the broker's word is not that ``name``, a desk or an operator, sent this."""
    if not user_id:
        # Nobody else may write to its exchange, so it can be told, but nothing is done for it.
        remedy = f"set the message property user_id to {name}"
        allowed = "the broker has not checked who sent this"
        return fault("authenticated", "user_id", MISSING, allowed, remedy, NOT_AUTHORIZED)
    own = orders_exchange(name)
    if exchange != own:
        allowed, remedy = f"{kind} {name} writes to {own} alone", f"publish to {own}"
        return fault("own_exchange", "exchange", exchange, allowed, remedy, NOT_AUTHORIZED)
    return None


def rejection(
    wrong: Fault, kind: str | None, name: str | None, at: Instant
) -> BusinessMessageReject:
    """The reject of the request of this MsgType and name, as far as it says them."""
    return BusinessMessageReject(
        RefMsgType=kind,
        BusinessRejectRefID=name,
        BusinessRejectReason=wrong.reason,
        Refusal=wrong.refusal,
        Text=wrong.refusal.text(),
        TransactTime=at,
    )


def _plain(body: bytes) -> DeskRequest | None:
    """The request, if this is a single good one without escapes; None says: look closer.

    The parser keeps the last of two fields of the same name, and would take an integer for a time.
    Without escapes every second quote ends a string, so what is between strings shows both faults:
    there is one colon for each field, and no digit.
    """
    if body[:1] != b"{" or len(body) > MAX_MESSAGE_BYTES or b"\\" in body:
        return None
    try:
        request = DESK_REQUEST.validate_json(body)
    except ValidationError:
        return None
    between = b"".join(body.split(b'"')[::2])
    if between.count(b":") != len(request.model_fields_set) or _DIGIT.search(between):
        return None
    return request if _in_range(request) else None


def _in_range(request: Message) -> bool:
    """Around the years 1 and 9999 an offset leads to a time that cannot be written down again."""
    return all(at is None or 0 <= at <= _LAST_TIME for at in _times(request).values())


def _times(request: Message) -> dict[str, Instant | None]:
    return {name: getattr(request, name, None) for name in TIMES}


def _wrong_time(request: DeskRequest, fields: Mapping[str, object]) -> Fault | None:
    if not _in_range(request):
        return time_range(fields, _LAST_TIME, _times(request))
    orders = request.Orders if isinstance(request, NewOrderList) else ()
    for (place, parts), order in zip(groups(fields), orders, strict=False):
        if not _in_range(order):
            return within(place, time_range(dict(parts), _LAST_TIME, _times(order)))
    return None


class _Reader:
    """One delivery's claims, against which each of its requests is judged alone."""

    __slots__ = ("_at", "_desk", "_key", "_known", "_throttle", "_trace")

    def __init__(
        self, desk: str, key: str, trace: str, at: Instant, known: Known, throttle: Throttle
    ) -> None:
        self._desk = desk
        self._key = key
        self._trace = trace
        self._at = at
        self._known = known
        self._throttle = throttle

    def judge(self, raw: str, value: object, wrong: Fault | None) -> Sequence[Result]:
        """The closer look at one item; ``wrong``: what is wrong with all of them."""
        if not isinstance(value, Pairs):
            allowed = f"a request is a JSON object, not a {json_kind(value)}"
            return [self.reject(wrong or fault("request", "body", raw, allowed, ONE_OR_LIST), {})]
        fields = dict(value)
        wrong = wrong or repeated(value)
        if wrong is None:
            try:
                request = DESK_REQUEST.validate_json(raw)
            except ValidationError as error:
                wrong = explain(error, fields, raw)
            else:
                wrong = number(fields) or _wrong_time(request, fields)
        return [self.reject(wrong, fields)] if wrong else self.route(request, raw.encode())

    def route(self, request: DeskRequest, raw: bytes) -> Sequence[Result]:
        """A request that is good in itself: to its account, or to each that it is for."""
        if (wrong := self._throttle.objection(self._desk, request, self._at)) is not None:
            return [self.reject(wrong, vars(request))]
        if request.Account is not None:
            return [self._to(request.Account, request, raw)]
        accounts = self._known.accounts_of(self._desk)
        if not accounts:
            remedy = "name the Account, or have the desk added to accounts in the configuration"
            wrong = fault("own_accounts", "Account", MISSING, "the desk may trade none", remedy)
            return [self.reject(wrong, vars(request))]
        return [self._routed(account, request, raw) for account in accounts]

    def _to(self, account: str, request: DeskRequest, raw: bytes) -> Result:
        if account != self._key:
            allowed = f"differs from the routing key {shown(self._key)}"
            remedy = "publish each request with its Account as routing key"
            return self.reject(fault("routing_key", "Account", account, allowed, remedy),
                               vars(request))  # fmt: skip
        if account not in self._known.accounts:
            return self._unknown_account(account, request)
        return self._routed(account, request, raw)

    def _routed(self, account: str, request: DeskRequest, raw: bytes) -> Routed:
        # The desk's own words go on: they were read in full, and the account reads them as we did.
        # An envelope's body is one line, and in JSON a raw line break is mere white space.
        one_line = raw.replace(b"\n", b" ") if b"\n" in raw else raw
        body = b'%s%d,"Request":%s}' % (_head(self._desk), self._at, one_line)
        return Routed(f"account/{account}", request.MsgType, self._traced(request), body)

    def reject(self, wrong: Fault, fields: Mapping[str, object]) -> Answered:
        """A BusinessMessageReject of the request with these fields."""
        reject = rejection(wrong, *reference(fields), self._at)
        return Answered(self._desk, reject, self._trace)

    def _unknown_account(self, account: str, request: DeskRequest) -> Answered:
        remedy = "have it added to the configuration"
        wrong = fault("known_account", "Account", account, "is not a known account", remedy,
                      UNKNOWN_ID)  # fmt: skip
        if not isinstance(request, NewOrderSingle):
            return self.reject(wrong, vars(request))
        # No account counts this ExecID, so it is made of the words: the same words, the same id.
        words = f"{self._desk} {request.model_dump_json()}"
        digest = hashlib.blake2b(words.encode(), digest_size=12)
        report = ExecutionReport(
            OrderID=NO_ORDER,
            ClOrdID=request.ClOrdID,
            ExecID=f"{self._desk}-R{digest.hexdigest()}",
            ExecType=ExecType.Rejected,
            OrdStatus=OrdStatus.Rejected,
            Account=account,
            **vars(request.terms()),
            CumQty=Decimal(0),
            LeavesQty=Decimal(0),
            AvgPx=Decimal(0),
            OrdRejReason=OrdRejReason.UnknownAccounts,
            Refusal=wrong.refusal,
            Text=wrong.refusal.text(),
            TransactTime=self._at,
        )
        return Answered(self._desk, report, self._traced(request))

    def _traced(self, request: DeskRequest) -> str:
        if self._trace:
            return self._trace
        match request:
            case OrderMassStatusRequest():
                name = request.MassStatusReqID
            case NewOrderList() | ListCancelRequest() | ListStatusRequest():
                name = request.ListID
            case _:
                name = request.ClOrdID
        key = f"{self._desk} {request.Account} {name}".encode()
        digest = hashlib.blake2b(key, digest_size=24).hexdigest()
        return f"00-{digest[:32]}-{digest[32:]}-01"


@lru_cache(maxsize=1024)
def _head(desk: str) -> bytes:
    return f'{{"MsgType":"FromDesk","Desk":{json.dumps(desk)},"ReceivedAt":'.encode()
