"""``oms send``: one order, or what a file says, as a desk would send it, and the reports of it."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Any

import click
from pydantic import TypeAdapter, ValidationError

from infra import talk
from infra.commands.options import data_option, fail
from messages import fix
from messages.orders import DESK_REQUEST, DeskRequest, NewOrderSingle

_REQUESTS: TypeAdapter[list[DeskRequest]] = TypeAdapter(list[DeskRequest])
_SIDES = [side.value for side in fix.Side]
_TIFS = [tif.value for tif in fix.TimeInForce]


@click.command()
@click.argument("side", required=False, type=click.Choice(_SIDES, case_sensitive=False))
@click.argument("quantity", required=False)
@click.argument("symbol", required=False)
@click.option(
    "--file",
    type=click.File("rb"),
    help="Requests as JSON, one or a list, e.g. a NewOrderList; - reads the standard input.",
)
@click.option("--limit", help="Price; without it a Market order is sent.")
@click.option("--tif", type=click.Choice(_TIFS, case_sensitive=False), default="Day")
@click.option("--account", default="growth", show_default=True)
@click.option("--desk", default="alpha", show_default=True)
@click.option("--venue", help="ExDestination; default: the instrument's first venue.")
@click.option("--trader", help="SenderSubID: who of the desk sends it.")
@click.option("--clordid", help="Default: a fresh one.")
@click.option("--staged", is_flag=True, help="Let it wait for compliance and a trader.")
@click.option("--wait", default=2.0, show_default=True, help="Seconds to wait for reports.")
@data_option
def send(data: Path, desk: str, wait: float, file: IO[bytes] | None, **words: Any) -> None:
    """Send an order, e.g.: oms send Buy 100 AAPL --limit 190, or what a file says: --file FILE.

    Waiting takes reports off the desk's queue: use --wait 0 beside a desk that is at work.
    """
    if (file is None) == (words["symbol"] is None):
        raise fail("say what to send: SIDE QUANTITY SYMBOL, or --file with requests as JSON")
    try:
        requests = _read(file.read()) if file else [_order(words)]
    except (ValidationError, InvalidOperation) as error:
        raise fail(f"not an order: {error}") from error
    try:
        asyncio.run(talk.say(data, desk, requests, wait))
    except talk.CannotTalk as error:
        raise fail(error) from error


def _read(text: bytes) -> Sequence[DeskRequest]:
    """One request, or a list of them."""
    if text.lstrip().startswith(b"["):
        return _REQUESTS.validate_json(text)
    return [DESK_REQUEST.validate_json(text)]


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
        HandlInst=fix.HandlInst.ManualOrder if words["staged"] else None,
        SenderSubID=words["trader"],
    )
