"""What an operator's bytes mean: one decision a delivery, for a venue or for the rule book.

A kill goes to the actor that keeps kills and to every venue connection in its scope at once: the
venues are where it counts.

Operators write to an exchange of their own as desks do, and are known by the broker's word alone.
Like a desk's, what they send never raises, and is routed or answered.
"""

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from gateways.amqp import ingress_officers
from gateways.amqp.ingress import Answered, Routed
from gateways.amqp.ingress_faults import MISSING, NOT_AUTHORIZED, UNKNOWN_ID, Fault, fault, shown
from gateways.amqp.ingress_items import split
from gateways.amqp.ingress_officers import OFFICER_KINDS
from gateways.amqp.topology import orders_exchange
from messages.approvals import DecideOrder
from messages.base import Instant, Message
from messages.kills import KILL_KEY, KILLSWITCH, Kill, KillScope, ReleaseKill
from messages.operators import (
    ConfirmResolution,
    FromOperator,
    OperatorRequest,
    ResolveInDoubt,
)
from messages.people import Role
from messages.reports import BusinessMessageReject
from messages.rulebook import (
    ROUTING_KEY,
    RULEBOOK,
    ApproveRules,
    ProposeRules,
    RejectRules,
    RulesRequest,
    RulesSaid,
)

ONE = "send one JSON object, ResolveInDoubt or another decision"

OfRules = ProposeRules | ApproveRules | RejectRules
Said = OperatorRequest | RulesRequest
_SAID: TypeAdapter[Said] = TypeAdapter(
    Annotated[OperatorRequest | OfRules, Field(discriminator="MsgType")]
)

_DOUBTS = frozenset((Role.Operator,))
_KILLS = _RULES = frozenset((Role.Operator, Role.Compliance))
MAY: dict[type[Said], frozenset[Role]] = {
    ResolveInDoubt: _DOUBTS,
    ConfirmResolution: _DOUBTS,
    Kill: _KILLS,
    ReleaseKill: _KILLS,
    ProposeRules: _RULES,
    ApproveRules: _RULES,
    RejectRules: _RULES,
    DecideOrder: frozenset((Role.PortfolioManager, Role.Compliance, Role.Trader)),
}
"""Who may decide what: one of these roles is needed."""


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
        wrong = _wrong_sender(operator, user_id, exchange)
        if wrong is None and _named(body)[0] in OFFICER_KINDS:
            return [ingress_officers.translate(operator, body, routing_key, received_at)]
        request = wrong or _read(body)
        if not isinstance(request, Fault):
            roles = self.roles.get(operator, (Role.Operator,))
            wrong = _not_allowed(operator, roles, request) or self._misled(request, routing_key)
            if wrong is None:
                return [*self._routed(operator, roles, request, received_at)]
            request = wrong
        kind, name = _named(body)
        reject = BusinessMessageReject(
            RefMsgType=kind,
            BusinessRejectRefID=name,
            BusinessRejectReason=request.reason,
            Refusal=request.refusal,
            Text=request.refusal.text(),
            TransactTime=received_at,
        )
        return [Answered(operator, reject, "")]

    def _routed(
        self, operator: str, roles: tuple[Role, ...], request: Said, received_at: Instant
    ) -> Iterator[Routed]:
        """Without a trace of its own: it belongs to the order's, which the actor knows."""
        if isinstance(request, OfRules):
            said = RulesSaid(Operator=operator, ReceivedAt=received_at, Request=request)
            yield Routed(RULEBOOK, said.MsgType, "", _bytes(said))
            return
        words = FromOperator(
            Operator=operator,
            ReceivedAt=received_at,
            Request=request,
            Roles=roles,
            Desk=self.desks.get(operator),
        )
        text = _bytes(words)
        match request:
            case ResolveInDoubt(Venue=venue) | ConfirmResolution(Venue=venue):
                yield Routed(f"venue/{venue}", words.MsgType, "", text)
            case Kill() as kill:
                standing = kill.standing(operator, received_at)
                told = _bytes(standing)
                one = (kill.Name or "",) if kill.Scope is KillScope.Venue else None
                for name in one or self.venues:
                    yield Routed(f"venue/{name}", standing.MsgType, "", told)
                yield Routed(KILLSWITCH, words.MsgType, "", text)
            case DecideOrder(Account=account):
                yield Routed(f"account/{account}", words.MsgType, "", text)
            case ReleaseKill():
                yield Routed(KILLSWITCH, words.MsgType, "", text)

    def _misled(self, request: Said, key: str) -> Fault | None:
        match request:
            case ResolveInDoubt(Venue=venue) | ConfirmResolution(Venue=venue):
                if wrong := _wrong_key("Venue", venue, key, "its Venue"):
                    return wrong
                if venue not in self.venues:
                    remedy = "see what is in doubt, and where: oms doubt list"
                    return fault("known_venue", "Venue", venue, "is no venue", remedy, UNKNOWN_ID)
            case Kill(Scope=scope, Name=name):
                known = self.venues if scope is KillScope.Venue else self.scopes.get(scope, ())
                if name is not None and name not in known:
                    allowed, remedy = f"is no {scope.lower()}", "send one that is configured"
                    return fault("known_scope", "Name", name, allowed, remedy, UNKNOWN_ID)
                return _wrong_key("MsgType", request.MsgType, key, KILL_KEY, KILL_KEY)
            case ReleaseKill():
                return _wrong_key("MsgType", request.MsgType, key, KILL_KEY, KILL_KEY)
            case DecideOrder(Account=account, To=to):
                if account not in self.scopes.get(KillScope.Account, ()):
                    remedy = "see what waits, and where: oms approvals"
                    return fault("known_account", "Account", account, "is no account", remedy)
                if to is not None and Role.Trader not in self.roles.get(to, ()):
                    remedy = "name a person with the role Trader"
                    return fault("role", "To", to, "is no trader", remedy, UNKNOWN_ID)
                return _wrong_key("Account", account, key, "its Account")
            case ProposeRules() | ApproveRules() | RejectRules():
                return _wrong_key("MsgType", request.MsgType, key, ROUTING_KEY, ROUTING_KEY)
        return None


def _bytes(message: Message) -> bytes:
    return message.model_dump_json(exclude_none=True).encode()


def _wrong_key(
    name: str, value: str, key: str, what: str, expected: str | None = None
) -> Fault | None:
    if key == (expected or value):
        return None
    allowed = f"differs from the routing key {shown(key)}"
    return fault("routing_key", name, value, allowed, f"publish with {what} as routing key")


def _not_allowed(operator: str, roles: tuple[Role, ...], request: Said) -> Fault | None:
    needed = MAY[type(request)]
    if needed.intersection(roles):
        return None
    names, own = " or ".join(sorted(needed)), ", ".join(roles) or "no role"
    allowed = f"is for {names}, and {operator} has {own}"
    remedy = "ask somebody with that role, or change people in the configuration"
    return fault("role", "MsgType", request.MsgType, allowed, remedy, NOT_AUTHORIZED)


def _wrong_sender(operator: str, user_id: str | None, exchange: str) -> Fault | None:
    if not user_id:
        remedy = f"set the message property user_id to {operator}"
        allowed = "the broker has not checked who sent this"
        return fault("authenticated", "user_id", MISSING, allowed, remedy, NOT_AUTHORIZED)
    own = orders_exchange(operator)
    if exchange != own:
        allowed = f"operator {operator} writes to {own} alone"
        remedy = f"publish to {own}"
        return fault("own_exchange", "exchange", exchange, allowed, remedy, NOT_AUTHORIZED)
    return None


def _read(body: bytes) -> Said | Fault:
    items = split(body)
    if isinstance(items, Fault):
        return items
    if len(items) != 1 or body.lstrip()[:1] == b"[":
        return fault("request", "body", f"{len(items)} requests", "is not one decision", ONE)
    try:
        return _SAID.validate_json(items[0][0])
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = [str(part) for part in first["loc"]]
        given = first.get("input")
        quoted = given if isinstance(given, str) else MISSING
        return fault("request", shown(path[-1] if path else "body"), quoted, first["msg"], ONE)


def _named(body: bytes) -> tuple[str | None, str | None]:
    """MsgType, and ClOrdID or ProposalID, where the body is JSON at least."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None, None
    fields = value if isinstance(value, dict) else {}
    kind, name = fields.get("MsgType"), fields.get("ClOrdID") or fields.get("ProposalID")
    return (
        shown(kind) if isinstance(kind, str) and kind else None,
        shown(name) if isinstance(name, str) and name else None,
    )
