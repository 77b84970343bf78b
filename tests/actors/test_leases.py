"""Limits that accounts share: what all of them hold never exceeds the limit, whoever dies."""

from decimal import Decimal
from random import Random
from typing import Any

import pytest
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
    LeaseGranted,
    LeaseRecalled,
    LeaseWanted,
    RuleBook,
    RuleBookScope,
    RulesIssued,
)
from tests.actors.scenes import (
    START,
    AccountScene,
    cancel,
    dec,
    definition,
    from_desk,
    instrument,
    order,
)

ACCOUNTS = ("acme", "bravo", "carol")
LIMIT = 10_000


def issued(version: int = 1, **book: Any) -> RulesIssued:
    return RulesIssued(Version=version, Rules=RuleBook.model_validate(book, strict=False))


def shared(limit: int | str = LIMIT, desk: int | None = None, version: int = 1) -> RulesIssued:
    book: dict[str, Any] = {"Firm": {"SharedGross": str(limit)}}
    if desk is not None:
        book["Desks"] = {"blue": {"SharedGross": str(desk)}}
    return issued(version, **book)


def account(*more: Message) -> AccountScene:
    return AccountScene(definition(), instrument(), shared(), *more)


def granted(word: int, total: int | str, pool: str = "firm") -> LeaseGranted:
    return LeaseGranted(Pool=pool, Word=word, Total=dec(total))


def wanted(scene: Any) -> list[tuple[str, int, Decimal]]:
    found = (send.message for send in scene.sends if isinstance(send.message, LeaseWanted))
    return [(said.Pool, said.Word, said.Total) for said in found]


# ---- the account


def test_an_account_asks_for_a_share_when_it_hears_of_the_limit() -> None:
    found = account().happened("RulesAdopted", "LeaseAsked").replays()
    assert wanted(found) == [("firm", 1, dec(500))]
    found.desk(order("a", OrderQty=1)).happened("OrderRefused")
    refusal = found.report.Refusal
    assert (refusal.Rule, refusal.Level, refusal.Limit) == ("shared_exposure", "firm", "10000")
    assert refusal.Inputs == {"Gross": "10", "Lent": "0"}


@pytest.mark.parametrize(("qty", "kind"), [(50, "OrderAccepted"), (51, "OrderRefused")])
def test_what_was_lent_may_be_spent_to_the_last_unit(qty: int, kind: str) -> None:
    found = account().when(granted(1, 500)).desk(order("a", OrderQty=qty)).replays()
    assert found.events[0].Event == kind  # type: ignore[attr-defined]


def test_orders_cost_no_message_until_little_is_left() -> None:
    found = account().when(granted(1, 500))
    found.desk(order("a", OrderQty=25)).happened("OrderAccepted")
    assert wanted(found) == []
    found.desk(order("b", OrderQty=1)).happened("OrderAccepted", "LeaseAsked").replays()
    assert wanted(found) == [("firm", 2, dec(760))]
    found.desk(order("c", OrderQty=1)).happened("OrderAccepted")


def test_an_order_that_needs_more_is_refused_and_more_is_asked_for() -> None:
    found = account().when(granted(1, 500)).desk(order("a", OrderQty=100))
    found.happened("OrderRefused", "LeaseAsked").replays()
    assert wanted(found) == [("firm", 2, dec(1_500))]
    found.when(granted(2, 1_500)).desk(order("b", OrderQty=100)).happened("OrderAccepted")


def test_who_was_denied_does_not_ask_with_every_order() -> None:
    found = account().when(granted(1, 0)).desk(order("a")).happened("OrderRefused")
    found.later(1).desk(order("b")).happened("OrderRefused", "LeaseAsked").replays()


def test_an_answer_to_an_earlier_word_is_out_of_date() -> None:
    found = account().when(granted(1, 500)).when(LeaseRecalled(Pool="firm"))
    assert wanted(found) == [("firm", 2, dec(0))]
    found.when(granted(1, 900)).happened()
    found.desk(order("a", OrderQty=1))
    assert found.report.Refusal.Inputs["Lent"] == "0"


def test_what_is_in_use_is_not_given_back() -> None:
    found = account().when(granted(1, 500)).desk(order("a", OrderQty=20))
    found.when(LeaseRecalled(Pool="firm")).happened("LeaseAsked").replays()
    assert wanted(found) == [("firm", 2, dec(200))]
    found.when(LeaseRecalled(Pool="firm")).happened()


def test_a_limit_that_is_shared_no_more_is_given_back() -> None:
    found = account().when(granted(1, 500))
    found.when(RulesIssued(Version=2, Rules=RuleBook())).happened("RulesAdopted", "LeaseAsked")
    assert wanted(found) == [("firm", 2, dec(0))]
    found.replays().desk(order("a", OrderQty=900)).happened("OrderAccepted")


def test_firm_and_desk_must_both_have_lent() -> None:
    found = AccountScene(definition(), instrument(), shared(desk=400))
    assert wanted(found) == [("firm", 1, dec(500)), ("desk blue", 1, dec(20))]
    found.when(granted(1, 500)).desk(order("a", OrderQty=2)).happened("OrderRefused")
    assert found.report.Refusal.Level == "desk blue"
    found.when(granted(1, 20, "desk blue")).desk(order("b", OrderQty=2))
    assert found.events[0].Event == "OrderAccepted"  # type: ignore[attr-defined]


def net(limit: int = LIMIT) -> AccountScene:
    """With 500 of either side."""
    found = AccountScene(definition(), instrument(), issued(Firm={"SharedNet": str(limit)}))
    assert wanted(found) == [("firm long", 1, dec(500)), ("firm short", 1, dec(500))]
    return found.when(granted(1, 500, "firm long"), granted(1, 500, "firm short"))


@pytest.mark.parametrize("side", [Side.Buy, Side.Sell])
def test_net_is_lent_for_either_side_by_itself(side: Side) -> None:
    """I32."""
    found = net().desk(order("a", OrderQty=51, Side=side)).happened("OrderRefused", "LeaseAsked")
    refusal, name = found.report.Refusal, "long" if side is Side.Buy else "short"
    assert (refusal.Rule, refusal.Level, refusal.Limit) == ("shared_net", "firm", "10000")
    assert refusal.Inputs == {name.capitalize(): "510", "Lent": "500"}
    assert wanted(found) == [(f"firm {name}", 2, dec(1_010))]
    found.desk(order("b", OrderQty=50, Side=side)).happened("OrderAccepted").replays()
    other = Side.Sell if side is Side.Buy else Side.Buy
    found.desk(order("c", OrderQty=50, Side=other))
    assert found.events[0].Event == "OrderAccepted"  # type: ignore[attr-defined]


def test_what_brings_net_towards_zero_needs_no_share() -> None:
    found = net().desk(order("a", OrderQty=50)).venue(ExecType.New).fill(50)
    found.when(LeaseRecalled(Pool="firm short"))
    assert wanted(found) == [("firm short", 2, dec(0))]
    found.desk(order("b", OrderQty=50, Side=Side.Sell))
    assert found.events[0].Event == "OrderAccepted"  # type: ignore[attr-defined]
    found.desk(order("c", OrderQty=1, Side=Side.Sell))
    assert found.events[0].Event == "OrderRefused"  # type: ignore[attr-defined]


def paced(rate: int = 100, lent: int = 5) -> AccountScene:
    """With so many orders a second of the desk's."""
    book = issued(Desks={"blue": {"SharedRate": rate}})
    found = AccountScene(definition(Desks=("blue", "red")), instrument(), book)
    assert wanted(found) == [("desk blue rate", 1, dec(rate // 20))]
    return found.when(granted(1, lent, "desk blue rate")).later(1)


def accepts(found: AccountScene, names: str, desk: str = "blue") -> str:
    """Those of the orders that were let through."""
    through = ""
    for name in names:
        found.desk(order(name, OrderQty=1), desk=desk)
        if found.events[0].Event == "OrderAccepted":  # type: ignore[attr-defined]
            through += name
    return through


def test_a_share_of_a_rate_is_one_second_s_worth_and_fills_continuously() -> None:
    """I32."""
    found = paced()
    assert accepts(found, "abcdefg") == "abcde"
    refusal = found.report.Refusal
    assert (refusal.Rule, refusal.Level, refusal.Limit) == ("shared_rate", "desk blue", "100")
    assert refusal.Inputs == {"Rate": "6", "Lent": "5"}
    found.now += SECOND // 5
    assert accepts(found, "hij") == "h"
    assert accepts(found, "klmnopq", desk="red") == "klmnopq"
    found.replays()


def test_a_larger_share_of_a_rate_brings_nothing_at_once_and_a_smaller_one_takes_what_is_over() -> (
    None
):
    found = paced()
    assert accepts(found, "abcde") == "abcde"
    number = found.state.leases["desk blue rate"].number
    found.when(granted(number, 50, "desk blue rate")).replays()
    assert accepts(found, "f") == ""
    found.now += SECOND // 50
    assert accepts(found, "gh") == "g"
    found.later(1).when(LeaseRecalled(Pool="desk blue rate"))
    assert wanted(found)[0][2] == 0
    assert accepts(found.replays(), "i") == ""


# ---- all of them together, over links that lose and repeat, between deaths


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


def test_a_cancel_gives_room_without_a_message() -> None:
    found = account().when(granted(1, 500)).desk(order("a", OrderQty=50)).venue(ExecType.New)
    found.desk(cancel("c", "a")).venue(ExecType.Canceled, RequestID="c")
    found.desk(order("b", OrderQty=50)).replays()
    assert found.events[0].Event == "OrderAccepted"  # type: ignore[attr-defined]
