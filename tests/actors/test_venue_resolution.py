"""A request in doubt whose venue can no longer tell: over on the word of two people (I16)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.base import Message
from messages.fix import ExecType, OrdRejReason, OrdStatus
from messages.operators import (
    ConfirmResolution,
    DoubtOutcome,
    FromOperator,
    ResolutionReport,
    ResolveInDoubt,
)
from tests.actors.scenes import START, VenueScene, dec
from tests.actors.test_venue import (
    DOWN,
    UP,
    cancel,
    cancel_reject,
    child,
    placed,
    replace,
    trade,
)
from tests.actors.test_venue_doubt import CHECK, LATE

O = DoubtOutcome  # noqa: E741


def wish(outcome: DoubtOutcome, clordid: str = "k", **fields: Any) -> ResolveInDoubt:
    reason = fields.pop("reason", "told by telephone")
    return ResolveInDoubt(Venue="XNAS", ClOrdID=clordid, Outcome=outcome, Reason=reason, **fields)


def says(operator: str, request: Message) -> FromOperator:
    return FromOperator(Operator=operator, ReceivedAt=START, Request=request)  # type: ignore[arg-type]


def proposes(
    outcome: DoubtOutcome, clordid: str = "k", by: str = "ann", **more: Any
) -> FromOperator:
    return says(by, wish(outcome, clordid, **more))


def confirms(
    outcome: DoubtOutcome, clordid: str = "k", by: str = "bob", **more: Any
) -> FromOperator:
    name = wish(outcome, clordid, **more).resolution_id
    return says(by, ConfirmResolution(Venue="XNAS", ClOrdID=clordid, ResolutionID=name))


def answers(scene: VenueScene) -> list[tuple[str, str]]:
    """Who heard what about a resolution in the last step."""
    return [
        (send.recipient, send.message.ResolutionStatus)
        for send in scene.sends
        if isinstance(send.message, ResolutionReport)
    ]


def upward(scene: VenueScene) -> list[str]:
    """What went to the book in the last step."""
    return [
        getattr(send.message, "ExecType", type(send.message).__name__)
        for send in scene.sends
        if send.recipient.startswith("book/")
    ]


def text(scene: VenueScene) -> str:
    """Why an operator was refused."""
    assert answers(scene)[0][1] == "Refused"
    return scene.sends[0].message.Text  # type: ignore[attr-defined,no-any-return]


def doubtful(*requests: Message) -> VenueScene:
    """A new order in doubt, or these requests on an order that the venue has acknowledged."""
    scene = placed(*requests) if requests else VenueScene(UP, child())
    return scene.when(DOWN).later(LATE).when(CHECK)


def resolved(outcome: DoubtOutcome, *requests: Message) -> VenueScene:
    name = "k.1" if requests else "k"
    return doubtful(*requests).when(proposes(outcome, name), confirms(outcome, name))


# ---- age


def test_a_request_knows_since_when_it_is_in_doubt() -> None:
    scene = doubtful()
    assert scene.state.requests["k"].doubt_since == scene.now
    assert scene.events[0].At == scene.now  # type: ignore[attr-defined]


def test_what_operators_say_belongs_to_the_trace_of_the_order() -> None:
    scene = VenueScene(UP)
    scene.actor.trace = "00-aa-bb-01"
    scene.when(child())
    assert scene.actor.trace_of(proposes(O.Rejected)) == "00-aa-bb-01"
    assert scene.actor.trace_of(proposes(O.Rejected, "unknown")) == ""


# ---- two people


def test_a_proposal_changes_nothing_and_is_answered() -> None:
    scene = doubtful().when(proposes(O.Rejected)).happened("DoubtResolutionProposed").replays()
    assert answers(scene) == [("desk/ann", "Proposed")]
    assert scene.state.requests["k"].in_doubt
    assert not scene.state.children["k"].ended


def test_a_confirmed_proposal_goes_up_as_the_venues_word_with_both_names() -> None:
    scene = resolved(O.Rejected).happened("DoubtResolved", "VenueExecuted").replays()
    assert upward(scene) == ["Rejected"]
    said = scene.sends[0].message.Text  # type: ignore[attr-defined]
    assert said == "Rejected as resolved by ann and bob: told by telephone"
    assert answers(scene) == [("desk/ann", "Resolved"), ("desk/bob", "Resolved")]
    assert scene.state.children["k"].ended
    assert scene.state.unanswered == {}


def test_nobody_confirms_what_they_proposed_themselves() -> None:
    scene = doubtful().when(proposes(O.Rejected), confirms(O.Rejected, by="ann"))
    scene.happened("ResolutionRefused").replays()
    assert "it takes another person" in text(scene)
    assert scene.state.requests["k"].in_doubt


def test_only_what_was_read_can_be_confirmed() -> None:
    scene = doubtful().when(proposes(O.Rejected), proposes(O.Canceled, by="eve"))
    scene.when(confirms(O.Rejected)).happened("ResolutionRefused")
    assert "eve proposed Canceled" in text(scene)
    scene.when(confirms(O.Canceled)).happened("DoubtResolved", "VenueExecuted")
    assert upward(scene) == ["Canceled"]


def test_nothing_can_be_confirmed_before_it_is_proposed() -> None:
    assert "nobody has proposed" in text(doubtful().when(confirms(O.Rejected)))


def test_what_an_operator_says_twice_happens_once_and_is_answered_twice() -> None:
    scene = doubtful().when(proposes(O.Rejected), proposes(O.Rejected)).happened()
    assert answers(scene) == [("desk/ann", "Proposed")]
    scene.when(confirms(O.Rejected), confirms(O.Rejected)).happened().replays()
    assert answers(scene) == [("desk/bob", "Resolved")]


def test_a_proposal_again_by_another_is_still_the_first_ones() -> None:
    """Else a person could confirm what they proposed by proposing it once more."""
    scene = doubtful().when(proposes(O.Rejected), proposes(O.Rejected, by="bob"))
    assert scene.state.proposals["k"].ProposedBy == "ann"
    scene.when(confirms(O.Rejected, by="ann")).happened("ResolutionRefused")


# ---- what can be resolved


def test_only_what_is_in_doubt_can_be_resolved() -> None:
    assert "never sent" in text(VenueScene(UP).when(proposes(O.Rejected)))
    assert "may still come" in text(VenueScene(UP, child()).when(proposes(O.Rejected)))
    assert "was answered" in text(placed().when(proposes(O.Rejected)))


def test_the_venues_word_in_between_is_worth_more_than_a_proposal() -> None:
    scene = doubtful().when(proposes(O.Rejected)).hears(ExecType.New, "k")
    assert scene.state.proposals == {}
    assert "was answered" in text(scene.when(confirms(O.Rejected)))


@pytest.mark.parametrize("outcome", [O.Accepted, O.Expired])
def test_a_cancel_ends_as_a_cancel_can(outcome: DoubtOutcome) -> None:
    assert "cannot end in" in text(doubtful(cancel()).when(proposes(outcome, "k.1")))


def test_a_request_is_not_settled_before_its_order() -> None:
    scene = VenueScene(UP, child(), cancel(), DOWN).later(LATE).when(CHECK)
    assert "settle the order first" in text(scene.when(proposes(O.Canceled, "k.1")))


def test_fills_that_were_not_reported_cannot_be_resolved_away() -> None:
    scene = doubtful().when(proposes(O.Canceled, CumQty=dec(40)))
    assert "a fill is booked on its report alone" in text(scene)
    scene.when(proposes(O.Canceled, CumQty=dec(0))).happened("DoubtResolutionProposed")


# ---- what each outcome leads to


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (O.Accepted, "New"),
        (O.Rejected, "Rejected"),
        (O.NotSent, "Rejected"),
        (O.Canceled, "Canceled"),
        (O.Expired, "Expired"),
    ],
)
def test_a_new_order_ends_as_two_people_say(outcome: DoubtOutcome, told: str) -> None:
    scene = resolved(outcome).replays()
    assert upward(scene) == [told]
    assert scene.state.children["k"].ended == (outcome is not O.Accepted)
    scene.when(UP).happened("SessionOpened").then()  # nothing is asked any more


@pytest.mark.parametrize(
    ("outcome", "told"),
    [(O.Canceled, "Canceled"), (O.Rejected, "RequestRejected"), (O.NotSent, "RequestRejected")],
)
def test_a_cancel_ends_as_two_people_say(outcome: DoubtOutcome, told: str) -> None:
    scene = resolved(outcome, cancel()).replays()
    assert upward(scene) == [told]
    assert scene.sends[0].message.RequestID == "b"  # type: ignore[attr-defined]
    assert scene.state.children["k"].ended == (outcome is O.Canceled)


def test_a_replace_that_two_people_call_accepted_names_the_order() -> None:
    scene = resolved(O.Accepted, replace(OrderQty=120)).replays()
    assert upward(scene) == ["Replaced"]
    assert scene.state.children["k"].terms.OrderQty == 120
    scene.when(UP, cancel("c")).then("fix/XNAS VenueCancel k.2 <k.1")


def test_an_order_that_was_gone_when_its_replace_came_is_cancelled_unasked() -> None:
    scene = resolved(O.Canceled, replace(OrderQty=120)).replays()
    assert upward(scene) == ["Canceled"]
    assert scene.sends[0].message.RequestID is None  # type: ignore[attr-defined]


# ---- the venue speaks after all


@pytest.mark.parametrize("outcome", [O.Rejected, O.NotSent, O.Canceled, O.Expired])
def test_a_fill_of_what_two_people_ended_is_a_break_and_is_booked(outcome: DoubtOutcome) -> None:
    scene = resolved(outcome).when(UP)
    scene.hears(ExecType.Trade, "k", "x1", LastQty=dec(40), LastPx=dec(10), CumQty=dec(40))
    scene.happened("BreakFound", "VenueExecuted").replays()
    assert upward(scene) == ["Trade"]
    assert scene.events[0].What.startswith("the venue says Trade of k, which ann and bob")  # type: ignore[attr-defined]
    assert scene.state.children["k"].cum_qty == 40


def test_an_order_that_lives_though_two_people_rejected_it_is_a_break_and_told_nobody() -> None:
    scene = resolved(O.Rejected).when(UP).hears(ExecType.New, "k")
    scene.happened("BreakFound", "VenueExecuted").then().replays()
    assert scene.state.children["k"].ended


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (O.Rejected, ExecType.Rejected),
        (O.NotSent, ExecType.Rejected),
        (O.Canceled, ExecType.Canceled),
        (O.Canceled, ExecType.New),
    ],
)
def test_a_venue_that_agrees_tells_nobody_anything_new(
    outcome: DoubtOutcome, said: ExecType
) -> None:
    resolved(outcome).when(UP).hears(said, "k").happened("VenueExecuted").then().replays()


def test_an_order_that_two_people_accepted_may_go_on_as_any() -> None:
    scene = resolved(O.Accepted).when(UP).hears(ExecType.New, "k").happened("VenueExecuted").then()
    scene.hears(ExecType.Trade, "k", "x2", LastQty=dec(100), LastPx=dec(10), CumQty=dec(100))
    scene.happened("VenueExecuted")
    assert upward(scene) == ["Trade"]


def test_an_order_that_two_people_accepted_and_the_venue_rejects_is_a_break_and_rejected() -> None:
    scene = (
        resolved(O.Accepted).when(UP).hears(ExecType.Rejected, "k", OrdStatus=OrdStatus.Rejected)
    )
    scene.happened("BreakFound", "VenueExecuted").replays()
    assert upward(scene) == ["Rejected"]


def test_a_cancel_that_two_people_refused_and_the_venue_did_is_a_break_and_done() -> None:
    scene = resolved(O.Rejected, cancel()).when(UP)
    scene.hears(ExecType.Canceled, "k.1", "x2", OrigClOrdID="k")
    scene.happened("BreakFound", "VenueExecuted").replays()
    assert upward(scene) == ["Canceled"]


def test_a_cancel_that_two_people_called_done_and_the_venue_refused_is_a_break() -> None:
    scene = resolved(O.Canceled, cancel()).when(UP, cancel_reject("k.1")).happened("BreakFound")
    scene.then().replays()
    agreed = resolved(O.Rejected, cancel()).when(UP, cancel_reject("k.1"))
    agreed.happened("DuplicateExecution").then()


def test_a_replace_that_the_venue_took_as_two_people_said_is_told_once() -> None:
    scene = resolved(O.Accepted, replace(OrderQty=120)).when(UP)
    scene.hears(ExecType.Replaced, "k.1", "x2", OrigClOrdID="k", OrderQty=dec(120))
    scene.happened("VenueExecuted").then().replays()


def test_an_order_of_which_the_venue_says_late_that_it_works_is_a_break() -> None:
    scene = resolved(O.Canceled).when(UP)
    scene.hears(ExecType.OrderStatus, "k", "0", OrdStatus=OrdStatus.New)
    scene.happened("BreakFound").then().replays()
    agreed = resolved(O.Canceled).when(UP)
    agreed.hears(ExecType.OrderStatus, "k", "0", OrdStatus=OrdStatus.Canceled).happened().then()
    unknown = {"OrdStatus": OrdStatus.Rejected, "OrdRejReason": OrdRejReason.UnknownOrder}
    agreed.hears(ExecType.OrderStatus, "k", "0", **unknown).happened().then()


def test_an_accepted_order_that_the_venue_does_not_know_is_a_break() -> None:
    unknown = {"OrdStatus": OrdStatus.Rejected, "OrdRejReason": OrdRejReason.UnknownOrder}
    scene = resolved(O.Accepted).when(UP).hears(ExecType.OrderStatus, "k", "0", **unknown)
    scene.happened("BreakFound").then().replays()


def test_a_fill_that_is_taken_back_later_contradicts_nobody() -> None:
    scene = trade(placed(), 40).when(cancel(), DOWN).later(LATE).when(CHECK)
    scene.when(proposes(O.Canceled, "k.1"), confirms(O.Canceled, "k.1"), UP)
    scene.hears(ExecType.TradeCancel, "k", "x9", ExecRefID="x2", CumQty=dec(0))
    scene.happened("VenueExecuted").replays()
    assert upward(scene) == ["TradeCancel"]


# ---- any order of things

PEOPLE = ("ann", "bob", "eve")


@given(
    st.lists(
        st.one_of(
            st.builds(proposes, st.sampled_from(O), by=st.sampled_from(PEOPLE)),
            st.builds(confirms, st.sampled_from(O), by=st.sampled_from(PEOPLE)),
            st.sampled_from([UP, DOWN, CHECK, cancel("c")]),
            st.sampled_from([ExecType.New, ExecType.Trade, ExecType.Canceled, ExecType.Rejected]),
        ),
        max_size=25,
    )
)
def test_no_doubt_ends_on_the_word_of_one_person(steps: list[Any]) -> None:
    """I16."""
    scene = doubtful()
    for number, step in enumerate(steps):
        before = "k" in scene.state.unanswered
        traded = scene.state.children["k"].cum_qty
        if isinstance(step, ExecType):
            last = {"LastQty": dec(1), "LastPx": dec(10)} if step is ExecType.Trade else {}
            scene.hears(step, "k", f"x{number}", **last)
            if step is ExecType.Trade:  # whatever was resolved: a fill is booked
                assert scene.state.children["k"].cum_qty == traded + 1
                assert "Trade" in upward(scene)
        else:
            scene.later(LATE).when(step)
            if before and "k" not in scene.state.unanswered:
                done = scene.state.resolutions["k"]
                assert done.ProposedBy != done.ConfirmedBy
                assert (step.Operator, step.Request.ResolutionID) == (
                    done.ConfirmedBy,
                    done.ResolutionID,
                )
        if isinstance(step, FromOperator):
            assert len(answers(scene)) >= 1
    scene.replays()
