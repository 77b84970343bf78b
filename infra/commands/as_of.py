"""``oms as-of``: the blotter as it was at an instant, and the hashes that prove it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table
from rich.text import Text

from infra.commands import shown
from infra.commands.options import console, data_option, errors, fail
from messages.base import Instant, format_time

if TYPE_CHECKING:
    from infra.audit.anchors import Anchored
    from infra.commands.orders import Line
    from infra.replayed import Doubt
    from infra.shell import Shell
    from messages.envelope import Address


@click.command("as-of")
@click.argument("at", metavar="TIME")
@click.argument("actor", required=False)
@data_option
@shown.json_option
def as_of(at: str, actor: str | None, data: Path, as_json: bool) -> None:
    """Show what actors knew at TIME: orders, positions, cash and what was in doubt.

    With each actor its last entry then, the hash of that entry and the digest of the state it led
    to, and whether the entry was anchored. With ACTOR: that one alone, a venue with its whole
    state. TIME is RFC 3339, 2026-11-23T14:30:00Z, or a time of today in UTC, 14:30.
    """
    from infra.as_of import as_data, instant, journals_of, state_at
    from infra.replayed import CannotRead

    try:
        when = instant(at)
    except ValueError as error:
        raise fail(f"{at}: {error}") from error
    shells: dict[Address, Shell] = {}
    try:
        with shown.progress(data) as watch:
            paths = journals_of(data, actor)
            for address, path in paths.items():
                shells[address] = state_at(address, path, when, watch)
            blotter = _blotter(paths, shells, when)
    except CannotRead as error:
        raise fail(error) from error
    anchored = _anchored(data)
    if as_json:
        states = {
            address: {
                "Entries": shell.number,
                "Hash": shell.chain.hex() or None,
                "Anchored": _anchor_of(shell, anchored.get(address)),
                "Digest": shell.state_digest(),
            }
            | ({"State": as_data(shell)} if actor else {})
            for address, shell in shells.items()
        }
        known = {"At": format_time(when), "Actors": states}
        shown.print_json(known | _accounts(shells, blotter))
    else:
        _print_past(when, shells, anchored, blotter, alone=actor is not None)


def _anchored(data: Path) -> "dict[Address, Anchored]":
    """What anchors say of each actor; nothing where there are none, or they cannot be proved."""
    from infra.audit import anchors, store
    from infra.audit.sealed import KeyMissing, SealBroken
    from infra.settings import Settings, SettingsMissing

    try:
        file = store.open_to_read(Settings.of(data), store.ANCHORS)
        return anchors.read(file) if file else {}
    except SettingsMissing:
        return {}
    except (KeyMissing, SealBroken) as error:
        errors.print(Text(f"anchors: {error}", style="yellow"), soft_wrap=True)
        return {}


def _anchor_of(shell: "Shell", known: "Anchored | None") -> str | None:
    """When the last entry of that past was anchored first, with this very hash."""
    if not shell.number or known is None or known.last is None or known.last.number < shell.number:
        return None
    if not shell.chain.startswith(known.mark(shell.number)):
        return "CONTRADICTED: see oms audit verify"
    return format_time(known.first_at(shell.number).at)


def _blotter(
    paths: "dict[Address, Path]", shells: "dict[Address, Shell]", when: Instant
) -> "dict[str, list[Line]]":
    """The orders of each account by the time they came, those that were refused too."""
    from infra.commands import orders

    doubts = _doubts(shells)
    found = {}
    for name, state in _states(shells):
        lines = [orders.line_of(name, state, order, doubts) for order in state.orders.values()]
        lines += orders.refused(name, paths[f"account/{name}"], when)
        found[name] = sorted(lines, key=lambda line: line.at)
    return found


def _print_past(
    when: Instant,
    shells: "dict[Address, Shell]",
    anchored: "dict[Address, Anchored]",
    blotter: "dict[str, list[Line]]",
    *,
    alone: bool,
) -> None:
    from infra.as_of import as_data
    from infra.commands import orders, positions

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Actor", "Entries", "Hash", "State", "Anchored"):
        table.add_column(name, justify="right" if name == "Entries" else "left")
    for address, shell in shells.items():
        proof = _anchor_of(shell, anchored.get(address)) or ("" if not shell.number else "not yet")
        style = "green" if proof[:1].isdigit() else "yellow" if proof == "not yet" else "bold red"
        hash_ = shell.chain.hex()[:16]
        digest = shell.state_digest()[:16]
        table.add_row(Text(address), f"{shell.number:,}", hash_, digest, Text(proof, style=style))
    click.echo(f"at {format_time(when)}")
    shown.print_table(table)
    for name, state in _states(shells):
        click.echo()
        columns = [c for c in orders.COLUMNS if c not in orders.DISPENSABLE and c != "DayCumQty"]
        if found := blotter[name]:
            shown.print_table(orders.as_table(found, columns, when))
        if held := positions.holdings(name, state):
            shown.print_table(positions.held_table(held))
        shown.print_table(positions.money_table(positions.purses(name, state)))
    for address, shell in shells.items():
        if alone and not address.startswith("account/"):
            console.print_json(data=as_data(shell))


def _accounts(
    shells: "dict[Address, Shell]", blotter: "dict[str, list[Line]]"
) -> dict[str, object]:
    from infra.commands import orders, positions

    found: dict[str, list[Any]] = {"Orders": [], "Positions": [], "Cash": []}
    for name, state in _states(shells):
        found["Orders"] += [orders.as_dict(line) for line in blotter[name]]
        found["Positions"] += [positions.as_dict(h) for h in positions.holdings(name, state)]
        found["Cash"] += [positions.as_dict(purse) for purse in positions.purses(name, state)]
    return dict(found)


def _states(shells: "dict[Address, Shell]") -> Iterator[tuple[str, Any]]:
    for address, shell in shells.items():
        kind, _, name = address.partition("/")
        if kind == "account":
            yield name, shell.actor.state


def _doubts(shells: "dict[Address, Shell]") -> "dict[str, list[Doubt]]":
    """What was in doubt then, by OrderID, from the venues and books of that instant."""
    from infra.replayed import Doubt

    parents: dict[str, str] = {}
    for address, shell in shells.items():
        if address.startswith("book/"):
            parents |= shell.actor.state.children
            parents |= {p.ChildID: p.OrderID for p in shell.actor.state.parents.values()}
    found: dict[str, list[Doubt]] = {}
    for address, shell in shells.items():
        kind, _, venue = address.partition("/")
        if kind != "venue":
            continue
        state = shell.actor.state
        for request in map(state.requests.__getitem__, state.unanswered):
            if request.in_doubt:
                doubt = Doubt(venue, request.ClOrdID, request.kind, request.doubt_since)
                order_id = parents.get(request.ChildID, request.ChildID)
                found.setdefault(order_id, []).append(doubt)
    return found
