"""Chaos: faults of real processes, links and disks while orders flow, and how long each was felt.

Every fault is over before the next one begins, so what is measured is one fault at a time, and
every one falls into a system at work. What the desks saw is the judge: the ledger of
``infra.session``; the inside is looked at afterwards (``infra.at_rest``).
"""

from infra.chaos.torment import close, settle, torment
from infra.chaos.victim import KINDS, Kill, NotBack, Victim

__all__ = ["KINDS", "Kill", "NotBack", "Victim", "close", "settle", "torment"]
