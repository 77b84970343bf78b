"""``oms positions``: what each account holds, what it has earned, and its cash."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from rich.table import Table
from rich.text import Text

from infra.commands import shown
from infra.commands.options import data_option, fail

if TYPE_CHECKING:
    from actors.account.state import AccountState

AVERAGE = Decimal("0.00000001")
MONEY = Decimal("0.01")


class Holding(NamedTuple):
    """A position. ``average_cost`` is per unit, 0 where nothing is held; money in ``currency``."""

    account: str
    symbol: str
    quantity: Decimal
    average_cost: Decimal
    realized: Decimal
    currency: str


class Purse(NamedTuple):
    """Money of one currency: what is there, what open orders hold back, and what that leaves."""

    account: str
    currency: str
    cash: Decimal
    reserved: Decimal
    buying_power: Decimal


@click.command()
@data_option
@click.option("--account", help="Only this account.")
@shown.json_option
def positions(data: Path, account: str | None, as_json: bool) -> None:
    """Show positions with average cost and realized P&L, then cash by currency."""
    from infra.replayed import CannotRead, account_states

    try:
        with shown.progress(data) as watch:
            states = account_states(data, account, watch)
    except CannotRead as error:
        raise fail(error) from error
    held = [holding for name, state in states.items() for holding in holdings(name, state)]
    money = [purse for name, state in states.items() for purse in purses(name, state)]
    if as_json:
        shown.print_json(
            {"Positions": [as_dict(h) for h in held], "Cash": [as_dict(purse) for purse in money]}
        )
        return
    if held:
        shown.print_table(held_table(held))
    else:
        click.echo("no positions: nothing has traded")
    click.echo()
    shown.print_table(money_table(money))


def holdings(account: str, state: "AccountState") -> list[Holding]:
    """Every position the account has or had, by symbol."""
    found = []
    for symbol, position in sorted(state.positions.items()):
        instrument = state.instruments[symbol]
        units = position.quantity * instrument.ContractMultiplier
        average = (position.cost / units).quantize(AVERAGE) if units else Decimal(0)
        found.append(
            Holding(
                account,
                symbol,
                position.quantity,
                average,
                position.realized,
                instrument.Currency,
            )
        )
    return found


def purses(account: str, state: "AccountState") -> list[Purse]:
    """The account's money, by currency."""
    return [
        Purse(
            account,
            currency,
            state.cash.get(currency, Decimal(0)),
            state.reserved.get(currency, Decimal(0)),
            state.buying_power(currency),
        )
        for currency in sorted({*state.cash, *state.reserved})
    ]


NAMES = {
    "account": "Account",
    "symbol": "Symbol",
    "quantity": "Quantity",
    "average_cost": "AverageCost",
    "realized": "RealizedPnL",
    "currency": "Currency",
    "cash": "Cash",
    "reserved": "Reserved",
    "buying_power": "BuyingPower",
}


def as_dict(row: Holding | Purse) -> dict[str, str | None]:
    """Under the names that programs read, decimals as strings."""
    return {
        NAMES[name]: shown.plain(value) if isinstance(value, Decimal) else value
        for name, value in row._asdict().items()
    }


def held_table(held: list[Holding]) -> Table:
    """Positions for people."""
    table = _table("Account", "Symbol", "Position", "Average cost", "Realized P&L", "Currency")
    for h in held:
        side = "flat" if not h.quantity else "long" if h.quantity > 0 else "short"
        table.add_row(
            Text(h.account),
            Text(h.symbol),
            Text(f"{side} {shown.grouped(h.quantity)}", style=_style(h.quantity)),
            Text(shown.grouped(h.average_cost) if h.quantity else ""),
            Text(_signed(h.realized), style=_style(h.realized)),
            Text(h.currency),
        )
    return table


def money_table(money: list[Purse]) -> Table:
    """Money for people."""
    table = _table("Account", "Currency", "Cash", "Reserved", "Buying power")
    for m in money:
        amounts = (m.cash, m.reserved, m.buying_power)
        table.add_row(
            Text(m.account),
            Text(m.currency),
            *(Text(_money(amount), style="red" if amount < 0 else "") for amount in amounts),
        )
    return table


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        words = name in ("Account", "Symbol", "Currency")
        table.add_column(name, justify="left" if words else "right")
    return table


def _style(value: Decimal) -> str:
    return "" if not value else "green" if value > 0 else "red"


def _money(value: Decimal) -> str:
    """To the cent for people; JSON has every decimal."""
    return format(value.quantize(MONEY), ",f")


def _signed(value: Decimal) -> str:
    return format(value.quantize(MONEY), "+,f") if value else "0.00"
