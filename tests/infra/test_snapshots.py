"""A snapshot is a cache: with it, without it and with a strange one, the state is the same (I5)."""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from actors.account.account import Account
from actors.actor import Actor
from infra import snapshots
from infra.journals import Fenced
from infra.journals.memory import MemoryJournal
from infra.shell import Shell
from infra.snapshots import Snapshots
from messages import fix
from messages.base import Message
from messages.envelope import Envelope
from messages.orders import FromDesk, NewOrderSingle
from messages.reference import AccountDefinition, InstrumentDefinition, Limits

ADDRESS = "account/acme"


def make() -> Actor[Any, Any, Any]:
    return Account(ADDRESS)


def say(shell: Shell, journal: MemoryJournal, message: Message) -> None:
    body = message.model_dump_json().encode()
    envelope = Envelope("ingress/0", ADDRESS, 1, type(message).__name__, 5, "", body)
    entry = shell.take(envelope, 7)
    assert entry is not None
    journal.append([entry])
    shell.take_outbox()


def order(number: int) -> FromDesk:
    request = NewOrderSingle(
        ClOrdID=f"o-{number}",
        Account="acme",
        Symbol="AAPL",
        Side=fix.Side.Buy,
        OrderQty=Decimal(10),
        OrdType=fix.OrdType.Limit,
        Price=Decimal(100),
    )
    return FromDesk(Desk="alpha", ReceivedAt=5, Request=request)


def trading() -> tuple[Shell, MemoryJournal]:
    journal = MemoryJournal()
    shell = Shell(make(), journal.open())
    cash = {"USD": Decimal(100_000)}
    definition = AccountDefinition(Account="acme", Desks=("alpha",), Cash=cash, Limits=Limits())
    instrument = InstrumentDefinition(
        Symbol="AAPL",
        ReferencePx=Decimal(100),
        TickSize=Decimal("0.01"),
        LotSize=Decimal(1),
        ContractMultiplier=Decimal(1),
        Venues=("XPAR",),
    )
    say(shell, journal, definition)
    say(shell, journal, instrument)
    for number in range(5):
        say(shell, journal, order(number))
    return shell, journal


def restarted(journal: MemoryJournal) -> Shell:
    shell = Snapshots(journal).latest(make, journal.open())
    for entry in journal.read(shell.number):
        shell.replay(entry)
    return shell


def test_a_restart_from_a_snapshot_and_what_followed_gives_the_state_of_a_full_replay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshots, "EVERY", 3)
    shell, journal = trading()
    Snapshots(journal).keep(shell)
    say(shell, journal, order(99))
    assert journal.snapshot(snapshots.stamp()) is not None

    again = restarted(journal)

    assert again.state_digest() == shell.state_digest()
    assert (again.number, again.chain, again.sent) == (shell.number, shell.chain, shell.sent)


@pytest.mark.parametrize("px", ["5200", "100", "0.5", "5200.10"])
def test_a_state_that_was_replayed_is_written_as_the_one_in_memory(px: str) -> None:
    """Also where a price is a round number: 5200 plus the collar is 5.72E+3 to a Decimal."""
    shell, journal = trading()
    instrument = shell.actor.state.instruments["AAPL"]
    say(shell, journal, instrument.model_copy(update={"ReferencePx": Decimal(px)}))
    market = order(7).Request.model_copy(update={"OrdType": fix.OrdType.Market, "Price": None})
    say(shell, journal, FromDesk(Desk="alpha", ReceivedAt=5, Request=market))
    assert shell.actor.state.orders["acme-6"].terms.OrdType is fix.OrdType.Market
    assert restarted(journal).state_digest() == shell.state_digest()


def test_a_snapshot_of_other_code_is_ignored() -> None:
    shell, journal = trading()
    journal.save_snapshot(shell.number, "other code", b"not even readable")
    assert restarted(journal).state_digest() == shell.state_digest()


def test_no_snapshot_is_made_while_little_has_happened() -> None:
    shell, journal = trading()
    Snapshots(journal).keep(shell)
    assert journal.snapshot(snapshots.stamp()) is None


def test_a_succeeded_incarnation_cannot_leave_a_snapshot() -> None:
    shell, journal = trading()
    MemoryJournal(journal.tape).open()
    with pytest.raises(Fenced):
        journal.save_snapshot(shell.number, snapshots.stamp(), snapshots.dump(shell))


def test_a_busy_actor_keeps_one_when_enough_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "BUSY_EVERY", 8)
    shell, journal = trading()
    kept = Snapshots(journal)
    kept.keep_busy(shell)
    assert journal.snapshot(snapshots.stamp()) is None
    say(shell, journal, order(98))
    kept.keep_busy(shell)
    assert restarted(journal).state_digest() == shell.state_digest()
    found = journal.snapshot(snapshots.stamp())
    assert found is not None
    assert found[0] == 8


class Later:
    """What was begun apart, and comes when the test says so."""

    def __init__(self, compute: Callable[[], bytes]) -> None:
        self.data: bytes | None = None
        self.fault: OSError | None = None
        self.cancelled = False
        self.computed = compute()

    def result(self) -> bytes | None:
        if self.fault:
            raise self.fault
        return self.data

    def cancel(self) -> None:
        self.cancelled = True


def begun(monkeypatch: pytest.MonkeyPatch) -> tuple[Shell, MemoryJournal, Snapshots, list[Later]]:
    monkeypatch.setattr(snapshots, "BUSY_EVERY", 7)
    shell, journal = trading()
    later: list[Later] = []

    def apart(compute: Callable[[], bytes]) -> Later:
        later.append(Later(compute))
        return later[-1]

    kept = Snapshots(journal, apart)
    kept.keep_busy(shell)
    assert len(later) == 1
    return shell, journal, kept, later


def test_work_goes_on_while_one_is_written_down_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    shell, journal, kept, (later,) = begun(monkeypatch)
    say(shell, journal, order(98))
    kept.keep_busy(shell)
    assert journal.snapshot(snapshots.stamp()) is None
    later.data = later.computed
    kept.collect(shell.address)
    found = journal.snapshot(snapshots.stamp())
    assert found is not None
    assert found[0] == shell.number - 1
    assert restarted(journal).state_digest() == shell.state_digest()


def test_there_is_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    shell, journal, kept, later = begun(monkeypatch)
    monkeypatch.setattr(snapshots, "EVERY", 1)
    for number in range(40):
        say(shell, journal, order(100 + number))
        kept.keep_busy(shell)
        kept.keep(shell)
    assert len(later) == 1
    later[0].data = later[0].computed
    kept.keep_busy(shell)
    assert len(later) == 2


def test_one_that_came_to_nothing_is_tried_again_when_the_next_is_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shell, journal, kept, later = begun(monkeypatch)
    later[0].fault = OSError("no memory")
    kept.keep_busy(shell)
    assert len(later) == 1
    for number in range(7):
        say(shell, journal, order(100 + number))
        kept.keep_busy(shell)
    assert len(later) == 2
    assert journal.snapshot(snapshots.stamp()) is None


def test_where_there_is_no_room_for_a_copy_there_is_no_snapshot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshots, "BUSY_EVERY", 1)
    shell, journal = trading()

    def full(compute: Callable[[], bytes]) -> Later:
        raise OSError("no room")

    Snapshots(journal, full).keep_busy(shell)
    assert journal.snapshot(snapshots.stamp()) is None


def test_what_was_begun_is_given_up_with_the_actor(monkeypatch: pytest.MonkeyPatch) -> None:
    _, journal, kept, (later,) = begun(monkeypatch)
    kept.close()
    assert later.cancelled
    assert journal.snapshot(snapshots.stamp()) is None


def test_a_snapshot_of_a_release_that_did_not_compress_is_ignored() -> None:
    shell, journal = trading()
    told = b'{"number": 7}\n{}'
    data = hashlib.sha256(told).hexdigest().encode() + b"\n" + told
    journal.save_snapshot(shell.number, snapshots.stamp(), data)
    assert restarted(journal).state_digest() == shell.state_digest()


def test_the_larger_the_state_the_rarer_a_busy_actor_stops_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshots, "BUSY_EVERY", 1)
    shell, journal = trading()
    kept = Snapshots(journal)
    kept.keep_busy(shell)
    found = journal.snapshot(snapshots.stamp())
    assert found is not None
    size = len(found[1])
    monkeypatch.setattr(snapshots, "BUSY_BYTES", size // 3)
    for number, due in ((90, False), (91, False), (92, True)):
        say(shell, journal, order(number))
        kept.keep_busy(shell)
        found = journal.snapshot(snapshots.stamp())
        assert found is not None
        assert (found[0] == shell.number) is due


@pytest.mark.parametrize("place", [0, 70, 200, -2])
def test_a_snapshot_in_which_a_bit_has_flipped_is_ignored(place: int) -> None:
    shell, journal = trading()
    data = bytearray(snapshots.dump(shell))
    data[place] ^= 4
    journal.save_snapshot(shell.number, snapshots.stamp(), bytes(data))
    assert Snapshots(journal).latest(make, 1).number == 0
    assert restarted(journal).state_digest() == shell.state_digest()
