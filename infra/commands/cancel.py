"""``oms cancel``: cancel one order by its ClOrdID, or every open order of an account."""

import asyncio
from pathlib import Path

import click

from infra import talk
from infra.commands.options import data_option, fail
from messages import fix
from messages.orders import DeskRequest, OrderCancelRequest, OrderMassCancelRequest


@click.command()
@click.argument("clordid", required=False)
@click.option("--all", "everything", is_flag=True, help="Every open order of the account.")
@click.option("--account", default="growth", show_default=True)
@click.option("--desk", default="alpha", show_default=True)
@click.option("--wait", default=2.0, show_default=True, help="Seconds to wait for reports.")
@data_option
def cancel(
    data: Path, clordid: str | None, everything: bool, account: str, desk: str, wait: float
) -> None:
    """Cancel the order named by CLORDID, e.g.: oms cancel o-17."""
    if bool(clordid) == everything:
        raise fail("name one CLORDID, or say --all")
    request: DeskRequest
    if clordid:
        request = OrderCancelRequest(ClOrdID=talk.fresh_id(), OrigClOrdID=clordid, Account=account)
    else:
        request = OrderMassCancelRequest(
            ClOrdID=talk.fresh_id(),
            Account=account,
            MassCancelRequestType=fix.MassCancelRequestType.CancelAllOrders,
        )
    try:
        asyncio.run(talk.say(data, desk, [request], wait))
    except talk.CannotTalk as error:
        raise fail(error) from error
