"""What a person's bytes mean: one decision a delivery, on its way to the actor that it concerns.

A kill goes to the actor that keeps kills and to every venue connection in its scope at once: the
venues are where it counts.

People write to an exchange of their own as desks do, and are known by the broker's word alone.
Like a desk's, what they send never raises, and is routed or answered.
"""

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import ValidationError

from gateways.amqp.ingress import Answered, Routed, rejection, wrong_sender
from gateways.amqp.ingress_faults import MISSING, NOT_AUTHORIZED, UNKNOWN_ID, Fault, fault, shown
from gateways.amqp.ingress_items import split
from gateways.amqp.topology import orders_exchange
from messages.approvals import DecideOrder
from messages.base import Instant, Message
from messages.cases import CaseRequest, NewsReported
from messages.kills import KILL_KEY, KILLSWITCH, Kill, KillScope, ReleaseKill
from messages.operators import (
    OPERATOR_REQUEST,
    ConfirmResolution,
    FromOperator,
    OperatorRequest,
    ResolveInDoubt,
)
from messages.people import Role
from messages.rulebook import ROUTING_KEY, RULEBOOK, ApproveRules, ProposeRules, RejectRules
from messages.surveillance import SURVEILLANCE

ONE = "send one JSON object, ResolveInDoubt or another decision"

_DOUBTS = frozenset((Role.Operator,))
_KILLS = _RULES = _CASES = frozenset((Role.Operator, Role.Compliance))
MAY: dict[type[OperatorRequest], frozenset[Role]] = {
    ResolveInDoubt: _DOUBTS,
    ConfirmResolution: _DOUBTS,
    Kill: _KILLS,
    ReleaseKill: _KILLS,
    ProposeRules: _RULES,
    ApproveRules: _RULES,
    RejectRules: _RULES,
    DecideOrder: frozenset((Role.PortfolioManager, Role.Compliance, Role.Trader)),
    CaseRequest: _CASES,
    NewsReported: _CASES,
}
"""Who may decide what: one of these roles is needed."""

NAMES = ("ClOrdID", "ProposalID", "KillID", "OrderID", "AlertID", "Symbol")
"""The fields by which a reject names the request, the first that it has."""


class Way(NamedTuple):
    """Whom a request is for, and its routing key, which is the value of ``field`` or a constant."""

    recipient: str
    field: str
    key: str


def way(request: OperatorRequest) -> Way:
    """What is about one thing has one key, so it comes in order."""
    match request:
        case ResolveInDoubt(Venue=venue) | ConfirmResolution(Venue=venue):
            return Way(f"venue/{venue}", "Venue", venue)
        case DecideOrder(Account=account):
            return Way(f"account/{account}", "Account", account)
        case Kill() | ReleaseKill():
            return Way(KILLSWITCH, "MsgType", KILL_KEY)
        case ProposeRules() | ApproveRules() | RejectRules():
            return Way(RULEBOOK, "MsgType", ROUTING_KEY)
        case CaseRequest(AlertID=alert):
            return Way(SURVEILLANCE, "AlertID", alert)
        case NewsReported(Symbol=symbol):
            return Way(SURVEILLANCE, "Symbol", symbol)


def named(body: bytes) -> tuple[str | None, str | None]:
    """RefMsgType and BusinessRejectRefID of a reject: what the words say of themselves, if JSON."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None, None
    fields = value if isinstance(value, dict) else {}
    kind, name = fields.get("MsgType"), next(filter(None, map(fields.get, NAMES)), None)
    return (
        shown(kind) if isinstance(kind, str) and kind else None,
        shown(name) if isinstance(name, str) else None,
    )


@dataclass(frozen=True)
class Operators:
    """Who may decide, by which roles (Operator where none is given), and about what.

    ``scopes``: the names that a kill of that scope may have; of venues they are ``venues``.
    """

    names: Container[str] = ()
    venues: Sequence[str] = ()
    roles: Mapping[str, tuple[Role, ...]] = field(default_factory=dict)
    desks: Mapping[str, str | None] = field(default_factory=dict)
    """The desk of each person who has one."""
    scopes: Mapping[KillScope, Container[str]] = field(default_factory=dict)

    def sender(self, user_id: str | None, exchange: str) -> str | None:
        """The operator who sent this, or into whose exchange it was put; None: no operator."""
        owner = exchange.removeprefix(orders_exchange(""))
        name = user_id or owner
        return name if name in self.names else None

    def translate(
        self,
        operator: str,
        body: bytes,
        user_id: str | None,
        routing_key: str,
        exchange: str,
        received_at: Instant,
    ) -> list[Routed | Answered]:
        """Routed to whom it concerns, or a reject that names the fault."""
        request = wrong_sender("operator", operator, user_id, exchange) or _read(body)
        if not isinstance(request, Fault):
            roles = self.roles.get(operator, (Role.Operator,))
            wrong = (
                _not_allowed(operator, roles, request)
                or _wrong_key(request, routing_key)
                or self._unknown(request)
            )
            if wrong is None:
                return [*self._routed(operator, roles, request, received_at)]
            request = wrong
        return [Answered(operator, rejection(request, *named(body), received_at), "")]

    def _routed(
        self, operator: str, roles: tuple[Role, ...], request: OperatorRequest, received_at: Instant
    ) -> Iterator[Routed]:
        """Without a trace of its own: it belongs to the order's, which the actor knows."""
        if isinstance(request, Kill):
            standing = request.standing(operator, received_at)
            one = (request.Name or "",) if request.Scope is KillScope.Venue else None
            for name in one or self.venues:
                yield Routed(f"venue/{name}", standing.MsgType, "", _bytes(standing))
        words = FromOperator(
            Operator=operator,
            ReceivedAt=received_at,
            Request=request,
            Roles=roles,
            Desk=self.desks.get(operator),
        )
        yield Routed(way(request).recipient, words.MsgType, "", _bytes(words))

    def _unknown(self, request: OperatorRequest) -> Fault | None:
        match request:
            case ResolveInDoubt(Venue=venue) | ConfirmResolution(Venue=venue):
                if venue not in self.venues:
                    remedy = "see what is in doubt, and where: oms doubt list"
                    return fault("known_venue", "Venue", venue, "is no venue", remedy, UNKNOWN_ID)
            case Kill(Scope=scope, Name=name):
                known = self.venues if scope is KillScope.Venue else self.scopes.get(scope, ())
                if name is not None and name not in known:
                    allowed, remedy = f"is no {scope.lower()}", "send one that is configured"
                    return fault("known_scope", "Name", name, allowed, remedy, UNKNOWN_ID)
            case DecideOrder(Account=account, To=to):
                if account not in self.scopes.get(KillScope.Account, ()):
                    remedy = "see what waits, and where: oms approvals"
                    return fault("known_account", "Account", account, "is no account", remedy)
                if to is not None and Role.Trader not in self.roles.get(to, ()):
                    remedy = "name a person with the role Trader"
                    return fault("role", "To", to, "is no trader", remedy, UNKNOWN_ID)
        return None  # whether there is such a proposal, kill or alert, its actor itself says


def _bytes(message: Message) -> bytes:
    return message.model_dump_json(exclude_none=True).encode()


def _wrong_key(request: OperatorRequest, key: str) -> Fault | None:
    _, name, expected = way(request)
    if key == expected:
        return None
    allowed = f"differs from the routing key {shown(key)}"
    what = expected if name == "MsgType" else f"its {name}"
    remedy = f"publish with {what} as routing key"
    return fault("routing_key", name, getattr(request, name), allowed, remedy)


def _not_allowed(operator: str, roles: tuple[Role, ...], request: OperatorRequest) -> Fault | None:
    needed = MAY[type(request)]
    if needed.intersection(roles):
        return None
    names, own = " or ".join(sorted(needed)), ", ".join(roles) or "no role"
    allowed = f"is for {names}, and {operator} has {own}"
    remedy = "ask somebody with that role, or change people in the configuration"
    return fault("role", "MsgType", request.MsgType, allowed, remedy, NOT_AUTHORIZED)


def _read(body: bytes) -> OperatorRequest | Fault:
    items = split(body)
    if isinstance(items, Fault):
        return items
    if len(items) != 1 or body.lstrip()[:1] == b"[":
        return fault("request", "body", f"{len(items)} requests", "is not one decision", ONE)
    try:
        return OPERATOR_REQUEST.validate_json(items[0][0])
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = [str(part) for part in first["loc"]]
        given = first.get("input")
        quoted = given if isinstance(given, str) else MISSING
        return fault("request", shown(path[-1] if path else "body"), quoted, first["msg"], ONE)
