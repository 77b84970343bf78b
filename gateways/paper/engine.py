"""The QuickFIX engine of one acceptor session: its settings and the objects it consists of."""

import sys
from pathlib import Path
from typing import Any

import quickfix

BEGIN_STRING = "FIX.4.4"

# Not every build knows NonStopSession; without it the numbers start again at the end of a schedule,
# so it gets the longest there is: a week, ending on Sunday 00:00 UTC.
SCHEDULES = (
    {"NonStopSession": "Y"},
    {"StartTime": "00:00:00", "EndTime": "00:00:00", "StartDay": "sun", "EndDay": "sun"},
)


def dictionary_path() -> Path | None:
    """The FIX 4.4 data dictionary that the engine's package brings along; None where it is not."""
    path = Path(sys.prefix) / "share" / "quickfix" / "FIX44.xml"
    return path if path.exists() else None


def acceptor(
    application: quickfix.Application, sender: str, target: str, folder: Path
) -> tuple[Any, tuple[Any, ...]]:
    """A SocketAcceptor on any port, not started, and the objects that must live as long as it."""
    dictionary = dictionary_path()
    values = {
        "ConnectionType": "acceptor",
        "SocketAcceptPort": "0",  # see listener.py
        "SocketNodelay": "Y",
        "FileStorePath": str(folder),
        "ResetOnLogon": "N",
        "ResetOnLogout": "N",
        "ResetOnDisconnect": "N",
        "CheckLatency": "N",
        "TimestampPrecision": "9",
        # Without a dictionary the fields are still checked, by requests.py, as far as they are
        # used; with it the engine also refuses what FIX 4.4 does not know.
        "UseDataDictionary": "Y" if dictionary else "N",
    }
    if dictionary:
        values["DataDictionary"] = str(dictionary)
    *others, last = SCHEDULES
    for schedule in others:
        try:
            return _make(application, sender, target, values | schedule)
        except quickfix.ConfigError:
            continue  # this build does not know the schedule's key
    return _make(application, sender, target, values | last)


def _make(
    application: quickfix.Application, sender: str, target: str, values: dict[str, str]
) -> tuple[Any, tuple[Any, ...]]:
    session_id = quickfix.SessionID(BEGIN_STRING, sender, target)
    dictionary = quickfix.Dictionary()
    for key, value in values.items():
        dictionary.setString(key, value)
    settings = quickfix.SessionSettings()
    settings.set(session_id, dictionary)
    store = quickfix.FileStoreFactory(settings)
    made = quickfix.SocketAcceptor(application, store, settings)
    return made, (application, store, settings, session_id)
