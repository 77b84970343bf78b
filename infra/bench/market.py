"""A venue that takes every order and cancel at once, and notes when each came, by MsgSeqNum."""

import time
from typing import NamedTuple

from gateways.fix.scripted import ScriptedVenue, WireFields

NEW_RISK = ("D", "G")
"""MsgType of a new order and of a replace."""


class Came(NamedTuple):
    """One message of the venue connection. ``at``: nanoseconds since 1970."""

    at: int
    number: int
    kind: str
    name: str
    account: str
    symbol: str


class Market:
    """``heard``: everything that came, in order."""

    def __init__(self, comp_id: str) -> None:
        self.heard: list[Came] = []
        self.line = ScriptedVenue(comp_id, "OMS", self._hear)
        self._execs = 0

    def _hear(self, fields: WireFields) -> None:
        at, kind, name = time.time_ns(), fields["35"], fields.get("11", "")
        account, symbol = fields.get("1", ""), fields.get("55", "")
        self.heard.append(Came(at, int(fields["34"]), kind, name, account, symbol))
        order = fields.get("41", name)
        if kind == "D":
            self._say(fields, name, "0", fields.get("38", "1"))
        elif kind == "F":
            self._say(fields | {"37": f"V-{order}"}, name, "4", "0")

    def _say(self, asked: WireFields, name: str, status: str, leaves: str) -> None:
        self._execs += 1
        report = {
            "35": "8", "37": asked.get("37", f"V-{name}"), "17": f"e{self._execs}", "11": name,
            "150": status, "39": status, "55": asked["55"], "54": asked["54"],
            "38": asked.get("38", "1"), "14": "0", "151": leaves, "6": "0",
            "60": "20261123-14:30:00.000",
        }  # fmt: skip
        self.line.say(report)

    def risk_since(self, at: int) -> list[Came]:
        """New orders and replaces that came after that instant."""
        found: list[Came] = []
        for came in reversed(self.heard):
            if came.at <= at:
                break
            if came.kind in NEW_RISK:
                found.append(came)
        return found[::-1]
