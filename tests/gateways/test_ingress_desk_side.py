"""What a desk's outbox makes of lists and of requests for all accounts, the ingress reads."""

import json

from gateways.amqp.desk_outbox import EVERY_ACCOUNT, prepare
from gateways.amqp.desk_record import request_key
from gateways.amqp.ingress import Routed
from messages.orders import DESK_REQUEST, FromDesk
from tests.gateways.ingress_deliveries import ACCOUNT, REQUESTS, hear

ASKED = [DESK_REQUEST.validate_json(json.dumps(request)) for request in REQUESTS]
MASS_CANCEL = ASKED[4]


def test_what_a_desk_prepares_comes_through_as_it_was_meant() -> None:
    for request in ASKED:
        prepared = prepare(request)
        (result,) = hear(prepared.body, routing_key=prepared.account)
        assert isinstance(result, Routed)
        assert (result.kind, result.recipient) == (prepared.type, f"account/{ACCOUNT}")
        assert FromDesk.model_validate_json(result.body).Request == request


def test_a_mass_cancel_for_all_accounts_travels_without_account_as_key() -> None:
    prepared = prepare(MASS_CANCEL.model_copy(update={"Account": None}))
    assert prepared.account == EVERY_ACCOUNT
    assert "Account" not in json.loads(prepared.body)
    results = hear(prepared.body, routing_key=prepared.account)
    assert [r.recipient for r in results if isinstance(r, Routed)] == [
        f"account/{ACCOUNT}",
        "account/other",
    ]


def test_a_list_and_what_is_asked_about_it_have_names_that_no_order_has() -> None:
    keys = [request_key(request) for request in ASKED[6:]]
    assert keys == ["list list-1", "about list list-1", "about list list-1"]
    assert all(" " in key for key in keys), "a ClOrdID has no space"
