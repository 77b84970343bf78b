"""A real paper exchange process and a real FIX initiator, for live tests."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import quickfix

from gateways.paper import dictionary
from tests.gateways.paper_client import SOH, Fields, fields

ENTRY = (279, 269, 55, 270, 271, 272, 273)
MARKET_DATA: dict[str, dictionary.Groups] = {"W": {268: ENTRY[1:]}, "X": {268: ENTRY}}
ROOT = Path(__file__).parents[2]


class PaperProcess:
    """``python -m gateways.paper`` for XPAR, in its own folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.process: subprocess.Popen[str] | None = None

    def command(self, *more: str) -> list[str]:
        return [
            *(sys.executable, "-m", "gateways.paper", "--venue", "XPAR"),
            *("--port", str(self.port), "--data", str(self.folder)),
            *("--sender", "XPAR", "--target", "OMS", *more),
        ]

    def start(self) -> str:
        """Start it; the line that it prints when it is ready."""
        self.process = subprocess.Popen(
            self.command("--die-with-parent"), cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        assert self.process is not None
        self.process.kill()
        self.process.communicate()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.terminate()
        self.process.communicate(timeout=10)
        return self.process.returncode


class Client(quickfix.Application):  # type: ignore[misc]
    """The initiator OMS, which keeps the fields of all that it hears."""

    def __init__(self, port: int, folder: Path) -> None:
        super().__init__()
        self.heard: list[Fields] = []
        self.texts: list[str] = []
        """The same as they came, with all entries of their groups."""
        self.refused: list[str] = []
        """Texts of Rejects and Logouts, of either side."""
        session_id = quickfix.SessionID("FIX.4.4", "OMS", "XPAR")
        settings = quickfix.SessionSettings()
        settings.set(_dictionary({"ReconnectInterval": "1", "SocketNodelay": "Y"}))
        session = {
            "ConnectionType": "initiator",
            "SocketConnectHost": "127.0.0.1",
            "SocketConnectPort": str(port),
            "HeartBtInt": "10",
            "FileStorePath": str(folder),
            "CheckLatency": "N",
            "DataDictionary": str(dictionary.write(folder, MARKET_DATA)),
            **dictionary.SETTINGS,
            **{"StartTime": "00:00:00", "EndTime": "00:00:00", "StartDay": "sun", "EndDay": "sun"},
        }
        settings.set(session_id, _dictionary(session))
        store = quickfix.FileStoreFactory(settings)
        self._initiator: Any = quickfix.SocketInitiator(self, store, settings)
        self._kept: tuple[Any, ...] = (store, settings, session_id)
        self.session: Any = quickfix.Session.lookupSession(session_id)
        self._initiator.start()

    def onCreate(self, _: Any) -> None:
        pass

    def onLogon(self, _: Any) -> None:
        pass

    def onLogout(self, _: Any) -> None:
        pass

    def toAdmin(self, message: quickfix.Message, _: Any) -> None:
        self._note(message)

    def toApp(self, message: quickfix.Message, _: Any) -> None:
        pass

    def fromAdmin(self, message: quickfix.Message, _: Any) -> None:
        self._note(message)

    def fromApp(self, message: quickfix.Message, _: Any) -> None:
        text = message.toString()
        self.heard.append(fields(text))
        self.texts.append(text)

    def _note(self, message: quickfix.Message) -> None:
        said = fields(message.toString())
        if said["35"] in ("3", "5") and "58" in said:
            self.refused.append(said["58"])

    def send(self, text: str) -> None:
        """Text of a Sheet, whose numbers are replaced by the session's."""
        kept = [part for part in text.split(SOH)[:-1] if part[:3] not in ("8=F", "34=")]
        body = SOH.join(["8=FIX.4.4", "9=0", *kept, "10=000", ""])
        self.session.send(quickfix.Message(body, False))

    def watch(self, name: str, kind: str, *symbols: str) -> None:
        """Send a MarketDataRequest for bids, offers and trades, with its groups in place."""
        message = quickfix.Message()
        message.getHeader().setField(35, "V")
        for tag, value in ((262, name), (263, kind), (264, "1"), (265, "1")):
            message.setField(tag, value)
        for number, tag, values in ((267, 269, ("0", "1", "2")), (146, 55, symbols)):
            for value in values:
                group = quickfix.Group(number, tag)
                group.setField(tag, value)
                message.addGroup(group)
        self.session.send(message)

    def until(self, condition: Callable[[], object], timeout_s: int = 20) -> None:
        """Wait until the condition holds."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            last = [*self.heard[-3:], *self.refused]
            assert time.monotonic() < deadline, f"waited in vain; {len(self.heard)} heard: {last}"
            time.sleep(0.01)

    def until_up(self) -> None:
        """Wait for the logon."""
        self.until(self.session.isLoggedOn)

    def answers(self, name: str) -> list[Fields]:
        """What was heard about a ClOrdID."""
        return [report for report in list(self.heard) if report.get("11") == name]

    def stop(self) -> None:
        """Log out and disconnect."""
        self._initiator.stop(True)
        # The engine forgets a session by its id when the initiator is freed, so that must be
        # before another one begins.
        self.session = self._initiator = None
        self._kept = ()


@contextmanager
def client(port: int, folder: Path) -> Iterator[Client]:
    """A client that is logged on."""
    made = Client(port, folder)
    try:
        made.until_up()
        yield made
    finally:
        made.stop()


@contextmanager
def paper(folder: Path) -> Iterator[PaperProcess]:
    """A running exchange on a free port, killed at the end."""
    made = PaperProcess(folder, free_port())
    made.start()
    try:
        yield made
    finally:
        made.kill()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def in_background(work: Callable[[], None]) -> threading.Thread:
    """Run it beside the test."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def _dictionary(values: Fields) -> quickfix.Dictionary:
    dictionary = quickfix.Dictionary()
    for key, value in values.items():
        dictionary.setString(key, value)
    return dictionary
