"""CAT, the Consolidated Audit Trail (SEC Rule 613): one event for each transition of an order.

We are the industry member: desks are our customers, or other members; venues are where we route. A
fill at an exchange is the exchange's to report; of an account that is filled from orders of our own
it is a fulfillment, and where we execute ourselves a trade.
"""

from decimal import Decimal

from infra.exports import cat_fields
from infra.exports.cat_routes import answered, filled, represented, sent
from infra.exports.cat_terms import (
    NO_ORDER,
    NOT_EQUITY,
    ZONE,
    happened,
    head,
    key,
    of_order,
    terms_of,
)
from infra.exports.facts import Fact
from infra.exports.parties import Reporting
from infra.exports.regime import Made, Nothing, Record, Regime, Row, silent
from messages import events as ev
from messages.base import Event
from messages.fix import ExecType

# ---- what desks ask, and what becomes of it


def _new(fact: Fact, about: Reporting) -> Made:
    event, order = fact.event, fact.order
    assert isinstance(event, ev.OrderAccepted | ev.OrderAdopted)
    if order is None or not about.instrument(order.terms.Symbol).CatReportable:
        return NOT_EQUITY
    desk, account = about.desk(event.Desk), about.account(fact.account)
    manual = isinstance(event, ev.OrderAdopted)
    common = {**key(order, about), **happened(event.ReceivedAt, manual=manual)}
    terms = {**terms_of(event.Terms, event.ReceivedAt), "custDspIntrFlag": False}
    if desk.CatImid and isinstance(event, ev.OrderAccepted):
        return {
            **head(fact, about, "MEOA", event.ReceivedAt), **common,
            "receiverIMID": about.firm.CatImid, "senderIMID": desk.CatImid, "senderType": "F",
            "routedOrderID": event.ClOrdID, "affiliateFlag": account.Affiliate,
            "deptType": desk.DeptType, **terms, "isoInd": "NA",
        }  # fmt: skip
    return {
        **head(fact, about, "MENO", event.ReceivedAt), **common,
        "deptType": desk.DeptType, "solicitationFlag": False, **terms,
        "firmDesignatedID": account.FirmDesignatedID,
        "accountHolderType": account.AccountHolderType, "affiliateFlag": account.Affiliate,
        "negotiatedTradeFlag": False, "representativeInd": "N",
    }  # fmt: skip


def _leaves(fact: Fact) -> Record:
    return {"leavesQty": fact.order.leaves_qty if fact.order else None}


def _terms_now(fact: Fact) -> Record:
    return terms_of(fact.order.terms, fact.at) if fact.order else {}


def _replaced(fact: Fact, about: Reporting) -> Made:
    assert isinstance(fact.event, ev.OrderReplaced)
    if fact.event.ClOrdID is None:
        return _adjusted(fact, about, "E")
    own = fact.event.ClOrdID.count(" ") > 0  # no desk can give a ClOrdID with a space
    initiator = {"initiator": "F" if own else "C"}
    return of_order(fact, about, "MEOM", initiator, _terms_now(fact), _leaves(fact))


def _adjusted(fact: Fact, about: Reporting, initiator: str) -> Made:
    if fact.order is None:
        return NO_ORDER
    terms = fact.order.terms
    record = of_order(
        fact, about, "MEOJ",
        {"initiator": initiator, "price": terms.Price, "quantity": terms.OrderQty},
        {"minQty": terms.MinQty, "displayQty": terms.DisplayQty or terms.OrderQty}, _leaves(fact),
    )  # fmt: skip
    if isinstance(record, dict):
        for name in ("manualFlag", "electronicDupFlag"):
            del record[name]
    return record


def _restated(fact: Fact, about: Reporting) -> Made:
    assert isinstance(fact.event, ev.OrderRestated)
    if fact.event.OrderQty is None and fact.event.Price is None:
        return Nothing("restated without another price or quantity")
    return _adjusted(fact, about, "E")


def _asked(fact: Fact, about: Reporting) -> Made:
    assert isinstance(fact.event, ev.ReplaceRequested)
    return of_order(fact, about, "MEOMR", terms_of(fact.event.Terms, fact.at))


def _canceled(fact: Fact, about: Reporting) -> Made:
    event, order = fact.event, fact.order
    if order is None:
        return NO_ORDER
    initiator = "E"
    if isinstance(event, ev.OrderCanceled):
        initiator = "C" if event.ClOrdID else "F" if event.ExecRestatementReason else "E"
    left = max(Decimal(0), order.terms.quantity - order.cum_qty)
    part = {"cancelQty": left, "leavesQty": Decimal(0), "initiator": initiator}
    return of_order(fact, about, "MEOC", part)


def _moved(fact: Fact, about: Reporting) -> Made:
    assert isinstance(fact.event, ev.OrderMoved)
    if fact.event.ExecType is ExecType.Triggered:
        return of_order(fact, about, "MEOE", _terms_now(fact), _leaves(fact))
    return Nothing("a state of the order that changes no term of it")


ROWS: dict[type[Event], Row] = {
    ev.OrderAccepted: Row(("MENO", "MEOA"), _new),
    ev.OrderAdopted: Row(("MENO",), _new),
    ev.OrderRefused: silent("refused by a rule before it was accepted: no order came into being"),
    ev.OrderAcknowledged: silent("the venue's acknowledgement: reported by the venue"),
    ev.OrderHeld: silent("held in the account: effective when it is released"),
    ev.OrderReleased: Row(
        ("MEOE",), lambda f, a: of_order(f, a, "MEOE", _terms_now(f), _leaves(f))
    ),
    ev.HeldOrderCut: Row(("MEOJ",), lambda f, a: _adjusted(f, a, "F")),
    ev.CancelRequested: Row(("MEOCR",), lambda f, a: of_order(f, a, "MEOCR")),
    ev.MassCancelRequested: Row(("MEOCR",), lambda f, a: of_order(f, a, "MEOCR")),
    ev.ReplaceRequested: Row(("MEOMR",), _asked),
    ev.RequestPending: silent("the venue took a request up: reported by the venue"),
    ev.OwnRequestMade: silent("a request of our own: what comes of it is reported"),
    ev.OrderReplaced: Row(("MEOM", "MEOJ"), _replaced),
    ev.OrderRestated: Row(("MEOJ",), _restated),
    ev.OrderMoved: Row(("MEOE",), _moved),
    ev.OrderCanceled: Row(("MEOC",), _canceled),
    ev.OrderRejected: Row(("MEOC",), _canceled),
    ev.OrderExpired: silent("ran out as its timeInForce says: not reported"),
    ev.OrderFilled: Row(("MEOF", "MEOT"), filled),
    ev.TradeCanceled: Row(("MEFA", "MEOT"), filled),
    ev.TradeCorrected: Row(("MEFA", "MEOT"), filled),
    ev.OrderRouted: Row(("MENO",), represented),
    ev.ChildAdopted: silent("made at the venue: no route of ours"),
    ev.VenueMessageSent: Row(("MEOR", "MEMR", "MECR"), sent),
    ev.VenueExecuted: Row(("MEORS",), answered),
    ev.VenueRequestRejected: Row(("MEMRS", "MECRS"), answered),
}  # fmt: skip
"""Each kind of transition, and the one event that it becomes."""

CAT = Regime("CAT, industry member events", ZONE, ROWS, cat_fields.fields, "type")
