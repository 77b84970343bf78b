"""Saying something as an operator: over AMQP like a desk, with an answer to wait for."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateways.amqp.connection import BrokerGone
from gateways.amqp.desk import Desk
from gateways.amqp.desk_outbox import Prepared, Refused
from infra import endpoints
from infra.reference import ReferenceRefused, load
from infra.settings import Settings, SettingsMissing
from messages.base import Instant
from messages.operators import OperatorRequest, ResolutionReport, ResolveInDoubt
from messages.reports import BusinessMessageReject


class CannotSay(Exception):
    """One line: what is wrong and what to do."""


async def say(data: Path, operator: str, wish: OperatorRequest, wait_s: float) -> ResolutionReport:
    """The answer to a proposal or a confirmation.

    Raises:
        CannotSay: no installation, no such operator, no broker, no answer, or a reject.
    """
    url = url_of(data, operator)
    name = wish.resolution_id if isinstance(wish, ResolveInDoubt) else wish.ResolutionID
    answer: asyncio.Future[ResolutionReport] = asyncio.get_running_loop().create_future()
    body = wish.model_dump_json(exclude_none=True).encode()
    request = Prepared(f"{wish.MsgType} {name}", wish.Venue, wish.MsgType, body)
    try:
        async with await Desk.connect(url, operator, on_raw=_take(answer, wish, name)) as client:
            async with asyncio.timeout(wait_s):
                await client.send_prepared([request])
                return await answer
    except TimeoutError as error:
        raise CannotSay(
            f"no answer within {wait_s:g} s; it is not lost, see: oms doubt list --data {data}"
        ) from error
    except (BrokerGone, Refused) as error:
        raise CannotSay(f"{error}; is it running? oms up --data {data}") from error


def url_of(data: Path, operator: str) -> str:
    """The broker's URL for that operator. CannotSay: there is no such one, or nothing runs."""
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


def _take(
    answer: "asyncio.Future[ResolutionReport]", wish: OperatorRequest, name: str
) -> Callable[[dict[str, Any], Instant, bool], None]:
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
