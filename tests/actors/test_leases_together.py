"""A rule book and accounts that share limits, over links that lose and repeat, between deaths."""

from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from actors.account.account import Account
from actors.actor import Actor
from actors.pools import SHARED, kind_of
from actors.rulebook.keeper import RuleBookKeeper
from infra.shell import Gap, Shell
from messages.base import SECOND, Instant, Message
from messages.entry import Entry
from messages.envelope import Address, Envelope
from messages.events import OrderAccepted
from messages.fix import ExecType, Side
from messages.rulebook import (
    RULEBOOK,
    RuleBookScope,
)
from tests.actors.scenes import (
    START,
    AccountScene,
    definition,
    from_desk,
    instrument,
    order,
)
from tests.actors.test_leases import LIMIT, issued, shared

ACCOUNTS = ("acme", "bravo", "carol")


class Firm(RuleBasedStateMachine):
    """A rule book and three accounts as shells with journals; any of them may die at any time.

    A message is lost, comes twice or late; what is unacknowledged is sent again, as links do.
    """

    BOOK = shared()
    POOLS: tuple[str, ...] = ("firm",)

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.names = 0
        self.chance = Random(0)
        self.shells: dict[Address, Shell] = {}
        self.tapes: dict[Address, list[Entry]] = {}
        self.owed: dict[tuple[Address, Address], list[Envelope]] = {}
        self.spent: list[str] = []
        self.accepted: list[Instant] = []

    @initialize(seed=st.integers(0, 1_000))
    def begin(self, seed: int) -> None:
        self.chance = Random(seed)
        scope = RuleBookScope(Accounts=ACCOUNTS, Symbols=("AAPL",))
        for address in (RULEBOOK, *(f"account/{name}" for name in ACCOUNTS)):
            self.shells[address] = Shell(self._make(address))
            self.tapes[address] = []
        self._tell(RULEBOOK, self.BOOK)
        self._tell(RULEBOOK, scope)
        for name in ACCOUNTS:
            for message in (definition(name), instrument(), self.BOOK):
                self._tell(f"account/{name}", message)

    def _make(self, address: Address) -> Actor[Any, Any, Any]:
        return RuleBookKeeper(address) if address == RULEBOOK else Account(address)

    def _tell(self, address: Address, message: Message, sender: str = "reference/x") -> None:
        body = message.model_dump_json(exclude_none=True).encode()
        kind = type(message).__name__
        self._take(Envelope(sender, address, 0, kind, self.now, "", body))

    def _take(self, envelope: Envelope) -> None:
        shell = self.shells[envelope.recipient]
        before = {pool: _used(shell, pool, self.now) for pool in self.POOLS}
        entry = shell.take(envelope, self.now)
        if entry is None:
            return
        self.tapes[envelope.recipient].append(entry)
        if b'"OrderAccepted"' in entry.events:
            self.accepted.append(self.now)
            for pool, was in before.items():
                used, held = _used(shell, pool, self.now), _held(shell, pool)
                if used > max(was, held):
                    self.spent.append(f"{envelope.recipient} {used} of {held} of {pool}")
        for out in shell.take_outbox():
            if not out.recipient.startswith(("desk/", "book/")):
                self.owed.setdefault((out.sender, out.recipient), []).append(out)

    @rule(account=st.sampled_from(ACCOUNTS), qty=st.sampled_from((1, 40, 200, 450)))
    def buy(self, account: str, qty: int, side: Side = Side.Buy) -> None:
        self.names += 1
        said = from_desk(order(f"o{self.names}", account, OrderQty=qty, Side=side), at=self.now)
        self._tell(f"account/{account}", said, "ingress/0")

    @rule(account=st.sampled_from(ACCOUNTS))
    def end_one(self, account: str) -> None:
        """The venue cancels the oldest order that is open."""
        state = self.shells[f"account/{account}"].actor.state
        order_id = next(iter(state.open), None)
        if order_id is not None:
            self.names += 1
            over = AccountScene().execution(
                ExecType.Canceled, order_id, VenueExecID=f"x{self.names}"
            )
            said = over.model_copy(update={"Account": account})
            self._tell(f"account/{account}", said)

    @rule(steps=st.integers(1, 6))
    def links_work(self, steps: int) -> None:
        """Some of what is owed arrives: in order, lost, twice, or an old one again."""
        for _ in range(steps):
            ways = [way for way, owed in self.owed.items() if owed]
            if not ways:
                return
            way = self.chance.choice(ways)
            envelope = self.owed[way][0]
            luck = self.chance.random()
            if luck < 0.1:
                continue  # lost: it is sent again
            try:
                self._take(envelope)
                if luck < 0.25:
                    self._take(envelope)
            except Gap as gap:
                raise AssertionError(f"a hole in {way}: {gap}") from gap
            if luck < 0.9:
                self.owed[way].pop(0)  # acknowledged; else it comes again

    @rule(address=st.sampled_from((RULEBOOK, *(f"account/{name}" for name in ACCOUNTS))))
    def dies(self, address: Address) -> None:
        """What it knew is what its journal says."""
        fresh = Shell(self._make(address))
        for entry in self.tapes[address]:
            fresh.replay(entry)
        assert fresh.state_digest() == self.shells[address].state_digest()
        self.shells[address] = fresh

    @rule(seconds=st.integers(0, 2))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * SECOND

    @invariant()
    def what_all_hold_is_within_what_is_lent_and_that_within_the_limit(self) -> None:
        if not self.shells:
            return
        keeper = self.shells[RULEBOOK].actor.state
        for pool in self.POOLS:
            limit = keeper.limit(pool)
            assert keeper.lent(pool) <= limit
            used = Decimal(0)
            for name in ACCOUNTS:
                loan, shell = keeper.loans.get(pool, {}).get(name), self.shells[f"account/{name}"]
                assert _held(shell, pool) <= (loan.lent if loan else 0), name
                used += _used(shell, pool, self.now)
            assert used <= limit
        assert self.spent == []


class FirmOfNet(Firm):
    """The same of what accounts are long and short."""

    BOOK = issued(Firm={"SharedNet": str(LIMIT)}, Desks={"blue": {"SharedNet": "8000"}})
    POOLS = ("firm long", "firm short", "desk blue long", "desk blue short")

    @rule(account=st.sampled_from(ACCOUNTS), qty=st.sampled_from((40, 200, 450)))
    def sell(self, account: str, qty: int) -> None:
        self.buy(account, qty, Side.Sell)


class FirmOfRate(Firm):
    """The same of the rate of orders; the clock goes in parts of a second."""

    BOOK = issued(Firm={"SharedRate": 7})
    POOLS = ("firm rate",)

    @rule(account=st.sampled_from(ACCOUNTS), count=st.integers(1, 8), tenths=st.integers(0, 9))
    def burst(self, account: str, count: int, tenths: int) -> None:
        self.now += tenths * SECOND // 10
        for _ in range(count):
            self.buy(account, 1)

    @invariant()
    def all_together_are_no_faster_than_one_bucket_of_the_whole_rate(self) -> None:
        """In any time no more than its rate gives, and once as many as it holds."""
        for first, begin in enumerate(self.accepted):
            for last in range(first, len(self.accepted)):
                seconds = Decimal(self.accepted[last] - begin) / SECOND
                assert last - first + 1 <= 7 + 7 * seconds


def _held(shell: Shell, pool: str = "firm") -> Decimal:
    state = shell.actor.state
    lease = state.leases.get(pool) if hasattr(state, "leases") else None
    return lease.held if lease else Decimal(0)


def _used(shell: Shell, pool: str, now: Instant) -> Decimal:
    state = shell.actor.state
    return SHARED[kind_of(pool)].used(state, pool, now) if hasattr(state, "leases") else Decimal(0)


def _gross(shell: Shell) -> Decimal:
    worths = getattr(shell.actor.state, "worths", None)
    return worths.total.gross if worths else Decimal(0)


SETTINGS = settings(
    max_examples=60, stateful_step_count=60, deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip


class TestFirm(Firm.TestCase):  # type: ignore[misc,name-defined]
    """I32: what accounts use together never exceeds the limit."""

    settings = SETTINGS


class TestFirmOfNet(FirmOfNet.TestCase):  # type: ignore[misc,name-defined]
    """I32."""

    settings = SETTINGS


class TestFirmOfRate(FirmOfRate.TestCase):  # type: ignore[misc,name-defined]
    """I32."""

    settings = SETTINGS


def _town() -> Firm:
    """Links that never fail."""
    firm = Firm()
    firm.begin(1)
    firm.chance = Random(0)
    firm.chance.random = lambda: 0.5  # type: ignore[method-assign]
    firm.links_work(50)
    return firm


def accepted(firm: Firm, account: str) -> int:
    events = (e for entry in firm.tapes[f"account/{account}"] for e in [entry.events])
    return sum(text.count(OrderAccepted.__name__.encode()) for text in events)


def test_the_whole_limit_can_be_used_wherever_it_is_needed() -> None:
    """I32: not less, either."""
    firm = _town()
    for _ in range(30):
        firm.buy("acme", 100)
        firm.time_passes(1)
        firm.links_work(50)
    assert _gross(firm.shells["account/acme"]) == LIMIT
    firm.buy("bravo", 1)
    firm.links_work(50)
    assert accepted(firm, "bravo") == 0
    firm.end_one("acme")
    for _ in range(3):
        firm.time_passes(1)
        firm.buy("bravo", 90)
        firm.links_work(50)
    assert accepted(firm, "bravo") == 1


def test_what_a_dead_account_holds_stays_lent() -> None:
    """I32."""
    firm = _town()
    firm.buy("acme", 40)
    firm.links_work(50)
    held = firm.shells[RULEBOOK].actor.state.loans["firm"]["acme"].lent
    firm.owed = {way: owed for way, owed in firm.owed.items() if "account/acme" not in way}
    for _ in range(30):
        firm.buy("bravo", 100)
        firm.time_passes(1)
        for way in [way for way in firm.owed if "account/acme" in way]:
            firm.owed[way] = []  # nobody is there
        firm.links_work(50)
    assert _gross(firm.shells["account/bravo"]) <= LIMIT - held
    assert firm.shells[RULEBOOK].actor.state.lent("firm") <= LIMIT
