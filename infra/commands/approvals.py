"""``oms approvals`` and the words of those who decide: approve, refuse, return, hand-over, note."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from infra.commands import shown
from infra.commands.options import console, data_option, fail
from infra.commands.people import answered, as_option, wait_option, wished
from messages.approvals import DecideOrder, Decision, DecisionReport
from messages.base import format_time

if TYPE_CHECKING:
    from infra.approvals import Waiting

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


def _decision(name: str, decision: Decision, about: str, *, comment: bool) -> click.Command:
    """The command of one decision; ``comment``: whether it must say why."""

    @click.command(name, help=about)
    @click.argument("order_id")
    @click.option("--comment", required=comment, help="Why, in one line.")
    @as_option
    @wait_option
    @data_option
    def command(order_id: str, **words: Any) -> None:
        _decide(order_id, decision, words)

    return command


approve = _decision(
    "approve", Decision.Approve,
    "Approve the order ORDER_ID; after the last approval it goes out.", comment=False,
)  # fmt: skip
refuse = _decision(
    "refuse", Decision.Refuse,
    "Refuse the order ORDER_ID: it is rejected with the comment.", comment=True,
)  # fmt: skip
give_back = _decision(
    "return", Decision.Return,
    "Return the order ORDER_ID to its desk, which may replace it or cancel it.", comment=True,
)  # fmt: skip
note = _decision(
    "note", Decision.Note,
    "Write a note on the order ORDER_ID, whatever its state; it stays in the journal.",
    comment=True,
)  # fmt: skip


@click.command("hand-over")
@click.argument("order_id")
@click.argument("to")
@click.option("--comment", help="Why, in one line.")
@as_option
@wait_option
@data_option
def hand_over(order_id: str, to: str, **words: Any) -> None:
    """Hand the order ORDER_ID over to the trader TO, who alone releases it from then on."""
    _decide(order_id, Decision.HandOver, words, to)


def _decide(
    order_id: str, decision: Decision, words: dict[str, Any], to: str | None = None
) -> None:
    account = order_id.rpartition("-")[0] or order_id
    comment = words["comment"]
    wish = wished(
        DecideOrder, Account=account, OrderID=order_id, Decision=decision, To=to, Comment=comment
    )
    report = answered(words["data"], words["operator"], wish, DecisionReport, words["wait"])
    after = f"waits for {report.Awaits}" if report.Awaits else f"{report.OrdStatus}"
    console.print(
        f"[bold]{decision}[/]  {order_id}  by {words['operator']}; {after}",
        highlight=False,
        soft_wrap=True,
    )


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
