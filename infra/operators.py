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
from messages.operators import (
    ConfirmResolution,
    OperatorRequest,
    ResolutionReport,
    ResolveInDoubt,
)
from messages.reports import BusinessMessageReject
from messages.rulebook import ROUTING_KEY, ProposeRules, RulesReport, RulesRequest

RULES_TYPES = ("ProposeRules", "ApproveRules", "RejectRules")

Answer = TypeVar("Answer")

Judge = Callable[[dict[str, Any]], Answer | None]
"""What a report says to us; None: nothing. Raises CannotSay for a reject."""


class CannotSay(Exception):
    """One line: what is wrong and what to do."""


async def say(
    data: Path, operator: str, wish: ResolveInDoubt | ConfirmResolution, wait_s: float
) -> ResolutionReport:
    """The answer to a proposal or a confirmation.

    Raises:
        CannotSay: no installation, no such operator, no broker, no answer, or a reject.
    """
    name = wish.resolution_id if isinstance(wish, ResolveInDoubt) else wish.ResolutionID

    def judge(fields: dict[str, Any]) -> ResolutionReport | None:
        if rejected(fields) and fields.get("BusinessRejectRefID") == wish.ClOrdID:
            raise CannotSay(rejected(fields))
        if (fields.get("ClOrdID"), fields.get("ResolutionID")) != (wish.ClOrdID, name):
            return None
        return ResolutionReport.model_validate_json(json.dumps(fields))

    see = f"oms doubt list --data {data}"
    return await ask(data, operator, prepared(wish, wish.Venue, name), judge, wait_s, see)


def prepared(wish: OperatorRequest | RulesRequest, key: str, name: str) -> Prepared:
    """The request as it is sent; ``key``: its routing key."""
    body = wish.model_dump_json(exclude_none=True).encode()
    return Prepared(f"{wish.MsgType} {name}", key, wish.MsgType, body)


def rejected(fields: dict[str, Any]) -> str:
    """The text of a reject by the border; "" where it is something else."""
    if fields.get("MsgType") != "BusinessMessageReject":
        return ""
    return BusinessMessageReject.model_validate_json(json.dumps(fields)).Text


async def say_rules(data: Path, operator: str, wish: RulesRequest, wait_s: float) -> RulesReport:
    """The answer of the rule book.

    Raises:
        CannotSay: as for :func:`say`.
    """
    name = wish.proposal_id if isinstance(wish, ProposeRules) else wish.ProposalID
    request = prepared(wish, ROUTING_KEY, name)
    if len(request.body) > MAX_MESSAGE_BYTES:
        raise CannotSay(
            f"the rule book has {len(request.body)} bytes, "
            f"at most {MAX_MESSAGE_BYTES} go in one message"
        )

    def judge(fields: dict[str, Any]) -> RulesReport | None:
        if rejected(fields) and fields.get("RefMsgType") in RULES_TYPES:
            raise CannotSay(rejected(fields))
        if fields.get("MsgType") != "RulesReport" or fields.get("ProposalID") != name:
            return None
        return RulesReport.model_validate_json(json.dumps(fields))

    see = f"oms rules history --data {data}"
    return await ask(data, operator, request, judge, wait_s, see)


async def ask(
    data: Path, operator: str, request: Prepared, judge: Judge[Answer], wait_s: float, see: str
) -> Answer:
    """Send it as that person, and wait for the first report that ``judge`` takes for the answer.

    Raises:
        CannotSay: no installation, no such person, no broker, no answer, or a reject.
    """
    url = url_of(data, operator)
    answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    try:
        async with await Desk.connect(url, operator, on_raw=_take(answer, judge)) as client:
            async with asyncio.timeout(wait_s):
                await client.send_prepared([request])
                return await answer
    except TimeoutError as error:
        raise CannotSay(f"no answer within {wait_s:g} s; it is not lost, see: {see}") from error
    except (BrokerGone, Refused) as error:
        raise CannotSay(f"{error}; is it running? oms up --data {data}") from error


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
    answer: "asyncio.Future[Answer]", judge: Judge[Answer]
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
