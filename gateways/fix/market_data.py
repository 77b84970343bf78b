"""Quotes and states of a market: MarketDataRequest out; W, X, Y, f and h in.

An entry of W or X is one price of one symbol; what decisions need of all entries of a symbol is one
quote. Only the best bid and offer and the last trade count: deeper levels are passed over.
"""

from decimal import Decimal

import quickfix

from gateways.fix import codes
from gateways.fix.fields import (
    Entries,
    Fields,
    Malformed,
    decimal_of,
    quantity_of,
    required,
    time_of,
)
from messages import fix
from messages.base import Instant
from messages.venue import (
    VenueMarketDataReject,
    VenueMarketDataRequest,
    VenueQuote,
    VenueQuotes,
    VenueSecurityStatus,
    VenueSessionStatus,
)

BID, OFFER, TRADE, EMPTY_BOOK = "0", "1", "2", "J"
"""MDEntryType(269)."""

DELETE = "2"
"""MDUpdateAction(279)."""

SIDES = {BID: ("BidPx", "BidSize"), OFFER: ("OfferPx", "OfferSize")}
LAST = ("LastPx", "LastQty")


def request_parts(message: VenueMarketDataRequest) -> list[str]:
    """The fields of V outside of its groups: snapshot and updates of the best prices."""
    kind = "1" if message.Subscribe else "2"
    update = ["265=1"] if message.Subscribe else []
    return [f"262={message.MDReqID}", f"263={kind}", "264=1", *update]


def add_request_groups(out: quickfix.Message, message: VenueMarketDataRequest) -> None:
    """NoMDEntryTypes(267) and NoRelatedSym(146)."""
    for kind in (BID, OFFER, TRADE):
        _add(out, 267, 269, kind)
    for symbol in message.Symbols:
        _add(out, 146, 55, symbol)


def _add(out: quickfix.Message, count: int, tag: int, value: str) -> None:
    group = quickfix.Group(count, tag)
    group.setField(quickfix.StringField(tag, value))
    out.addGroup(group)


def snapshot(fields: Fields, entries: Entries) -> VenueQuotes:
    """W: all there is, so a side without an entry is gone; of a book in depth the best counts."""
    symbol = required(fields, "55", "Symbol")
    said = _Said()
    for entry in entries:
        said.take(entry, whole=True)
    for kind, (_, size) in SIDES.items():
        if size not in said.told:
            said.gone(kind)
    at = _at(entries[-1] if entries else {}, fields)
    quote = VenueQuote(Symbol=symbol, At=at, **said.told)
    return VenueQuotes(MDReqID=fields.get("262"), Quotes=(quote,))


def updates(fields: Fields, entries: Entries) -> VenueQuotes:
    """X: what changed, one after the other; a quote for each symbol."""
    symbol = fields.get("55", "")
    heard: dict[str, _Said] = {}
    times: dict[str, Instant] = {}
    for entry in entries:
        symbol = entry.get("55") or symbol  # as that of the entry before where it has none
        if not symbol:
            raise Malformed("Symbol(55) is missing in the first entry of NoMDEntries(268)")
        heard.setdefault(symbol, _Said()).take(entry, whole=False)
        times[symbol] = _at(entry, fields)
    quotes = tuple(
        VenueQuote(Symbol=name, At=times[name], **said.told)
        for name, said in heard.items()
        if said.told
    )
    return VenueQuotes(MDReqID=fields.get("262"), Quotes=quotes)


class _Said:
    """What one message tells of one symbol. ``told``: by the fields of VenueQuote."""

    def __init__(self) -> None:
        self.told: dict[str, Decimal | None] = {}
        self._ids: dict[str, str | None] = {}

    def take(self, entry: Fields, *, whole: bool) -> None:
        """One entry; ``whole``: of a picture of the book, in which the order means nothing."""
        kind = required(entry, "269", "MDEntryType")
        deeper = entry.get("290", "1") != "1"  # MDEntryPositionNo: not the best
        if kind == EMPTY_BOOK:
            for side in SIDES:
                self.gone(side)
        elif (kind not in SIDES and kind != TRADE) or deeper:
            return
        elif entry.get("279") == DELETE:
            self._delete(kind, entry)
        else:
            self._tell(kind, entry, whole)

    def gone(self, kind: str) -> None:
        """Nobody bids, or offers."""
        price, size = SIDES[kind]
        self.told[price], self.told[size] = None, Decimal(0)

    def _delete(self, kind: str, entry: Fields) -> None:
        """A venue that moves a price may say first what is new and only then what is gone."""
        if kind == TRADE:
            return
        price, size = SIDES[kind]
        given, _ = _given(entry)
        other = entry.get("278") != self._ids.get(kind)
        if size in self.told and (other or given not in (None, self.told.get(price))):
            return
        self.gone(kind)

    def _tell(self, kind: str, entry: Fields, whole: bool) -> None:
        names, (price, size) = SIDES.get(kind, LAST), _given(entry)
        if whole and kind in SIDES and _is_worse(kind, price, self.told.get(names[0])):
            return
        self._ids[kind] = entry.get("278")
        for name, value in zip(names, (price, size), strict=True):
            if value is not None:
                self.told[name] = value


def _is_worse(kind: str, price: Decimal | None, best: Decimal | None) -> bool:
    if price is None or best is None:
        return False
    return price < best if kind == BID else price > best


def _given(entry: Fields) -> tuple[Decimal | None, Decimal | None]:
    """MDEntryPx and MDEntrySize, as far as they are told."""
    price, size = entry.get("270"), entry.get("271")
    return (
        decimal_of(price, "270", "MDEntryPx") if price else None,
        quantity_of(size, "271", "MDEntrySize") if size else None,
    )


def _at(entry: Fields, fields: Fields) -> Instant:
    """The entry's own time where it is told in full, else the message's."""
    date, time = entry.get("272"), entry.get("273")
    if date and time:
        return time_of(f"{date}-{time}", "273", "MDEntryTime")
    return _transact_time(fields)


def _transact_time(fields: Fields) -> Instant:
    if "60" in fields:
        return time_of(fields["60"], "60", "TransactTime")
    return time_of(required(fields, "52", "SendingTime"), "52", "SendingTime")


def refused(fields: Fields) -> VenueMarketDataReject:
    """Y: there will be no quotes."""
    text = fields.get("58") or "no text"
    reason = f"MDReqRejReason(281)={fields.get('281', '')}"
    return VenueMarketDataReject(
        MDReqID=required(fields, "262", "MDReqID"), Text=f"{text} ({reason})"
    )


def security_status(fields: Fields) -> VenueSecurityStatus | None:
    """f; None where it is about imbalances and the like, which leave trading as it was."""
    status = codes.SECURITY_TRADING_STATUS_OF.get(required(fields, "326", "SecurityTradingStatus"))
    # An indication of prices is what a venue shows in an auction; FIX 4.4 has no code for that.
    if fields["326"] == "5" and fields.get("625") == "4":
        status = fix.SecurityTradingStatus.ClosingAuction
    if status is None:
        return None
    return VenueSecurityStatus(
        Symbol=required(fields, "55", "Symbol"),
        SecurityTradingStatus=status,
        Text=fields.get("58"),
        TransactTime=_transact_time(fields),
    )


def session_status(fields: Fields) -> VenueSessionStatus:
    """h."""
    code = required(fields, "340", "TradSesStatus")
    return VenueSessionStatus(
        TradingSessionID=required(fields, "336", "TradingSessionID"),
        TradSesStatus=codes.TRAD_SES_STATUS_OF.get(code, fix.TradSesStatus.Unknown),
        Text=fields.get("58"),
        TransactTime=_transact_time(fields),
    )
