"""``oms orders``: the blotter, as the account journals tell it."""

import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from rich.table import Table
from rich.text import Text

from infra.commands import shown
from infra.commands.options import data_option, fail
from messages.base import Instant, format_time
from messages.fix import OrdStatus
from messages.terms import Terms

if TYPE_CHECKING:
    from actors.account.state import AccountState, Order
    from infra.replayed import Doubt, Watch

LIMIT = 50
"""How many orders a table shows where nothing else is asked for."""

AVG_PX = Decimal("0.00000001")

STYLES = {
    OrdStatus.Filled: "green",
    OrdStatus.PartiallyFilled: "cyan",
    OrdStatus.New: "cyan",
    OrdStatus.Rejected: "red",
    OrdStatus.Canceled: "dim",
    OrdStatus.Expired: "dim",
    OrdStatus.DoneForDay: "dim",
    OrdStatus.Calculated: "dim",
    OrdStatus.Stopped: "cyan",
    OrdStatus.Suspended: "magenta",
}
"""The pending states are yellow."""

LEFT = ("ClOrdID", "OrderID", "Account", "Desk", "Symbol", "Side")
COLUMNS = (
    *LEFT, "OrderQty", "OrdType", "Price", "StopPx", "TIF", "OrdStatus", "CumQty", "DayCumQty",
    "LeavesQty", "AvgPx",
)  # fmt: skip
DISPENSABLE = frozenset(("OrderID", "Desk", "OrdType", "TIF"))
"""Left out where the terminal is too narrow for all."""


class Line(NamedTuple):
    """One order as its account knows it now. ``text``: why it was refused, where it was.

    ``clordid`` is empty where the venue made the order; the quantities of the day are None on its
    first; ``overfilled``: what the venue executed beyond OrderQty.
    """

    at: Instant
    account: str
    order_id: str
    clordid: str
    orig: str | None
    desk: str
    terms: Terms
    status: OrdStatus
    is_open: bool
    cum_qty: Decimal = Decimal(0)
    leaves_qty: Decimal = Decimal(0)
    avg_px: Decimal = Decimal(0)
    day_order_qty: Decimal | None = None
    day_cum_qty: Decimal | None = None
    trade_date: str | None = None
    overfilled: Decimal = Decimal(0)
    doubts: "tuple[Doubt, ...]" = ()
    text: str | None = None


@click.command()
@data_option
@click.option("--open", "open_only", is_flag=True, help="Only orders that can still trade.")
@click.option("--account", help="Only this account.")
@click.option("--desk", help="Only this desk.")
@click.option("--limit", type=click.IntRange(0), help=f"The latest N (0: all; default: {LIMIT}).")
@shown.json_option
def orders(
    data: Path,
    open_only: bool,
    account: str | None,
    desk: str | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """Show orders, the latest last. Works while everything runs, and when nothing does.

    With --json there is no limit unless one is given.
    """
    from infra.replayed import CannotRead

    try:
        with shown.progress(data) as watch:
            found = blotter(data, account, watch)
    except CannotRead as error:
        raise fail(error) from error
    found = [line for line in found if desk in (None, line.desk) and line.is_open >= open_only]
    wanted = limit if limit is not None else (0 if as_json else LIMIT)
    latest = found[-wanted:] if wanted else found
    if as_json:
        shown.print_json([as_dict(line) for line in latest])
        return
    columns = _columns(latest)
    table = as_table(latest, columns)
    if not shown.fits(table):
        table = as_table(latest, [name for name in columns if name not in DISPENSABLE])
    shown.print_table(table)
    click.echo(_foot(found, latest))


def blotter(data: Path, account: str | None = None, watch: "Watch | None" = None) -> list[Line]:
    """Every order of the installation, or of one account, by the time it was received.

    Raises:
        CannotRead: there is no such account, or a journal is damaged.
    """
    from infra.replayed import account_journals, account_states, doubts

    states = account_states(data, account, watch)
    in_doubt = doubts(data) if any(map(_may_be_in_doubt, states.values())) else {}
    lines: list[Line] = []
    for name, state in states.items():
        lines += [line_of(name, state, order, in_doubt) for order in state.orders.values()]
        lines += refused(name, account_journals(data, name)[f"account/{name}"])
    return sorted(lines, key=lambda line: line.at)


def _may_be_in_doubt(state: "AccountState") -> bool:
    """A replace may be in doubt of an order that is filled, and opens it again."""
    return bool(state.open) or any(order.pending for order in state.orders.values())


def line_of(
    account: str, state: "AccountState", order: "Order", in_doubt: "dict[str, list[Doubt]]"
) -> Line:
    """The order as its account knows it."""
    return Line(
        at=order.received_at,
        account=account,
        order_id=order.OrderID,
        clordid=order.ClOrdID,
        orig=order.OrigClOrdID,
        desk=order.Desk,
        terms=order.terms,
        status=order.shown_status,
        is_open=order.OrderID in state.open,
        cum_qty=order.cum_qty,
        leaves_qty=order.leaves_qty,
        avg_px=order.avg_px.quantize(AVG_PX),
        day_order_qty=order.day_order_qty if order.day else None,
        day_cum_qty=order.day_cum_qty if order.day else None,
        trade_date=order.trade_date,
        overfilled=order.overfilled if order.terms.OrderQty is not None else Decimal(0),
        doubts=tuple(in_doubt.get(order.OrderID, ())),
    )


def refused(account: str, path: Path, until: Instant | None = None) -> list[Line]:
    """What the account refused (by then): its state keeps no time of these, its journal does."""
    from infra.replayed import events_of
    from messages.events import OrderRefused

    lines = []
    for at, event in events_of(path, OrderRefused):
        if until is not None and at > until:
            break
        lines.append(
            Line(
                at=event.ReceivedAt,
                account=account,
                order_id=event.OrderID,
                clordid=event.ClOrdID,
                orig=None,
                desk=event.Desk,
                terms=event.Terms,
                status=OrdStatus.Rejected,
                is_open=False,
                text=f"{event.OrdRejReason}: {event.Refusal.text()}",
            )
        )
    return lines


def as_dict(line: Line) -> dict[str, object]:
    """The line under FIX names, decimals as strings, times in RFC 3339."""
    terms = line.terms.model_dump(mode="json")
    return {
        "ReceivedAt": format_time(line.at),
        "Account": line.account,
        "Desk": line.desk,
        "ClOrdID": line.clordid or None,
        "OrigClOrdID": line.orig or None,
        "OrderID": line.order_id,
        **terms,
        "OrdStatus": line.status,
        "Open": line.is_open,
        "CumQty": shown.plain(line.cum_qty),
        "LeavesQty": shown.plain(line.leaves_qty),
        "AvgPx": shown.plain(line.avg_px),
        "DayOrderQty": shown.plain(line.day_order_qty),
        "DayCumQty": shown.plain(line.day_cum_qty),
        "TradeDate": line.trade_date,
        "Overfilled": shown.plain(line.overfilled or None),
        "Text": line.text,
        "InDoubt": [
            {
                "Venue": d.venue,
                "ClOrdID": d.clordid,
                "Request": d.kind,
                "Since": format_time(d.since),
            }
            for d in line.doubts
        ],
    }


def _columns(lines: list[Line]) -> list[str]:
    given = {
        "StopPx": any(line.terms.StopPx is not None for line in lines),
        "DayCumQty": any(line.day_cum_qty is not None for line in lines),
    }
    return [name for name in COLUMNS if given.get(name, True)]


def as_table(
    lines: list[Line], columns: "tuple[str, ...] | list[str]", at: Instant | None = None
) -> Table:
    """The lines with these of COLUMNS; ``at``: as of then, not of now."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        words = name in (*LEFT, "OrdType", "TIF", "OrdStatus")
        table.add_column(name, justify="left" if words else "right", overflow="fold")
    now = time.time_ns() if at is None else at
    for line in lines:
        cells = _cells(line, now)
        table.add_row(*(cells[name] for name in columns))
    return table


def _cells(line: Line, now: Instant) -> dict[str, Text]:
    terms = line.terms
    words = {
        "ClOrdID": line.clordid or f"({line.order_id})",
        "OrderID": line.order_id,
        "Account": line.account,
        "Desk": line.desk,
        "Symbol": terms.Symbol,
        "Side": terms.Side,
        "OrderQty": _quantity(terms),
        "OrdType": terms.OrdType,
        "Price": shown.grouped(terms.Price),
        "StopPx": shown.grouped(terms.StopPx),
        "TIF": terms.TimeInForce,
        "CumQty": shown.grouped(line.cum_qty),
        "DayCumQty": shown.grouped(line.day_cum_qty),
        "LeavesQty": shown.grouped(line.leaves_qty),
        "AvgPx": shown.grouped(line.avg_px) if line.cum_qty else "",
    }
    cells = {name: Text(text) for name, text in words.items()}
    cells["Side"].stylize("green" if terms.Side.sign > 0 else "red")
    cells["OrdStatus"] = _status(line, now)
    return cells


def _quantity(terms: Terms) -> str:
    """Units, or the money that is to be spent while the venue has not said how many that is."""
    if terms.OrderQty is None and terms.CashOrderQty is not None:
        return f"for {shown.grouped(terms.CashOrderQty)} {terms.Currency or 'cash'}"
    return shown.grouped(terms.OrderQty)


def _status(line: Line, now: Instant) -> Text:
    text = Text(line.status, style=STYLES.get(line.status, "yellow"))
    if line.overfilled:
        text.append(f", overfilled {shown.grouped(line.overfilled)}", style="bold red")
    for doubt in line.doubts:
        what = "in doubt" if doubt.kind == "New" else f"{doubt.kind} in doubt"
        text.append(f", {what} {shown.lasted(now - doubt.since)}", style="bold magenta")
    return text


def _foot(found: list[Line], latest: list[Line]) -> str:
    if not found:
        return "no such orders; send one with: oms send"
    count = "1 order" if len(found) == 1 else f"{len(found):,} orders"
    told = [f"{sum(line.is_open for line in found):,} open"]
    if doubtful := sum(bool(line.doubts) for line in found):
        told.append(f"{doubtful:,} in doubt")
    if len(latest) < len(found):
        told.append(f"the latest {len(latest):,} are shown, all with --limit 0")
    return f"{count}: {', '.join(told)}; what became of one: oms trail CLORDID"
