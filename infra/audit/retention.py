"""How long records must be kept, by their kind, and what of each journal is due.

Nothing here deletes, and nothing else does: ``oms journal archive`` moves entries to a second file
that stays part of the journal. A class says for how long they must be there, and for how long at
hand, which is the first part of that time.
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from infra.audit import store
from infra.journals import SERVER, journals
from infra.journals.archive import archive_of
from infra.journals.reading import rows
from infra.settings import Settings
from messages.base import SECOND, Instant

DAY = 86_400 * SECOND


class Class(NamedTuple):
    """Years to keep, years at hand, and who says so."""

    name: str
    years: int
    at_hand: int
    source: str


BLOTTER = Class("blotter", 6, 2, "SEC 17a-4(a): blotters, ledgers, positions; 17a-3(a)(1) to (5)")
ORDERS = Class("orders", 7, 2, "MiFID II art. 16(7), on request 7 years; SEC 17a-4(b): 3 years")
SUPERVISION = Class("supervision", 6, 2, "SEC 17a-4(e), FINRA 3110 and 4511: 6 years")
CLOCKS = Class("clock", 5, 3, "FINRA 6820: 5 years; RTS 25 art. 4")

CLASSES: dict[str, Class] = {
    "account": BLOTTER,
    "book": ORDERS,
    "venue": ORDERS,
    "compliance": SUPERVISION,
    "anchors": SUPERVISION,
    "clock": CLOCKS,
}
"""By the kind of the actor, or of the file; what is not here is kept as long as anything is."""

LONGEST = Class("other", max(c.years for c in CLASSES.values()), 2, "the longest of all")


class Kept(NamedTuple):
    """One journal or file. ``first_at`` and ``last_at`` are None where it is empty.

    ``past``: entries that need not be kept any more; ``may_move``: in the journal and no longer
    needed at hand; ``moved``: in the archive although they should be at hand.
    """

    name: str
    rule: Class
    entries: int
    first_at: Instant | None
    last_at: Instant | None
    archived: int = 0
    past: int = 0
    may_move: int = 0
    moved: int = 0

    @property
    def keep_until(self) -> Instant | None:
        """When the last of it need not be kept any more."""
        return None if self.last_at is None else later(self.last_at, self.rule.years)


def of(kind: str) -> Class:
    """The class of records of that kind."""
    return CLASSES.get(kind, LONGEST)


def later(at: Instant, years: int) -> Instant:
    """The same day so many years on, or the one after where there is none."""
    when = datetime.fromtimestamp(at // SECOND, UTC)
    try:
        then = when.replace(year=when.year + years)
    except ValueError:  # 29 February
        then = when.replace(year=when.year + years, month=3, day=1)
    return int(then.timestamp()) * SECOND


def earlier(at: Instant, years: int) -> Instant:
    """The same day so many years ago."""
    return later(at, -years)


def movable(path: Path, kind: str, before: Instant, now: Instant | None = None) -> Instant:
    """Up to when entries may be archived, where ``before`` is asked for.

    An archive beside its journal is at hand like the journal. One that lies elsewhere (a symbolic
    link, to slow or write-once storage) takes nothing that its class wants at hand.
    """
    if not archive_of(path).is_symlink():
        return before
    at = time.time_ns() if now is None else now
    return min(before, earlier(at, of(kind).at_hand))


def report(data: Path, now: Instant | None = None) -> list[Kept]:
    """Every journal and audit file of the installation, with what of it is due.

    Raises:
        JournalFailed: a journal cannot be read.
        SettingsMissing, KeyMissing, SealBroken: the audit files cannot be read.
    """
    at = time.time_ns() if now is None else now
    found = [
        _journal(address, path, of(address.partition("/")[0]), at)
        for address, path in journals(data).items()
    ]
    settings = Settings.of(data)
    for kind, name in (("anchors", store.ANCHORS), ("clock", store.CLOCK)):
        file = store.open_to_read(settings, name)
        times = [line.at for line in file.read()] if file else []
        rule = of(kind)
        past = sum(one < earlier(at, rule.years) for one in times)
        first, last = (times[0], times[-1]) if times else (None, None)
        found.append(Kept(name, rule, len(times), first, last, past=past))
    return found


def _journal(address: str, path: Path, rule: Class, now: Instant) -> Kept:
    last_archived = _archived(path)
    past, hand = earlier(now, rule.years), earlier(now, rule.at_hand)
    query = (
        "SELECT count(*), min(at), max(at), "
        "coalesce(sum(CASE WHEN at < ? THEN 1 ELSE 0 END), 0), "
        "coalesce(sum(CASE WHEN at < ? AND number > ? THEN 1 ELSE 0 END), 0), "
        "coalesce(sum(CASE WHEN at >= ? AND number <= ? THEN 1 ELSE 0 END), 0) FROM entries"
    )
    values = (past, hand, last_archived, hand, last_archived)
    count, first, last, gone, movable, moved = next(rows(path, query, values))
    return Kept(
        address, rule, int(count), first, last, last_archived, int(gone), int(movable), int(moved)
    )


def _archived(path: Path) -> int:
    if path.suffix == SERVER:
        return 0
    known = "SELECT count(*) FROM main.sqlite_schema WHERE name = 'archived'"
    if not next(rows(path, known))[0]:
        return 0
    return int(next(rows(path, "SELECT coalesce(max(number), 0) FROM archived"))[0])
