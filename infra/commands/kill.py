"""``oms kill``: stop new risk in a scope at once, see whether it is quiet, and release it."""

import time
from pathlib import Path
from typing import Any

import click

from infra.commands import shown
from infra.commands.options import console, data_option, fail
from infra.commands.people import answered, as_option, reason_option, wait_option, wished
from infra.kills import Certificate, certificates
from messages.base import SECOND, format_time
from messages.kills import Kill, KilledState, KillReport, KillScope, ReleaseKill

LISTED = (KilledState.Open, KilledState.InDoubt, KilledState.CancelRefused)
"""States whose orders are named one by one; of the others their number is enough."""


@click.group()
def kill() -> None:
    """Stop new risk: of the firm, a desk, an account, an instrument or a venue.

    One person triggers it, another one releases it. New orders and replaces that add risk are
    rejected, open orders are cancelled, cancels still flow.
    """


def _trigger(scope: KillScope, name: str | None, words: dict[str, Any]) -> None:
    data, operator, wait = words["data"], words["operator"], words["wait"]
    wish = wished(Kill, Scope=scope, Name=name, Reason=words["reason"], TransactTime=time.time_ns())
    _print(answered(data, operator, wish, KillReport, wait))
    click.echo(f"see what became of everything with: oms kill status --data {data}")


@kill.command()
@reason_option
@as_option
@wait_option
@data_option
def firm(**words: Any) -> None:
    """Stop everything."""
    _trigger(KillScope.Firm, None, words)


def _scoped(scope: KillScope, what: str) -> None:
    @kill.command(scope.lower(), help=what)
    @click.argument("name")
    @reason_option
    @as_option
    @wait_option
    @data_option
    def command(name: str, **words: Any) -> None:
        _trigger(scope, name, words)


_scoped(KillScope.Desk, "Stop the orders of one desk.")
_scoped(KillScope.Account, "Stop the orders for one account.")
_scoped(KillScope.Instrument, "Stop the orders in one instrument.")
_scoped(KillScope.Venue, "Stop the orders at one venue.")


@kill.command()
@click.argument("kill_id")
@reason_option
@as_option
@wait_option
@data_option
def release(kill_id: str, operator: str, reason: str, wait: float, data: Path) -> None:
    """End the kill KILL_ID; it takes another person than the one who triggered it."""
    wish = wished(ReleaseKill, KillID=kill_id, Reason=reason)
    _print(answered(data, operator, wish, KillReport, wait))


@kill.command()
@click.option("--all", "everything", is_flag=True, help="Those that were released, too.")
@data_option
@shown.json_option
def status(data: Path, everything: bool, as_json: bool) -> None:
    """Show what stands, and its certificate of quiet. Works also when nothing runs."""
    from infra.replayed import CannotRead

    try:
        found = certificates(data)
    except CannotRead as error:
        raise fail(error) from error
    found = [one for one in found if everything or not one.record.released_at]
    if as_json:
        shown.print_json([one.as_dict() for one in found])
        return
    if not found:
        click.echo("no kill stands")
    for one in found:
        for text in lines(one):
            console.print(text, highlight=False, soft_wrap=True)


def lines(one: Certificate) -> list[str]:
    """A certificate in words."""
    record, kill_ = one.record, one.record.kill
    told = [f"[bold]{_how(one)}[/]  {kill_.text()}"]
    if record.released_at:
        by, reason = record.released_by, record.release_reason
        told.append(f"  released by {by} at {format_time(record.released_at)}: {reason}")
    for said in one.venues:
        late = (said.At - kill_.At) / SECOND * 1000
        last = "nothing with new risk was ever sent"
        if said.LastClOrdID and said.LastSentAt:
            at = format_time(said.LastSentAt)
            last = f"last with new risk {said.LastClOrdID} at {at}"
        number = record.sequences.get(said.By)
        counted = f", MsgSeqNum {number}" if number is not None else ""
        told.append(f"  {said.By} stopped after {late:.1f} ms; {last}{counted}")
    for state in KilledState:
        names = one.orders.get(state, [])
        if names:
            listed = ": " + ", ".join(names) if state in LISTED else ""
            told.append(f"  {len(names)} {state}{listed}")
    if one.missing:
        told.append(f"  not heard yet: {', '.join(one.missing)}")
    return told


def _how(one: Certificate) -> str:
    if one.record.released_at:
        return "released"
    return "quiet" if one.record.quiet else "not quiet yet"


def _print(report: KillReport) -> None:
    what = f"{report.Scope} {report.Name or ''}".strip()
    by = f"by {report.By}" + (f", released by {report.ReleasedBy}" if report.ReleasedBy else "")
    console.print(
        f"[bold]{report.KillStatus}[/]  {report.KillID}  {what}  {by}: {report.Reason}",
        highlight=False,
        soft_wrap=True,
    )
