"""Saying something as an operator: over AMQP like a desk, with an answer to wait for."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from gateways.amqp.connection import BrokerGone
from gateways.amqp.desk import Desk
from gateways.amqp.desk_outbox import Prepared, Refused
from gateways.amqp.topology import MAX_MESSAGE_BYTES
from infra import endpoints
from infra.reference import ReferenceRefused, load
from infra.settings import Settings, SettingsMissing
from messages.base import Instant
from messages.operators import OperatorRequest, ResolutionReport, ResolveInDoubt
from messages.reports import BusinessMessageReject
from messages.rulebook import ROUTING_KEY, ProposeRules, RulesReport, RulesRequest

RULES_TYPES = ("ProposeRules", "ApproveRules", "RejectRules")


class CannotSay(Exception):
    """One line: what is wrong and what to do."""


async def say(data: Path, operator: str, wish: OperatorRequest, wait_s: float) -> ResolutionReport:
    """The answer to a proposal or a confirmation.

    Raises:
        CannotSay: no installation, no such operator, no broker, no answer, or a reject.
    """
    name = wish.resolution_id if isinstance(wish, ResolveInDoubt) else wish.ResolutionID
    answer: asyncio.Future[ResolutionReport] = asyncio.get_running_loop().create_future()
    body = wish.model_dump_json(exclude_none=True).encode()
    request = Prepared(f"{wish.MsgType} {name}", wish.Venue, wish.MsgType, body)
    return await _exchange(data, operator, request, answer, _take(answer, wish, name), wait_s)


async def say_rules(data: Path, operator: str, wish: RulesRequest, wait_s: float) -> RulesReport:
    """The answer of the rule book.

    Raises:
        CannotSay: as for :func:`say`.
    """
    name = wish.proposal_id if isinstance(wish, ProposeRules) else wish.ProposalID
    answer: asyncio.Future[RulesReport] = asyncio.get_running_loop().create_future()
    body = wish.model_dump_json(exclude_none=True).encode()
    if len(body) > MAX_MESSAGE_BYTES:
        raise CannotSay(
            f"the rule book has {len(body)} bytes, at most {MAX_MESSAGE_BYTES} go in one message"
        )
    request = Prepared(f"{wish.MsgType} {name}", ROUTING_KEY, wish.MsgType, body)
    take = _take_rules(answer, name)
    return await _exchange(data, operator, request, answer, take, wait_s, "oms rules history")


Take = Callable[[dict[str, Any], Instant, bool], None]
Report = TypeVar("Report")


async def _exchange(
    data: Path,
    operator: str,
    request: Prepared,
    answer: "asyncio.Future[Report]",
    take: Take,
    wait_s: float,
    where: str = "oms doubt list",
) -> Report:
    """Send it and wait for what ``take`` makes the answer."""
    url = _url(data, operator)
    try:
        async with await Desk.connect(url, operator, on_raw=take) as client:
            async with asyncio.timeout(wait_s):
                await client.send_prepared([request])
                return await answer
    except TimeoutError as error:
        raise CannotSay(
            f"no answer within {wait_s:g} s; it is not lost, see: {where} --data {data}"
        ) from error
    except (BrokerGone, Refused) as error:
        raise CannotSay(f"{error}; is it running? oms up --data {data}") from error


def _url(data: Path, operator: str) -> str:
    try:
        settings = Settings.of(data)
        operators = load(settings.config).operators
    except (SettingsMissing, ReferenceRefused) as error:
        raise CannotSay(str(error)) from error
    if operator not in operators:
        known = ", ".join(operators) or 'none: add operators = ["ann", "bob"] to the configuration'
        raise CannotSay(f"{operator} is no operator here; there are {known}")
    try:
        return endpoints.desk(settings, operator)
    except KeyError as error:
        raise CannotSay(f"nothing runs in {data}: oms up --data {data}") from error


def _take(answer: "asyncio.Future[ResolutionReport]", wish: OperatorRequest, name: str) -> Take:
    """What is heard about this wish; older news in the queue are passed over."""

    def take(fields: dict[str, Any], at: Instant, redelivered: bool) -> None:
        del at, redelivered
        if answer.done():
            return
        try:
            if fields.get("MsgType") == "BusinessMessageReject":
                if fields.get("BusinessRejectRefID") == wish.ClOrdID:
                    reject = BusinessMessageReject.model_validate_json(json.dumps(fields))
                    answer.set_exception(CannotSay(reject.Text))
            elif (fields.get("ClOrdID"), fields.get("ResolutionID")) == (wish.ClOrdID, name):
                answer.set_result(ResolutionReport.model_validate_json(json.dumps(fields)))
        except ValidationError as error:
            answer.set_exception(CannotSay(f"an answer that cannot be read: {error}"))

    return take


def _take_rules(answer: "asyncio.Future[RulesReport]", name: str) -> Take:
    """What is heard about this proposal; older news in the queue are passed over."""

    def take(fields: dict[str, Any], at: Instant, redelivered: bool) -> None:
        del at, redelivered
        if answer.done():
            return
        try:
            if fields.get("MsgType") == "BusinessMessageReject":
                if fields.get("RefMsgType") in RULES_TYPES:
                    reject = BusinessMessageReject.model_validate_json(json.dumps(fields))
                    answer.set_exception(CannotSay(reject.Text))
            elif fields.get("MsgType") == "RulesReport" and fields.get("ProposalID") == name:
                answer.set_result(RulesReport.model_validate_json(json.dumps(fields)))
        except ValidationError as error:
            answer.set_exception(CannotSay(f"an answer that cannot be read: {error}"))

    return take
