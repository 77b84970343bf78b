"""Which prices count: fresh ones of a venue that trades. And what halts do."""

import pytest

from messages.base import SECOND
from messages.fix import (
    CxlRejReason,
    ExecInst,
    ExecRestatementReason,
    ExecType,
    SecurityTradingStatus,
)
from tests.actors.book_scenes import MarketScene, iceberg, pegged, stop, venue
from tests.actors.scenes import START, instrument, terms

FIRED = "account/acme Execution acme-1 Triggered"
SENT = "venue/XNAS NewOrder acme-1.1"
FOLLOWED = "venue/XNAS Follow"
CANCELED = "account/acme Execution acme-1 Canceled"
HALT, RESUME = SecurityTradingStatus.Halt, SecurityTradingStatus.Resume
CANCEL = (ExecInst.CancelOnTradingHalt,)


def aged(seconds: int = 5) -> MarketScene:
    return MarketScene(instrument(Venues=("XNAS",), MaxQuoteAge=seconds), venue())


def test_a_quote_that_is_too_old_when_it_comes_does_not_trigger() -> None:
    scene = aged().order(stop()).quote("10.50", when=START - 6 * SECOND).happened("QuoteHeard")
    scene.quote("10.50", when=START - 5 * SECOND).then(FIRED, SENT, FOLLOWED)


def test_a_quote_goes_stale_by_itself_once_and_the_next_one_counts_again() -> None:
    scene = aged().order(stop("12")).quote("10.00").passes(3).quote("10.10")
    scene.passes(5).happened().passes(1).happened("QuoteWentStale").replays()
    assert scene.state.quotes == {}
    scene.passes(60).happened()
    scene.order(stop("10.00"), "acme-2").then("account/acme Execution acme-2 New")
    scene.quote("10.00").then(
        "account/acme Execution acme-2 Triggered", "venue/XNAS NewOrder acme-2.1"
    )


def test_without_a_largest_age_a_quote_holds_while_the_session_is_up() -> None:
    scene = MarketScene().order(stop("12")).quote("10.00").passes(3600).happened()
    scene.order(stop("10.00"), "acme-2")
    assert "Triggered" in str(scene.sends)


def test_after_the_session_to_the_venue_is_lost_its_last_quote_does_not_count() -> None:
    scene = MarketScene().order(stop("12")).quote("10.00").lost().happened("QuoteWentStale")
    scene.lost().happened()
    scene.order(stop("10.00"), "acme-2").then("account/acme Execution acme-2 New").replays()


def test_a_quote_that_was_overtaken_by_a_later_one_is_dropped() -> None:
    scene = MarketScene().order(stop("10.50")).passes(2).quote("10.00")
    scene.quote("10.50", when=START).happened().then()


def test_quotes_of_a_venue_that_is_not_followed_leave_no_trace() -> None:
    MarketScene().order().quote("10.00").happened().lost().happened().replays()


def test_while_the_venue_has_halted_nothing_is_triggered() -> None:
    scene = MarketScene().order(stop()).status(HALT).happened("TradingStatusHeard")
    scene.status(HALT).happened()
    scene.quote("10.50").happened("QuoteHeard").then()
    scene.status(RESUME).then(FIRED, SENT, FOLLOWED).replays()


def test_a_halt_is_known_before_and_after_prices_are_followed() -> None:
    scene = MarketScene().status(HALT).order(stop()).quote("10.50").then()
    scene.cancel().order(stop(), "acme-2").quote("10.50").then().status(RESUME)
    assert "Triggered" in str(scene.sends)


def test_that_a_venue_had_closed_is_forgotten_where_nobody_would_hear_that_it_opened() -> None:
    scene = MarketScene().order().status(SecurityTradingStatus.Closed).fill(100)
    scene.order(stop(), "acme-2").quote("10.50")
    assert "Triggered" in str(scene.sends)
    scene.order(stop("12"), "acme-3").status(SecurityTradingStatus.Closed).quote("12").then()
    scene.replays()


@pytest.mark.parametrize("instruction", [ExecInst.ReinstateOnTradingHalt, None])
def test_a_held_order_outlives_a_halt(instruction: ExecInst | None) -> None:
    given = stop(ExecInst=(instruction,) if instruction else None)
    scene = MarketScene().order(given).status(HALT).then().status(RESUME)
    scene.quote("10.50").then(FIRED, SENT, FOLLOWED).replays()


def test_a_held_order_is_cancelled_by_a_halt_where_it_says_so() -> None:
    scene = MarketScene().order(stop(ExecInst=CANCEL)).status(HALT)
    scene.then(CANCELED, FOLLOWED).replays()
    told = scene.sends[0].message
    reason = ExecRestatementReason.CancelOnTradingHalt
    assert told.ExecRestatementReason is reason  # type: ignore[attr-defined]


def test_a_working_order_is_cancelled_by_a_halt_where_the_venue_does_not_do_it() -> None:
    scene = MarketScene().order(terms(ExecInst=CANCEL)).then(SENT, FOLLOWED)
    assert scene.child().ExecInst is None
    scene.status(HALT).then("venue/XNAS CancelOrder acme-1.1 acme-1.1 1")
    scene.venue(ExecType.Canceled, RequestID="acme-1.1 1").then(CANCELED, FOLLOWED).replays()


def test_a_working_order_is_the_venues_to_cancel_where_it_does_it() -> None:
    scene = MarketScene(instrument(Venues=("XNAS",)), venue(ExecInsts=CANCEL))
    scene.order(terms(ExecInst=CANCEL)).happened("OrderRouted")
    scene.order(stop(ExecInst=CANCEL), "acme-2").quote("10.50")
    assert scene.child().ExecInst == CANCEL
    scene.status(HALT).then()


def test_a_venue_that_refuses_to_cancel_what_a_halt_ends_is_a_break() -> None:
    scene = MarketScene().order(terms(ExecInst=CANCEL)).status(HALT)
    scene.refuse("acme-1.1 1", reason=CxlRejReason.BrokerOption)
    scene.happened("ChildRequestRejected", "EndingWithdrawn", "BreakFound").replays()
    scene.cancel().then("venue/XNAS CancelOrder acme-1.1 b")


def test_while_the_venue_has_halted_no_slice_follows_and_no_peg_moves() -> None:
    scene = MarketScene().order(iceberg()).order(pegged(), "acme-2").quote("10", "9.99", "10.01")
    scene.venue(ExecType.New, "acme-2.1").status(HALT)
    scene.fill(40).then("account/acme Execution acme-1 Trade 40@10.00")
    scene.quote("10", "9.97", "10.01").then()
    scene.status(RESUME)
    scene.then("venue/XNAS NewOrder acme-1.2", "venue/XNAS ReplaceOrder acme-2.1 acme-2.1 1")
    scene.replays()
