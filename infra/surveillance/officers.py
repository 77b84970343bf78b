"""Saying something to surveillance as an operator: over AMQP, with an answer to wait for."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateways.amqp.connection import BrokerGone
from gateways.amqp.desk import Desk
from gateways.amqp.desk_outbox import Prepared, Refused
from gateways.amqp.ingress_officers import named
from infra.operators import CannotSay, url_of
from messages.base import Instant
from messages.reports import BusinessMessageReject
from messages.surveillance import CaseReport, CaseRequest, OfficerRequest


async def say(data: Path, operator: str, wish: OfficerRequest, wait_s: float) -> CaseReport:
    """The answer to a step in a case, or to news.

    Raises:
        CannotSay: no installation, no such operator, no broker, no answer, or a reject.
    """
    url = url_of(data, operator)
    answer: asyncio.Future[CaseReport] = asyncio.get_running_loop().create_future()
    body = wish.model_dump_json(exclude_none=True).encode()
    request = Prepared(f"{wish.MsgType} {named(wish)}", named(wish), wish.MsgType, body)
    try:
        async with await Desk.connect(url, operator, on_raw=_take(answer, wish)) as client:
            async with asyncio.timeout(wait_s):
                await client.send_prepared([request])
                return await answer
    except TimeoutError as error:
        raise CannotSay(
            f"no answer within {wait_s:g} s; it is not lost, see: oms surveillance alerts "
            f"--data {data}"
        ) from error
    except (BrokerGone, Refused) as error:
        raise CannotSay(f"{error}; is it running? oms up --data {data}") from error


def _take(
    answer: "asyncio.Future[CaseReport]", wish: OfficerRequest
) -> Callable[[dict[str, Any], Instant, bool], None]:
    """What is heard about this wish; older news in the queue are passed over."""
    step = wish.Step if isinstance(wish, CaseRequest) else "News"

    def take(fields: dict[str, Any], at: Instant, redelivered: bool) -> None:
        del at, redelivered
        if answer.done():
            return
        try:
            if fields.get("MsgType") == "BusinessMessageReject":
                if fields.get("BusinessRejectRefID") == named(wish):
                    reject = BusinessMessageReject.model_validate_json(json.dumps(fields))
                    answer.set_exception(CannotSay(reject.Text))
            elif (fields.get("AlertID"), fields.get("Step")) == (named(wish), step):
                answer.set_result(CaseReport.model_validate_json(json.dumps(fields)))
        except ValidationError as error:
            answer.set_exception(CannotSay(f"an answer that cannot be read: {error}"))

    return take
