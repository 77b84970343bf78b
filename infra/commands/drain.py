"""``oms drain``: take no more orders in; they wait at the broker."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import click

from infra import drain as draining
from infra import pids
from infra.commands.options import console, data_option, fail


@click.command()
@data_option
@click.option("--within", type=float, default=30.0, show_default=True, help="Seconds to wait.")
@click.option("--over", is_flag=True, help="Take orders in again.")
def drain(data: Path, within: float, over: bool) -> None:
    """Take no more orders in: what was taken is made durable, the rest waits at the broker.

    Before a node is replaced or a release is rolled out; `oms up` and `oms drain --over` end it.
    """
    if over:
        draining.over(data)
        ingress = pids.read(data).get(draining.INGRESS)
        if ingress:  # it begins anew, and consumes
            with suppress(ProcessLookupError):
                os.kill(ingress, signal.SIGKILL)
        console.print("orders are taken in again")
    elif draining.drain(data, within):
        console.print("drained: new orders wait at the broker")
    else:
        raise fail(
            f"not drained within {within:.0f} s: an account does not answer, see: "
            f"oms status --data {data}; ending everything now loses nothing"
        )
