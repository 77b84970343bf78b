"""``oms surveillance``: alerts with their evidence, cases, and what the patterns are worth."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from infra.commands import shown
from infra.commands.options import console, data_option, fail
from infra.commands.people import answered, as_option, wait_option, wished
from messages.base import decimal_text, format_time
from messages.cases import CaseReport, CaseRequest, CaseStep, NewsReported

if TYPE_CHECKING:
    from infra.surveillance.alerts import Line
    from infra.surveillance.evaluate import Score

COLOURS = {"High": "bold red", "Medium": "yellow", "Low": "cyan"}
STATES = {"New": "bold red", "Open": "yellow", "Closed": "green"}

text_option = click.option("--text", help="One line of text.")


@click.group()
def surveillance() -> None:
    """Show alerts and handle them as cases; evaluate the patterns."""


@surveillance.command("alerts")
@click.option("--status", type=click.Choice(list(STATES), case_sensitive=False))
@click.option("--pattern", help="Only of this pattern.")
@data_option
@shown.json_option
def alerts_(data: Path, status: str | None, pattern: str | None, as_json: bool) -> None:
    """Every alert, the oldest first. Works while everything runs, and when nothing does."""
    found = [
        line
        for line in _read(data).values()
        if status in (None, line.status) and pattern in (None, line.alert.Pattern)
    ]
    if as_json:
        shown.print_json([as_dict(line) for line in found])
    elif not found:
        click.echo("no alerts")
    else:
        shown.print_table(_as_table(found))
        click.echo(f"{len(found)} alerts; the evidence of one: oms surveillance show ALERTID")


@surveillance.command()
@click.argument("alert_id")
@data_option
@shown.json_option
def show(data: Path, alert_id: str, as_json: bool) -> None:
    """One alert: parties, orders, journal entries, what was measured, and what people did."""
    line = _read(data).get(alert_id)
    if line is None:
        raise fail(f"there is no alert {alert_id}; see: oms surveillance alerts --data {data}")
    if as_json:
        shown.print_json(as_dict(line))
        return
    _print(line)


def _step(step: CaseStep, about: str, *options: str) -> None:
    """One command for each step in a case."""

    @click.argument("alert_id")
    @click.argument("assignee", required="assignee" in options, default=None)
    @text_option
    @as_option
    @wait_option
    @data_option
    def take(
        data: Path,
        alert_id: str,
        assignee: str | None,
        text: str | None,
        operator: str,
        wait: float,
    ) -> None:
        wish = wished(CaseRequest, AlertID=alert_id, Step=step, Assignee=assignee, Text=text)
        _said(data, operator, wish, wait)

    take.__doc__ = about
    surveillance.command(step.lower())(take)


_step(CaseStep.Open, "Begin to look into an alert, also into one that was closed.")
_step(CaseStep.Assign, "Give the case to an operator; opens it.", "assignee")
_step(CaseStep.Comment, "Add a comment (--text) to the case.")
_step(CaseStep.Close, "Close the case; --text is the reason.")


@surveillance.command()
@click.argument("symbol")
@click.argument("move")
@click.option("--at", "at", required=True, help="When it came out, RFC 3339.")
@click.option("--headline", required=True, help="One line.")
@as_option
@wait_option
@data_option
def news(
    data: Path, symbol: str, move: str, at: str, headline: str, operator: str, wait: float
) -> None:
    """Tell of news that moved SYMBOL by MOVE (0.05: up 5 %): trades before it are looked at."""
    wish = wished(NewsReported, Symbol=symbol, Move=move, At=at, Headline=headline)
    _said(data, operator, wish, wait)


@surveillance.command()
@click.option(
    "--seed", "seeds", multiple=True, type=int, help="Of the cases; several are added up."
)
@click.option("--cases", "count", default=50, show_default=True, help="Guilty, and as many not.")
@click.option("--config", type=click.Path(path_type=Path), help="Reference data with the bands.")
@shown.json_option
def evaluate(seeds: tuple[int, ...], count: int, config: Path | None, as_json: bool) -> None:
    """Play cases of every pattern: who is guilty is found, and nobody else.

    Exit code 1 where recall is under 0.95, precision under 0.9, or an alert takes more than 5 s.
    """
    from infra.reference import SAMPLE, ReferenceRefused, load
    from infra.surveillance.evaluate import evaluate as played

    try:
        bands = load(config or SAMPLE).surveillance.Bands
    except ReferenceRefused as error:
        raise fail(error) from error
    scores = played(bands, seeds or (1,), count)
    if as_json:
        shown.print_json([_score_dict(score) for score in scores])
    else:
        shown.print_table(_scores(scores))
        _print_faults(scores)
    if not all(score.passes for score in scores):
        raise click.exceptions.Exit(1)


@surveillance.command()
@click.option("--orders", default=5_000, show_default=True)
def cost(orders: int) -> None:
    """CPU of surveillance for one order (entered, acknowledged, filled), part by part."""
    from infra.surveillance.cost import measured

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("part")
    table.add_column("us per order", justify="right")
    for part, micros in measured(orders):
        table.add_row(part, f"{micros:.1f}")
    shown.print_table(table)


def as_dict(line: "Line") -> dict[str, object]:
    """The alert with its case, times in RFC 3339, decimals as strings."""
    said = line.alert.model_dump(mode="json", exclude={"Event"})
    return said | {
        "At": format_time(line.alert.At),
        "RaisedAt": format_time(line.raised_at),
        "CaseStatus": line.status,
        "Assignee": line.assignee,
        "Steps": [
            step.model_dump(mode="json", exclude={"Event", "AlertID"}, exclude_none=True)
            | {"At": format_time(step.At)}
            for step in line.steps
        ],
    }


def _read(data: Path) -> "dict[str, Line]":
    from infra.replayed import CannotRead
    from infra.surveillance.alerts import alerts

    try:
        return alerts(data)
    except CannotRead as error:
        raise fail(error) from error


def _said(data: Path, operator: str, wish: CaseRequest | NewsReported, wait: float) -> None:
    """Say it, and print the answer."""
    report = answered(data, operator, wish, CaseReport, wait)
    console.print(line_of(report), highlight=False, soft_wrap=True)


def line_of(report: CaseReport) -> str:
    """A report as one line of words."""
    who = f"  assigned to {report.Assignee}" if report.Assignee else ""
    text = f": {report.Text}" if report.Text else ""
    return f"[bold]{report.CaseStatus}[/]  {report.AlertID}  {report.Step}{who}{text}"


def _as_table(found: "list[Line]") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("AlertID", "At", "Pattern", "Severity", "Symbol", "Owner", "Case", "Assignee"):
        table.add_column(name)
    table.add_column("Text", overflow="fold")
    for line in found:
        alert = line.alert
        table.add_row(
            alert.AlertID, format_time(alert.At), alert.Pattern,
            Text(alert.Severity, style=COLOURS.get(alert.Severity, "")), alert.Symbol, alert.Owner,
            Text(line.status, style=STATES.get(line.status, "")), line.assignee or "", alert.Text,
        )  # fmt: skip
    return table


def _print(line: "Line") -> None:
    alert = line.alert
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("AlertID", alert.AlertID)
    table.add_row("Pattern", alert.Pattern)
    table.add_row("Severity", Text(alert.Severity, style=COLOURS.get(alert.Severity, "")))
    table.add_row("Text", alert.Text)
    table.add_row("At", f"{format_time(alert.At)}, raised {format_time(line.raised_at)}")
    table.add_row("Symbol", f"{alert.Symbol} ({alert.Band})")
    table.add_row("Owner", alert.Owner)
    table.add_row("Accounts", ", ".join(alert.Accounts))
    table.add_row("Desks", ", ".join(alert.Desks))
    for one in alert.Measures:
        value, threshold = decimal_text(one.Value), decimal_text(one.Threshold)
        table.add_row(one.Name, f"{value} (threshold {threshold})")
    table.add_row("OrderIDs", ", ".join(alert.OrderIDs))
    table.add_row("Entries", ", ".join(alert.Entries))
    for step in line.steps:
        words = " ".join(filter(None, (step.Step, step.Assignee, step.Text)))
        table.add_row("Case", f"{format_time(step.At)} {step.Operator}: {words}")
    table.add_row("Status", Text(line.status, style=STATES.get(line.status, "")))
    shown.print_table(table)


def _scores(scores: "list[Score]") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("pattern")
    for name in ("guilty", "innocent", "found", "false", "recall", "precision", "delay s"):
        table.add_column(name, justify="right")
    table.add_column("")
    for score in scores:
        good = score.passes
        table.add_row(
            score.pattern, str(score.guilty), str(score.innocent), str(score.found),
            str(score.false), f"{score.recall:.3f}", f"{score.precision:.3f}",
            f"{score.delay:.2f}", Text("ok" if good else "FAIL", style="green" if good else "red"),
        )  # fmt: skip
    return table


def _print_faults(scores: "list[Score]") -> None:
    for score in scores:
        for what, count in score.missed.items():
            console.print(f"  {score.pattern} missed {count}: {what}", highlight=False)
        for what, count in score.wrong.items():
            console.print(f"  {score.pattern} wrongly found {count}: {what}", highlight=False)


def _score_dict(score: "Score") -> dict[str, object]:
    return {
        "pattern": score.pattern,
        "guilty": score.guilty,
        "innocent": score.innocent,
        "found": score.found,
        "false": score.false,
        "recall": round(score.recall, 4),
        "precision": round(score.precision, 4),
        "delay_s": round(score.delay, 3),
        "ok": score.passes,
        "missed": dict(score.missed),
        "wrong": dict(score.wrong),
        "also": dict(score.also),
    }
