"""Whatever a desk sends, nothing raises, everything is answered or routed, and what is said about
it can be published.
"""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.amqp import frames
from gateways.amqp.egress import answer
from gateways.amqp.ingress import Answered, Dead, Result, Routed, translate
from gateways.amqp.topology import MAX_MESSAGE_BYTES
from messages.envelope import Envelope, decode
from messages.orders import DESK_REQUEST, FromDesk
from messages.reports import DESK_REPORT
from tests.gateways.ingress_deliveries import (
    ACCOUNT,
    DESK,
    EXCHANGE,
    NOW,
    REQUESTS,
    TRACE,
    Everybody,
    hear,
)

NAMES = sorted({name for request in REQUESTS for name in request})
VALUES = sorted({str(value) for request in REQUESTS for value in request.values()})

claims = st.one_of(st.none(), st.sampled_from([DESK, ACCOUNT, EXCHANGE, TRACE, "beta"]), st.text())
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(VALUES),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(Z|[+-]\d\d:\d\d)", fullmatch=True),
    st.from_regex(r"-?\d{1,20}(\.\d{1,14})?([eE]-?\d{1,9})?", fullmatch=True),
)
names = st.one_of(st.sampled_from(NAMES), st.text(max_size=12))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
almost = st.builds(
    lambda base, changed, left_out: {
        name: value for name, value in {**base, **changed}.items() if name not in left_out
    },
    st.sampled_from(REQUESTS),
    st.dictionaries(names, values, max_size=3),
    st.sets(st.sampled_from(NAMES), max_size=1),
)
items = st.one_of(st.sampled_from(REQUESTS), almost, values)
bodies = st.one_of(items, st.lists(items, max_size=5))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """JSON with a few bytes cut out and others put in."""
    body = json.dumps(draw(bodies)).encode()
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + 8)))
    return body[:start] + draw(st.binary(max_size=6)) + body[end:]


def check(results: list[Result]) -> None:
    """Each result is one that the rest of the system can take."""
    assert results
    for result in results:
        match result:
            case Dead():
                assert len(results) == 1
                assert result.reason.isprintable()
            case Answered():
                out = answer(result)
                assert out.routing_key in Everybody.desks
                assert DESK_REPORT.validate_json(out.body) == result.reject
                assert len(out.body) <= MAX_MESSAGE_BYTES
                frames.short(out.correlation_id)
            case Routed():
                assert result.recipient.removeprefix("account/") in Everybody.accounts
                assert FromDesk.model_validate_json(result.body).Request.MsgType == result.kind
                line = Envelope("ingress/0", *result_head(result), result.body)
                assert decode(*line.encode().split(b"\n")) == line


def result_head(result: Routed) -> tuple[str, int, str, int, str]:
    return result.recipient, 1, result.kind, NOW, result.trace


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(body: bytes) -> None:
    check(hear(body))


@given(damaged())
@settings(max_examples=300)
def test_damaged_json_is_answered(body: bytes) -> None:
    check(hear(body))


@given(bodies)
@settings(max_examples=400)
def test_any_json_is_answered_item_by_item(body: object) -> None:
    results = hear(body)
    check(results)
    items = body if isinstance(body, list) else [body]
    fanned = sum(1 for item in items if is_for_every_account(item))
    assert len(results) == (len(items) or 1) + fanned * (len(Everybody.accounts_of(DESK)) - 1)


def is_for_every_account(item: object) -> bool:
    """Whether it is a good mass cancel without Account."""
    if not isinstance(item, dict) or item.get("Account") is not None:
        return False
    return isinstance(hear([item])[0], Routed)


@given(bodies, claims, st.text() | st.just(ACCOUNT), st.text() | st.just(EXCHANGE), claims)
def test_any_claim_is_answered(
    body: object, user_id: str | None, key: str, exchange: str, trace: str | None
) -> None:
    data = json.dumps(body).encode()
    check(translate(data, user_id, key, exchange, trace, NOW, Everybody))


@given(st.lists(items, min_size=1, max_size=5))
def test_an_item_is_judged_the_same_alone_and_among_others(body: list[object]) -> None:
    alone = [r for item in body for r in hear(b"[%s]" % json.dumps(item).encode())]
    assert hear(body) == alone


@given(st.sampled_from(REQUESTS) | almost)
def test_the_quick_look_and_the_close_one_agree(item: object) -> None:
    body = json.dumps(item).encode()
    assert hear(body) == hear(b"[" + body + b"]")


@given(st.data())
def test_a_field_given_twice_never_passes(data: st.DataObject) -> None:
    fields = list(data.draw(st.sampled_from(REQUESTS)).items())
    twice = data.draw(st.sampled_from(fields))
    value = data.draw(st.just(twice[1]) | scalars)
    fields.insert(data.draw(st.integers(0, len(fields))), (twice[0], value))
    space = data.draw(st.sampled_from(["", " ", "\t", "\r\n"]))
    escape = data.draw(st.booleans())
    members = [
        f"{spelt(name, escape and name == twice[0])}{space}:{space}{json.dumps(value)}"
        for name, value in fields
    ]
    (result,) = hear(("{" + f"{space},".join(members) + "}").encode())
    assert isinstance(result, Answered)


def spelt(name: str, escaped: bool) -> str:
    """The name in quotes, its last letter as an escape."""
    return f'"{name[:-1]}\\u{ord(name[-1]):04x}"' if escaped else f'"{name}"'


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64))
def test_a_valid_request_comes_through_whatever_its_id(clordid: str) -> None:
    request = DESK_REQUEST.validate_json(json.dumps({**REQUESTS[0], "ClOrdID": clordid}))
    (result,) = hear(DESK_REQUEST.dump_json(request))
    assert isinstance(result, Routed)
    assert FromDesk.model_validate_json(result.body) == FromDesk(
        Desk=DESK, ReceivedAt=NOW, Request=request
    )
