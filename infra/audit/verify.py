"""Every journal against its own hash chain and against the anchors: the first broken entry of each.

The chain finds what was changed by somebody who could not compute it; the anchors find the rest: a
tail that was cut, and a chain that was written anew from some entry on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from infra.audit import anchors, store
from infra.audit.anchors import Anchored
from infra.audit.sealed import SealBroken
from infra.journals import JournalFailed, journals
from infra.journals.reading import rows
from infra.replayed import Watch
from infra.settings import Settings, SettingsMissing
from infra.verified import Verified
from infra.verified import verify as verify_journal
from messages.base import format_time
from messages.envelope import Address

CHAINS = "SELECT number, chain FROM entries ORDER BY number"


@dataclass
class Audited:
    """One journal. ``entry``: the first broken one; ``differs`` is empty where all is sound."""

    address: Address
    verified: Verified | None = None
    anchored: int = 0
    """Up to this entry it was anchored."""
    entry: int | None = None
    differs: str = ""


@dataclass
class Audit:
    """All of them. ``fault``: what is wrong with the anchors themselves."""

    journals: list[Audited] = field(default_factory=list)
    lines: int = 0
    last_at: int | None = None
    seal: str = ""
    fault: str = ""

    @property
    def sound(self) -> bool:
        """Whether nothing differs anywhere."""
        return not self.fault and not any(one.differs for one in self.journals)


def audit(
    data: Path, actor: Address | None = None, watch: Watch | None = None, head: str = ""
) -> Audit:
    """Prove every journal, or that of ``actor``.

    ``head``: the seal of an anchor that somebody wrote down elsewhere; it has to be there still.

    Raises:
        JournalFailed: the journals cannot be listed.
        KeyMissing: there are anchors and no key to prove them with.
    """
    found = Audit()
    known = _anchored(data, found, head)
    paths = journals(data)
    for address in sorted({*paths, *known}) if actor is None else [actor]:
        one = Audited(address)
        found.journals.append(one)
        if path := paths.get(address):
            _prove(one, path, known.get(address), watch)
        else:
            last = known[address].last if address in known else None
            one.entry, one.anchored = 1, last.number if last else 0
            one.differs = f"the journal is gone; {one.anchored} entries of it were anchored"
    return found


def _anchored(data: Path, found: Audit, head: str) -> dict[Address, Anchored]:
    """What the anchors say, as far as they are what was written."""
    known: dict[Address, Anchored] = {}
    seen = not head
    try:
        file = store.open_to_read(Settings.of(data), store.ANCHORS)
        for line in file.read() if file else ():
            found.lines, found.last_at, found.seal = line.number, line.at, line.seal
            seen = seen or line.seal == head
            for address, said in line.said["Journals"].items():
                known.setdefault(address, Anchored()).take(line, said)
    except SettingsMissing as error:
        found.fault = str(error)
    except SealBroken as error:
        found.fault = str(error)
    if not seen and not found.fault:
        found.fault = f"no anchor has the seal {head}: the latest anchors were removed"
    return known


def _prove(one: Audited, path: Path, known: Anchored | None, watch: Watch | None) -> None:
    one.verified = verify_journal(one.address, path, watch)
    one.entry, one.differs = one.verified.broken, one.verified.fault
    if one.differs and not one.verified.entries:
        one.entry = 1  # not even the first could be read
    if known is None or known.last is None:
        return
    one.anchored = known.last.number
    try:
        broken = _first_contradiction(path, known)
    except JournalFailed as error:
        one.differs = one.differs or str(error)
        return
    if broken and (one.entry is None or broken[0] < one.entry):
        one.entry, one.differs = broken


def _first_contradiction(path: Path, known: Anchored) -> tuple[int, str] | None:
    """The first entry that is not the anchored one, and what differs."""
    last = known.last
    assert last is not None
    whole = {point.number: point for point in known.points}
    due = 1
    for number, chain in _chains(path):
        if number > last.number:
            break
        if number != due:
            break
        mark, hash_ = known.mark(number), chain.hex()
        if chain[: anchors.MARK] != mark or (number in whole and whole[number].chain != hash_):
            point = known.first_at(number)
            return number, (
                f"entry {number} is not the one that was anchored at {format_time(point.at)} "
                f"(line {point.line}): its hash begins {hash_[:8]}, the anchor says {mark.hex()}"
            )
        due += 1
    if due > last.number:
        return None
    point = known.first_at(due)
    return due, (
        f"entry {due} is not there; it was anchored at {format_time(point.at)} "
        f"(line {point.line}), and entries up to {last.number} were"
    )


def _chains(path: Path) -> Iterator[tuple[int, bytes]]:
    for number, chain in rows(path, CHAINS):
        yield int(number), bytes(chain)
