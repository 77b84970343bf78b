"""An installation: what runs, what is owed, and whether its journals hang together.

Each journal proves itself by its hash chain, its head and its epochs; and no journal may know more
of another than that one says itself. A journal that was put back from an old copy is sound in
itself and is found only by the second.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra import pids
from infra.checks import Check, Verdict
from infra.journals import JournalFailed
from infra.journals import journals as every_journal
from infra.journals.reading import owes, size
from infra.replayed import CannotRead, Watch, entries, replay, rows
from infra.settings import FILE
from messages.envelope import Address

SUPERVISOR = "supervisor/0"
RESTORE = "end everything (oms down), put that file back from a backup, and start again (oms up)"
GIVEN_BACK = ("account/", "book/")
"""These give their process back when they are idle, so a dead one is no fault."""

SHOWN = 8


@dataclass
class Told:
    """What one journal says: its last entry, whom it has heard up to where, and what it sent."""

    path: Path
    number: int
    heard: dict[Address, int]
    sent: dict[Address, int]
    violations: int = 0

    def catch_up(self) -> None:
        """What was appended since: whoever has heard of it, it was in the journal before."""
        for entry in entries(self.path, "number > ?", [self.number]):
            self.number = entry.number
            self.sent.update({recipient: seq for recipient, seq, _ in entry.sent()})


def checks(data: Path, watch: Watch | None = None, *, journals: bool = True) -> Iterator[Check]:
    """Everything about the installation in ``data``; ``journals``: also replay every one."""
    try:
        known = every_journal(data)
    except JournalFailed as error:
        what, _, remedy = str(error).partition(". ")
        yield Check("journals", Verdict.FAIL, what, remedy)
        return
    if not known and not (data / FILE).exists():
        remedy = f"start one with: oms up --data {data}"
        yield Check("installation", Verdict.OK, f"none in {data} yet; {remedy}")
        return
    yield processes(data)
    yield owing(data, known)
    if journals:
        told, damaged = read_all(known, watch)
        yield from damaged
        yield from contradictions(told)
        yield from alarms(told)
        if not damaged:
            yield sound(told)


def processes(data: Path) -> Check:
    """Who is alive, and who should be."""
    alive = pids.read(data)
    noted = {path.name.replace(".", "/", 1) for path in (data / pids.FOLDER).glob("*")}
    dead = sorted(a for a in noted - alive.keys() if not a.startswith(GIVEN_BACK))
    if not alive:
        return Check("processes", Verdict.OK, f"nothing runs in {data}")
    if SUPERVISOR not in alive:
        numbers = [str(pid) for pid in alive.values()]
        return Check(
            "processes", Verdict.WARN, f"no supervisor, but {_some(sorted(alive))}",
            f"if they are ours, end them: ps -fp {','.join(numbers)}; then: oms up --data {data}",
        )  # fmt: skip
    if dead:
        return Check(
            "processes", Verdict.WARN, f"{len(alive)} alive, dead: {_some(dead)}",
            f"they come back within seconds; if not: oms logs --data {data} --host {dead[0]}",
        )  # fmt: skip
    return Check("processes", Verdict.OK, f"{len(alive)} alive: {_some(sorted(alive))}")


def owing(data: Path, known: dict[Address, Path]) -> Check:
    """Which actors have sent something that nobody has acknowledged."""
    try:
        found = [address for address, path in known.items() if owes(path)]
    except JournalFailed as error:
        return Check("owed", Verdict.FAIL, f"a journal cannot be read: {error}", RESTORE)
    if not found:
        return Check("owed", Verdict.OK, "nothing: all that was sent was acknowledged")
    if SUPERVISOR in pids.read(data):
        return Check("owed", Verdict.OK, f"on its way from {_some(found)}")
    remedy = f"it is sent again after: oms up --data {data}"
    return Check("owed", Verdict.WARN, f"something by {_some(found)}", remedy)


def read_all(
    known: dict[Address, Path], watch: Watch | None = None
) -> tuple[dict[Address, Told], list[Check]]:
    """Replay every journal: what the sound ones tell, and a line for each that is damaged."""
    told: dict[Address, Told] = {}
    damaged: list[Check] = []
    for address, path in known.items():
        try:
            shell = replay(address, path, watch)
            fault = head_fault(path)
        except CannotRead as error:
            damaged.append(Check(address, Verdict.FAIL, error.what, RESTORE))
            continue
        if fault:
            damaged.append(Check(address, Verdict.FAIL, f"{path}: {fault}", RESTORE))
            continue
        violations = len(getattr(shell.actor.state, "violations", ()))
        told[address] = Told(path, shell.number, shell.heard, shell.sent, violations)
    return told, damaged


def head_fault(path: Path) -> str:
    """What the hash chain cannot show: entries missing at the end, or an epoch that falls."""
    query = (
        "SELECT (SELECT number FROM head), (SELECT epoch FROM head), "
        "(SELECT coalesce(max(number), 0) FROM entries), "
        "(SELECT coalesce(max(epoch), 0) FROM entries), "
        "(SELECT min(e.number) FROM entries e JOIN entries b ON b.number = e.number - 1 "
        "WHERE e.epoch < b.epoch)"
    )
    found = next(rows(path, query))
    head, head_epoch, last, epoch, falls = found
    if head != last:
        return f"the head says {head} entries, there are {last}"
    if epoch > head_epoch:
        return f"the head says epoch {head_epoch}, an entry says {epoch}"
    return f"the epoch falls at entry {falls}" if falls else ""


def contradictions(told: dict[Address, Told]) -> Iterator[Check]:
    """Journals that others have heard more of than they hold: entries are gone."""
    for sender, its in told.items():
        for recipient, theirs in told.items():
            heard = theirs.heard.get(sender, 0)
            if heard > _said(its, recipient):
                its.catch_up()  # it may run, and have gone on since we read it
            if heard > (said := _said(its, recipient)):
                yield Check(
                    sender, Verdict.FAIL,
                    f"{its.path} has lost entries: {recipient} has heard {heard} messages of it, "
                    f"and it tells of {said}",
                    RESTORE,
                )  # fmt: skip


def _said(its: Told, recipient: Address) -> int:
    if recipient.startswith("compliance/"):
        return its.number  # a copy of every entry, under its number
    return its.sent.get(recipient, 0)


def alarms(told: dict[Address, Told]) -> Iterator[Check]:
    """What the actors recorded for people: parked messages, breaks, violations."""
    for name, event, remedy in (
        ("parked", "MessageParked", "a bug: report it with the output of: oms trail CLORDID"),
        ("breaks", "BreakFound", "compare with the venue's records: oms trail CLORDID"),
    ):
        found = {address: _count(its.path, event) for address, its in told.items()}
        named = [f"{address} {count}" for address, count in found.items() if count]
        if named:
            yield Check(name, Verdict.WARN, f"{event} in {_some(named)}", remedy)
    if violations := sum(its.violations for its in told.values()):
        yield Check(
            "violations", Verdict.FAIL, f"compliance has found {violations}",
            "an actor's copies were lost or changed: oms logs --host compliance/0",
        )  # fmt: skip


def _count(path: Path, event: str) -> int:
    query = "SELECT count(*) FROM entries WHERE instr(events, ?)"
    (count,) = next(rows(path, query, [f'"Event":"{event}"'.encode()]))
    return int(count)


def sound(told: dict[Address, Told]) -> Check:
    """All of them."""
    count = sum(its.number for its in told.values())
    mb = sum(size(its.path) for its in told.values()) / 1e6
    found = f"{len(told)} hold together: {count:,} entries, {mb:,.0f} MB, every hash chain whole"
    return Check("journals", Verdict.OK, found)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
