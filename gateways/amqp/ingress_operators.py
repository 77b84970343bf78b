"""What an operator's bytes mean: one decision a delivery, for the venue that it names.

Operators write to an exchange of their own as desks do, and are known by the broker's word alone.
Like a desk's, what they send never raises, and is routed or answered.
"""

import json
from collections.abc import Container
from dataclasses import dataclass

from pydantic import ValidationError

from gateways.amqp import ingress_officers
from gateways.amqp.ingress import Answered, Routed
from gateways.amqp.ingress_faults import MISSING, NOT_AUTHORIZED, UNKNOWN_ID, Fault, fault, shown
from gateways.amqp.ingress_items import split
from gateways.amqp.ingress_officers import OFFICER_KINDS
from gateways.amqp.topology import orders_exchange
from messages.base import Instant
from messages.operators import OPERATOR_REQUEST, FromOperator, OperatorRequest
from messages.reports import BusinessMessageReject

ONE = "send one JSON object, ResolveInDoubt or ConfirmResolution"


@dataclass(frozen=True)
class Operators:
    """Who may speak for a venue that is silent, and for which venues there are."""

    names: Container[str] = ()
    venues: Container[str] = ()

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
    ) -> Routed | Answered:
        """Routed to ``venue/<Venue>``, or a reject that names the fault."""
        wrong = _wrong_sender(operator, user_id, exchange)
        if wrong is None and _named(body)[0] in OFFICER_KINDS:
            return ingress_officers.translate(operator, body, routing_key, received_at)
        request = wrong or _read(body)
        if not isinstance(request, Fault):
            wrong = self._misled(request, routing_key)
            if wrong is None:
                words = FromOperator(Operator=operator, ReceivedAt=received_at, Request=request)
                text = words.model_dump_json(exclude_none=True)
                # Without a trace of its own: it belongs to the order's, which the venue knows.
                return Routed(f"venue/{request.Venue}", words.MsgType, "", text.encode())
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
        return Answered(operator, reject, "")

    def _misled(self, request: OperatorRequest, key: str) -> Fault | None:
        venue = request.Venue
        if venue != key:
            allowed = f"differs from the routing key {shown(key)}"
            remedy = "publish with its Venue as routing key"
            return fault("routing_key", "Venue", venue, allowed, remedy)
        if venue not in self.venues:
            remedy = "see what is in doubt, and where: oms doubt list"
            return fault("known_venue", "Venue", venue, "is no venue", remedy, UNKNOWN_ID)
        return None


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


def _named(body: bytes) -> tuple[str | None, str | None]:
    """MsgType and ClOrdID, where the body is JSON at least."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None, None
    fields = value if isinstance(value, dict) else {}
    kind, name = fields.get("MsgType"), fields.get("ClOrdID")
    return (
        shown(kind) if isinstance(kind, str) and kind else None,
        shown(name) if isinstance(name, str) and name else None,
    )
