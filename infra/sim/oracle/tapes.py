"""What the disk holds: journals that hang together, replay to what is in memory, and owe nothing.

The numbers are those of the invariants in docs/RELIABILITY.md.
"""

import json
from collections import Counter
from collections.abc import Iterator

from infra.compose import COMPLIANCE, make_actor
from infra.shell import UNNUMBERED, Shell
from infra.sim.world import World
from infra.snapshots import restore, stamp
from messages.entry import Entry
from messages.envelope import Address
from messages.surveillance import SURVEILLANCE

LOOKED_AT = (b"OrderAccepted", b"OrderAdopted", b"OrderFilled")
"""What makes an OrderSeen or a FillSeen."""


def journals_hang_together(world: World) -> Iterator[str]:
    """24, 25: dense numbers, an unbroken hash chain, an epoch for each life, in their order."""
    for address, tape in world.disk.tapes.items():
        epoch, chain = 0, b""
        for number, entry in enumerate(tape.entries, 1):
            where = f"{address} entry {entry.number}"
            if entry.number != number:
                yield f"{where}: {number} was due"
            if entry.epoch < epoch:
                yield f"{where}: epoch {entry.epoch} after {epoch}"
            if entry.digest(chain) != entry.chain:
                yield f"{where} breaks the hash chain"
            epoch, chain = entry.epoch, entry.chain
        if epoch > tape.epoch or tape.epoch != world.disk.opened[address]:
            lives = world.disk.opened[address]
            yield f"{address}: {lives} lives, epoch {tape.epoch}, last entry of epoch {epoch}"


def memory_is_the_journal(world: World) -> Iterator[str]:
    """30, 31: a replay from the first entry, and one from the snapshot, give what is in memory."""
    for address, host in world.hosts.items():
        tape, live = world.disk.tapes[address], host.shell
        fresh = Shell(make_actor(address))
        kept = tape.snapshot if tape.snapshot and tape.snapshot[1] == stamp() else None
        if kept:
            short = Shell(make_actor(address))
            restore(short, kept[2])
            yield from _replays(short, tape.entries[kept[0] :], live, "its snapshot")
        yield from _replays(fresh, tape.entries, live, "its first entry")


def _replays(shell: Shell, entries: list[Entry], live: Shell, start: str) -> Iterator[str]:
    for entry in entries:
        try:
            shell.replay(entry)
        except Exception as error:  # whatever it is, it is the finding
            yield f"{shell.address} entry {entry.number} does not replay from {start}: {error}"
            return
    if shell.state_digest() != live.state_digest():
        yield f"{shell.address}: replayed from {start} it has another state than in memory"
    if (shell.number, shell.heard, shell.sent) != (live.number, live.heard, live.sent):
        yield f"{shell.address}: replayed from {start} it has other numbers than in memory"


def nothing_was_taken_twice(world: World) -> Iterator[str]:
    """26: of each sender with a journal each number was taken once, and in order."""
    for address, tape in world.disk.tapes.items():
        heard: dict[Address, int] = {}
        for entry in tape.entries:
            kind = entry.sender.partition("/")[0]
            if kind in UNNUMBERED or not entry.seq:
                continue
            before = heard.get(entry.sender, 0)
            dense = kind != "fix" and address != COMPLIANCE  # these take runs, or have holes
            if entry.seq <= before or (dense and entry.seq != before + 1):
                where = f"{address} entry {entry.number}"
                yield f"{where} took {entry.seq} of {entry.sender} after {before}"
            heard[entry.sender] = entry.seq


def nothing_is_owed(world: World) -> Iterator[str]:
    """27: numbers on each link are dense, and whoever was written to has made all of it durable."""
    taken: dict[tuple[Address, Address], int] = {}
    for address, tape in world.disk.tapes.items():
        for entry in tape.entries:
            taken[address, entry.sender] = entry.seq
    for address, tape in world.disk.tapes.items():
        sent: dict[Address, int] = {}
        for entry in tape.entries:
            for recipient, seq, _ in entry.sent():
                if seq != sent.get(recipient, 0) + 1:
                    yield f"{address} entry {entry.number} says {seq} to {recipient} after {sent}"
                sent[recipient] = seq
        for recipient, seq in sent.items():
            if recipient in world.disk.tapes and taken.get((recipient, address), 0) != seq:
                got = taken.get((recipient, address), 0)
                yield f"{address} said {seq} to {recipient}, which has taken {got}"
        for recipient, seq in tape.acknowledged.items():
            most = len(tape.entries) if recipient == COMPLIANCE else sent.get(recipient, 0)
            if seq > most:
                yield f"{address} noted that {recipient} heard {seq}, and had said {most}"


def compliance_heard_everything(world: World) -> Iterator[str]:
    """23: every entry of every actor has one audit record, and there is no violation."""
    state = world.hosts[COMPLIANCE].shell.actor.state
    for address, tape in world.disk.tapes.items():
        if address != COMPLIANCE and state.audited.get(address, 0) != len(tape.entries):
            yield f"{address} has {len(tape.entries)} entries, {state.audited.get(address)} audited"
    yield from state.violations


def surveillance_saw_everything(world: World) -> Iterator[str]:
    """23: each order and fill of every account is one sighting, whoever was killed meanwhile."""
    happened: Counter[tuple[str, int]] = Counter()
    for address, tape in world.disk.tapes.items():
        if address.startswith("account/"):
            for entry in tape.entries:
                told = sum(entry.events.count(b'"Event":"%s"' % name) for name in LOOKED_AT)
                if told:
                    happened[address.partition("/")[2], entry.number] += told
    seen: Counter[tuple[str, int]] = Counter()
    for entry in world.disk.tapes[SURVEILLANCE].entries:
        for event in json.loads(entry.events):
            if event["Event"] in ("OrderSeen", "FillSeen"):
                seen[event["Account"], event["Entry"]] += 1
    for (account, number), count in sorted((happened - seen).items()):
        yield f"account/{account} entry {number}: surveillance has not seen {count} things of it"
    for (account, number), count in sorted((seen - happened).items()):
        yield f"account/{account} entry {number}: surveillance has seen {count} too many"


def time_runs_forwards(world: World) -> Iterator[str]:
    """37: where no clock was moved, no entry is older than the one before it."""
    if world.jumps:
        return
    for address, tape in world.disk.tapes.items():
        at = 0
        for entry in tape.entries:
            if entry.at < at:
                yield f"{address} entry {entry.number} is older than the one before it"
            at = entry.at


def nothing_was_parked(world: World) -> Iterator[str]:
    """38: no actor raised on any message."""
    for address, tape in world.disk.tapes.items():
        for entry in tape.entries:
            if b'"MessageParked"' in entry.events:
                yield f"{address} entry {entry.number}: {entry.events.decode()[:300]}"
