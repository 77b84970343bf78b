"""What tests and operators tell the exchange while it runs: one JSON object each.

Invariant: a command is checked before anything is changed, so a refusal changes nothing; what it
does is decided and written like a request, and it is answered after that.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from gateways.paper import after_the_fact, entry, house, sessions, views
from gateways.paper.after_the_fact import NotPossible, Reopen
from gateways.paper.fields import SOH, Unusable, date, number
from gateways.paper.floor import Floor, brief
from gateways.paper.market import Market
from gateways.paper.orders import Order
from gateways.paper.outcomes import Phase
from gateways.paper.reports import order_id
from gateways.paper.requests import NewOrder, Unreadable, read
from gateways.paper.scripts import COMMON, SCRIPTS

Choice = TypeVar("Choice", bound=StrEnum)
Answer = dict[str, Any]
_WHOLE = re.compile(r"\d{1,8}", re.ASCII)
SIDES = {"Buy": "1", "Sell": "2", "SellShort": "5"}


class Refused(Exception):
    """``given`` in ``field`` cannot be used; ``allowed`` can, and ``remedy`` says what to do."""

    def __init__(self, field: str, given: Any, allowed: str, remedy: str) -> None:
        super().__init__(f"{field}={given!r} cannot be used: {allowed}")
        self.answer = {"field": field, "given": given, "allowed": allowed, "remedy": remedy}


class Asked(NamedTuple):
    """A command on its way: the market it is for, its fields, the time in nanoseconds."""

    market: Market
    fields: Mapping[str, Any]
    now: int

    @property
    def floor(self) -> Floor:
        return self.market.floor

    def text(self, name: str, default: str | None = None) -> str:
        """A field; Refused where it is missing and has no default."""
        value = self.fields.get(name, default)
        if value is None or value == "" != default:
            raise Refused(name, value, "a text", f"add {name} to the command")
        if not str(value).isprintable():
            raise Refused(name, value, "printable characters", f"write {name} without the others")
        return str(value)

    def number(self, name: str) -> Decimal:
        """A field that is a decimal, best given as a text."""
        try:
            return number(self.text(name), "JSON", name)
        except Unusable:
            given = self.fields.get(name)
            raise Refused(name, given, "a decimal", f'write {name} like "10.25"') from None

    def choice(self, name: str, kind: type[Choice], default: Choice | None = None) -> Choice:
        """A field that has one of the names of ``kind``."""
        given = self.text(name, default)
        try:
            return kind(given)
        except ValueError:
            allowed = ", ".join(kind)
            raise Refused(name, given, f"one of {allowed}", f"give {name} one of them") from None

    def day(self, name: str) -> str:
        """A field that is a date, "" where it is not given."""
        given = self.text(name, "")
        try:
            return date(given, "JSON", name) if given else ""
        except Unusable:
            raise Refused(name, given, "a date", f"write {name} like 20261231") from None

    def order(self) -> Order:
        """The open order that OrderID or ClOrdID names."""
        field = "OrderID" if "OrderID" in self.fields else "ClOrdID"
        given = self.text(field)
        floor = self.floor
        order = floor.find_id(given) if field == "OrderID" else floor.find(given)
        if order is None or not order.is_open:
            why = "no order has it" if order is None else f"the order is {order.status.name}"
            allowed = f"that of an open order ({why})"
            raise Refused(field, given, allowed, 'see the open ones with {"do":"orders"}')
        return order


def _phase(asked: Asked, phase: Phase) -> Answer:
    symbol = asked.text("Symbol")
    before = asked.floor.book(symbol).phase
    if phase is Phase.HALTED and before is Phase.CLOSED:
        remedy = 'open it with {"do":"phase"} or {"do":"next_day"}'
        raise Refused("Symbol", symbol, "one whose trading is not closed", remedy)
    changed = sessions.change_phase(asked.floor, symbol, phase, asked.now)
    return {"Symbol": symbol, "Phase": phase, "before": before, "changed": changed}


def _resume(asked: Asked) -> Answer:
    symbol = asked.text("Symbol")
    book = asked.floor.book(symbol)
    if book.phase is not Phase.HALTED:
        remedy = 'begin another phase with {"do":"phase"}'
        raise Refused("Symbol", symbol, f"one that is halted (it is in {book.phase})", remedy)
    return _phase(asked, book.resumes)


def _end_of_day(asked: Asked) -> Answer:
    done = asked.text("DayOrders", "Expired")
    if done not in ("Expired", "DoneForDay"):
        remedy = "leave DayOrders out, or give one of them"
        raise Refused("DayOrders", done, "one of Expired, DoneForDay", remedy)
    day = asked.day("Date")
    told = sessions.end_of_day(asked.floor, asked.now, day, done_for_day=done == "DoneForDay")
    return {"orders": told}


def _next_day(asked: Asked) -> Answer:
    phase = asked.choice("Phase", Phase, Phase.CONTINUOUS)
    return {"orders": sessions.next_day(asked.floor, asked.now, phase)}


def _bust(asked: Asked) -> Answer:
    exec_id, reopen = asked.text("ExecID"), asked.choice("Reopen", Reopen, Reopen.NAMED)
    return {"ExecIDs": after_the_fact.bust(asked.floor, exec_id, asked.now, reopen)}


def _correct(asked: Asked) -> Answer:
    exec_id, reopen = asked.text("ExecID"), asked.choice("Reopen", Reopen, Reopen.NAMED)
    quantity, price = asked.number("LastQty"), asked.number("LastPx")
    if quantity <= 0:
        raise Refused("LastQty", f"{quantity:f}", "more than 0", 'bust it with {"do":"bust"}')
    said = after_the_fact.correct(asked.floor, exec_id, quantity, price, asked.now, reopen)
    return {"ExecIDs": said}


def _cancel(asked: Asked) -> Answer:
    order = asked.order()
    reason = asked.text("Reason", after_the_fact.MARKET_OPTION)
    text = asked.text("Text", "canceled by the exchange")
    after_the_fact.cancel(asked.floor, order, asked.now, reason, text)
    return {"OrderID": order_id(order)}


def _restate(asked: Asked) -> Answer:
    order = asked.order()
    after_the_fact.restate(asked.floor, order, asked.number("OrderQty"), asked.now)
    return {"OrderID": order_id(order)}


def _replace(asked: Asked) -> Answer:
    order = asked.order()
    quantity = asked.number("OrderQty") if "OrderQty" in asked.fields else order.order_qty
    price = asked.number("Price") if "Price" in asked.fields else order.price
    if quantity <= 0:
        raise Refused("OrderQty", f"{quantity:f}", "more than 0", 'cancel with {"do":"cancel"}')
    if price != order.price and (order.price is None or order.is_pegged):
        remedy = "leave Price out"
        raise Refused("Price", f"{price:f}", "none, as the order has none of its own", remedy)
    after_the_fact.replace(asked.floor, order, quantity, price, asked.now)
    return {"OrderID": order_id(order)}


def _order(asked: Asked) -> Answer:
    """A telephone order: as a client's, but without ClOrdID."""
    side = asked.text("Side")
    if side not in SIDES:
        raise Refused("Side", side, f"one of {', '.join(SIDES)}", "give Side one of them")
    tags = {"55": asked.text("Symbol"), "54": SIDES[side], "1": asked.text("Account")}
    tags |= {"38": asked.text("OrderQty"), "59": asked.text("TimeInForce", "0")}
    price = asked.text("Price", "")
    tags |= {"40": "2", "44": price} if price else {"40": "1"}
    tags |= {"34": "0", "35": "D", "11": "-"}
    _, request = read(SOH.join(f"{tag}={value}" for tag, value in tags.items()))
    if not isinstance(request, NewOrder):
        text = request.text if isinstance(request, Unreadable) else "this is no order"
        raise NotPossible(text, "correct that field")
    order = entry.telephone(asked.floor, request, asked.now)
    return {"OrderID": order_id(order), "OrdStatus": order.status.name}


def _quote(asked: Asked) -> Answer:
    symbol = asked.text("Symbol")
    bid, offer = _offer(asked, "Bid"), _offer(asked, "Offer")
    if bid and offer and bid.price >= offer.price:
        allowed = f"more than BidPx {bid.price:f}"
        raise Refused(
            "OfferPx", f"{offer.price:f}", allowed, "quote to sell above, or leave it out"
        )
    house.quote(asked.floor, symbol, bid, offer, asked.now)
    return {"Symbol": symbol}


def _offer(asked: Asked, side: str) -> house.Offer | None:
    fields = (f"{side}Px", f"{side}Size")
    if not any(name in asked.fields for name in fields):
        return None
    for name in fields:
        if asked.number(name) <= 0:
            remedy = f"leave both out to quote no {side.lower()}"
            raise Refused(name, asked.fields[name], "more than 0", remedy)
    return house.Offer(*map(asked.number, fields))


def _stop(asked: Asked) -> Answer:
    order, quantity, price = asked.order(), asked.number("LastQty"), asked.number("LastPx")
    after_the_fact.stop(asked.floor, order, quantity, price, asked.now)
    return {"OrderID": order_id(order)}


def _fill(asked: Asked) -> Answer:
    order, quantity, price = asked.order(), asked.number("LastQty"), asked.number("LastPx")
    return {"ExecID": after_the_fact.fill(asked.floor, order, quantity, price, asked.now)}


def _script(asked: Asked) -> Answer:
    name, args = asked.text("name"), asked.fields.get("args", {})
    if name not in SCRIPTS:
        raise Refused("name", name, f"one of {', '.join(SCRIPTS)}", "give name one of them")
    if args is not None:
        _check_args(asked, args, known=(*SCRIPTS[name][1], *(COMMON if name != "delay" else ())))
    asked.market.scripts.set(asked.floor.effects, name, args)
    return {"active": asked.market.scripts.active}


def _check_args(asked: Asked, args: Any, known: tuple[str, ...]) -> None:
    if not isinstance(args, dict):
        raise Refused("args", args, "an object, or null to switch it off", "write args like {}")
    for key, value in args.items():
        if key not in known:
            raise Refused(f"args.{key}", value, f"one of {', '.join(known)}", "leave it out")
        if key in ("ms", "times") and not _WHOLE.fullmatch(str(value)):
            allowed = "a whole number of up to 8 digits"
            raise Refused(f"args.{key}", value, allowed, f"write {key} like 5")
        given = Asked(asked.market, args, asked.now)
        if key in ("qty", "px"):
            given.number(key)
        else:
            given.text(key)


def _status(asked: Asked) -> Answer:
    phases = {symbol: book.phase for symbol, book in asked.floor.books.items()}
    return {"phases": phases, "default": asked.floor.phase, "scripts": asked.market.scripts.active}


def _help(_: Asked) -> Answer:
    return {
        "commands": {name: list(command.fields) for name, command in COMMANDS.items()},
        "scripts": {
            name: {"does": does, "args": dict(args)} for name, (does, args) in SCRIPTS.items()
        },
    }


class Command(NamedTuple):
    """What it does, and the fields it may have."""

    run: Callable[[Asked], Answer]
    fields: tuple[str, ...] = ()


ORDER = ("OrderID", "ClOrdID")
COMMANDS: dict[str, Command] = {
    "halt": Command(lambda asked: _phase(asked, Phase.HALTED), ("Symbol",)),
    "resume": Command(_resume, ("Symbol",)),
    "phase": Command(
        lambda asked: _phase(asked, asked.choice("Phase", Phase)), ("Symbol", "Phase")
    ),
    "end_of_day": Command(_end_of_day, ("Date", "DayOrders")),
    "next_day": Command(_next_day, ("Phase",)),
    "bust": Command(_bust, ("ExecID", "Reopen")),
    "correct": Command(_correct, ("ExecID", "LastQty", "LastPx", "Reopen")),
    "cancel": Command(_cancel, (*ORDER, "Reason", "Text")),
    "restate": Command(_restate, (*ORDER, "OrderQty")),
    "replace": Command(_replace, (*ORDER, "OrderQty", "Price")),
    "order": Command(_order, ("Account", "Symbol", "Side", "OrderQty", "Price", "TimeInForce")),
    "quote": Command(_quote, ("Symbol", "BidPx", "BidSize", "OfferPx", "OfferSize")),
    "stop": Command(_stop, (*ORDER, "LastQty", "LastPx")),
    "fill": Command(_fill, (*ORDER, "LastQty", "LastPx")),
    "script": Command(_script, ("name", "args")),
    "book": Command(lambda asked: views.book(asked.floor, asked.text("Symbol")), ("Symbol",)),
    "trades": Command(
        lambda asked: views.trades(asked.floor, asked.text("Symbol", "")), ("Symbol",)
    ),
    "orders": Command(
        lambda asked: views.orders(asked.floor, asked.text("Symbol", "")), ("Symbol",)
    ),
    "status": Command(_status),
    "help": Command(_help),
}


def perform(market: Market, fields: Any, now: int) -> Answer:
    """The answer: ``ok`` and what was done with the reports it made, or why nothing was done."""
    before = len(market.floor.effects.reports)
    try:
        done = _command(fields).run(Asked(market, fields, now))
    except Refused as refused:
        return {"ok": False, "error": str(refused), **refused.answer}
    except NotPossible as error:
        return {"ok": False, "error": str(error), "remedy": error.remedy}
    said = [brief(report) for report in market.floor.effects.reports[before:]]
    return {"ok": True, "did": fields["do"], **done, "reports": said}


def _command(fields: Any) -> Command:
    if not isinstance(fields, dict):
        raise Refused("command", fields, "a JSON object", 'write one like {"do":"status"}')
    name = fields.get("do")
    command = COMMANDS.get(name) if isinstance(name, str) else None
    if command is None:
        raise Refused("do", name, f"one of {', '.join(COMMANDS)}", "give do one of them")
    for field in fields:
        if field not in ("do", *command.fields):
            allowed = f"one of {', '.join(command.fields) or 'none'}"
            raise Refused(field, fields[field], allowed, f"leave {field} out")
    return command
