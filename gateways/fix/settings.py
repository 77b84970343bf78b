"""The engine's settings of one initiator session, and the engine itself made from them."""

from pathlib import Path
from typing import Any

import quickfix

from gateways.fix import dictionary
from messages.reference import VenueDefinition

RECONNECT_S = 1

# Not every build of the engine knows NonStopSession. Without it a session has a schedule and the
# engine starts the numbers again at its end; then the longest one: a week, ending on Sunday 00:00
# UTC, when next to nothing trades. Numbers imposes the right ones at the next logon.
SCHEDULES = (
    {"NonStopSession": "Y"},
    {"StartTime": "00:00:00", "EndTime": "00:00:00", "StartDay": "sun", "EndDay": "sun"},
)


def initiator(
    engine: quickfix.Application,
    session_id: quickfix.SessionID,
    definition: VenueDefinition,
    folder: Path,
    heartbeat_s: int,
    groups: dictionary.Groups,
) -> tuple[Any, tuple[Any, ...]]:
    """A SocketInitiator, not started, and the objects that must live as long as it does.

    ``groups``: what repeats in the venue's reports.
    quickfix.ConfigError where the engine refuses the settings.
    """
    begin_string = session_id.getBeginString().getString()
    session = {
        "ConnectionType": "initiator",
        "SocketConnectHost": definition.Host,
        "SocketConnectPort": str(definition.Port),
        "HeartBtInt": str(heartbeat_s),
        "FileStorePath": str(folder),
        "ResetOnLogon": "N",
        "ResetOnLogout": "N",
        "ResetOnDisconnect": "N",
        # Clocks of venues differ; what is late is seen in TransactTime.
        "CheckLatency": "N",
        # The dialect checks all it uses and keeps the text of what it refuses. What the engine
        # refuses is counted as heard, and gone: a fill without AvgPx, or with an empty Text.
        "DataDictionary": str(dictionary.write(folder, begin_string, groups)),
        **dictionary.SETTINGS,
    }
    # These two are read from the defaults alone.
    common = {"ReconnectInterval": str(RECONNECT_S), "SocketNodelay": "Y"}
    *others, last = SCHEDULES
    for schedule in others:
        try:
            return _make(engine, session_id, common, session | schedule)
        except quickfix.ConfigError:
            continue  # this build does not know the schedule's key
    return _make(engine, session_id, common, session | last)


def _make(
    engine: quickfix.Application,
    session_id: quickfix.SessionID,
    common: dict[str, str],
    session: dict[str, str],
) -> tuple[Any, tuple[Any, ...]]:
    settings = quickfix.SessionSettings()
    settings.set(_dictionary(common))
    settings.set(session_id, _dictionary(session))
    store = quickfix.FileStoreFactory(settings)
    return quickfix.SocketInitiator(engine, store, settings), (engine, store, settings, session_id)


def _dictionary(values: dict[str, str]) -> quickfix.Dictionary:
    dictionary = quickfix.Dictionary()
    for key, value in values.items():
        dictionary.setString(key, value)
    return dictionary
