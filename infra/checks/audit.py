"""What the audit process found last: whether journals are anchored, and the clock is good."""

import time
from collections.abc import Iterator
from pathlib import Path

from infra import pids
from infra.audit.status import read_status
from infra.checks import Check, Verdict
from infra.settings import Settings, SettingsMissing
from messages.base import SECOND

LATE = 2
"""Periods without an anchor, from which on something is wrong."""


def checks(data: Path) -> Iterator[Check]:
    """Nothing where no such process ever ran."""
    status = read_status(data)
    try:
        settings = Settings.of(data)
    except SettingsMissing:
        return
    if "AnchoredAt" in status:
        yield _anchored(data, settings, status["AnchoredAt"], status["Alarms"])
    if clock := status.get("Clock"):
        name = "clock then" if "audit/0" not in pids.read(data) else "clock"
        found = f"{clock['DivergenceS'] * 1e3:.3f} ms from UTC at most, says {clock['Source']}"
        if clock["Good"]:
            yield Check(name, Verdict.OK, found)
        elif clock["Synchronized"]:
            limit = f"allowed are {settings.clock_limit_s * 1e3:g} ms"
            remedy = f"{limit} (OMS_CLOCK_LIMIT_S): see chronyc sources"
            yield Check(name, Verdict.WARN, found, remedy)
        else:
            remedy = "start chronyd, ntpd or phc2sys: records say that the clock was bad"
            yield Check(name, Verdict.WARN, "nothing disciplines it", remedy)


def _anchored(data: Path, settings: Settings, at: int, alarms: int) -> Check:
    age_s = (time.time_ns() - at) / SECOND
    if alarms:
        found = f"{alarms} journals are not what was anchored"
        return Check("anchors", Verdict.FAIL, found, f"see: oms audit verify --data {data}")
    found = f"the journals were anchored {age_s:,.0f} s ago"
    if "audit/0" in pids.read(data) and age_s > LATE * settings.anchor_every_s:
        return Check("anchors", Verdict.WARN, found, f"see: oms logs --data {data} --host audit/0")
    return Check("anchors", Verdict.OK, found)
