"""``oms rules``: the rule book that orders are judged by, and changing it by the word of two."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from infra.commands import shown
from infra.commands.options import console, data_option, fail
from infra.commands.people import answered, as_option, reason_option, wait_option, wished
from messages.base import Instant, format_time, parse_time
from messages.rulebook import (
    ApproveRules,
    ProposeRules,
    RejectRules,
    RulesReport,
    RulesStatus,
)

if TYPE_CHECKING:
    from actors.rulebook.state import RuleBookState
    from infra.backtest.verdicts import Verdict


@click.group()
def rules() -> None:
    """Show the rule book, and change it while everything runs.

    It takes two operators: one proposes a whole new version, another approves it.
    """


@rules.command()
@click.option("--version", type=int, help="An earlier or a coming one; else the one in force.")
@click.option("--proposal", help="One that is not approved yet, by its id.")
@data_option
@shown.json_option
def show(data: Path, version: int | None, proposal: str | None, as_json: bool) -> None:
    """Print a version as TOML: change a copy of it, and propose that."""
    from infra.rules import as_toml

    found = _state(data)
    if proposal is not None:
        known = found.proposals.get(proposal)
        if known is None:
            raise fail(f"there is no proposal {proposal}; see: oms rules history --data {data}")
        book, head = known.rules, f"# proposal {proposal} by {known.author}: {known.reason}"
    else:
        number = found.in_force if version is None else version
        one = found.versions.get(number)
        if one is None and version is not None:
            raise fail(f"there is no version {version}; see: oms rules history --data {data}")
        if one is None:
            click.echo("# no rule book: limits are those of the reference data")
            return
        book = one.rules
        head = f"# version {number}" + (", in force" if number == found.in_force else "")
    click.echo(book.model_dump_json(exclude_defaults=True) if as_json else f"{head}\n", nl=as_json)
    if not as_json:
        click.echo(as_toml(book), nl=False)


@rules.command("list")
@shown.json_option
def list_rules(as_json: bool) -> None:
    """Every rule in its order of precedence, and over what its limit adds up.

    A limit of the firm, of a desk or of a trader holds for each order, or for each account by
    itself, or for all accounts together: a limit that is not shared is not a sum over accounts.
    """
    from infra.rules import table

    rows = [dict(zip(RULE_COLUMNS, row, strict=True)) for row in table()]
    if as_json:
        shown.print_json(rows)
        return
    found = Table(box=None, pad_edge=False, header_style="bold")
    for name in RULE_COLUMNS:
        found.add_column(name, overflow="fold")
    for row in rows:
        found.add_row(row["Rule"], row["Limits"] or "(always)", row["Counted over"])
    shown.print_table(found)


RULE_COLUMNS = ("Rule", "Limits", "Counted over")


@rules.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@reason_option
@as_option
@click.option("--at", "at", help="When it takes effect (RFC 3339); else once it is approved.")
@wait_option
@data_option
def propose(
    data: Path, file: Path, reason: str, operator: str, at: str | None, wait: float
) -> None:
    """Propose FILE (TOML) as the next version; nothing happens before another approves it."""
    from infra.rules import RulesRefused, read

    try:
        effective = parse_time(at) if at else None
        book = read(file)
    except (RulesRefused, ValueError) as error:
        raise fail(error) from error
    wish = wished(ProposeRules, Rules=book, EffectiveAt=effective, Reason=reason)
    report = _said(data, operator, wish, wait)
    console.print(
        f"another operator approves it with:\n  oms rules approve {report.ProposalID} --as NAME",
        highlight=False,
        soft_wrap=True,
    )


@rules.command()
@click.argument("proposal_id")
@as_option
@wait_option
@data_option
def approve(data: Path, proposal_id: str, operator: str, wait: float) -> None:
    """Approve what another operator proposed: it is a version from then on."""
    _said(data, operator, wished(ApproveRules, ProposalID=proposal_id), wait)


@rules.command()
@click.argument("proposal_id")
@reason_option
@as_option
@wait_option
@data_option
def reject(data: Path, proposal_id: str, reason: str, operator: str, wait: float) -> None:
    """Reject a proposal, or take your own back."""
    _said(data, operator, wished(RejectRules, ProposalID=proposal_id, Reason=reason), wait)


@rules.command()
@data_option
@shown.json_option
def history(data: Path, as_json: bool) -> None:
    """Every version and proposal: who, why, when."""
    rows = list(_history(_state(data)))
    if as_json:
        shown.print_json(rows)
        return
    if not rows:
        click.echo("no rule book: limits are those of the reference data")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(str(value or "") for value in row.values()))
    shown.print_table(table)


@rules.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--since", help="Judge what came from then on (RFC 3339); else everything.")
@click.option("--all", "everything", is_flag=True, help="Also what another rule refuses now.")
@data_option
@shown.json_option
def test(data: Path, file: Path, since: str | None, everything: bool, as_json: bool) -> None:
    """Judge journaled orders by FILE: what it would have blocked, and what let through.

    Each order is judged as its account stood when it came, and as its book did, by all rules of
    both. An order that an account refused then never came to its book. Where short_sale_price
    would need quotes that nobody asked for then, that is counted and said.
    """
    from infra.backtest import judge
    from infra.replayed import CannotRead
    from infra.rules import RulesRefused, read

    try:
        found = judge(data, read(file), parse_time(since) if since else 0)
    except (CannotRead, RulesRefused, ValueError) as error:
        raise fail(error) from error
    differing = [one for one in found.verdicts if everything or one.outcome != "refused otherwise"]
    if as_json:
        shown.print_json([one.as_dict() for one in differing])
        for rule, n in found.unjudged.items():
            click.echo(f"{n} not judged by {rule}: no bid was known then", err=True)
        return
    _print_verdicts(differing)
    counts = ", ".join(f"{n} {outcome} by {rule}" for (outcome, rule), n in found.by_rule())
    click.echo(
        f"{found.judged} orders and replaces judged, {found.same} as before"
        + (f"; {counts}" if counts else "")
        + "".join(f"; {n} not judged by {rule}" for rule, n in found.unjudged.items())
    )


def _print_verdicts(found: "list[Verdict]") -> None:
    if not found:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Time", "Account", "Order", "ClOrdID", "What", "Outcome", "Rule", "Why"):
        table.add_column(name, overflow="fold")
    for one in found:
        row = one.as_dict()
        names = ("Time", "Account", "OrderID", "ClOrdID", "Terms", "Outcome", "Rule", "Why")
        table.add_row(*(str(row[name] or "") for name in names))
    shown.print_table(table)


def _history(found: "RuleBookState") -> "list[dict[str, object]]":
    by_number = {known.version: name for name, known in found.proposals.items() if known.version}
    rows: list[dict[str, object]] = []
    for number, version in sorted(found.versions.items()):
        status = RulesStatus.InForce if number <= found.in_force else RulesStatus.Approved
        row: tuple[object, ...] = (
            number, "Past" if number < found.in_force else status.value,
            by_number.get(number) or "(reference data)", _time(version.effective_at),
            version.author, version.approver, version.reason,
        )  # fmt: skip
        rows.append(dict(zip(COLUMNS, row, strict=True)))
    for name, known in found.proposals.items():
        if known.version is None:
            status = RulesStatus.Rejected if known.rejected_by else RulesStatus.Proposed
            row = (
                None, status.value, name, _time(known.effective_at), known.author,
                known.rejected_by, known.reason,
            )  # fmt: skip
            rows.append(dict(zip(COLUMNS, row, strict=True)))
    return rows


COLUMNS = ("Version", "Status", "Proposal", "EffectiveAt", "Author", "Decided by", "Reason")


def _time(at: Instant | None) -> str | None:
    return format_time(at) if at else None


def _state(data: Path) -> "RuleBookState":
    from infra.replayed import CannotRead
    from infra.rules import state

    try:
        return state(data)
    except CannotRead as error:
        raise fail(error) from error


def _said(
    data: Path, operator: str, wish: ProposeRules | ApproveRules | RejectRules, wait: float
) -> RulesReport:
    """Say it, and print the answer."""
    report = answered(data, operator, wish, RulesReport, wait)
    console.print(line(report), highlight=False, soft_wrap=True)
    return report


def line(report: RulesReport) -> str:
    """A report as one line of words."""
    names = " and ".join(filter(None, (report.Author, report.Approver)))
    version = f"  version {report.Version}" if report.Version else ""
    at = f"  from {format_time(report.EffectiveAt)}" if report.EffectiveAt else ""
    return (
        f"[bold]{report.RulesStatus}[/]{version}{at}  "
        f"by {names}: {report.Reason}  ({report.ProposalID})"
    )
