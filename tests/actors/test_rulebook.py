"""The rule book's keeper: two people make a version, and everybody hears of it once it holds."""

from typing import Any, Self

import pytest

from actors.rulebook.keeper import RuleBookKeeper
from messages.base import SECOND, Message
from messages.operators import FromOperator
from messages.rulebook import (
    RULEBOOK,
    ApproveRules,
    ProposeRules,
    RejectRules,
    RuleBook,
    RuleBookScope,
    RulesDue,
    RulesIssued,
    RulesReport,
    RulesStatus,
)
from tests.actors.scenes import START, Scene

SCOPE = RuleBookScope(Accounts=("acme", "bravo"), Symbols=("AAPL",))
BOOK = RuleBook.model_validate(
    {
        "Firm": {"MaxOrderQty": "500"},
        "Accounts": {"acme": {"MaxOrderQty": "50"}, "bravo": {"MaxOrderQty": "60"}},
        "Securities": {"AAPL": {"Halted": True}, "MSFT": {"Halted": True}},
        "Owners": {"acme": "one", "bravo": "one"},
        "SelfMatch": "CancelNewest",
        "Locates": [{"Account": "bravo", "Symbol": "AAPL", "Qty": "5"}],
    },
    strict=False,
)
WISH = ProposeRules(Rules=BOOK, Reason="smaller orders")
LATER = ProposeRules(Rules=BOOK, EffectiveAt=START + 60 * SECOND, Reason="from noon")


class KeeperScene(Scene):
    """``rulebook/0`` with what operators say."""

    def __init__(self, *given: Message) -> None:
        super().__init__(lambda: RuleBookKeeper(RULEBOOK), *(given or (SCOPE,)))

    def says(self, operator: str, wish: Any) -> Self:
        return self.when(FromOperator(Operator=operator, ReceivedAt=self.now, Request=wish))

    def agreed(self, wish: ProposeRules = WISH) -> Self:
        """Ann proposes, bob approves."""
        return self.says("ann", wish).says("bob", ApproveRules(ProposalID=wish.proposal_id))

    @property
    def reports(self) -> list[tuple[str, RulesReport]]:
        return [
            (send.recipient, send.message)
            for send in self.sends
            if isinstance(send.message, RulesReport)
        ]

    @property
    def issued(self) -> dict[str, RulesIssued]:
        return {
            send.recipient: send.message
            for send in self.sends
            if isinstance(send.message, RulesIssued)
        }

    def refused(self) -> str:
        ((_, report),) = self.reports
        assert report.RulesStatus is RulesStatus.Refused
        self.happened("RulesRefused").replays()
        return report.Text or ""


def test_what_one_person_proposes_changes_nothing() -> None:
    found = KeeperScene().says("ann", WISH).happened("RulesProposed").replays()
    assert [(to, r.RulesStatus) for to, r in found.reports] == [("desk/ann", "Proposed")]
    assert found.state.rules is None


def test_a_second_person_makes_it_a_version_that_everybody_hears_of() -> None:
    """I31."""
    found = KeeperScene().agreed().happened("RulesApproved", "RulesInForce", "RulesSent").replays()
    assert set(found.issued) == {"account/acme", "account/bravo", "book/AAPL"}
    assert {one.Version for one in found.issued.values()} == {1}
    told = [(to, r.RulesStatus, r.Author, r.Approver) for to, r in found.reports]
    assert told == [(f"desk/{name}", "InForce", "ann", "bob") for name in ("ann", "bob")]
    version = found.state.versions[1]
    assert (version.author, version.approver, version.reason) == ("ann", "bob", "smaller orders")


def test_each_hears_what_concerns_it_alone() -> None:
    said = KeeperScene().agreed().issued
    acme, book = said["account/acme"].Rules, said["book/AAPL"].Rules
    assert (set(acme.Accounts), set(acme.Owners), acme.Locates) == ({"acme"}, {"acme"}, ())
    assert acme.Firm == BOOK.Firm
    assert len(said["account/bravo"].Rules.Locates) == 1
    assert (set(book.Securities), set(book.Owners)) == ({"AAPL"}, {"acme", "bravo"})
    assert not book.Accounts


def test_nobody_approves_what_is_their_own() -> None:
    """I31."""
    found = KeeperScene().says("ann", WISH)
    found.says("ann", ApproveRules(ProposalID=WISH.proposal_id))
    assert found.refused() == "ann proposed it; another person must approve it"
    found.says("bob", WISH)
    assert "ann proposed exactly this" in found.refused()


def test_what_is_said_again_is_answered_again() -> None:
    found = KeeperScene().says("ann", WISH).says("ann", WISH).happened()
    assert found.reports[0][1].RulesStatus is RulesStatus.Proposed
    yes = ApproveRules(ProposalID=WISH.proposal_id)
    found.says("bob", yes).says("bob", yes).happened()
    assert found.reports[0][1].RulesStatus is RulesStatus.InForce
    found.says("eve", yes)
    assert found.refused() == "it is version 1 already"


def test_a_proposal_is_rejected_by_another_or_taken_back() -> None:
    for person in ("ann", "bob"):
        no = RejectRules(ProposalID=WISH.proposal_id, Reason="too small")
        found = KeeperScene().says("ann", WISH).says(person, no).happened("RulesRejected").replays()
        assert {to for to, _ in found.reports} == {"desk/ann", f"desk/{person}"}
        found.says(person, no).happened()
        found.says("bob", ApproveRules(ProposalID=WISH.proposal_id))
        assert f"{person} rejected it" in found.refused()


@pytest.mark.parametrize("kind", [ApproveRules, RejectRules])
def test_what_nobody_proposed_cannot_be_decided(kind: Any) -> None:
    words = {"Reason": "no"} if kind is RejectRules else {}
    found = KeeperScene().says("ann", kind(ProposalID="ab12", **words))
    assert "there is no such proposal" in found.refused()


def test_a_proposal_for_an_older_version_is_refused() -> None:
    other = ProposeRules(Rules=RuleBook(), Reason="none at all")
    found = KeeperScene().says("ann", other).agreed()
    found.says("bob", ApproveRules(ProposalID=other.proposal_id))
    assert "written against version 0, and there is 1 now" in found.refused()


# ---- time


def test_a_version_takes_effect_at_its_time() -> None:
    found = KeeperScene().agreed(LATER).happened("RulesApproved").replays()
    (timer,) = found.timers
    assert (timer.at, timer.message) == (START + 60 * SECOND, RulesDue(Version=1))
    assert not found.issued
    assert found.reports[0][1].RulesStatus is RulesStatus.Approved
    found.later(60).when(timer.message).happened("RulesInForce", "RulesSent").replays()
    assert len(found.issued) == 3
    found.when(timer.message).happened().then()


def test_a_version_never_overtakes_the_one_before() -> None:
    found = KeeperScene().agreed(LATER).agreed(WISH).happened("RulesApproved")
    assert found.state.versions[2].effective_at == LATER.EffectiveAt
    found.later(60).when(RulesDue(Version=1)).when(RulesDue(Version=2)).replays()
    assert found.state.in_force == 2


def test_nothing_takes_effect_in_the_past() -> None:
    found = KeeperScene().later(61).says("ann", LATER)
    assert "is past" in found.refused()
    late = KeeperScene().says("ann", LATER).later(61)
    late.says("bob", ApproveRules(ProposalID=LATER.proposal_id))
    assert late.replays().state.versions[1].effective_at == START + 61 * SECOND


# ---- who hears of it


def test_an_account_that_is_new_is_told_what_holds() -> None:
    found = KeeperScene().agreed()
    found.when(SCOPE).happened().then()
    wider = RuleBookScope(Accounts=("acme", "bravo", "carol"), Symbols=("AAPL", "MSFT"))
    found.when(wider).happened("RulesSent").replays()
    assert set(found.issued) == {"account/carol", "book/MSFT"}


def test_who_is_gone_from_reference_data_hears_no_more() -> None:
    found = KeeperScene().when(RuleBookScope(Accounts=("bravo",), Symbols=("AAPL",)))
    assert set(found.agreed().replays().issued) == {"account/bravo", "book/AAPL"}


def test_the_first_version_may_come_from_reference_data_and_no_later_one() -> None:
    first = RulesIssued(Version=1, Rules=BOOK)
    found = KeeperScene(first, SCOPE)
    assert not found.issued  # everybody has it from the same reference data
    assert found.replays().state.in_force == 1
    found.when(RulesIssued(Version=1, Rules=RuleBook())).happened()
    found.agreed().replays()
    assert {one.Version for one in found.issued.values()} == {2}
