"""``oms doubt``: what is in doubt at the venues, and settling it by the word of two people."""

import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table
from rich.text import Text

from infra.commands import shown
from infra.commands.options import console, data_option, fail
from infra.commands.people import answered, as_option, wait_option, wished
from messages.base import format_time
from messages.operators import (
    ConfirmResolution,
    DoubtOutcome,
    ResolutionReport,
    ResolveInDoubt,
)

if TYPE_CHECKING:
    from infra.doubts import Line

COLUMNS = (
    "Venue", "Session", "ClOrdID", "Request", "Account", "Symbol", "Side", "LeavesQty", "Notional",
    "In doubt", "Proposed",
)  # fmt: skip
NUMBERS = ("LeavesQty", "Notional", "In doubt")


@click.group()
def doubt() -> None:
    """Show what was sent to a venue and not answered, and settle it where the venue cannot.

    It takes two operators: one proposes how it ended, another confirms.
    """


@doubt.command("list")
@click.option("--venue", help="Only this venue.")
@data_option
@shown.json_option
def list_(data: Path, venue: str | None, as_json: bool) -> None:
    """What is in doubt, the oldest first. Works while everything runs, and when nothing does."""
    from infra.doubts import doubts
    from infra.replayed import CannotRead

    try:
        found = doubts(data, venue)
    except CannotRead as error:
        raise fail(error) from error
    if as_json:
        shown.print_json([as_dict(line) for line in found])
        return
    if not found:
        click.echo("nothing is in doubt")
        return
    shown.print_table(_as_table(found))
    click.echo(
        f"{len(found)} in doubt; if the venue cannot tell: "
        "oms doubt propose VENUE CLORDID OUTCOME --reason TEXT --as OPERATOR"
    )


@doubt.command()
@click.argument("venue")
@click.argument("clordid")
@click.argument("outcome", type=click.Choice(list(DoubtOutcome), case_sensitive=False))
@click.option("--reason", required=True, help="How you know, in one line.")
@as_option
@click.option("--cum-qty", help="What the venue has traded, to be checked against its reports.")
@wait_option
@data_option
def propose(data: Path, venue: str, clordid: str, operator: str, wait: float, **words: Any) -> None:
    """Say how the request CLORDID ended at VENUE; nothing happens before another confirms it."""
    wish = wished(
        ResolveInDoubt,
        Venue=venue,
        ClOrdID=clordid,
        Outcome=DoubtOutcome(words["outcome"]),
        CumQty=words["cum_qty"],
        Reason=words["reason"],
    )
    report = _said(data, operator, wish, wait)
    console.print(
        f"another operator confirms it with:\n"
        f"  oms doubt confirm {venue} {clordid} {report.ResolutionID} --as NAME",
        highlight=False,
        soft_wrap=True,
    )


@doubt.command()
@click.argument("venue")
@click.argument("clordid")
@click.argument("resolution_id")
@as_option
@wait_option
@data_option
def confirm(
    data: Path, venue: str, clordid: str, resolution_id: str, operator: str, wait: float
) -> None:
    """Confirm what oms doubt list shows as proposed, by its id: it holds from then on."""
    wish = wished(ConfirmResolution, Venue=venue, ClOrdID=clordid, ResolutionID=resolution_id)
    _said(data, operator, wish, wait)


def _said(
    data: Path, operator: str, wish: ResolveInDoubt | ConfirmResolution, wait: float
) -> ResolutionReport:
    """Say it, and print the answer."""
    report = answered(data, operator, wish, ResolutionReport, wait)
    console.print(line(report), highlight=False, soft_wrap=True)
    return report


def line(report: ResolutionReport) -> str:
    """A report as one line of words."""
    names = " and ".join(filter(None, (report.ProposedBy, report.ConfirmedBy)))
    return (
        f"[bold]{report.ResolutionStatus}[/]  {report.Venue}  {report.ClOrdID}  {report.Outcome}  "
        f"by {names}: {report.Reason}  ({report.ResolutionID})"
    )


def as_dict(line: "Line") -> dict[str, object]:
    """The line under FIX names, decimals as strings, times in RFC 3339."""
    proposal = line.proposal
    return {
        "Venue": line.venue,
        "SessionUp": line.session_up,
        "ClOrdID": line.request.ClOrdID,
        "Request": line.request.kind,
        "ChildID": line.child.ChildID,
        "Account": line.child.Account,
        "Symbol": line.child.terms.Symbol,
        "Side": line.child.terms.Side,
        "LeavesQty": shown.plain(line.leaves),
        "Notional": shown.plain(line.notional),
        "Currency": line.currency,
        "Since": format_time(line.since),
        "Proposal": None
        if proposal is None
        else {
            "ResolutionID": proposal.ResolutionID,
            "Outcome": proposal.Outcome,
            "ProposedBy": proposal.ProposedBy,
            "Reason": proposal.Reason,
        },
    }


def _as_table(found: "list[Line]") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in COLUMNS:
        table.add_column(name, justify="right" if name in NUMBERS else "left", overflow="fold")
    now = time.time_ns()
    for one in found:
        terms = one.child.terms
        table.add_row(
            one.venue,
            Text("up") if one.session_up else Text("down", style="red"),
            one.request.ClOrdID,
            one.request.kind,
            one.child.Account,
            terms.Symbol,
            Text(terms.Side, style="green" if terms.Side.sign > 0 else "red"),
            shown.grouped(one.leaves),
            _money(one.notional, one.currency),
            Text(shown.lasted(now - one.since), style="bold magenta"),
            _proposed(one),
        )
    return table


def _money(value: Decimal | None, currency: str) -> str:
    return "" if value is None else f"{shown.grouped(value)} {currency}".strip()


def _proposed(one: "Line") -> str:
    proposal = one.proposal
    if proposal is None:
        return ""
    return (
        f"{proposal.Outcome} by {proposal.ProposedBy} ({proposal.ResolutionID}): {proposal.Reason}"
    )
