"""Compliance: every entry of every actor, in its place, or a violation."""

from typing import Any

from actors.compliance import Compliance
from messages.entry import EntryCopy
from messages.events import EntryAudited
from messages.surveillance import Sightings
from tests.actors.scenes import Scene
from tests.infra.test_metrics_entries import accepted, acknowledged, entry, journey, received


def audit(*copies: EntryCopy) -> Scene:
    return Scene(lambda: Compliance("compliance/0")).when(*copies)


def account(number: int, **fields: Any) -> EntryCopy:
    return received(number, accepted(), **fields)


def test_entries_in_their_order_are_audited_and_nothing_else() -> None:
    scene = audit(account(1), account(2)).happened("EntryAudited").replays()
    assert scene.state.audited == {"account/acme": 2}
    assert scene.state.violations == []


def test_a_missing_entry_is_a_violation_and_the_audit_goes_on_from_there() -> None:
    """I18."""
    scene = audit(account(1), account(3)).happened("ViolationFound", "EntryAudited")
    assert scene.state.violations == ["account/acme 3: entry 3 came where 2 was due"]
    scene.when(account(4)).happened("EntryAudited").replays()


def test_the_first_entry_of_an_actor_is_number_1() -> None:
    assert audit(account(2)).state.violations == ["account/acme 2: entry 2 came where 1 was due"]


def test_an_entry_that_came_before_is_a_violation() -> None:
    audit(account(1), account(2), account(2)).happened("ViolationFound", "EntryAudited")


def test_an_epoch_may_rise_and_not_fall() -> None:
    """I4: the entry of an incarnation that was succeeded should not exist."""
    scene = audit(account(1, Epoch=2), account(2, Epoch=3)).happened("EntryAudited")
    scene.when(account(3, Epoch=2)).happened("ViolationFound", "EntryAudited").replays()
    assert scene.state.violations == ["account/acme 3: epoch fell to 2"]


def test_each_actor_has_numbers_of_its_own() -> None:
    other = entry("account/bravo", 1, accepted())
    scene = audit(account(1), other, account(2)).happened("EntryAudited").replays()
    assert scene.state.audited == {"account/acme": 2, "account/bravo": 1}


def test_a_run_is_audited_one_by_one_and_written_down_as_one() -> None:
    """I18."""
    run = [account(number) for number in (1, 2, 3)]
    scene = Scene(lambda: Compliance("compliance/0")).together(*run).happened("EntryAudited")
    (event,) = scene.events
    assert isinstance(event, EntryAudited)
    assert (event.First, event.Number) == (1, 3)
    assert scene.replays().state.totals == audit(*run).state.totals


def test_a_gap_or_a_fallen_epoch_within_a_run_is_a_violation() -> None:
    """I4, I18."""
    scene = Scene(lambda: Compliance("compliance/0"))
    scene.together(account(1), account(3, Epoch=2), account(4, Epoch=1))
    scene.happened("ViolationFound", "ViolationFound", "EntryAudited").replays()
    assert scene.state.violations == [
        "account/acme 3: entry 3 came where 2 was due",
        "account/acme 4: epoch fell to 1",
    ]


def test_the_totals_are_the_sums_over_all_entries_and_outlive_a_restart() -> None:
    scene = audit(*journey())
    assert scene.state.totals == {
        "orders_received": 1,
        "orders_accepted": 1,
        "fills_booked": 1,
        "venue_trades": 1,
        "reports_owed": 3,
    }
    assert scene.replayed().state.totals == scene.state.totals


def test_a_run_is_told_to_surveillance_as_one_message_in_the_same_step() -> None:
    """I1."""
    run = [account(number) for number in (1, 2, 3)]
    scene = Scene(lambda: Compliance("compliance/0")).together(*run)
    scene.then("surveillance/0 Sightings")
    (send,) = scene.sends
    assert isinstance(send.message, Sightings)
    assert [(row.Account, row.Entry) for row in send.message.Rows] == [  # type: ignore[union-attr]
        ("acme", 1),
        ("acme", 2),
        ("acme", 3),
    ]


def test_what_no_pattern_looks_at_is_not_told() -> None:
    audit(entry("account/acme", 1, acknowledged())).happened("EntryAudited").then()
