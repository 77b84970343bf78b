"""What the desk says for a row: a request with every term, chained to the versions before it."""

import json
from typing import Any

from infra.conformance.labels import LABELS, Labels, telephoned
from infra.conformance.scenarios import Row
from infra.conformance.stage import ACCOUNT, DEFAULT_PX, Cast
from infra.conformance.words import Names, number, product_name
from messages.orders import DESK_REQUEST, DeskRequest

Terms = dict[str, Any]

ORDERS = ("NewOrderSingle", "OrderCancelReplaceRequest")
CHANGES = ("OrderCancelRequest", "OrderCancelReplaceRequest")

LIMITED = ("Limit", "StopLimit")
TRUE = ("Y", "true")
TRUTHS = ("PossResend", "ReportPendingNew")


class DeskSide:
    """One desk in one variant. What a row does not say is as it was, or the default."""

    def __init__(self, labels: Labels, cast: Cast, names: Names) -> None:
        self._labels = labels
        self._cast = cast
        self._names = names
        self._terms: dict[str, Terms] = {}

    def request(self, row: Row) -> DeskRequest:
        """The message; ValueError where the product has no such message or field."""
        said: Terms = {"MsgType": row.msg, "Account": ACCOUNT} | self._given(row)
        if row.msg in CHANGES:
            self._name_the_order(row, said)
        if row.msg in ORDERS:
            said |= self._order(row, said)
        if row.msg == "OrderMassCancelRequest":
            said.setdefault("MassCancelRequestType", "CancelAllOrders")
        if row.msg == "OrderMassStatusRequest":
            said.setdefault("MassStatusReqType", "StatusForAllOrders")
            said.setdefault("MassStatusReqID", self._labels.desk_id(f"row{row.number}"))
        return DESK_REQUEST.validate_json(json.dumps(said))

    def terms(self, label: str) -> Terms:
        """The terms that went out under this label; none where it named no order."""
        return self._terms.get(label, {})

    def _given(self, row: Row) -> Terms:
        """The row's own fields, as the product writes them in JSON."""
        given: Terms = {}
        for name, value in row.fields.items():
            if name in LABELS:
                given[name] = self._labels.desk_id(value)
            elif name == "OrderID":
                given[name] = self._labels.order_ids.get(value, value)
            elif name in TRUTHS:
                given[name] = value in TRUE
            elif name == "ExecInst":
                given[name] = [product_name(name, one, self._names) for one in value.split()]
            elif name != "Account":
                given[name] = product_name(name, value, self._names)
        return given

    def _name_the_order(self, row: Row, said: Terms) -> None:
        """An order that the venue made is named by its OrderID, which the desk has heard."""
        root = self._labels.root(row.fields)
        if "OrigClOrdID" not in row.fields:
            root = telephoned(row.fields)
            if order_id := self._labels.orders.get(root):
                said["OrderID"] = order_id
        self._labels.roots.setdefault(row.fields.get("ClOrdID", ""), root)

    def _order(self, row: Row, said: Terms) -> Terms:
        """Every term of an order or a replace."""
        label = row.fields.get("ClOrdID", "")
        if row.msg == "NewOrderSingle":
            self._labels.roots.setdefault(label, label)
            before: Terms = {"Side": "Buy", "OrdType": "Limit"}
        else:
            named = row.fields.get("OrigClOrdID", "")
            before = dict(self._terms.get(named) or {"Side": "Buy", "OrdType": "Limit"})
            before.pop("ExecInst", None)  # is not carried over (FIX): repeated, or gone
        if "OrderQty" in said or "CashOrderQty" in said:
            before.pop("OrderQty", None)
            before.pop("CashOrderQty", None)
        terms = before | {k: v for k, v in said.items() if k not in _IDENTITY}
        if terms["OrdType"] in LIMITED:
            terms.setdefault("Price", str(DEFAULT_PX))
        if "price" in row.words.get("change", "") and "Price" not in said:
            terms["Price"] = str((number(terms.get("Price", "")) or DEFAULT_PX) + 1)
        terms.setdefault("Symbol", self._cast.symbol(terms.get("Currency")))
        self._terms.setdefault(label, terms)
        return terms


_IDENTITY = frozenset(
    ("MsgType", "Account", "ClOrdID", "OrigClOrdID", "OrderID", "PossResend", "TransactTime")
)
"""What belongs to the message and not to the order."""
