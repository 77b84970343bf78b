"""What the models of a desk's requests check between fields, as conditions of JSON Schema.

The models are the truth (``messages/terms.py``, ``orders.py`` and ``lists.py``); here is what of it
a schema can say. It cannot compare numbers, nor names in different parts of a message.
"""

from collections.abc import Iterable
from typing import Any

from messages import fix, lists, orders, terms
from messages.base import Message

Schema = dict[str, Any]


def conditions(model: type[Message]) -> Schema:
    """To be merged into the schema of the model."""
    rules = list(_rules(model))
    return rules[0] if len(rules) == 1 else {"allOf": rules} if rules else {}


def _rules(model: type[Message]) -> Iterable[Schema]:
    if issubclass(model, terms.Terms) and model is not terms.Terms:
        yield from _terms()
    if model in (orders.OrderCancelRequest, orders.OrderCancelReplaceRequest):
        yield {"anyOf": [_given("OrigClOrdID"), _given("OrderID")]}
    if model is orders.OrderMassCancelRequest:
        one = fix.MassCancelRequestType.CancelOrdersForASecurity
        yield _goes_with("Symbol", "MassCancelRequestType", one)
    if model is orders.OrderMassStatusRequest:
        one_status = fix.MassStatusReqType.StatusForOrdersForASecurity
        yield _goes_with("Symbol", "MassStatusReqType", one_status)
    if model is lists.ListOrder:
        yield _when(_given("ClOrdLinkID"), _given("OrderQty"))
    if model is lists.NewOrderList:
        yield {"properties": {"Orders": {"minItems": 1, "maxItems": lists.MOST_ORDERS}}}
        linked = {"properties": {"Orders": {"minItems": 2, "items": _given("OrderQty")}}}
        yield _when(_given("ContingencyType"), linked)


def _terms() -> Iterable[Schema]:
    pegged = _is("OrdType", fix.OrdType.Pegged)
    pegs = {"enum": sorted(terms.PEGS)}
    one_peg = {"contains": pegs, "minContains": 1, "maxContains": 1}
    yield _when(_is("OrdType", *terms.LIMITED), _given("Price"))
    yield _when(_is("OrdType", *terms.UNLIMITED), _absent("Price"))
    yield _when(_is("OrdType", *terms.STOPS), _given("StopPx"), _absent("StopPx"))
    yield {"oneOf": [_given("OrderQty"), _given("CashOrderQty")]}
    yield _when(pegged, _list_of("ExecInst", one_peg), _absent("PegOffsetValue"))
    yield _when(pegged, True, {"properties": {"ExecInst": {"items": {"not": pegs}}}})
    trailing = {"contains": {"const": str(fix.ExecInst.TrailingStopPeg)}}
    yield _when(_list_of("ExecInst", trailing), _given("PegOffsetValue"))
    yield _when(_given("PegOffsetType"), _given("PegOffsetValue"))
    for pair in terms.EXCLUSIVE:
        both = {"allOf": [{"contains": {"const": str(one)}} for one in pair]}
        yield {"not": _list_of("ExecInst", both)}
    yield _when(
        _is("TimeInForce", fix.TimeInForce.GoodTillDate),
        {"oneOf": [_given("ExpireDate"), _given("ExpireTime")]},
        _absent("ExpireDate", "ExpireTime"),
    )
    for part in ("MinQty", "DisplayQty"):
        yield _when(_given(part), _given("OrderQty"))


def _when(this: Schema, then: Schema | bool, other: Schema | None = None) -> Schema:
    return {"if": this, "then": then} | ({} if other is None else {"else": other})


def _is(name: str, *values: str) -> Schema:
    wanted = sorted(map(str, values))
    one = {"const": wanted[0]} if len(wanted) == 1 else {"enum": wanted}
    return {"required": [name], "properties": {name: one}}


def _given(name: str) -> Schema:
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


def _absent(*names: str) -> Schema:
    return {"properties": {name: {"type": "null"} for name in names}}


def _list_of(name: str, what: Schema) -> Schema:
    return {"required": [name], "properties": {name: {"type": "array", **what}}}


def _goes_with(name: str, other: str, value: str) -> Schema:
    """``name`` is given where ``other`` has that value, and only there."""
    return _when(_is(other, value), _given(name), _absent(name))
