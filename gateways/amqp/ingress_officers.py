"""What an operator says to surveillance: a step in a case, or news; routed by AlertID or Symbol.

Whether there is such an alert the shard itself says.
"""

from pydantic import ValidationError

from gateways.amqp.ingress import Answered, Routed
from gateways.amqp.ingress_faults import MISSING, Fault, fault, shown
from messages.base import Instant
from messages.reports import BusinessMessageReject
from messages.surveillance import OFFICER_REQUEST, CaseRequest, FromOfficer, OfficerRequest

OFFICER_KINDS = ("CaseRequest", "NewsReported")

SHARD = "surveillance/0"
"""There is one, as there is one of compliance."""

ONE = "send one JSON object, CaseRequest or NewsReported: see oms surveillance --help"


def translate(
    operator: str, body: bytes, routing_key: str, received_at: Instant
) -> Routed | Answered:
    """One request of an authenticated operator: to its shard, or a reject that names the fault."""
    try:
        request = OFFICER_REQUEST.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = [str(part) for part in first["loc"]]
        given = first.get("input")
        quoted = given if isinstance(given, str) else MISSING
        wrong = fault("request", shown(path[-1] if path else "body"), quoted, first["msg"], ONE)
        return Answered(operator, _reject(routing_key, received_at, wrong), "")
    name = named(request)
    if name != routing_key:
        field = "AlertID" if isinstance(request, CaseRequest) else "Symbol"
        allowed = f"differs from the routing key {shown(routing_key)}"
        wrong = fault("routing_key", field, name, allowed, f"publish with its {field} as key")
        return Answered(operator, _reject(name, received_at, wrong), "")
    words = FromOfficer(Operator=operator, ReceivedAt=received_at, Request=request)
    text = words.model_dump_json(exclude_none=True)
    return Routed(SHARD, words.MsgType, "", text.encode())


def named(request: OfficerRequest) -> str:
    """What the request is about: its routing key."""
    return request.AlertID if isinstance(request, CaseRequest) else request.Symbol


def _reject(name: str, at: Instant, wrong: Fault) -> BusinessMessageReject:
    return BusinessMessageReject(
        BusinessRejectRefID=shown(name) if name else None,
        BusinessRejectReason=wrong.reason,
        Refusal=wrong.refusal,
        Text=wrong.refusal.text(),
        TransactTime=at,
    )
