"""``oms approvals`` and the words of those who decide: approve, refuse, return, hand-over, note."""

import asyncio
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import ValidationError
from rich.table import Table

from infra.commands import shown
from infra.commands.options import console, data_option, fail
from messages.approvals import DecideOrder, Decision, DecisionReport, DecisionStatus
from messages.base import format_time

if TYPE_CHECKING:
    from infra.approvals import Waiting

AS = click.option("--as", "operator", required=True, help="Who you are.")
COMMENT = click.option("--comment", help="Why, in one line.")
NEEDED = click.option("--comment", required=True, help="Why, in one line.")
WAIT = click.option("--wait", default=10.0, show_default=True, help="Seconds to wait.")

COLUMNS = ("OrderID", "Desk", "ClOrdID", "Symbol", "Side", "OrderQty", "Price", "Waits for", "Why",
           "Waits", "Expires in", "Said")  # fmt: skip
NUMBERS = ("OrderQty", "Price")


@click.command()
@click.option("--account", help="Only this account.")
@data_option
@shown.json_option
def approvals(data: Path, account: str | None, as_json: bool) -> None:
    """Show the orders that wait for people, the oldest first. Works also when nothing runs."""
    from infra.approvals import waiting
    from infra.replayed import CannotRead

    try:
        found = waiting(data, account)
    except CannotRead as error:
        raise fail(error) from error
    if as_json:
        shown.print_json([as_dict(one) for one in found])
        return
    if not found:
        click.echo("nothing waits for approval")
        return
    shown.print_table(_as_table(found))
    click.echo(f"{len(found)} waiting; decide with: oms approve ORDERID --as NAME")


@click.command()
@click.argument("order_id")
@COMMENT
@AS
@WAIT
@data_option
def approve(order_id: str, **words: Any) -> None:
    """Approve the order ORDER_ID; after the last approval it goes out."""
    _decide(order_id, Decision.Approve, words)


@click.command()
@click.argument("order_id")
@NEEDED
@AS
@WAIT
@data_option
def refuse(order_id: str, **words: Any) -> None:
    """Refuse the order ORDER_ID: it is rejected with the comment."""
    _decide(order_id, Decision.Refuse, words)


@click.command("return")
@click.argument("order_id")
@NEEDED
@AS
@WAIT
@data_option
def give_back(order_id: str, **words: Any) -> None:
    """Return the order ORDER_ID to its desk, which may replace it or cancel it."""
    _decide(order_id, Decision.Return, words)


@click.command("hand-over")
@click.argument("order_id")
@click.argument("to")
@COMMENT
@AS
@WAIT
@data_option
def hand_over(order_id: str, to: str, **words: Any) -> None:
    """Hand the order ORDER_ID over to the trader TO, who alone releases it from then on."""
    _decide(order_id, Decision.HandOver, words, to)


@click.command()
@click.argument("order_id")
@NEEDED
@AS
@WAIT
@data_option
def note(order_id: str, **words: Any) -> None:
    """Write a note on the order ORDER_ID, whatever its state; it stays in the journal."""
    _decide(order_id, Decision.Note, words)


def _decide(
    order_id: str, decision: Decision, words: dict[str, Any], to: str | None = None
) -> None:
    account = order_id.rpartition("-")[0] or order_id
    try:
        wish = DecideOrder(
            Account=account, OrderID=order_id, Decision=decision, To=to, Comment=words["comment"]
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise fail(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    report = _asked(words["data"], words["operator"], wish, words["wait"])
    after = f"waits for {report.Awaits}" if report.Awaits else f"{report.OrdStatus}"
    console.print(
        f"[bold]{decision}[/]  {order_id}  by {words['operator']}; {after}",
        highlight=False,
        soft_wrap=True,
    )


def _asked(data: Path, operator: str, wish: DecideOrder, wait: float) -> DecisionReport:
    """Say it, and end with an error where it was refused or no answer came."""
    from infra.operators import CannotSay, ask, prepared, rejected

    def judge(fields: dict[str, Any]) -> DecisionReport | None:
        if rejected(fields) and fields.get("RefMsgType") == wish.MsgType:
            raise CannotSay(rejected(fields))
        named = (fields.get("OrderID"), fields.get("Decision"))
        if fields.get("MsgType") != "DecisionReport" or named != (wish.OrderID, wish.Decision):
            return None
        return DecisionReport.model_validate_json(json.dumps(fields))

    see = f"oms approvals --data {data}"
    request = prepared(wish, wish.Account, wish.OrderID)
    try:
        report = asyncio.run(ask(data, operator, request, judge, wait, see))
    except CannotSay as error:
        raise fail(error) from error
    if report.DecisionStatus is DecisionStatus.Refused:
        raise fail(report.Text)
    return report


def as_dict(one: "Waiting") -> dict[str, object]:
    """Under FIX names, decimals as strings, times in RFC 3339."""
    order, staging = one.order, one.staging
    return {
        "OrderID": order.OrderID,
        "Account": one.account,
        "Desk": order.Desk,
        "ClOrdID": order.ClOrdID,
        "Symbol": order.terms.Symbol,
        "Side": order.terms.Side,
        "OrderQty": shown.plain(order.terms.OrderQty),
        "Price": shown.plain(order.terms.Price),
        "Awaits": one.awaits,
        "Steps": list(staging.steps),
        "Why": staging.why,
        "Returned": staging.returned,
        "Trader": staging.trader or None,
        "Since": format_time(one.since),
        "ExpiresAt": format_time(staging.expires_at),
        "Said": [
            {"By": said.By, "Decision": said.Decision, "Comment": said.Comment}
            for said in one.decided
        ],
    }


def _as_table(found: "list[Waiting]") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in COLUMNS:
        table.add_column(name, justify="right" if name in NUMBERS else "left", overflow="fold")
    now = time.time_ns()
    for one in found:
        order, terms = one.order, one.order.terms
        awaits = "its desk (returned)" if one.staging.returned else str(one.awaits)
        who = f"{awaits} {one.staging.trader}".strip() if one.awaits == "Trader" else awaits
        table.add_row(
            order.OrderID, order.Desk, order.ClOrdID, terms.Symbol, terms.Side.value,
            shown.grouped(terms.OrderQty), shown.grouped(terms.Price), who, one.staging.why,
            shown.lasted(now - one.since), shown.lasted(one.staging.expires_at - now),
            "; ".join(_said(said) for said in one.decided),
        )  # fmt: skip
    return table


def _said(said: Any) -> str:
    comment = f": {said.Comment}" if said.Comment else ""
    return f"{said.Decision} by {said.By}{comment}"
