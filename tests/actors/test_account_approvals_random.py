"""Whatever people say in whatever order, an order goes out by the right approvals alone (I26)."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from messages.approvals import DecideOrder, Decision, ExpireApprovals
from messages.fix import HandlInst
from messages.operators import FromOperator
from messages.people import Role
from messages.routing import NewOrder
from tests.actors.scenes import DESK, START, AccountScene, cancel, order, replace

PEOPLE: dict[str, tuple[tuple[Role, ...], str | None]] = {
    "cora": ((Role.Compliance,), None),
    "tom": ((Role.Trader,), None),
    "tim": ((Role.Trader,), None),
    "both": ((Role.Compliance, Role.Trader), None),
    "own": ((Role.Compliance, Role.Trader), DESK),
    "pam": ((Role.PortfolioManager,), None),
}
STEPS = (Role.Compliance, Role.Trader)
PERSON = st.sampled_from(sorted(PEOPLE))
SAID = st.tuples(PERSON, st.sampled_from(Decision), PERSON)
DID = st.one_of(SAID, SAID, SAID, st.sampled_from(["replace", "cancel", "wait"]))


def decision(who: str, what: Decision, to: str) -> FromOperator:
    roles, desk = PEOPLE[who]
    handed = to if what is Decision.HandOver else None
    wish = DecideOrder(
        Account="acme", OrderID="acme-1", Decision=what, To=handed, Comment="because"
    )
    return FromOperator(Operator=who, ReceivedAt=START, Request=wish, Roles=roles, Desk=desk)


class Model:
    """What the rules of approval come to, written once more and in another way."""

    def __init__(self) -> None:
        self.approved: list[str] = []
        self.returned = False
        self.trader: str | None = None
        self.over = False

    def out(self) -> bool:
        return len(self.approved) == len(STEPS)

    def hears(self, who: str, what: Decision, to: str) -> None:
        roles, desk = PEOPLE[who]
        if self.over or self.out() or what is Decision.Note:
            return
        if desk == DESK or who in self.approved:
            return
        step = STEPS[len(self.approved)]
        if what is Decision.HandOver:
            if Role.Trader in roles and self.trader in (None, who) and to not in self.approved:
                self.trader = to
            return
        compliance = what is not Decision.Approve and Role.Compliance in roles
        if not compliance:
            if step not in roles:
                return
            if step is Role.Trader and self.trader not in (None, who):
                return
        if what is Decision.Refuse:
            self.over = True
        elif not self.returned and what is Decision.Return:
            self.returned = True
        elif not self.returned:
            self.approved.append(who)


@settings(max_examples=300, deadline=None)
@given(st.lists(DID, max_size=12))
def test_an_order_goes_out_by_the_right_approvals_alone(did: list[Any]) -> None:
    """I5, I26."""
    scene = AccountScene().desk(order(HandlInst=HandlInst.ManualOrder))
    model, clordid = Model(), "a"
    for number, step in enumerate(did):
        waits = not (model.over or model.out())
        match step:
            case "replace" if waits:
                scene.desk(replace(f"r{number}", clordid, OrderQty=90))
                clordid, model = f"r{number}", Model()
            case "cancel" if waits:
                scene.desk(cancel(f"c{number}", clordid))
                model.over = True
            case "wait" if waits:
                scene.later(7_200).when(ExpireApprovals())
                model.over = True
            case (who, what, to):
                was_out = model.out()
                model.hears(who, what, to)
                scene.when(decision(who, what, to))
                left = any(isinstance(send.message, NewOrder) for send in scene.sends)
                assert left == (model.out() and not was_out)
    state = scene.state
    assert ("acme-1" in state.staged) == (not model.over and not model.out())
    assert (state.reserved["USD"] == 0) == model.over
    scene.replays()
