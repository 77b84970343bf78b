"""The engine's callbacks one by one: what races and engine versions hide from a whole session."""

from pathlib import Path
from typing import Any

import pytest
import quickfix

from gateways.fix.dialects import DIALECTS
from gateways.fix.engine import REMEMBERED, Engine
from gateways.fix.numbers import Numbers
from messages.venue import SessionUp, VenueReject
from tests.gateways.dialect_samples import FILL, NEW_ORDER, REJECT, changed, received


class EngineSession:
    """The numbers of quickfix.Session."""

    def __init__(self) -> None:
        self.sender = self.target = 1
        self.logged_on = True

    def getExpectedSenderNum(self) -> int:
        return self.sender

    def getExpectedTargetNum(self) -> int:
        return self.target

    def setNextSenderMsgSeqNum(self, number: int) -> None:
        self.sender = number

    def setNextTargetMsgSeqNum(self, number: int) -> None:
        self.target = number

    def isLoggedOn(self) -> bool:
        return self.logged_on


@pytest.fixture
def posted() -> list[tuple[int, Any]]:
    return []


@pytest.fixture
def engine(tmp_path: Path, posted: list[tuple[int, Any]]) -> Engine:
    numbers = Numbers("XPAR", tmp_path / "latch", sender=20, heard=10)
    engine = Engine(
        DIALECTS["Paper"], numbers, "XPAR", lambda seq, message: posted.append((seq, message))
    )
    engine.session = EngineSession()
    return engine


def sent_as(number: int, **header: str) -> quickfix.Message:
    """An order as the engine gives it to toApp."""
    message = DIALECTS["Paper"].to_fix(NEW_ORDER)
    message.getHeader().setField(34, str(number))
    for tag, value in header.items():
        message.getHeader().setField(int(tag[1:]), value)
    return message


def test_a_logon_gets_our_numbers_whatever_the_engine_has(engine: Engine) -> None:
    logon = received("35=A|34=1|98=0|108=10")
    engine.toAdmin(logon, None)
    assert logon.getHeader().getField(34) == "20"
    assert (engine.session.sender, engine.session.target) == (20, 11)
    assert engine.numbers.first == 21


def test_a_logon_that_never_left_uses_up_a_number_and_nothing_else(engine: Engine) -> None:
    for _ in range(2):
        engine.toAdmin(received("35=A|34=1|98=0|108=10"), None)
        engine.session.sender = engine.numbers.sender
        engine.onLogout(None)
    assert (engine.numbers.sender, engine.numbers.target) == (22, 11)


def test_a_connection_lost_just_before_a_send_stores_nothing(engine: Engine) -> None:
    engine.sending = NEW_ORDER
    engine.session.logged_on = False
    with pytest.raises(quickfix.DoNotSend):
        engine.toApp(sent_as(21), None)


@pytest.mark.parametrize(("number", "resent"), [(20, False), (21, True)])
def test_only_messages_after_our_logon_are_resent(
    engine: Engine, number: int, resent: bool
) -> None:
    engine.toAdmin(received("35=A|34=1|98=0|108=10"), None)  # becomes number 20
    if resent:
        engine.toApp(sent_as(number, t43="Y"), None)
    else:
        with pytest.raises(quickfix.DoNotSend):
            engine.toApp(sent_as(number, t43="Y"), None)


def test_a_reject_finds_the_order_among_the_last_ones_sent(
    engine: Engine, posted: list[tuple[int, Any]]
) -> None:
    engine.sending = NEW_ORDER
    for number in range(21, 21 + REMEMBERED + 1):
        engine.toApp(sent_as(number), None)
    engine.session.target = 11
    engine.fromAdmin(received(changed(REJECT, {"34": "11", "45": "22"})), None)
    (heard,) = posted
    assert isinstance(heard[1], VenueReject)
    assert heard[1].ClOrdID == NEW_ORDER.ClOrdID
    engine.fromAdmin(received(changed(REJECT, {"34": "11", "45": "21"})), None)
    assert "RefSeqNum(45)=21" in posted[1][1]


def test_a_message_that_the_engine_itself_refuses_is_told(
    engine: Engine, posted: list[tuple[int, Any]]
) -> None:
    engine.toAdmin(received("35=3|34=21|45=12|58=Required tag missing"), None)
    engine.toApp(received("35=j|34=22|45=13|372=8|58=Unsupported Message Type"), None)
    assert [seq for seq, _ in posted] == [0, 0]
    assert "Required tag missing" in posted[0][1]
    assert "Unsupported Message Type" in posted[1][1]


def test_an_error_in_a_callback_does_not_leave_it(
    engine: Engine, posted: list[tuple[int, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.session = None
    engine.onLogout(None)
    engine.fromApp(received(FILL.replace("34=7", "34=x")), None)
    engine.onLogon(None)
    assert "onLogout failed: AttributeError" in posted[0][1]
    assert "fromApp failed: ValueError" in posted[1][1]
    assert posted[2] == (0, SessionUp())
