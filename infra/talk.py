"""Saying something as a desk from the command line, and printing what comes back."""

import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path

from gateways.amqp.connection import BrokerGone
from gateways.amqp.desk import Desk
from gateways.amqp.desk_outbox import Refused
from infra import endpoints
from infra.commands.options import console
from infra.settings import Settings, SettingsMissing
from messages.base import Instant, format_time
from messages.lists import ListStatus
from messages.orders import DeskRequest
from messages.reports import (
    BusinessMessageReject,
    DeskReport,
    ExecutionReport,
    OrderCancelReject,
)


class CannotTalk(Exception):
    """One line: what is wrong and what to do."""


def fresh_id() -> str:
    """A ClOrdID that nobody has used."""
    return f"cli-{secrets.token_hex(4)}"


async def say(data: Path, desk: str, requests: Sequence[DeskRequest], wait_s: float) -> None:
    """Send as ``desk`` and print the reports that come within ``wait_s`` of the last.

    Raises:
        CannotTalk: no installation, no such desk, no broker.
    """
    try:
        url = endpoints.desk(Settings.of(data), desk)
    except SettingsMissing as error:
        raise CannotTalk(str(error)) from error
    except KeyError as error:
        raise CannotTalk(
            f"no desk {desk} here; known: {', '.join(endpoints.read(data).get('desks', {}))}"
        ) from error
    try:
        async with await Desk.connect(url, desk, on_report=_print) as client:
            await client.send(requests)
            for request in requests:
                name = getattr(request, "ClOrdID", None) or getattr(request, "ListID", "")
                console.print(f"sent     {request.MsgType} {name} as desk {desk}")
            if wait_s:
                await client.quiet(wait_s)
            await asyncio.sleep(0)
    except (BrokerGone, Refused) as error:
        raise CannotTalk(f"{error}; is it running? oms up --data {data}") from error


def _print(report: DeskReport, at: Instant, redelivered: bool) -> None:
    console.print(f"{format_time(at)[11:26]}  {line(report)}", highlight=False, soft_wrap=True)


def line(report: DeskReport) -> str:
    """A report as one line of words."""
    match report:
        case ExecutionReport():
            words = [f"[bold]{report.ExecType}[/]", report.ClOrdID, report.OrdStatus]
            words += [f"{report.Side} {report.OrderQty} {report.Symbol}"]
            if report.LastQty is not None:
                words.append(f"last {report.LastQty} @ {report.LastPx} at {report.LastMkt}")
            words.append(f"cum {report.CumQty} leaves {report.LeavesQty}")
            if report.Text:
                words.append(report.Text)
            return "  ".join(map(str, words))
        case OrderCancelReject():
            return (
                f"[bold]OrderCancelReject[/]  {report.ClOrdID}  {report.CxlRejReason}  "
                f"{report.Text or ''}"
            )
        case BusinessMessageReject():
            return f"[bold]BusinessMessageReject[/]  {report.Text}"
        case ListStatus():
            orders = "  ".join(f"{order.ClOrdID} {order.OrdStatus}" for order in report.Orders)
            words = ["[bold]ListStatus[/]", report.ListID, report.ListOrderStatus, orders]
            return "  ".join(map(str, [*words, report.Text or ""])).rstrip()
        case _:
            return (
                f"[bold]{report.MsgType}[/]  {report.ClOrdID}  {report.TotalAffectedOrders} orders"
            )
