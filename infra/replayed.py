"""State rebuilt from journal files: what the commands that read look at.

A journal is read as it lies there, whether its actor runs or nothing does, and nothing here writes.
What a command shows is what the actor would know after a restart at this moment.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from actors.account.state import AccountState
from actors.actor import Actor
from actors.venue.state import Child, VenueState
from infra import snapshots
from infra.journals import JournalFailed, reading
from infra.journals import journals as every_journal
from infra.shell import JournalCorrupt, Shell
from messages.base import Event, Instant
from messages.entry import Entry
from messages.envelope import Address
from messages.events import OrderRouted, WentInDoubt

Happened = TypeVar("Happened", bound=Event)

Watch = Callable[[Address, int], None]
"""Told now and then which journal is being replayed, and how many entries of it are done."""

TELL_EVERY = 2_000

SNAPSHOT = "SELECT number, data FROM snapshot WHERE stamp = ?"
CHAIN = "SELECT chain FROM entries WHERE number = ?"


class CannotRead(Exception):
    """A journal is missing or damaged: one line that says which, and what to do.

    ``what`` is the line without the last.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}")
        self.what = what


class Doubt(NamedTuple):
    """A request that the venue may or may not have: sent, and not answered.

    ``kind``: New, Cancel or Replace. ``since``: when it went in doubt.
    """

    venue: str
    clordid: str
    kind: str
    since: Instant


def journals(data: Path, kind: str) -> dict[Address, Path]:
    """The journals of one kind of actor, by address."""
    try:
        known = every_journal(data)
    except JournalFailed as error:
        raise CannotRead(str(error), f"then: oms doctor --data {data}") from error
    return {address: path for address, path in known.items() if address.startswith(f"{kind}/")}


def replay(
    address: Address, path: Path, watch: Watch | None = None, until: Instant | None = None
) -> Shell:
    """The actor as its journal tells, from the first entry on, and up to ``until``: as it was then.

    Raises:
        CannotRead: the file cannot be read, or its entries do not hang together.
    """
    return _follow(newborn(address), path, watch, until)


def latest(address: Address, path: Path, watch: Watch | None = None) -> Shell:
    """As ``replay``, from the newest snapshot on, as at a start: its digest must be right, and it
    must hang together with its entry and with those behind it.

    What is before it is taken for granted; ``oms doctor`` and ``oms journal verify`` do not.

    Raises:
        CannotRead: as ``replay``, or the journal ends before its head or its snapshot.
    """
    ((end,),) = rows(path, "SELECT number FROM head")
    shell = newborn(address)
    for number, data in rows(path, SNAPSHOT, [snapshots.stamp()]):
        if not snapshots.restore(shell, data):
            shell = newborn(address)
        elif [shell.chain] != [bytes(row[0]) for row in rows(path, CHAIN, [number])]:
            what = f"{path}: the snapshot after entry {number} does not belong to that entry"
            raise CannotRead(what, _examine(path))
    _follow(shell, path, watch)
    if shell.number < end:
        what = f"{path}: {end} entries were written and the last is {shell.number}"
        raise CannotRead(what, _examine(path))
    return shell


def newborn(address: Address) -> Shell:
    """The actor before its first entry."""
    from infra.compose import make_actor

    actor: Actor[Any, Any, Any] = make_actor(address)
    return Shell(actor)


def _follow(shell: Shell, path: Path, watch: Watch | None, until: Instant | None = None) -> Shell:
    """Replay what comes after the entry that ``shell`` knows last."""
    address = shell.address
    try:
        for entry in entries(path, "number > ?", [shell.number]):
            if until is not None and entry.at > until:
                break
            shell.replay(entry)
            if watch and shell.number % TELL_EVERY == 0:
                watch(address, shell.number)
    except CannotRead:
        raise
    except Exception as error:  # whatever a damaged entry leads to, it is the journal's damage
        what = f"{path}: after entry {shell.number}: {_one_line(error)}"
        raise CannotRead(what, _examine(path)) from error
    return shell


def account_states(
    data: Path, account: str | None = None, watch: Watch | None = None
) -> dict[str, AccountState]:
    """Every account of the installation, or the one named, by name.

    Raises:
        CannotRead: there is none, or not that one, or a journal is damaged.
    """
    return {
        address.partition("/")[2]: latest(address, path, watch).actor.state
        for address, path in account_journals(data, account).items()
    }


def account_journals(data: Path, account: str | None = None) -> dict[Address, Path]:
    """The journals of every account, or of the one named.

    Raises:
        CannotRead: there is none, or not that one.
    """
    found = journals(data, "account")
    if not found:
        raise CannotRead(
            f"no account has a journal in {data}",
            f"start an installation and send an order with: oms up --data {data} and "
            f"oms send --data {data}, or name another folder with --data",
        )
    if account is None:
        return found
    if f"account/{account}" not in found:
        names = ", ".join(address.partition("/")[2] for address in found)
        raise CannotRead(f"account {account} has no journal in {data}", f"those that do: {names}")
    return {f"account/{account}": found[f"account/{account}"]}


def saying(path: Path, words: Sequence[str], *, sends: bool = False) -> Iterator[Entry]:
    """Entries in whose events (or, with ``sends``, messages) one of ``words`` occurs, in order.

    A search of bytes, 0.1 s for 100,000 entries: what it finds may mean something else by them.
    """
    columns = ("events", "sends") if sends else ("events",)
    tests = [f"instr({column}, ?)" for column in columns for _ in words]
    values = [word.encode() for _ in columns for word in words]
    yield from entries(path, " OR ".join(tests) or "FALSE", values)


def entries(path: Path, where: str = "TRUE", values: Sequence[object] = ()) -> Iterator[Entry]:
    """The entries for which the SQL condition ``where`` holds, in order."""
    query = f"SELECT * FROM entries WHERE {where} ORDER BY number"  # noqa: S608  # all ours
    yield from map(Entry._make, rows(path, query, values))


def rows(path: Path, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
    """What ``query`` finds in a journal that may be in use.

    Raises:
        CannotRead: the file or the server cannot be read.
    """
    try:
        yield from reading.rows(path, query, values)
    except JournalFailed as error:
        raise CannotRead(str(error), _examine(path)) from error


def events_of(path: Path, kind: type[Happened]) -> Iterator[tuple[Instant, Happened]]:
    """Every event of that kind with the time of its entry, in order."""
    name = kind.__name__
    for entry in saying(path, [f'"Event":"{name}"']):
        for event in json.loads(entry.events):
            if event["Event"] == name:
                yield entry.at, kind.model_validate_json(json.dumps(event))


def doubts(data: Path) -> dict[str, list[Doubt]]:
    """What is in doubt at any venue, by the OrderID that the account knows the order by."""
    found: dict[str, list[Doubt]] = {}
    for address, path in journals(data, "venue").items():
        since = {event.ClOrdID: at for at, event in events_of(path, WentInDoubt)}
        if not since:
            continue  # the usual case, which is worth not replaying the journal
        state: VenueState = latest(address, path).actor.state
        doubtful = [r for r in map(state.requests.__getitem__, state.unanswered) if r.in_doubt]
        parents = _parents(data, [state.children[request.ChildID] for request in doubtful])
        for request in doubtful:
            venue, name = address.partition("/")[2], request.ClOrdID
            order_id = parents.get(request.ChildID, request.ChildID)
            found.setdefault(order_id, []).append(Doubt(venue, name, request.kind, since[name]))
    return found


def _parents(data: Path, children: Sequence[Child]) -> dict[str, str]:
    """ChildID to OrderID, as the books of these children have it."""
    books = journals(data, "book")
    wanted = {child.ChildID for child in children}
    addresses = dict.fromkeys(f"book/{child.terms.Symbol}" for child in children)
    return {
        routed.ChildID: routed.OrderID
        for address in addresses
        if address in books
        for _, routed in events_of(books[address], OrderRouted)
        if routed.ChildID in wanted
    }


def _examine(path: Path) -> str:
    return f"see what else is damaged with: oms doctor --data {path.parents[2]}"


def _one_line(error: Exception) -> str:
    if isinstance(error, JournalCorrupt):
        return str(error).partition(";")[0]
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}"
