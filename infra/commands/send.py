"""``oms send``: one order over AMQP, as a desk would send it, and the reports that come back."""

import asyncio
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from infra import talk
from infra.commands.options import data_option, fail
from messages import fix
from messages.orders import NewOrderSingle

_SIDES = [side.value for side in fix.Side]
_TIFS = [tif.value for tif in fix.TimeInForce]


@click.command()
@click.argument("side", type=click.Choice(_SIDES, case_sensitive=False))
@click.argument("quantity")
@click.argument("symbol")
@click.option("--limit", help="Price; without it a Market order is sent.")
@click.option("--tif", type=click.Choice(_TIFS, case_sensitive=False), default="Day")
@click.option("--account", default="growth", show_default=True)
@click.option("--desk", default="alpha", show_default=True)
@click.option("--venue", help="ExDestination; default: the instrument's first venue.")
@click.option("--clordid", help="Default: a fresh one.")
@click.option("--wait", default=2.0, show_default=True, help="Seconds to wait for reports.")
@data_option
def send(data: Path, desk: str, wait: float, **words: Any) -> None:
    """Send an order, e.g.: oms send Buy 100 AAPL --limit 190.

    Waiting takes reports off the desk's queue: use --wait 0 beside a desk that is at work.
    """
    try:
        order = _order(words)
    except (ValidationError, InvalidOperation) as error:
        raise fail(f"not an order: {error}") from error
    try:
        asyncio.run(talk.say(data, desk, [order], wait))
    except talk.CannotTalk as error:
        raise fail(error) from error


def _order(words: dict[str, Any]) -> NewOrderSingle:
    limit = words["limit"]
    return NewOrderSingle(
        ClOrdID=words["clordid"] or talk.fresh_id(),
        Account=words["account"],
        Symbol=words["symbol"],
        Side=fix.Side(words["side"]),
        OrderQty=Decimal(words["quantity"]),
        OrdType=fix.OrdType.Limit if limit else fix.OrdType.Market,
        Price=Decimal(limit) if limit else None,
        TimeInForce=fix.TimeInForce(words["tif"]),
        ExDestination=words["venue"],
        ReportPendingNew=True,
    )
