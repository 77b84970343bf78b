"""``oms demo``: the main job in a minute: real parts, one killed on purpose, and the proof."""

import asyncio
import os
import signal
import time
from pathlib import Path

import click
from rich.panel import Panel
from rich.table import Table

from infra import endpoints, installation, pids
from infra.chaos.torment import warm
from infra.commands.options import console, fail, say
from infra.flow import Flow
from infra.ledger import Ledger
from infra.session import Session
from infra.settings import Settings
from infra.supervisor import CannotStart

VICTIM = "account/growth"


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=Path("var/demo"))
@click.option("--orders", default=600, show_default=True, help="Requests that the desks send.")
@click.option("--seed", default=1, show_default=True)
@click.option("--keep", is_flag=True, help="Leave everything running at the end.")
def demo(data: Path, orders: int, seed: int, keep: bool) -> None:
    """Start everything, trade, kill one actor in the middle, and add up what the desks saw."""
    data = data.absolute()
    began = time.monotonic()
    console.print("[bold]1. start[/]  a broker, Ray, two paper venues over FIX, the gateways")
    try:
        installation.clear(data)
        installation.up(Settings(data=data), say)
    except CannotStart as error:
        raise fail(error) from error
    try:
        ledger = asyncio.run(_trade(data, orders, seed))
        _show(data, ledger, time.monotonic() - began, keep)
    finally:
        if not keep:
            console.print("[bold]5. end[/]    every process that was started")
            installation.down(data)
    if not ledger.balanced:
        raise fail("the ledger does not balance; see the problems above")


async def _trade(data: Path, orders: int, seed: int) -> Ledger:
    async with Session(data) as session:
        flows = {desk: Flow(session.reference, desk, seed) for desk in session.reference.desks}
        console.print(
            f"[bold]2. trade[/]  {len(flows)} desks, {len(session.reference.accounts)} accounts, "
            f"{len(session.reference.instruments)} instruments, {orders} requests of every kind"
        )
        await _send(session, flows, orders // 2)
        await _awake(data)
        await warm(data)  # who dies while all others start as well tells nothing of a return
        await session.quiet(0.5)
        console.print(f"           answered with {session.heard} reports")
        killed = asyncio.ensure_future(_kill(data))
        await _send(session, flows, orders - orders // 2)
        await killed
        await session.quiet(1.5)
        console.print("[bold]4. close[/]  cancel what is open, and add up what the desks heard")
        await session.cancel_everything()
        await session.quiet(1.5)
        return session.close_ledger()


async def _send(session: Session, flows: dict[str, Flow], requests: int) -> None:
    sent = 0
    while sent < requests:
        for desk, flow in flows.items():
            batch = [flow.next() for _ in range(min(5, requests - sent))]
            await session.send(desk, batch)
            sent += len(batch)
        await asyncio.sleep(0.05)
    console.print(f"           {sent} sent")


async def _awake(data: Path) -> None:
    """The first order for an address wakes its actor, which takes a moment."""
    deadline = time.monotonic() + 30
    while VICTIM not in pids.read(data):
        if time.monotonic() > deadline:
            raise fail(f"{VICTIM} did not wake within 30 s; see: oms logs --data {data}")
        await asyncio.sleep(0.05)


async def _kill(data: Path) -> None:
    """SIGKILL while orders flow; Ray starts it again, and it replays its journal."""
    victim = pids.read(data)[VICTIM]
    at = time.monotonic()
    os.kill(victim, signal.SIGKILL)
    console.print(
        f"[bold]3. kill[/]   [red]SIGKILL[/] to {VICTIM} (pid {victim}) while orders flow"
    )
    while True:
        await asyncio.sleep(0.01)
        pid = pids.read(data).get(VICTIM)
        if pid not in (None, victim):
            break
    took = time.monotonic() - at
    console.print(f"           {VICTIM} is back as pid {pid} after {took:.2f} s, from its journal")


def _show(data: Path, ledger: Ledger, took: float, keep: bool) -> None:
    table = Table(title="the ledger: what the desks saw and what the venues executed")
    for name in (
        "sent",
        "accepted",
        "rejected",
        "filled",
        "canceled",
        "open",
        "lost",
        "duplicated",
    ):
        table.add_column(name, justify="right")
    values = [ledger.sent, ledger.accepted, ledger.rejected, ledger.filled, ledger.canceled]
    values += [ledger.open, ledger.lost, ledger.duplicated]
    table.add_row(*[str(value) for value in values])
    console.print(table)
    for problem in ledger.problems[:10]:
        console.print(f"[red]problem[/] {problem}", highlight=False)
    metrics = endpoints.read(data).get("metrics")
    where = f"metrics     {metrics}" + ("" if keep else "  (while it runs: oms demo --keep)")
    mark = f"--data {os.path.relpath(data)}"
    console.print(
        Panel(
            f"{where}\norders      oms orders {mark}\npositions   oms positions {mark}\n"
            f"one order   oms trail alpha-d-1 {mark}",
            title=f"{took:.0f} s",
        ),
        highlight=False,
    )
    colour = "green" if ledger.balanced else "red"
    console.print(f"[{colour}]{ledger.line()}[/]", highlight=False)
