"""What a host knows when it starts: the shell as the journal tells, and what is still owed.

Owed is what was sent and is not known to be acknowledged. A snapshot taken in the midst of work
leaves such things before it, so the journal is read from where the first of them may be.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from actors.actor import Actor
from infra.journals import Journal, JournalDamaged
from infra.shell import Shell, broken
from infra.snapshots import Snapshots
from messages.entry import Entry
from messages.envelope import Address, Envelope

LOOK_BACK = 2_000
"""Entries in the first look for what is still owed; each further look takes in twice as many."""

Owed = dict[Address, list[Envelope]]
"""By recipient, in order."""


def recover(
    journal: Journal,
    snapshots: Snapshots,
    make: Callable[[], Actor[Any, Any, Any]],
    epoch: int,
    *,
    compliance: Address | None,
    is_local: Callable[[Address], bool],
) -> tuple[Shell, Owed]:
    """Rebuild the shell; ``is_local``: recipients that are told nothing again.

    Raises:
        JournalCorrupt, JournalFailed: the journal is not what was written.
    """
    shell = snapshots.latest(make, epoch)
    acknowledged = journal.acknowledged()
    sent = {to: seq for to, seq in shell.sent.items() if not is_local(to)}
    after = owed_after(journal, shell.number, sent, acknowledged)
    if compliance:
        after = min(after, acknowledged.get(compliance, 0))
    owed: Owed = {}
    for entry in _verified(journal, min(after, shell.number), shell):
        if entry.number > shell.number:
            shell.replay(entry)
        if any(seq > acknowledged.get(to, 0) for to, seq, _ in entry.sent()):
            for envelope in entry.envelopes():
                to = envelope.recipient
                if envelope.seq > acknowledged.get(to, 0) and not is_local(to):
                    owed.setdefault(to, []).append(envelope)
        if compliance and entry.number > acknowledged.get(compliance, 0):
            owed.setdefault(compliance, []).append(copy_for(compliance, shell.address, entry))
    return shell, owed


def _verified(journal: Journal, after: int, shell: Shell) -> Iterator[Entry]:
    """Entries after that number; those that a snapshot spares the replay are held against the hash
    chain here, because what is owed of them goes out.
    """
    number, end = shell.number, shell.chain
    before = _chain_at(journal, after) if after < number else end
    for entry in journal.read(after):
        if before is not None and entry.number <= number:
            wrong = entry.digest(before) != entry.chain
            if wrong or (entry.number == number and entry.chain != end):
                raise broken(shell.address, entry.number, entry.number - 1)
        before = entry.chain
        yield entry


def _chain_at(journal: Journal, number: int) -> bytes | None:
    """The chain up to that entry; None where it is in an archive that is not at hand."""
    if number == 0:
        return b""
    try:
        return next(iter(journal.read(number - 1))).chain
    except JournalDamaged:
        return None


def copy_for(compliance: Address, actor: Address, entry: Entry) -> Envelope:
    """The entry of that actor as compliance hears it."""
    body = entry.copy_body(actor)
    return Envelope(actor, compliance, entry.number, "EntryCopy", entry.at, entry.trace, body)


def owed_after(
    journal: Journal,
    number: int,
    sent: Mapping[Address, int],
    acknowledged: Mapping[Address, int],
) -> int:
    """Every send up to entry ``number`` that was not acknowledged is in an entry after this one.

    ``sent``: the last number of each recipient that is told again what it has not heard.
    """
    missing = sum(max(0, last - acknowledged.get(to, 0)) for to, last in sent.items())
    after, span = number, LOOK_BACK
    while missing and after:
        begin = max(0, after - span)
        for entry in journal.read(begin):
            if entry.number > after:
                break
            for to, seq, _ in entry.sent():
                missing -= to in sent and acknowledged.get(to, 0) < seq <= sent[to]
        after, span = begin, 2 * span
    return after
