"""What must balance: the totals that compliance keeps, and the laws that hold between them at rest.

``counts`` looks at one entry alone, so a total is a plain sum: over shards, over restarts, and in
whatever order the entries were heard. While a message is on its way a law is out of balance by it;
at rest every law reads 0, and what it reads instead says on which side something is missing.
"""

from collections.abc import Mapping

from messages import events as ev
from messages.base import Event
from messages.entry import EntryCopy
from messages.fix import ExecType

TOTALS: dict[str, str] = {
    "orders_received": "new orders that reached an account from a desk, repeats included",
    "orders_accepted": "orders that passed every pre-trade rule",
    "orders_refused": "orders that a pre-trade rule refused",
    "orders_duplicate": "orders that came again and were answered as before",
    "orders_parked": "orders on which the account failed: kept with the reason, and rejected",
    "orders_rejected": "accepted orders that the venue, or the book for want of one, rejected",
    "requests_duplicate": "cancels, replaces and other requests that came again",
    "orders_adopted": "orders that a venue made for an account, and the account took over",
    "venue_orders_adopted": "orders that venues reported and nobody had sent",
    "fills_booked": "executions booked by accounts",
    "venue_trades": "trades reported by venues, once per ExecID",
    "fills_taken_back": "executions that accounts booked and took back",
    "venue_trades_canceled": "trades that venues took back, once per ExecID",
    "fills_corrected": "corrections of executions booked by accounts",
    "venue_trades_corrected": "trades that venues corrected, once per ExecID",
    "executions_duplicate": "executions that a venue reported again",
    "reports_owed": "reports that accounts sent towards desks",
    "messages_parked": "messages on which an actor raised, orders included",
    "breaks": "contradictions between the outside world and us",
}
"""Every name that ``counts`` may give, and what it counts."""

LAWS: dict[str, tuple[tuple[str, int], ...]] = {
    "orders": (
        ("orders_received", 1),
        ("orders_accepted", -1),
        ("orders_refused", -1),
        ("orders_duplicate", -1),
        ("orders_parked", -1),
    ),
    "adoptions": (("orders_adopted", 1), ("venue_orders_adopted", -1)),
    "fills": (("fills_booked", 1), ("venue_trades", -1)),
    "busts": (("fills_taken_back", 1), ("venue_trades_canceled", -1)),
    "corrections": (("fills_corrected", 1), ("venue_trades_corrected", -1)),
}
"""Each law as total and sign; the signed sum is 0 at rest, over all shards of compliance."""

DIRECTIONS: dict[str, tuple[str, str]] = {
    "orders": ("received and not answered", "answered and never received"),
    "adoptions": (
        "taken over by an account and reported by no venue",
        "made at a venue and not taken over by its account",
    ),
    "fills": ("booked by an account and reported by no venue", "traded at a venue and not booked"),
    "busts": (
        "taken back by an account and by no venue",
        "taken back by a venue and still booked",
    ),
    "corrections": (
        "corrected by an account and by no venue",
        "corrected by a venue and not by its account",
    ),
}
"""What a law says when it reads above 0, and when it reads below."""

_BY_EVENT: dict[type[Event], str] = {
    ev.OrderAccepted: "orders_accepted",
    ev.OrderRefused: "orders_refused",
    ev.DuplicateReceived: "requests_duplicate",
    ev.OrderRejected: "orders_rejected",
    ev.OrderAdopted: "orders_adopted",
    ev.VenueOrderAdopted: "venue_orders_adopted",
    ev.OrderFilled: "fills_booked",
    ev.TradeCanceled: "fills_taken_back",
    ev.TradeCorrected: "fills_corrected",
    ev.DuplicateExecution: "executions_duplicate",
    ev.MessageParked: "messages_parked",
    ev.BreakFound: "breaks",
}

_BY_EXEC_TYPE: dict[ExecType, str] = {
    ExecType.Trade: "venue_trades",
    ExecType.TradeCancel: "venue_trades_canceled",
    ExecType.TradeCorrect: "venue_trades_corrected",
}
"""What a venue's word adds to; its words on an order's state add to nothing."""


def is_new_order(entry: EntryCopy) -> bool:
    """Whether this entry is an account's answer to a single new order from a desk."""
    return (
        entry.Kind == "NewOrderSingle"
        and entry.Sender.startswith("ingress/")
        and entry.Actor.startswith("account/")
    )


def counts(entry: EntryCopy) -> dict[str, int]:
    """What this entry adds to the totals: names of ``TOTALS``, without those that it leaves."""
    found: dict[str, int] = {}
    for event in entry.Events:
        if isinstance(event, ev.VenueExecuted):
            total = _BY_EXEC_TYPE.get(event.ExecType)
        else:
            total = _BY_EVENT.get(type(event))
        if total is None:
            continue
        found[total] = found.get(total, 0) + 1
    if is_new_order(entry):
        _one_outcome(found)
    elif entry.Kind == "NewOrderList":  # each of its orders has its outcome in this entry
        outcomes = found.get("orders_accepted", 0) + found.get("orders_refused", 0)
        found |= {"orders_received": outcomes} if outcomes else {}
    owed = sum(recipient.startswith("desk/") for recipient, _, _ in entry.Sends)
    if owed:
        found["reports_owed"] = owed
    return found


def _one_outcome(found: dict[str, int]) -> None:
    """One order came in; whatever else is noted with it, it has one outcome."""
    found["orders_received"] = 1
    repeated = found.pop("requests_duplicate", 0)
    if "orders_accepted" in found or "orders_refused" in found:
        return  # refused *because* the ClOrdID was used before: that is a refusal
    if repeated:
        found["orders_duplicate"] = 1
    elif "messages_parked" in found:
        found["orders_parked"] = 1


def balance(law: str, totals: Mapping[str, int]) -> int:
    """The law's signed sum over these totals: 0 at rest. KeyError where there is no such law."""
    return sum(sign * totals.get(total, 0) for total, sign in LAWS[law])


def imbalances(totals: Mapping[str, int]) -> tuple[str, ...]:
    """One line for each law that does not read 0, saying on which side something is missing."""
    lines = []
    for law, (above, below) in DIRECTIONS.items():
        found = balance(law, totals)
        if found:
            lines.append(f"{law}: {abs(found)} {above if found > 0 else below}")
    return tuple(lines)
