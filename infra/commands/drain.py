"""``oms drain``: take nothing more, let everything settle, and end."""

import time
from collections.abc import Iterator
from pathlib import Path

import click

from infra import drains, installation, pids
from infra.commands.options import console, data_option, fail

INGRESS = "ingress/0"
LOOK_EVERY_S = 0.25


@click.command()
@data_option
@click.option("--within", default=60.0, show_default=True, help="Seconds that it may take.")
@click.option("--stay", is_flag=True, help="Leave everything running, drained.")
@click.option("--undo", is_flag=True, help="Take again, after a drain that stayed.")
def drain(data: Path, within: float, stay: bool, undo: bool) -> None:
    """Stop taking orders, wait until nothing is under way, and end every process.

    What desks send meanwhile waits in the broker; open orders stay at their venues. Where something
    does not settle in time it is named, orders are taken again, and the exit code is 1. On a node
    without the supervisor only what this node's ingress took has to settle, and the node stays.
    """
    head = installation.supervisor_pid(data) is not None
    if not head and INGRESS not in pids.read(data):
        raise fail(f"nothing runs in {data}: start it with: oms up --data {data}")
    if undo:
        drains.withdraw(data)
        console.print("orders are taken again")
        return
    began = time.monotonic()
    drains.ask(data)
    try:
        if remains := _settle(data, began + within, head=head):
            drains.withdraw(data)
            raise fail(
                f"not settled after {within:.0f} s, and orders are taken again: "
                f"{'; '.join(remains)}. Nothing would be lost by ending it all the same: oms down"
            )
    except KeyboardInterrupt:
        drains.withdraw(data)
        raise
    console.print(f"nothing is under way after {time.monotonic() - began:.1f} s", highlight=False)
    if stay or not head:
        console.print(f"take again with: oms drain --undo --data {data}", highlight=False)
        return
    installation.down(data)
    console.print("everything has ended")


def _settle(data: Path, deadline: float, *, head: bool) -> list[str]:
    """Wait; what is still under way at the deadline, a line each."""
    while True:
        remains = list(under_way(data) if head else _taking(data))
        if not remains or time.monotonic() > deadline:
            return remains
        time.sleep(LOOK_EVERY_S)


def under_way(data: Path) -> Iterator[str]:
    """What is not settled now, the cheapest to find out first; nothing further behind it."""
    if taking := list(_taking(data)):
        yield from taking
        return
    owing = list(_owing(data))
    yield from (f"{address} owes what it sent" for address in owing)
    if not owing:
        yield from _unanswered(data)


def _taking(data: Path) -> Iterator[str]:
    left = drains.left(data, INGRESS)
    if left != 0:
        yield f"{INGRESS} {'still takes' if left is None else f'has {left} under way'}"


def _owing(data: Path) -> Iterator[str]:
    from infra.compose import COMPLIANCE
    from infra.journals import journals
    from infra.journals.reading import owes

    for address, path in journals(data).items():
        if address != COMPLIANCE and owes(path, copies_to=COMPLIANCE):
            yield address


def _unanswered(data: Path) -> Iterator[str]:
    from infra.replayed import journals, latest

    for address, path in journals(data, "venue").items():
        state = latest(address, path).actor.state
        if state.unanswered:
            yield f"{address} has not answered {len(state.unanswered)} requests"
