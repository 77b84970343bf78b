"""MiFIR transaction reports: Delegated Regulation (EU) 2017/590 (RTS 22), annex I, table 2.

One report for each fill; a fill that is taken back is cancelled (CANC), one that is corrected is
cancelled and reported anew. Fields of natural persons (9 to 11 and their like), of derivatives and
of transmitted orders are blank: clients are entities here, and orders are not transmitted.
"""

import re
from decimal import Decimal
from hashlib import blake2b

from actors.account.state import Order
from infra.exports.facts import Fact
from infra.exports.fields import Checked, Field, Kind, always
from infra.exports.identifiers import isin, lei
from infra.exports.parties import Reporting
from infra.exports.regime import Made, Nothing, Record, Regime, Row
from infra.exports.rts24 import ISIN, LEI, STAMP
from messages import events as ev
from messages.base import Event, format_time
from messages.fix import Side

NEW, CANCEL = "NEWT", "CANC"


def _new(record: Checked) -> bool:
    return record.get("ReportStatus") == NEW


def _selling(record: Checked) -> bool:
    return _new(record) and record.get("Seller") != record.get("Venue")


def _field(name: str, number: int, length: int, pattern: str = "", remedy: str = "") -> Field:
    """Needed of a new report, and blank in a cancellation."""
    return Field(name, length=length, pattern=pattern, needed=_new, barred=lambda r: not _new(r),
                 number=number, remedy=remedy)  # fmt: skip


COUNTRY = "[A-Z]{2}"
FIELDS: tuple[Field, ...] = (
    Field("ReportStatus", Kind.CHOICE, choices=(NEW, CANCEL), needed=always, number=1),
    Field("TransactionReference", length=52, pattern="[A-Z0-9]+", needed=always, number=2),
    Field("VenueTransactionID", length=52, pattern="[A-Z0-9]+", number=3),
    Field("ExecutingEntity", length=20, pattern=LEI, valid=lei, needed=always, number=4,
          remedy="set Lei of [reporting.firm]"),
    Field("InvestmentFirm", Kind.BOOLEAN, needed=_new, number=5),
    Field("SubmittingEntity", length=20, pattern=LEI, valid=lei, needed=always, number=6,
          remedy="set Lei of [reporting.firm]"),
    _field("Buyer", 7, 35, remedy="set ClientID of [[reporting.accounts]], Lei of the firm"),
    Field("BuyerBranchCountry", length=2, pattern=COUNTRY, number=8),
    Field("BuyerDecisionMaker", length=35, number=12),
    _field("Seller", 16, 35, remedy="set ClientID of [[reporting.accounts]], Lei of the firm"),
    Field("SellerBranchCountry", length=2, pattern=COUNTRY, number=17),
    Field("SellerDecisionMaker", length=35, number=21),
    Field("TransmissionOfOrder", Kind.BOOLEAN, needed=_new, number=25),
    _field("TradingDateTime", 28, 30, STAMP),
    Field("TradingCapacity", Kind.CHOICE, choices=("DEAL", "MTCH", "AOTC"), needed=_new,
          number=29),
    Field("Quantity", Kind.NUMBER, length=18, scale=17, needed=_new, number=30,
          barred=lambda r: not _new(r)),
    Field("Price", Kind.NUMBER, length=18, scale=13, needed=_new, number=33,
          barred=lambda r: not _new(r)),
    _field("PriceCurrency", 34, 3, "[A-Z]{3}"),
    Field("NetAmount", Kind.NUMBER, length=18, scale=5, number=35),
    _field("Venue", 36, 4, "[A-Z0-9]{4}", "set Mic of [[reporting.venues]]"),
    Field("BranchMembershipCountry", length=2, pattern=COUNTRY, number=37, needed=_new,
          remedy="set Country of [reporting.firm]"),
    _field("Instrument", 41, 12, ISIN, "set Isin of [[reporting.instruments]]")._replace(
        valid=isin
    ),
    Field("InstrumentName", length=350, number=42),
    Field("Classification", length=6, pattern="[A-Z]{6}", number=43),
    Field("InvestmentDecision", length=50, number=57,
          needed=lambda r: _new(r) and r.get("TradingCapacity") == "DEAL",
          remedy="set DecisionMaker of [[reporting.desks]]"),
    Field("InvestmentDecisionCountry", length=2, pattern=COUNTRY, number=58),
    _field("Execution", 59, 50),
    Field("ExecutionCountry", length=2, pattern=COUNTRY, number=60),
    Field("ShortSelling", Kind.CHOICE, choices=("SESH", "SSEX", "SELL", "UNDI"), number=62,
          needed=_selling),
    Field("SecuritiesFinancing", Kind.BOOLEAN, needed=_new, number=65),
    Field("ClockBad", Kind.BOOLEAN),
    Field("Entry", length=120, needed=always),
)  # fmt: skip


def reference(exec_id: str, day: str) -> str:
    """Field 2: unique for ever, of letters and digits, and the same each time it is made."""
    plain = re.sub("[^A-Z0-9]", "", f"{day}{exec_id.upper()}")[:36]
    return f"{plain}{blake2b(exec_id.encode(), digest_size=8).hexdigest().upper()}"


def _report(fact: Fact, about: Reporting, order: Order) -> Record:
    event = fact.event
    assert isinstance(event, ev.OrderFilled | ev.TradeCorrected)
    account, firm = about.account(fact.account), about.firm
    buying = order.terms.Side is Side.Buy
    dealing = firm.Capacity == "DEAL"
    mic = about.venue(event.Venue).Mic
    client = account.ClientID
    known = about.instrument(order.terms.Symbol)
    algorithm = firm.Algorithm or "NORE"
    decision = about.desk(order.Desk).DecisionMaker if dealing else None
    short = "SESH" if order.terms.Side is Side.SellShort else "SELL"
    return {
        "ReportStatus": NEW,
        "TransactionReference": reference(event.ExecID, format_time(fact.at)[:10]),
        "VenueTransactionID": re.sub("[^A-Z0-9]", "", event.VenueExecID.upper()) or None,
        "ExecutingEntity": firm.Lei,
        "InvestmentFirm": firm.InvestmentFirm,
        "SubmittingEntity": firm.Lei,
        "Buyer": client if buying else mic,
        "BuyerBranchCountry": firm.Country if buying else None,
        "BuyerDecisionMaker": account.DecisionMaker if buying else None,
        "Seller": mic if buying else client,
        "SellerBranchCountry": None if buying else firm.Country,
        "SellerDecisionMaker": None if buying else account.DecisionMaker,
        "TransmissionOfOrder": False,
        "TradingDateTime": format_time(fact.at),
        "TradingCapacity": firm.Capacity,
        "Quantity": event.LastQty,
        "Price": event.LastPx,
        "PriceCurrency": fact.currency,
        "Venue": mic,
        "BranchMembershipCountry": firm.Country,
        "Instrument": known.Isin,
        "InstrumentName": known.FullName,
        "Classification": known.Cfi,
        "InvestmentDecision": decision,
        "InvestmentDecisionCountry": firm.Country if decision else None,
        "Execution": algorithm,
        "ExecutionCountry": None if algorithm == "NORE" else firm.Country,
        "ShortSelling": None if buying else short,
        "SecuritiesFinancing": False,
        "ClockBad": fact.clock_bad,
        "Entry": fact.id,
    }


def _cancellation(fact: Fact, about: Reporting, first: Fact) -> Record:
    exec_id = str(getattr(first.event, "ExecID", ""))
    return {
        "ReportStatus": CANCEL,
        "TransactionReference": reference(exec_id, format_time(first.at)[:10]),
        "ExecutingEntity": about.firm.Lei,
        "SubmittingEntity": about.firm.Lei,
        "Entry": fact.id,
    }


def _made(fact: Fact, about: Reporting) -> Made:
    order, event = fact.order, fact.event
    if order is None:
        return Nothing("of no order of ours")
    if not about.instrument(order.terms.Symbol).MifidReportable:
        return Nothing("MifidReportable of its instrument is false")
    if isinstance(event, ev.OrderFilled):
        return _report(fact, about, order)
    if fact.fill is None:
        return Nothing("of a fill that was never reported")
    gone = _cancellation(fact, about, fact.fill)
    if isinstance(event, ev.TradeCanceled) or _quantity(event) == 0:
        return gone
    return [gone, _report(fact, about, order)]


def _quantity(event: Event) -> Decimal:
    return event.LastQty if isinstance(event, ev.TradeCorrected) else Decimal(0)


ROWS: dict[type[Event], Row] = {
    ev.OrderFilled: Row((NEW,), _made),
    ev.TradeCanceled: Row((CANCEL,), _made),
    ev.TradeCorrected: Row((CANCEL, NEW), _made),
}
"""What is a transaction; nothing else is."""

RTS22 = Regime("RTS 22 transaction reports", "UTC", ROWS, lambda kind: FIELDS, "ReportStatus")
