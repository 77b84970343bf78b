"""The fields of CAT's equity events, checked one by one.

Source: CAT Reporting Technical Specifications for Industry Members 4.0.0 r18, sections 2.4 (data
types) and 4 (equity events). Handling codes are those of FIX CustOrderHandlingInst(1031), from
which CAT's list is derived.
"""

from collections.abc import Sequence

from infra.exports.fields import Checked, Field, Kind, always

STAMP = r"\d{8}T\d{6}\.\d{3,9}"
"""Eastern time, to milliseconds at least where nothing was done by hand."""
IMID = r"\d+:[A-Z]{4}"
BROKER_OR_EXCHANGE = r"\d+:[A-Z]{4}|[A-Z0-9]{2,6}"

SIDES = ("B", "SL", "SS", "SX")
HANDLING = (
    "AON", "DNI", "DNR", "NH", "PEG", "RSV", "DISQ", "STP", "TS", "WRK", "MOO", "LOO", "MOC",
    "LOC", "MQT", "RAR",
)  # fmt: skip
TIMES = ("DAY", "GTC", "GTD", "GTT", "IOC", "FOK", "GTX")
HOLDERS = ("A", "E", "F", "I", "O", "P", "V", "X")
DEPTS = ("A", "AR", "AO", "B", "O", "T", "TR")


def _is(name: str, value: object) -> "Field":
    return Field(name, Kind.CHOICE, choices=(str(value),), needed=always)


def _text(name: str, length: int = 64, *, pattern: str = "", remedy: str = "") -> Field:
    return Field(name, length=length, pattern=pattern, needed=always, remedy=remedy)


def _flag(name: str) -> Field:
    return Field(name, Kind.BOOLEAN, needed=always)


def _choice(name: str, *choices: str, remedy: str = "") -> Field:
    return Field(name, Kind.CHOICE, choices=choices, needed=always, remedy=remedy)


def _limited(record: Checked) -> bool:
    return record.get("orderType") == "LMT"


def _market(record: Checked) -> bool:
    return record.get("orderType") == "MKT"


def _to_exchange(record: Checked) -> bool:
    return record.get("destinationType") == "E"


def _to_broker(record: Checked) -> bool:
    return record.get("destinationType") == "F"


def _head(kind: str) -> tuple[Field, ...]:
    firm = "set CatImid of [reporting.firm]"
    return (
        _choice("actionType", "NEW"),
        _text("firmROEID", pattern=r"\d{8}_[!-~]+"),
        _is("type", kind),
        _text("CATReporterIMID", 7, pattern="[A-Z]{4}", remedy=firm),
    )


SYMBOL = _text("symbol", 22)
ORDER_KEY = (_text("orderKeyDate", 25, pattern=STAMP), _text("orderID"), SYMBOL)
AT = (_text("eventTimestamp", 25, pattern=STAMP), _flag("manualFlag"), _flag("electronicDupFlag"))
PRICE = Field("price", Kind.NUMBER, length=10, scale=8, needed=_limited, barred=_market)
UNITS = "an order by CashOrderQty has none before the venue says how many units that is"
QUANTITY = Field("quantity", Kind.NUMBER, length=12, scale=6, needed=always, remedy=UNITS)
MIN_QTY = Field("minQty", Kind.NUMBER, length=12, scale=6)
LEAVES = Field("leavesQty", Kind.NUMBER, length=12, scale=6, needed=always)
TERMS = (
    _choice("side", *SIDES), PRICE, QUANTITY, MIN_QTY, _choice("orderType", "LMT", "MKT"),
    Field("timeInForce", Kind.PAIRS, choices=TIMES, needed=always),
    _choice("tradingSession", "REG", "PRE", "POST", "ALL"),
    Field("handlingInstructions", Kind.PAIRS, choices=HANDLING),
)  # fmt: skip
PERSON = "set it in [[reporting.accounts]]"
CUSTOMER = (
    _flag("custDspIntrFlag"), _text("firmDesignatedID", 40, remedy=PERSON),
    _choice("accountHolderType", *HOLDERS, remedy=PERSON), _flag("affiliateFlag"),
)  # fmt: skip
VENUE = "set CatDestination of [[reporting.venues]]"
ROUTE = (
    _text("senderIMID", 20, pattern=IMID, remedy="set CatImid of [reporting.firm]"),
    _text("destination", 20, pattern=BROKER_OR_EXCHANGE, remedy=VENUE),
    _choice("destinationType", "E", "F", "N"),
    _text("routedOrderID"),
    Field("session", length=40, needed=_to_exchange),
)
PRIOR = Field("priorRoutedOrderID", needed=always)
REJECTED = _flag("routeRejectedFlag")
ROUTED = (
    *TERMS, Field("affiliateFlag", Kind.BOOLEAN, needed=_to_broker), _choice("isoInd", "NA"),
    REJECTED, _flag("dupROIDCond"), _flag("multiLegInd"),
)  # fmt: skip
INITIATOR = _choice("initiator", "C", "E", "F")
DETAILS = (
    _text("orderKeyDate", 25, pattern=STAMP), _text("orderID"), _choice("side", *SIDES),
)  # fmt: skip
PX = Field("price", Kind.NUMBER, length=10, scale=8, needed=always)
CAPACITY = _choice("capacity", "A", "P", "R")
FILL_KEY = (_text("fillKeyDate", 25, pattern=STAMP), _text("fulfillmentID"), SYMBOL)
FILL_AT = (_text("eventTimestamp", 25, pattern=STAMP), _flag("manualFlag"))
FILL = (
    _choice("fulfillmentLinkType", "Y"), QUANTITY, PX, CAPACITY,
    Field("clientDetails", Kind.ROWS, needed=always, rows=DETAILS),
    Field("firmDetails", Kind.ROWS, needed=always, rows=DETAILS),
)  # fmt: skip


def _buying(record: Checked) -> bool:
    return "sellDetails" not in record


def _selling(record: Checked) -> bool:
    return "buyDetails" not in record


def _canceled(record: Checked) -> bool:
    return record.get("cancelFlag") is True


FIELDS: dict[str, tuple[Field, ...]] = {
    "MENO": (
        *_head("MENO"), *ORDER_KEY, *AT, _choice("deptType", *DEPTS), _flag("solicitationFlag"),
        *TERMS, *CUSTOMER, _flag("negotiatedTradeFlag"), _choice("representativeInd", "N", "Y"),
        Field(
            "aggregatedOrders", Kind.ROWS, rows=(*DETAILS[:2],),
            needed=lambda r: r.get("representativeInd") == "Y",
            barred=lambda r: r.get("representativeInd") == "N",
        ),
    ),
    "MEOA": (
        *_head("MEOA"), *ORDER_KEY, *AT, _text("receiverIMID", 20, pattern=IMID),
        _text("senderIMID", 20, pattern=IMID), _choice("senderType", "F"), _text("routedOrderID"),
        _flag("affiliateFlag"), _choice("deptType", *DEPTS), *TERMS, _choice("isoInd", "NA"),
        _flag("custDspIntrFlag"),
    ),
    "MEOE": (*_head("MEOE"), *ORDER_KEY, *AT, *TERMS, LEAVES),
    "MEOM": (*_head("MEOM"), *ORDER_KEY, *AT, INITIATOR, *TERMS, LEAVES),
    "MEOMR": (*_head("MEOMR"), *ORDER_KEY, *AT, *TERMS),
    "MEOJ": (
        *_head("MEOJ"), *ORDER_KEY, AT[0], INITIATOR,
        Field("price", Kind.NUMBER, length=10, scale=8), QUANTITY, MIN_QTY, LEAVES,
        Field("displayQty", Kind.NUMBER, length=12, scale=6, needed=always),
    ),
    "MEOC": (
        *_head("MEOC"), *ORDER_KEY, *AT,
        Field("cancelQty", Kind.NUMBER, length=12, scale=6, needed=always), LEAVES, INITIATOR,
    ),
    "MEOCR": (*_head("MEOCR"), *ORDER_KEY, *AT),
    "MEOR": (*_head("MEOR"), *ORDER_KEY, *AT, *ROUTE, *ROUTED),
    "MEMR": (*_head("MEMR"), *ORDER_KEY, *AT, *ROUTE, PRIOR, *ROUTED),
    "MECR": (*_head("MECR"), *ORDER_KEY, *AT, *ROUTE, LEAVES, REJECTED),
    "MEORS": (*_head("MEORS"), *ORDER_KEY, AT[0], *ROUTE, REJECTED),
    "MEMRS": (*_head("MEMRS"), *ORDER_KEY, AT[0], *ROUTE, REJECTED),
    "MECRS": (*_head("MECRS"), *ORDER_KEY, AT[0], *ROUTE, REJECTED),
    "MEOF": (*_head("MEOF"), *FILL_KEY, *FILL_AT, *FILL),
    "MEFA": (
        *_head("MEFA"), *FILL_KEY, *FILL_AT, *FILL,
        _text("priorFillKeyDate", 25, pattern=STAMP), _text("priorFulfillmentID"),
    ),
    "MEOT": (
        *_head("MEOT"), _text("tradeKeyDate", 25, pattern=STAMP), _text("tradeID"), SYMBOL,
        *FILL_AT, _flag("cancelFlag"),
        Field("cancelTimestamp", length=25, pattern=STAMP, needed=_canceled,
              barred=lambda r: not _canceled(r)),
        QUANTITY, PX, CAPACITY, _choice("sideDetailsInd", "BUY", "SELL"),
        Field("buyDetails", Kind.ROWS, rows=DETAILS, needed=_buying),
        Field("sellDetails", Kind.ROWS, rows=DETAILS, needed=_selling),
        _choice("reportingExceptionCode", "P", "F", "N", "C",
                remedy="set ReportingException of [[reporting.venues]]"),
    ),
}  # fmt: skip
"""By the value of ``type``."""


def fields(kind: str) -> Sequence[Field]:
    """The fields of that event."""
    return FIELDS[kind]
