"""The sequence numbers of the paper exchange's session."""

from pathlib import Path

import pytest
import quickfix

from gateways.paper.acceptor import Callbacks
from gateways.paper.numbers import Numbers, stored
from gateways.paper.worker import Failed, Item, LoggedOn, NumbersReset
from tests.gateways.paper_client import SOH


def test_the_engine_left_its_numbers_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "FIX.4.4-XPAR-OMS.seqnums").write_text("0000000042 : 0000000017")
    numbers = stored(tmp_path, "FIX.4.4-XPAR-OMS")
    assert (numbers.sender, numbers.target) == (42, 17)


@pytest.mark.parametrize("text", [None, "", "garbage"])
def test_without_a_file_the_numbers_begin_at_1(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "S.seqnums").write_text(text)
    numbers = stored(tmp_path, "S")
    assert (numbers.sender, numbers.target) == (1, 1)


def test_a_resend_does_not_lower_our_number() -> None:
    numbers = Numbers(1, 1)
    numbers.said(5)
    numbers.said(3)
    assert numbers.sender == 6


def test_a_logout_beyond_a_gap_skips_nothing() -> None:
    numbers = Numbers(1, 5)
    numbers.logout(number=9, expected=5)
    assert numbers.ended(expected=6)
    assert numbers.target == 5
    assert not numbers.ended(expected=5)


def test_an_ordinary_logout_is_counted() -> None:
    numbers = Numbers(1, 5)
    numbers.logout(number=5, expected=5)
    assert not numbers.ended(expected=6)
    assert numbers.target == 6


def test_the_number_waited_for_stays_where_the_engine_began_its_week_again() -> None:
    numbers = Numbers(1, 5)
    numbers.ended(expected=8)
    numbers.logon(number=9, reset=False)
    assert numbers.target == 8


def test_a_client_that_begins_again_itself_is_followed() -> None:
    numbers = Numbers(30, 8)
    numbers.logon(number=1, reset=False)
    assert (numbers.sender, numbers.target) == (30, 1)
    numbers.logon(number=1, reset=True)
    assert (numbers.sender, numbers.target) == (1, 1)


class Engine:
    """The session object of an engine, as far as it is asked for numbers."""

    def __init__(self, sender: int, target: int) -> None:
        self.sender = sender
        self.target = target

    def getExpectedSenderNum(self) -> int:
        return self.sender

    def getExpectedTargetNum(self) -> int:
        return self.target

    def setNextSenderMsgSeqNum(self, number: int) -> None:
        self.sender = number

    def setNextTargetMsgSeqNum(self, number: int) -> None:
        self.target = number


def callbacks(engine: Engine, numbers: Numbers) -> tuple[Callbacks, list[Item]]:
    items: list[Item] = []
    made = Callbacks(items.append, numbers)
    made.session = engine
    return made, items


def admin(kind: str, number: int, *more: str) -> quickfix.Message:
    parts = ["8=FIX.4.4", "9=0", f"35={kind}", f"34={number}", *more, "10=000", ""]
    return quickfix.Message(SOH.join(parts), False)


def test_an_engine_that_began_its_week_again_is_overruled_at_the_logon() -> None:
    engine = Engine(sender=40, target=20)
    made, _ = callbacks(engine, Numbers(40, 20))
    made.onLogout(None)
    engine.sender = engine.target = 1
    made.fromAdmin(admin("A", 20), None)
    assert (engine.sender, engine.target) == (40, 20)


def test_a_logout_or_reject_beyond_a_gap_does_not_fill_it() -> None:
    engine = Engine(sender=40, target=20)
    made, _ = callbacks(engine, Numbers(40, 20))
    made.fromAdmin(admin("3", 25), None)
    engine.target += 1  # as the engine does
    assert engine.target == 20
    made.fromAdmin(admin("5", 26), None)
    engine.target += 1
    made.onLogout(None)
    assert engine.target == 20


def test_a_reset_that_the_client_asks_for_is_obeyed() -> None:
    engine = Engine(sender=1, target=1)
    made, items = callbacks(engine, Numbers(40, 20))
    made.fromAdmin(admin("A", 1, "141=Y"), None)
    made.onLogon(None)
    assert (engine.sender, engine.target) == (1, 1)
    assert items == [NumbersReset(), LoggedOn()]


def test_an_error_in_a_callback_ends_the_exchange_and_not_the_engine() -> None:
    made, items = callbacks(Engine(1, 1), Numbers(1, 1))
    made.fromApp(None, None)
    (failed,) = items
    assert isinstance(failed, Failed)
    assert "fromApp" in failed.text
