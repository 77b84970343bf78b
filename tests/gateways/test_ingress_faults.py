"""One row for each way in which a request can be wrong, and what the desk is told (I20)."""

import json

import pytest

from gateways.amqp.ingress import Answered, Routed
from gateways.amqp.ingress_faults import EXAMPLES, KINDS, LONGEST
from gateways.amqp.ingress_items import MAX_ITEMS
from gateways.amqp.topology import MAX_MESSAGE_BYTES
from messages.orders import DESK_REQUEST
from tests.gateways.ingress_deliveries import (
    ACCOUNT,
    DESK,
    NOW,
    ORDER,
    REQUESTS,
    TOO_MANY,
    TRACE,
    hear,
    rejects,
)

REPLACE, CANCEL, STATUS, MASS_CANCEL, MASS_STATUS, LIST = REQUESTS[1:7]
NOTHING: object = object()


def but(base: dict[str, object] = ORDER, **fields: object) -> bytes:
    """The request with other fields; NOTHING leaves one out."""
    changed = {name: value for name, value in {**base, **fields}.items() if value is not NOTHING}
    return json.dumps(changed).encode()


def raw(field: str, value: str) -> bytes:
    """The order with the JSON text ``value`` for a field."""
    return but(**{field: "@"}).replace(b'"@"', value.encode())


def one_of_list(**fields: object) -> bytes:
    """The bracket with other fields in its second order; NOTHING leaves one out."""
    orders = list(LIST["Orders"])  # type: ignore[call-overload]
    changed = {**orders[1], **fields}
    orders[1] = {name: value for name, value in changed.items() if value is not NOTHING}
    return but(LIST, Orders=orders)


# what is wrong: (item, rule, field, given, words of text)
ITEMS: dict[str, tuple[bytes, str, str, str, str]] = {
    "a misspelt field": (but(Prize="1"), "known_field", "Prize", "1", "did you mean Price?"),
    "a required field, misspelt": (
        but(OrderQty=NOTHING, order_qty="100"), "known_field", "order_qty", "100", "mean OrderQty"),
    "a field of nothing like ours": (
        but(Zzz=[1]), "known_field", "Zzz", "(list)", "is no field of NewOrderSingle. leave it"),
    "a field of another request": (
        but(CANCEL, OrdType="Limit"), "known_field", "OrdType", "Limit", "OrderCancelRequest"),
    "a number for a quantity": (
        but(OrderQty=100), "string", "OrderQty", "100", 'send a string, e.g. "OrderQty":"100"'),
    "a fraction for a price": (
        but(Price=231.25), "string", "Price", "231.25", "not a JSON number, which loses digits"),
    "a huge exponent": (raw("Price", "1e999"), "string", "Price", "1e999", "a JSON number"),
    "NaN": (raw("Price", "NaN"), "string", "Price", "NaN", "a JSON number"),
    "minus infinity": (raw("Price", "-Infinity"), "string", "Price", "-Infinity", "JSON number"),
    "a number of 5000 digits": (
        raw("OrderQty", "9" * 5000), "string", "OrderQty", "9" * 61 + "...", "a JSON number"),
    "a decimal with an exponent": (
        but(OrderQty="1e5"), "format", "OrderQty", "1e5", 'send a decimal as a string of digits'),
    "a decimal with a comma": (but(Price="1,000"), "format", "Price", "1,000", '"231.25"'),
    "null for a quantity": (
        but(OrderQty=None), "consistent", "OrderQty", "missing", "send it, or CashOrderQty"),
    "a quantity of zero": (but(OrderQty="0"), "positive", "OrderQty", "0", "above 0"),
    "a negative quantity": (but(OrderQty="-5"), "positive", "OrderQty", "-5", "Side gives the"),
    "no quantity": (
        but(OrderQty=NOTHING), "consistent", "OrderQty", "missing", "send it, or CashOrderQty"),
    "no side": (but(Side=NOTHING), "required_field", "Side", "missing", 'e.g. "Side":"Buy"'),
    "a side in small letters": (
        but(Side="sell_short"), "known_value", "Side", "sell_short", "did you mean SellShort"),
    "a side by its FIX code": (
        but(Side="1"), "known_value", "Side", "1", "must be 'Buy', 'Sell' or 'SellShort'"),
    "a number for an enumeration": (but(Side=1), "known_value", "Side", "1", "must be 'Buy'"),
    "no kind": (but(MsgType=NOTHING), "message_kind", "MsgType", "missing", "NewOrderSingle, "),
    "an unknown kind": (
        but(MsgType="NewOrder"), "message_kind", "MsgType", "NewOrder", "or NewOrderSingle"),
    "a kind by its FIX code": (
        but(MsgType="D"), "message_kind", "MsgType", "D", "send one of these names"),
    "a kind that is no string": (
        but(MsgType=["D"]), "message_kind", "MsgType", "(list)", "must be one of"),
    "a limit order without price": (
        but(Price=NOTHING), "consistent", "Price", "missing", 'add it, e.g. "Price":"231.25"'),
    "a market order with a price": (
        but(OrdType="Market"), "consistent", "Price", "231.25", "Limit or StopLimit to cap it"),
    "a symbol for all orders": (
        but(MASS_CANCEL, Symbol="AAPL"), "consistent", "Symbol", "AAPL", "leave it out"),
    "no symbol for one": (
        but(MASS_STATUS, MassStatusReqType="StatusForOrdersForASecurity"),
        "consistent", "Symbol", "missing", 'add it, e.g. "Symbol":"AAPL"'),
    "a number in an order of a list": (
        one_of_list(OrderQty=100), "string", "Orders[1].OrderQty", "100", '"OrderQty":"100"'),
    "a field twice in an order of a list": (
        one_of_list(Text="@").replace(b'"Text": "@"', b'"Side": "Buy"'),
        "field_once", "Orders[1].Side", "Sell and Buy", "send each field once"),
    "a time as a number in an order of a list": (
        one_of_list(TimeInForce="GoodTillDate", ExpireTime=NOW),
        "string", "Orders[1].ExpireTime", str(NOW), "a JSON number"),
    "a misspelt field in an order of a list": (
        one_of_list(Prize="1"), "known_field", "Orders[1].Prize", "1", "did you mean Price?"),
    "an order of a list without a name": (
        one_of_list(ClOrdID=NOTHING), "required_field", "Orders[1].ClOrdID", "missing", "add it"),
    "an order of a list without its price": (
        one_of_list(Price=NOTHING), "consistent", "Orders[1].Price", "missing", "needs Price"),
    "a list that is none": (
        but(LIST, Orders="x"), "list", "Orders", "x", "must be a list of objects, not a JSON"),
    "a list without orders": (
        but(LIST, Orders=NOTHING), "required_field", "Orders", "missing", '"Orders":[{...}]'),
    "an empty list of orders": (
        but(LIST, Orders=[], Links=[], ContingencyType=None), "consistent", "Orders", "(list)",
        "send 1 to 100"),
    "a list that names an order twice": (
        one_of_list(ClOrdID="entry"), "consistent", "Orders", "(list)", "entry more than once"),
    "a link of one order": (
        one_of_list(ClOrdLinkID=NOTHING), "consistent", "Links", "(list)", "needs two orders"),
    "a link that nobody defines": (
        but(LIST, Links=[]), "consistent", "Links", "(list)", "does not have exit"),
    "a link under a link": (
        but(LIST, ContingencyType="OneCancelsTheOther"), "consistent", "Links", "(list)",
        "OneTriggersTheOther"),
    "a list linked by an unknown rule": (
        but(LIST, ContingencyType="OCO"), "known_value", "ContingencyType", "OCO", "must be"),
    "no time": (
        but(TransactTime="now"), "format", "TransactTime", "now", "send RFC 3339 time, e.g."),
    "a thirteenth month": (
        but(TransactTime="2026-13-01T00:00:00Z"), "format", "TransactTime",
        "2026-13-01T00:00:00Z", "month must be in 1..12. send e.g."),
    "milliseconds": (
        but(TransactTime=1795000000000), "string", "TransactTime", "1795000000000", "2026-11-23T"),
    "nanoseconds and an escape": (
        but(ClOrdID='"', TransactTime=NOW), "string", "TransactTime", str(NOW), "2026-11-23T14"),
    "a time before 1970": (
        but(TransactTime="0999-01-01T00:00:00Z"), "format", "TransactTime",
        "0999-01-01T00:00:00Z", "time before 1970"),
    "a time before the year 1": (
        but(TransactTime="0001-01-01T00:00:00+14:00"), "format", "TransactTime",
        "0001-01-01T00:00:00+14:00", "time before 1970"),
    "a time after 9999": (
        but(TransactTime="9999-12-31T23:59:59-14:00"), "time_range", "TransactTime",
        "9999-12-31T23:59:59-14:00", "1970 to 9999"),
    "a word for a boolean": (
        but(PossResend="yes"), "boolean", "PossResend", "yes", "true or false without quotes"),
    "a space in an id": (
        but(ClOrdID="a b"), "format", "ClOrdID", "a b", "1 to 64 printable ASCII"),
    "an id too long": (but(ClOrdID="x" * 65), "format", "ClOrdID", "x" * 61 + "...", "1 to 64"),
    "an id of letters that only look right": (
        but(ClOrdID="\u0430-1"), "format", "ClOrdID", "\\u0430-1", "printable ASCII"),
    "a NUL character": (but(ClOrdID="a\0b"), "format", "ClOrdID", "a\\x00b", "printable ASCII"),
    "a lone surrogate": (
        but(Symbol="\ud800"), "json", "body", but(Symbol="\ud800")[:61].decode() + "...", "JSON"),
    "a number for an id": (but(ClOrdID=5), "string", "ClOrdID", "5", '"ClOrdID":"order-000002"'),
    "an account that is a path": (
        but(Account="a/b"), "format", "Account", "a/b", "1 to 32 letters"),
    "an object for a name": (
        but(Symbol={"a": 1}), "string", "Symbol", "(object)", "not a JSON object"),
    "a field twice": (
        but()[:-1] + b',"OrderQty":"100000"}', "field_once", "OrderQty", "100 and 100000",
        "send each field once"),
    "a field twice, spelt with an escape": (
        but()[:-1] + b',"Order\\u0051ty":"1"}', "field_once", "OrderQty", "100 and 1", "once"),
    "a field twice, with white space": (
        b'{"Side" : "Sell",' + but()[1:], "field_once", "Side", "Sell and Buy", "once"),
    "a field twice, behind an escaped quote and with a colon to make up for it": (
        but({"MsgType": "OrderCancelRequest", "Account": ACCOUNT}, ClOrdID='x"')[:-1]
        + b',"OrigClOrdID":"a:","OrigClOrdID":"b"}',
        "field_once", "OrigClOrdID", "a: and b", "once"),
    "another account's routing key": (
        but(Account="other"), "routing_key", "Account", "other", "the routing key acme"),
    "a string among objects": (b'"hi"', "request", "body", '"hi"', "not a string. send one"),
    "a list among objects": (b"[[]]", "request", "body", "[]", "not a list. send"),
    "a null among objects": (b"[null]", "request", "body", "null", "not a null. send"),
    "an empty object": (b"{}", "message_kind", "MsgType", "missing", "must be one of"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("item", "rule", "field", "given", "words"), ITEMS.values(), ids=ITEMS.keys()
)
def test_a_wrong_item_is_answered_and_its_neighbours_pass(
    item: bytes, rule: str, field: str, given: str, words: str
) -> None:
    inner = item[1:-1] if item.startswith(b"[") else item
    before, result, after = hear(b"[%s,%s , %s]" % (but(), inner, but(CANCEL)), traceparent=TRACE)
    assert isinstance(before, Routed)
    assert isinstance(after, Routed)
    (alone,) = hear(item, traceparent=TRACE)
    assert alone == result
    assert isinstance(result, Answered)
    assert (result.desk, result.trace) == (DESK, TRACE)
    (reject,) = rejects([result])
    refusal = reject.Refusal
    assert (refusal.Rule, refusal.Field, refusal.Given) == (rule, field, given)
    assert words in reject.Text
    assert refusal.Allowed
    assert refusal.Remedy
    assert reject.Text == refusal.text()
    assert reject.Text.isprintable()
    assert reject.TransactTime == NOW


BODIES: dict[str, tuple[bytes, str, str, str]] = {
    "nothing": (b"", "json", "end", "send one JSON object"),
    "white space": (b" \n", "json", "end", "send one JSON object"),
    "words": (b"buy 100 AAPL", "json", "buy 100 AAPL", "Expecting value at character 0"),
    "half an object": (but()[:-1], "json", "end", "Expecting ',' delimiter"),
    "half a list": (b"[" + but(), "json", "end", "expected ,"),
    "a good list and then more": (b"[" + but() + b"] x", "json", "x", "expected the end"),
    "a good order and then another": (
        but() + but(), "json", but()[:61].decode() + "...", "expected the end"),
    "a list that ends in a comma": (b"[" + but() + b",]", "json", "]", "Expecting value"),
    "a break in a string": (but(ClOrdID="@").replace(b"@", b"a\nb"), "json", "\\nb",
                            "Invalid control character"),
    "no UTF-8": (but(ClOrdID="@").replace(b"@", b"\xe9"), "json", "byte 0xe9 at", "is not UTF-8"),
    "UTF-16": (but().decode().encode("utf-16"), "json", "byte 0xff at 0", "is not UTF-8"),
    "a byte order mark": (b"\xef\xbb\xbf" + but(), "json", "\\ufeff{", "Expecting value"),
    "deep nesting": (b"[" * 60_000, "json", "[" * 61 + "...", "nested too deep"),
    "deep nesting in a field": (
        b'{"a":' * 10_000, "json", '{"a":' * 12 + "{...", "nested too deep"),
    "an empty list": (b"[ ]", "list_size", "an empty list", f"1 to {MAX_ITEMS} requests"),
    "a long list": (TOO_MANY, "list_size", "a list of more than 500", "1 to 500 requests"),
    "a big body": (
        but() + b" " * 66_560, "message_size", f"{len(but()) + 66_560} bytes", "65536 bytes (64 K"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "rule", "given", "words"), BODIES.values(), ids=BODIES.keys())
def test_a_body_that_cannot_be_read_is_answered_once(
    body: bytes, rule: str, given: str, words: str
) -> None:
    (reject,) = rejects(hear(body))
    assert (reject.Refusal.Rule, reject.Refusal.Field) == (rule, "body")
    assert reject.Refusal.Given.startswith(given)
    assert len(reject.Refusal.Given) <= LONGEST
    assert words in reject.Text
    assert (reject.RefMsgType, reject.BusinessRejectRefID) == (None, None)


def test_limits_are_taken_up_to_the_last() -> None:
    status = json.dumps(STATUS)
    assert len(hear(f"[{','.join([status] * MAX_ITEMS)}]".encode())) == MAX_ITEMS
    (result,) = hear(but().ljust(MAX_MESSAGE_BYTES))
    assert isinstance(result, Routed)
    assert rejects(hear(but().ljust(MAX_MESSAGE_BYTES + 1)))


@pytest.mark.parametrize(
    ("item", "kind", "name"),
    [
        (but(Side="?"), "NewOrderSingle", "order-1"),
        (but(ClOrdID="a b", Side="?"), "NewOrderSingle", "a b"),
        (but(ClOrdID=NOTHING), "NewOrderSingle", None),
        (but(ClOrdID=["x"]), "NewOrderSingle", None),
        (but(ClOrdID=""), "NewOrderSingle", None),
        (but(ClOrdID=17), "NewOrderSingle", "17"),
        (but(MsgType="D"), "D", "order-1"),
        (but(MsgType={}), None, "order-1"),
        (but(MASS_STATUS, Symbol="AAPL"), "OrderMassStatusRequest", "question-1"),
        (but(STATUS, Side="?"), "OrderStatusRequest", "order-1"),
        (but(STATUS, Side="?", OrdStatusReqID="q9"), "OrderStatusRequest", "q9"),
        (but(ClOrdID="\ud800" * 70), "NewOrderSingle", ("\\ud800" * 11)[:61] + "..."),
    ],
)
def test_the_reject_names_the_request_as_far_as_it_can_be_read(
    item: bytes, kind: str | None, name: str | None
) -> None:
    (reject,) = rejects(hear(item))
    assert (reject.RefMsgType, reject.BusinessRejectRefID) == (kind, name)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (but(MsgType="D"), "UnsupportedMessageType"),
        (but(Price=NOTHING), "ConditionallyRequiredFieldMissing"),
        (but(Symbol=NOTHING), "ConditionallyRequiredFieldMissing"),
        (but(Side="?"), "Other"),
    ],
)
def test_the_reason_is_fix_s_own(item: bytes, reason: str) -> None:
    assert rejects(hear(item))[0].BusinessRejectReason == reason


def test_every_example_in_a_remedy_is_one_that_works() -> None:
    for kind, model in KINDS.items():
        base = next(request for request in REQUESTS if request["MsgType"] == kind)
        fields = [name for name in EXAMPLES if name in model.model_fields]
        for name in fields:
            given = base | {name: EXAMPLES[name]}
            if name == "Symbol" and kind.startswith("OrderMass"):
                continue  # goes with another type than the base's
            DESK_REQUEST.validate_json(json.dumps(given))
        for name, field in model.model_fields.items():
            if field.is_required() and field.annotation is str:
                assert name in EXAMPLES


def test_a_field_name_of_sixty_thousand_letters_is_quoted_short() -> None:
    (reject,) = rejects(hear(but(**{"P" * 60_000: "1"})))
    assert reject.Refusal.Field == "P" * 61 + "..."
    assert len(reject.Text) < 300


def test_only_the_account_decides_who_may_trade_it() -> None:
    (result,) = hear(but(Account="other"), routing_key="other")
    assert isinstance(result, Routed)
    assert result.recipient == "account/other" != f"account/{ACCOUNT}"
