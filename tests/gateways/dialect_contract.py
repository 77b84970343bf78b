"""What every venue dialect must do; a dialect's tests inherit this and add its golden texts."""

from decimal import Decimal
from typing import ClassVar

import pytest
import quickfix

from gateways.fix.dialect import Dialect, FromVenue, Malformed, ToVenue, Unsendable
from gateways.fix.dialects import DIALECTS
from gateways.fix.fields import fields_of
from messages import fix
from messages.venue import (
    VenueCancel,
    VenueCancelReject,
    VenueExecution,
    VenueNewOrder,
    VenueReject,
    VenueReplace,
    VenueStatusRequest,
)

AT = 1_795_444_200_123_456_789  # 2026-11-23T14:30:00.123456789Z

NEW_ORDER = VenueNewOrder(
    ClOrdID="c-1",
    Account="acme",
    Symbol="AAPL",
    Side=fix.Side.Buy,
    OrderQty=Decimal("100"),
    OrdType=fix.OrdType.Limit,
    Price=Decimal("231.250"),
    TimeInForce=fix.TimeInForce.Day,
    TransactTime=AT,
)
MARKET_SHORT = VenueNewOrder(
    ClOrdID="c-2",
    Account="acme",
    Symbol="BTC/USD",
    Side=fix.Side.SellShort,
    OrderQty=Decimal("0.0010"),
    OrdType=fix.OrdType.Market,
    TimeInForce=fix.TimeInForce.ImmediateOrCancel,
    TransactTime=AT,
)
REPLACE = VenueReplace(
    ClOrdID="c-1.1",
    OrigClOrdID="c-1",
    Account="acme",
    Symbol="AAPL",
    Side=fix.Side.Buy,
    OrderQty=Decimal("1E+2"),
    OrdType=fix.OrdType.Limit,
    Price=Decimal("-0.5"),
    TimeInForce=fix.TimeInForce.GoodTillCancel,
    TransactTime=AT,
)
CANCEL = VenueCancel(
    ClOrdID="c-1.2",
    OrigClOrdID="c-1.1",
    Symbol="AAPL",
    Side=fix.Side.Sell,
    OrderQty=Decimal("100"),
    TransactTime=AT,
)
STATUS = VenueStatusRequest(ClOrdID="c-1", Symbol="AAPL", Side=fix.Side.Buy)

OUT: dict[str, ToVenue] = {
    "limit order": NEW_ORDER,
    "market order": MARKET_SHORT,
    "replace": REPLACE,
    "cancel": CANCEL,
    "status request": STATUS,
    "order again": NEW_ORDER.model_copy(update={"PossResend": True}),
    "replace again": REPLACE.model_copy(update={"PossResend": True}),
    "cancel again": CANCEL.model_copy(update={"PossResend": True}),
}

FILL = (
    "35=8|34=7|49=XPAR|52=20261123-14:30:00.200|56=OMS|37=O-1|11=c-1|17=E-1|150=F|39=1|55=AAPL"
    "|54=1|38=100|14=0040.50|151=59.5|32=40.5|31=231.2|6=231.2|60=20261123-14:30:00.123456789"
)
CANCEL_REJECT = (
    "35=9|34=8|49=XPAR|52=20261123-14:30:00.200|56=OMS|37=O-1|11=c-1.2|41=c-1|39=2|434=1|102=0"
    "|58=too late"
)
REJECT = (
    "35=3|34=9|49=XPAR|52=20261123-14:30:00.200|56=OMS|45=12|371=44|372=D|373=5"
    "|58=Value is incorrect"
)
BUSINESS_REJECT = (
    "35=j|34=9|49=XPAR|52=20261123-14:30:00.200|56=OMS|45=12|372=F|379=c-9|380=3|58=not now"
)


def received(text: str) -> quickfix.Message:
    """A message as the engine hands it over, from its fields with | for SOH."""
    return quickfix.Message(f"8=FIX.4.4|9=0|{text}|10=000|".replace("|", "\x01"), False)


def changed(text: str, changes: dict[str, str | None]) -> str:
    """The text with these tags set, or taken out (None)."""
    fields = fields_of(text.replace("|", "\x01")) | changes
    return "|".join(f"{tag}={value}" for tag, value in fields.items() if value is not None)


class DialectContract:
    """``name``: the row in DIALECTS. ``GOLDEN``: what each of OUT becomes, with | for SOH."""

    name: ClassVar[str]
    GOLDEN: ClassVar[dict[str, str]]

    @property
    def dialect(self) -> Dialect:
        return DIALECTS[self.name]

    def heard(self, text: str, sent: dict[int, ToVenue] | None = None) -> FromVenue | None:
        return self.dialect.from_fix(received(text), (sent or {}).get)

    def execution(self, **changes: str | None) -> VenueExecution:
        """The fill with tags (``t39="2"``) changed."""
        said = self.heard(changed(FILL, {tag[1:]: value for tag, value in changes.items()}))
        assert isinstance(said, VenueExecution)
        return said

    def test_it_stands_in_its_row(self) -> None:
        assert self.dialect.name == self.name
        assert self.dialect.begin_string.startswith("FIX")

    @pytest.mark.parametrize("case", OUT)
    def test_a_message_to_the_venue_has_its_golden_text(self, case: str) -> None:
        text = self.dialect.to_fix(OUT[case]).toString().replace("\x01", "|")
        fields = text.split("|")[2:-2]  # without BeginString, BodyLength and CheckSum
        assert "|".join(fields) == self.GOLDEN[case]

    @pytest.mark.parametrize("field", ["ClOrdID", "Account", "Symbol"])
    def test_a_value_that_would_become_another_field_is_unsendable(self, field: str) -> None:
        order = NEW_ORDER.model_copy(update={field: "x\x0138=1000000"})
        with pytest.raises(Unsendable):
            self.dialect.to_fix(order)

    def test_a_fill_is_read_exactly(self) -> None:
        assert self.heard(FILL) == VenueExecution(
            ClOrdID="c-1",
            OrderID="O-1",
            ExecID="E-1",
            ExecType=fix.ExecType.Trade,
            OrdStatus=fix.OrdStatus.PartiallyFilled,
            Symbol="AAPL",
            Side=fix.Side.Buy,
            OrderQty=Decimal("100"),
            CumQty=Decimal("40.5"),
            LeavesQty=Decimal("59.5"),
            LastQty=Decimal("40.5"),
            LastPx=Decimal("231.2"),
            TransactTime=AT,
        )

    def test_what_is_no_fill_has_no_last_quantity(self) -> None:
        said = self.execution(t150="7", t39="7", t32="10", t31="5")  # Stopped: a guarantee
        assert (said.ExecType, said.LastQty, said.LastPx) == (fix.ExecType.OrderStatus, None, None)

    def test_a_reject_has_its_reason(self) -> None:
        said = self.execution(t150="8", t39="8", t103="6", t58="seen before")
        assert said.OrdRejReason is fix.OrdRejReason.DuplicateOrder
        assert said.Text == "seen before"

    def test_an_unknown_reason_is_other_and_its_code_is_kept(self) -> None:
        said = self.execution(t150="8", t39="8", t103="777")
        assert said.OrdRejReason is fix.OrdRejReason.Other
        assert said.Text == "OrdRejReason(103)=777"

    @pytest.mark.parametrize("code", ["1", "2"])
    def test_the_fills_of_fix_4_2_are_trades(self, code: str) -> None:
        assert self.execution(t150=code).ExecType is fix.ExecType.Trade

    def test_a_status_of_fix_4_2_is_no_fill(self) -> None:
        assert self.execution(t150="1", t20="3").ExecType is fix.ExecType.OrderStatus

    @pytest.mark.parametrize(
        ("cum_qty", "leaves_qty", "status"),
        [
            ("0", "100", fix.OrdStatus.New),
            ("40", "60", fix.OrdStatus.PartiallyFilled),
            ("100", "0", fix.OrdStatus.Filled),
        ],
    )
    @pytest.mark.parametrize("code", ["5", "7", "9", "B", "D"])
    def test_a_state_without_a_name_here_is_what_the_quantities_say(
        self, code: str, cum_qty: str, leaves_qty: str, status: fix.OrdStatus
    ) -> None:
        assert self.execution(t39=code, t14=cum_qty, t151=leaves_qty).OrdStatus is status

    def test_an_absent_order_quantity_is_what_was_done_and_what_is_left(self) -> None:
        assert self.execution(t38=None).OrderQty == 100

    def test_an_absent_transaction_time_is_the_sending_time(self) -> None:
        assert self.execution(t60=None).TransactTime == AT - AT % 10**9 + 200_000_000

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"t11": None}, "ClOrdID"),
            ({"t37": None}, "OrderID"),
            ({"t17": None}, "ExecID"),
            ({"t150": None}, "ExecType"),
            ({"t39": None}, "OrdStatus"),
            ({"t14": None}, "CumQty"),
            ({"t151": None}, "LeavesQty"),
            ({"t32": None}, "LastQty"),
            ({"t31": None}, "LastPx"),
            ({"t32": "0"}, "LastQty"),
            ({"t14": "-1"}, "CumQty"),
            ({"t14": "1e3"}, "CumQty"),
            ({"t14": "NaN"}, "CumQty"),
            ({"t14": "1,000"}, "CumQty"),
            ({"t31": "1.1234567890123"}, "LastPx"),
            ({"t54": "Z"}, "Side"),
            ({"t39": "Z"}, "OrdStatus"),
            ({"t150": "H"}, "ExecType"),  # a bust: no decision here can take it
            ({"t20": "1"}, "ExecTransType"),
            ({"t60": "14:30:00"}, "TransactTime"),
            ({"t60": "20261323-14:30:00"}, "TransactTime"),
        ],
    )
    def test_a_report_that_cannot_be_trusted_is_malformed(
        self, changes: dict[str, str | None], reason: str
    ) -> None:
        with pytest.raises(Malformed, match=reason):
            self.execution(**changes)

    def test_a_cancel_reject_is_read(self) -> None:
        assert self.heard(CANCEL_REJECT) == VenueCancelReject(
            ClOrdID="c-1.2",
            OrigClOrdID="c-1",
            OrderID="O-1",
            OrdStatus=fix.OrdStatus.Filled,
            CxlRejReason=fix.CxlRejReason.TooLateToCancel,
            Text="too late",
        )

    def test_a_cancel_reject_without_reason_is_other(self) -> None:
        said = self.heard(changed(CANCEL_REJECT, {"102": None}))
        assert isinstance(said, VenueCancelReject)
        assert said.CxlRejReason is fix.CxlRejReason.Other

    def test_a_reject_finds_its_order_by_the_number_it_was_sent_under(self) -> None:
        assert self.heard(REJECT, {12: NEW_ORDER}) == VenueReject(
            ClOrdID="c-1",
            RefMsgType="D",
            Text="Value is incorrect (SessionRejectReason(373)=5, RefTagID(371)=44)",
        )

    def test_a_reject_that_names_no_message_type_gets_that_of_what_was_sent(self) -> None:
        said = self.heard(changed(REJECT, {"372": None}), {12: STATUS})
        assert isinstance(said, VenueReject)
        assert (said.ClOrdID, said.RefMsgType) == ("c-1", "H")

    def test_a_business_reject_names_its_order_itself(self) -> None:
        assert self.heard(BUSINESS_REJECT, {12: NEW_ORDER}) == VenueReject(
            ClOrdID="c-9", RefMsgType="F", Text="not now (BusinessRejectReason(380)=3)"
        )

    def test_a_reject_of_no_order_is_malformed(self) -> None:
        with pytest.raises(Malformed, match="12"):
            self.heard(REJECT)

    def test_a_message_about_no_order_is_nothing(self) -> None:
        assert self.heard("35=B|34=9|148=headline") is None
