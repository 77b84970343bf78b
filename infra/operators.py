"""Saying something as a person: over AMQP like a desk, with an answer to wait for."""

import asyncio
import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from gateways.amqp.connection import BrokerGone
from gateways.amqp.desk import Desk
from gateways.amqp.desk_outbox import Prepared, Refused
from gateways.amqp.ingress_operators import named, way
from gateways.amqp.topology import MAX_MESSAGE_BYTES
from infra import endpoints
from infra.reference import ReferenceRefused, load
from infra.settings import Settings, SettingsMissing
from messages.approvals import DecideOrder, DecisionReport, DecisionStatus
from messages.base import Instant
from messages.cases import CaseReport, CaseRequest, NewsReported
from messages.kills import Kill, KillReport, KillStatus, ReleaseKill
from messages.operators import (
    ConfirmResolution,
    OperatorRequest,
    ResolutionReport,
    ResolutionStatus,
    ResolveInDoubt,
)
from messages.reports import BusinessMessageReject
from messages.rulebook import (
    ApproveRules,
    ProposeRules,
    RejectRules,
    RulesReport,
    RulesStatus,
)

OperatorReport = ResolutionReport | RulesReport | KillReport | DecisionReport | CaseReport
Report = TypeVar("Report", ResolutionReport, RulesReport, KillReport, DecisionReport, CaseReport)


class CannotSay(Exception):
    """One line: what is wrong and what to do."""


class Answer(NamedTuple):
    """What answers a request: a report with one of these values in each of these fields.

    ``see``: the command that shows what became of it, where no answer came in time.
    """

    fields: Mapping[str, Collection[str]]
    see: str

    def is_in(self, report: Mapping[str, Any]) -> bool:
        """Whether this is it."""
        return all(report.get(name) in allowed for name, allowed in self.fields.items())


def answer_to(operator: str, wish: OperatorRequest) -> Answer:
    """What that person will hear when the request was judged."""
    fields: dict[str, Collection[str]]
    match wish:
        case ResolveInDoubt(ClOrdID=name):
            fields = {"ClOrdID": (name,), "ResolutionID": (wish.resolution_id,)}
            return Answer(fields, "oms doubt list")
        case ConfirmResolution(ClOrdID=name, ResolutionID=resolution):
            fields = {"ClOrdID": (name,), "ResolutionID": (resolution,)}
            return Answer(fields, "oms doubt list")
        case ProposeRules():
            return Answer({"ProposalID": (wish.proposal_id,)}, "oms rules history")
        case ApproveRules(ProposalID=name) | RejectRules(ProposalID=name):
            return Answer({"ProposalID": (name,)}, "oms rules history")
        case Kill():
            stands = (KillStatus.Standing, KillStatus.Quiet)
            fields = {"KillID": (wish.kill_id(operator),), "KillStatus": stands}
            return Answer(fields, "oms kill status")
        case ReleaseKill(KillID=name):
            fields = {"KillID": (name,), "KillStatus": (KillStatus.Released, KillStatus.Refused)}
            return Answer(fields, "oms kill status")
        case DecideOrder(OrderID=name, Decision=decision):
            return Answer({"OrderID": (name,), "Decision": (decision,)}, "oms approvals")
        case CaseRequest(AlertID=name, Step=step):
            return Answer({"AlertID": (name,), "Step": (step,)}, "oms surveillance alerts")
        case NewsReported(Symbol=name):
            return Answer({"AlertID": (name,), "Step": ("News",)}, "oms surveillance alerts")


def prepared(wish: OperatorRequest) -> Prepared:
    """The request as it is sent."""
    body = wish.model_dump_json(exclude_none=True).encode()
    about = " ".join(filter(None, named(body)))
    return Prepared(about, way(wish).key, wish.MsgType, body)


def refused(report: OperatorReport) -> bool:
    """Whether it says that nothing was done."""
    match report:
        case CaseReport():
            return report.Refused
        case ResolutionReport():
            return report.ResolutionStatus is ResolutionStatus.Refused
        case RulesReport():
            return report.RulesStatus is RulesStatus.Refused
        case KillReport():
            return report.KillStatus is KillStatus.Refused
        case DecisionReport():
            return report.DecisionStatus is DecisionStatus.Refused


async def say(
    data: Path, operator: str, wish: OperatorRequest, report: type[Report], wait_s: float
) -> Report:
    """Send it as that person, and wait for the ``report`` that answers it.

    Raises:
        CannotSay: no installation, no such person, no broker, no answer, or a reject.
    """
    request = prepared(wish)
    if len(request.body) > MAX_MESSAGE_BYTES:
        raise CannotSay(
            f"{wish.MsgType} has {len(request.body)} bytes, "
            f"at most {MAX_MESSAGE_BYTES} go in one message"
        )
    url, expected = url_of(data, operator), answer_to(operator, wish)

    def judge(fields: dict[str, Any]) -> Report | None:
        return heard(fields, request, expected, report)

    answer: asyncio.Future[Report] = asyncio.get_running_loop().create_future()
    try:
        async with await Desk.connect(url, operator, on_raw=_take(answer, judge)) as client:
            async with asyncio.timeout(wait_s):
                await client.send_prepared([request])
                return await answer
    except TimeoutError as error:
        see = f"{expected.see} --data {data}"
        raise CannotSay(f"no answer within {wait_s:g} s; it is not lost, see: {see}") from error
    except (BrokerGone, Refused) as error:
        raise CannotSay(f"{error}; is it running? oms up --data {data}") from error


def heard(
    fields: dict[str, Any], request: Prepared, expected: Answer, report: type[Report]
) -> Report | None:
    """What was heard if it answers the request; None: older news, or somebody else's.

    Raises:
        CannotSay: the border rejected the request.
    """
    if fields.get("MsgType") == "BusinessMessageReject":
        reject = BusinessMessageReject.model_validate_json(json.dumps(fields))
        if (reject.RefMsgType, reject.BusinessRejectRefID) == named(request.body):
            raise CannotSay(reject.Text)
        return None
    if fields.get("MsgType") != report.__name__ or not expected.is_in(fields):
        return None
    return report.model_validate_json(json.dumps(fields))


def url_of(data: Path, operator: str) -> str:
    """The broker's URL for that operator. CannotSay: there is no such one, or nothing runs."""
    try:
        settings = Settings.of(data)
        operators = load(settings.config).roles
    except (SettingsMissing, ReferenceRefused) as error:
        raise CannotSay(str(error)) from error
    if operator not in operators:
        known = ", ".join(operators) or 'none: add operators = ["ann", "bob"] to the configuration'
        raise CannotSay(f"{operator} is no operator here; there are {known}")
    try:
        return endpoints.desk(settings, operator)
    except KeyError as error:
        raise CannotSay(f"nothing runs in {data}: oms up --data {data}") from error


def _take(
    answer: "asyncio.Future[Report]", judge: Callable[[dict[str, Any]], Report | None]
) -> Callable[[dict[str, Any], Instant, bool], None]:
    """Older news in the queue are passed over."""

    def take(fields: dict[str, Any], at: Instant, redelivered: bool) -> None:
        del at, redelivered
        if answer.done():
            return
        try:
            if (found := judge(fields)) is not None:
                answer.set_result(found)
        except CannotSay as error:
            answer.set_exception(error)
        except ValidationError as error:
            answer.set_exception(CannotSay(f"an answer that cannot be read: {error}"))

    return take
