"""What every venue dialect must make of market data, and of news on trading."""

from decimal import Decimal
from typing import Any

import pytest

from gateways.fix.dialect import FromVenue, Malformed, ToVenue
from messages import fix
from messages.venue import (
    VenueMarketDataReject,
    VenueQuote,
    VenueQuotes,
    VenueSecurityStatus,
    VenueSessionStatus,
)
from tests.gateways.dialect_samples import (
    AT,
    BUSINESS_REJECT,
    LISTEN,
    REJECT,
    SESSION_NEWS,
    SNAPSHOT,
    STATUS_NEWS,
    UPDATE,
    changed,
)


def quotes(said: FromVenue | None) -> dict[str, dict[str, Any]]:
    """What was told of each symbol, without the time."""
    assert isinstance(said, VenueQuotes)
    return {
        q.Symbol: q.model_dump(exclude={"Symbol", "At"}, exclude_none=True) for q in said.Quotes
    }


class QuotesContract:
    """Part of DialectContract."""

    def heard(self, text: str, sent: dict[int, ToVenue] | None = None) -> FromVenue | None:
        """What the dialect makes of a message with these fields."""
        raise NotImplementedError

    def test_a_snapshot_is_a_quote(self) -> None:
        assert self.heard(SNAPSHOT) == VenueQuotes(
            MDReqID="m-1",
            Quotes=(
                VenueQuote(
                    Symbol="AAPL",
                    BidPx=Decimal("231.2"),
                    BidSize=Decimal(300),
                    OfferPx=Decimal("231.3"),
                    OfferSize=Decimal(200),
                    LastPx=Decimal("231.25"),
                    LastQty=Decimal(40),
                    At=AT - AT % 10**9 + 200_000_000,
                ),
            ),
        )

    def test_a_side_without_an_entry_in_a_snapshot_is_gone(self) -> None:
        bids = "35=W|34=9|52=20261123-14:30:00|55=AAPL|268=1|269=0|270=231.2|271=300"
        bid = {"BidPx": Decimal("231.2"), "BidSize": Decimal(300), "OfferSize": Decimal(0)}
        assert quotes(self.heard(bids)) == {"AAPL": bid}
        empty = {"AAPL": {"BidSize": Decimal(0), "OfferSize": Decimal(0)}}
        assert quotes(self.heard("35=W|34=9|52=20261123-14:30:00|55=AAPL|268=0")) == empty
        assert quotes(self.heard("35=W|34=9|52=20261123-14:30:00|55=AAPL|268=1|269=J")) == empty

    def test_of_a_book_in_depth_the_best_prices_count(self) -> None:
        deep = (
            "35=W|34=9|52=20261123-14:30:00|55=AAPL|268=6|269=0|270=99|271=5|269=0|270=100|271=7"
            "|269=0|270=98|271=9|269=1|270=102|271=1|290=2|269=1|270=101|271=2|290=1|269=4|270=50"
        )
        best = {"BidPx": Decimal(100), "BidSize": Decimal(7)}
        best |= {"OfferPx": Decimal(101), "OfferSize": Decimal(2)}
        assert quotes(self.heard(deep)) == {"AAPL": best}

    def test_an_update_tells_what_changed_of_each_symbol(self) -> None:
        said = self.heard(
            UPDATE + "|268=5|279=0|269=0|55=AAPL|270=231.2|271=5|279=1|269=1|271=8"  # still AAPL
            "|279=0|269=2|55=BRK.B|270=480|271=3|272=20261123|273=14:30:00.123456789"
            "|279=2|269=1|55=BRK.B|279=0|269=2|55=AAPL|270=231.25|271=1"
        )
        assert quotes(said) == {
            "AAPL": {
                "BidPx": Decimal("231.2"),
                "BidSize": Decimal(5),
                "OfferSize": Decimal(8),
                "LastPx": Decimal("231.25"),
                "LastQty": Decimal(1),
            },
            "BRK.B": {"LastPx": Decimal(480), "LastQty": Decimal(3), "OfferSize": Decimal(0)},
        }
        assert isinstance(said, VenueQuotes)
        assert said.MDReqID == "m-1"

    def test_an_entry_has_its_own_time_where_it_tells_it(self) -> None:
        said = self.heard(
            UPDATE + "|268=2|279=0|269=0|55=AAPL|270=1|271=5|272=20261123|273=14:30:00.123456789"
            "|279=0|269=0|55=BRK.B|270=1|271=5"
        )
        assert isinstance(said, VenueQuotes)
        assert [quote.At for quote in said.Quotes] == [AT, AT - AT % 10**9 + 200_000_000]

    @pytest.mark.parametrize(
        ("entries", "bid"),
        [
            ("279=0|269=0|278=b|55=A|270=101|271=5|279=2|269=0|278=a|55=A", Decimal(101)),
            ("279=0|269=0|55=A|270=101|271=5|279=2|269=0|55=A|270=100", Decimal(101)),
            ("279=2|269=0|55=A|270=100|279=0|269=0|55=A|270=101|271=5", Decimal(101)),
            ("279=0|269=0|55=A|270=101|271=5|279=2|269=0|55=A|270=101", None),
            ("279=0|269=0|55=A|270=101|271=5|279=2|269=0|55=A", None),
            ("279=0|269=0|55=A|270=101|271=5|279=1|269=0|55=A|270=100", Decimal(100)),
        ],
    )
    def test_a_price_that_moves_is_not_gone(self, entries: str, bid: Decimal | None) -> None:
        told = quotes(self.heard(f"{UPDATE}|268=2|{entries}"))["A"]
        assert told.get("BidPx") == bid
        assert told["BidSize"] == (5 if bid else 0)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (f"{UPDATE}|268=1|279=0|269=0|270=1|271=5", r"Symbol\(55\)"),
            (f"{UPDATE}|268=1|279=0|55=A|270=1|271=5", r"MDEntryType\(269\)"),
            (f"{UPDATE}|268=1|279=0|269=0|55=A|270=1e3", r"MDEntryPx\(270\)"),
            (f"{UPDATE}|268=1|279=0|269=0|55=A|270=1|271=-5", r"MDEntrySize\(271\)"),
            (f"{UPDATE}|268=2|279=0|269=0|55=A|270=1", r"NoMDEntries\(268\)=2.* 1 entries"),
            (f"{UPDATE}|268=1|279=0|269=0|55=A|272=20261123|273=noon", r"MDEntryTime\(273\)"),
        ],
    )
    def test_a_quote_that_cannot_be_trusted_is_malformed(self, text: str, reason: str) -> None:
        with pytest.raises(Malformed, match=reason):
            self.heard(text)

    def test_a_refused_market_data_request_is_named(self) -> None:
        said = self.heard("35=Y|34=9|262=m-1|281=0|58=no such symbol")
        text = "no such symbol (MDReqRejReason(281)=0)"
        assert said == VenueMarketDataReject(MDReqID="m-1", Text=text)

    @pytest.mark.parametrize("text", [REJECT, BUSINESS_REJECT])
    def test_a_reject_of_a_market_data_request_is_about_no_order(self, text: str) -> None:
        said = self.heard(changed(text, {"372": "V", "379": None}), {12: LISTEN})
        assert isinstance(said, VenueMarketDataReject)
        assert said.MDReqID == "m-1"

    @pytest.mark.parametrize(
        ("code", "status"),
        [
            ("2", fix.SecurityTradingStatus.Halt),
            ("3", fix.SecurityTradingStatus.Resume),
            ("17", fix.SecurityTradingStatus.ReadyToTrade),
            ("18", fix.SecurityTradingStatus.Closed),
            ("4", fix.SecurityTradingStatus.Closed),
        ],
    )
    def test_the_status_of_a_security_is_read(
        self, code: str, status: fix.SecurityTradingStatus
    ) -> None:
        assert self.heard(changed(STATUS_NEWS, {"326": code})) == VenueSecurityStatus(
            Symbol="AAPL", SecurityTradingStatus=status, Text="news", TransactTime=AT
        )

    def test_a_closing_auction_is_told_by_the_session_it_is_in(self) -> None:
        said = self.heard(changed(STATUS_NEWS, {"326": "5", "625": "4"}))
        assert isinstance(said, VenueSecurityStatus)
        assert said.SecurityTradingStatus is fix.SecurityTradingStatus.ClosingAuction
        assert self.heard(changed(STATUS_NEWS, {"326": "5"})) is None

    def test_an_imbalance_is_no_news_of_trading(self) -> None:
        assert self.heard(changed(STATUS_NEWS, {"326": "7"})) is None

    @pytest.mark.parametrize(
        ("code", "status"),
        [("2", fix.TradSesStatus.Open), ("3", fix.TradSesStatus.Closed), ("77", "Unknown")],
    )
    def test_the_status_of_a_trading_session_is_read(self, code: str, status: str) -> None:
        assert self.heard(changed(SESSION_NEWS, {"340": code})) == VenueSessionStatus(
            TradingSessionID="day",
            TradSesStatus=fix.TradSesStatus(status),
            Text="open",
            TransactTime=AT - AT % 10**9 + 200_000_000,
        )
