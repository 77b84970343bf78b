"""Each thing that a person says has one answer, which is told from everything else they hear."""

import json
from typing import Any, get_args

import pytest

from gateways.amqp.ingress import Answered
from gateways.amqp.ingress_operators import Operators
from infra.operators import CannotSay, answer_to, heard, prepared, refused
from messages.approvals import DecisionReport
from messages.base import Message
from messages.cases import CaseReport
from messages.kills import KillReport, KillStatus
from messages.operators import OperatorRequest, ResolutionReport
from messages.rulebook import RulesReport
from tests.messages.models import sample

NOW = 1_795_400_184_000_000_000
REQUESTS: list[Any] = [sample(kind) for kind in get_args(get_args(OperatorRequest)[0])]
REPORTS: dict[str, tuple[type[Any], dict[str, str]]] = {
    "ResolveInDoubt": (ResolutionReport, {}),
    "ConfirmResolution": (ResolutionReport, {}),
    "ProposeRules": (RulesReport, {}),
    "ApproveRules": (RulesReport, {}),
    "RejectRules": (RulesReport, {}),
    "Kill": (KillReport, {"KillStatus": "Standing"}),
    "ReleaseKill": (KillReport, {"KillStatus": "Released"}),
    "DecideOrder": (DecisionReport, {}),
    "CaseRequest": (CaseReport, {}),
    "NewsReported": (CaseReport, {}),
}


def said(report: Message) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(report.model_dump_json(exclude_none=True))
    return found


@pytest.mark.parametrize("wish", REQUESTS, ids=lambda wish: wish.MsgType)
def test_the_answer_is_the_report_that_names_the_request(wish: Any) -> None:
    kind, status = REPORTS[wish.MsgType]
    expected, request = answer_to("ann", wish), prepared(wish)
    named = {name: allowed[0] for name, allowed in expected.fields.items()} | status
    answer = said(sample(kind)) | {name: str(value) for name, value in named.items()}
    assert heard(answer, request, expected, kind) == kind.model_validate_json(json.dumps(answer))
    for name in expected.fields:
        assert heard(answer | {name: "another"}, request, expected, kind) is None
    assert heard(answer | {"MsgType": "ExecutionReport"}, request, expected, kind) is None


@pytest.mark.parametrize("wish", REQUESTS, ids=lambda wish: wish.MsgType)
def test_a_reject_by_the_border_is_told_from_that_of_another_request(wish: Any) -> None:
    kind, _ = REPORTS[wish.MsgType]
    request = prepared(wish)
    nobody = Operators(frozenset({"ann"}), roles={"ann": ()})
    (found,) = nobody.translate("ann", request.body, "ann", request.account, "orders.ann", NOW)
    assert isinstance(found, Answered)
    reject = said(found.reject)
    with pytest.raises(CannotSay, match="no role"):
        heard(reject, request, answer_to("ann", wish), kind)
    other = reject | {"BusinessRejectRefID": "another"}
    assert heard(other, request, answer_to("ann", wish), kind) is None


def test_a_kill_that_stands_is_no_answer_to_its_release() -> None:
    wish = next(one for one in REQUESTS if one.MsgType == "ReleaseKill")
    report = KillReport(KillID=wish.KillID, KillStatus=KillStatus.Quiet, TransactTime=NOW)
    assert heard(said(report), prepared(wish), answer_to("ann", wish), KillReport) is None


@pytest.mark.parametrize(
    ("kind", "field", "done", "not_done"),
    [
        (ResolutionReport, "ResolutionStatus", "Resolved", "Refused"),
        (RulesReport, "RulesStatus", "InForce", "Refused"),
        (KillReport, "KillStatus", "Quiet", "Refused"),
        (DecisionReport, "DecisionStatus", "Taken", "Refused"),
        (CaseReport, "Refused", False, True),
    ],
)
def test_a_refusal_is_seen_in_every_report(
    kind: type[Any], field: str, done: object, not_done: object
) -> None:
    fields = said(sample(kind))
    assert not refused(kind.model_validate_json(json.dumps(fields | {field: done})))
    assert refused(kind.model_validate_json(json.dumps(fields | {field: not_done})))
