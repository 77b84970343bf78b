"""Deliveries of one desk to one account, good and bad, for the tests of the ingress."""

import json

from gateways.amqp.ingress import Answered, Result, translate
from gateways.amqp.ingress_items import MAX_ITEMS
from messages.reports import BusinessMessageReject

DESK, ACCOUNT, EXCHANGE = "alpha", "acme", "orders.alpha"
NOW = 1_795_000_000_000_000_000
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"

ORDER: dict[str, object] = {
    "MsgType": "NewOrderSingle",
    "ClOrdID": "order-1",
    "Account": ACCOUNT,
    "Symbol": "AAPL",
    "Side": "Buy",
    "OrderQty": "100",
    "OrdType": "Limit",
    "Price": "231.25",
    "TransactTime": "2026-11-23T14:30:00.123456789Z",
}


def _of_list(clordid: str, **fields: object) -> dict[str, object]:
    """The order as one of a list."""
    own = {
        name: ORDER[name] for name in ORDER if name not in ("MsgType", "Account", "TransactTime")
    }
    return own | {"ClOrdID": clordid} | fields


REQUESTS: list[dict[str, object]] = [
    ORDER,
    {
        **ORDER,
        "MsgType": "OrderCancelReplaceRequest",
        "ClOrdID": "order-2",
        "OrigClOrdID": "order-1",
        "PossResend": True,
    },
    {
        "MsgType": "OrderCancelRequest",
        "ClOrdID": 'q"\\:{',
        "OrigClOrdID": "order-1",
        "Account": ACCOUNT,
        "Side": None,
    },
    {"MsgType": "OrderStatusRequest", "ClOrdID": "order-1", "Account": ACCOUNT},
    {
        "MsgType": "OrderMassCancelRequest",
        "ClOrdID": "m:1",
        "Account": ACCOUNT,
        "MassCancelRequestType": "CancelAllOrders",
    },
    {
        "MsgType": "OrderMassStatusRequest",
        "MassStatusReqID": "question-1",
        "Account": ACCOUNT,
        "MassStatusReqType": "StatusForAllOrders",
    },
    {
        "MsgType": "NewOrderList",
        "ListID": "list-1",
        "Account": ACCOUNT,
        "ContingencyType": "OneTriggersTheOther",
        "Orders": [
            _of_list("entry"),
            _of_list("profit", Side="Sell", ClOrdLinkID="exit"),
            _of_list(
                "loss", Side="Sell", OrdType="Stop", Price=None, StopPx="220", ClOrdLinkID="exit"
            ),
        ],
        "Links": [{"ClOrdLinkID": "exit", "ContingencyType": "OneCancelsTheOther"}],
        "TransactTime": "2026-11-23T14:30:00.123456789Z",
    },
    {"MsgType": "ListCancelRequest", "ListID": "list-1", "Account": ACCOUNT},
    {"MsgType": "ListStatusRequest", "ListID": "list-1", "Account": ACCOUNT},
]
TOO_MANY = b"[" + b",".join([b"{}"] * (MAX_ITEMS + 1)) + b"]"


class Everybody:
    """Two desks and two accounts."""

    accounts = frozenset({ACCOUNT, "other"})
    desks = frozenset({DESK, "beta"})

    @staticmethod
    def accounts_of(desk: str) -> tuple[str, ...]:
        """Desk beta may trade none."""
        return (ACCOUNT, "other") if desk == DESK else ()


def hear(
    body: object,
    *,
    user_id: str | None = DESK,
    routing_key: str = ACCOUNT,
    exchange: str = EXCHANGE,
    traceparent: str | None = None,
    at: int = NOW,
) -> list[Result]:
    """What becomes of a body: bytes as they are, anything else as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return translate(data, user_id, routing_key, exchange, traceparent, at, Everybody)


def rejects(results: list[Result]) -> list[BusinessMessageReject]:
    """The BusinessMessageRejects, when there is nothing else."""
    found = []
    for result in results:
        assert isinstance(result, Answered), result
        assert isinstance(result.reject, BusinessMessageReject), result
        found.append(result.reject)
    return found
