"""What every venue dialect must do; a dialect's tests inherit this and add its golden texts."""

from decimal import Decimal
from typing import ClassVar

import pytest

from gateways.fix.dialect import Dialect, FromVenue, Malformed, ToVenue, Unsendable
from gateways.fix.dialects import DIALECTS
from gateways.fix.fields import fields_of
from gateways.fix.native import native
from messages import fix
from messages.fix import ExecInst, OrdType, TimeInForce
from messages.terms import PEGS
from messages.venue import VenueCancelReject, VenueExecution, VenueNewOrder, VenueReject
from tests.gateways.dialect_quotes import QuotesContract
from tests.gateways.dialect_samples import (
    AT,
    BUSINESS_REJECT,
    CANCEL_REJECT,
    FILL,
    NEW_ORDER,
    OUT,
    REJECT,
    STATUS,
    TERMS,
    asking,
    changed,
    received,
)


class DialectContract(QuotesContract):
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

    @pytest.mark.parametrize(("order", "special"), TERMS, ids=[special for _, special in TERMS])
    def test_every_term_is_said_and_only_what_is_asked_for(
        self, order: VenueNewOrder, special: str
    ) -> None:
        said = self.fields(order)
        plain = self.fields(NEW_ORDER)
        wanted = dict(part.split("=") for part in special.split("|"))
        assert {tag: said.get(tag) for tag in wanted} == wanted
        dropped = {"44"} if order.Terms.Price is None else set()
        dropped |= {"38"} if order.Terms.OrderQty is None else set()
        assert said.keys() == (plain.keys() - dropped) | wanted.keys()

    def fields(self, message: ToVenue) -> dict[str, str]:
        return fields_of(self.dialect.to_fix(message).toString())

    def test_a_time_of_expiry_is_as_exact_as_any_time_said_to_the_venue(self) -> None:
        said = self.fields(asking(TimeInForce=TimeInForce.GoodTillDate, ExpireTime=AT))
        assert said["126"] == said["60"]

    @pytest.mark.parametrize("kind", OrdType)
    def test_every_order_type_has_a_code_that_is_read_back(self, kind: OrdType) -> None:
        code = self.fields(asking(OrdType=kind))["40"]
        assert self.execution(t40=code).OrdType is kind

    @pytest.mark.parametrize("time_in_force", TimeInForce)
    def test_every_time_in_force_has_a_code_that_is_read_back(
        self, time_in_force: TimeInForce
    ) -> None:
        code = self.fields(asking(TimeInForce=time_in_force))["59"]
        assert self.execution(t59=code).TimeInForce is time_in_force

    def test_every_instruction_has_a_code_of_its_own(self) -> None:
        said = [self.fields(asking(ExecInst=(one,)))["18"] for one in ExecInst]
        assert len(set(said)) == len(ExecInst)
        assert self.fields(asking(ExecInst=tuple(ExecInst)))["18"].split(" ") == said

    def test_what_the_dialect_does_natively_is_told_in_reference_data_words(self) -> None:
        able = native(self.dialect)
        assert set(able.OrdTypes) == self.dialect.ord_types >= {OrdType.Market, OrdType.Limit}
        assert set(able.TimesInForce) == self.dialect.times_in_force >= {TimeInForce.Day}
        assert set(able.ExecInsts) == self.dialect.exec_insts
        pegged = OrdType.Pegged in able.OrdTypes
        assert pegged == bool(PEGS & self.dialect.exec_insts)  # one is nothing without the other

    @pytest.mark.parametrize("field", ["ClOrdID", "Account"])
    def test_a_value_that_would_become_another_field_is_unsendable(self, field: str) -> None:
        order = NEW_ORDER.model_copy(update={field: "x\x0138=1000000"})
        with pytest.raises(Unsendable):
            self.dialect.to_fix(order)

    def test_a_term_that_would_become_another_field_is_unsendable(self) -> None:
        with pytest.raises(Unsendable):
            self.dialect.to_fix(asking(Symbol="x\x0138=1000000"))

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

    def test_what_a_report_says_of_its_order_is_read(self) -> None:
        said = self.execution(t1="acme", t40="2", t44="231.30", t59="1", t75="20261123")
        assert (said.Account, said.OrdType, said.Price) == ("acme", OrdType.Limit, Decimal("231.3"))
        assert (said.TimeInForce, said.TradeDate) == (TimeInForce.GoodTillCancel, "20261123")

    def test_an_order_without_a_limit_has_no_price_whatever_the_venue_says(self) -> None:
        assert self.execution(t40="1", t44="0").Price is None

    @pytest.mark.parametrize("name", ["NONE", None, ""])
    def test_a_report_on_an_order_of_the_venues_own_has_no_cl_ord_id(
        self, name: str | None
    ) -> None:
        said = self.execution(t11=name, t41=name)
        assert (said.ClOrdID, said.OrigClOrdID, said.OrderID) == (None, None, "O-1")

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("6", fix.ExecType.PendingCancel),
            ("9", fix.ExecType.Suspended),
            ("B", fix.ExecType.Calculated),
            ("3", fix.ExecType.DoneForDay),
            ("L", fix.ExecType.Triggered),
            ("D", fix.ExecType.Restated),
        ],
    )
    def test_what_is_no_fill_has_no_last_quantity(self, code: str, kind: fix.ExecType) -> None:
        said = self.execution(t150=code, t32="10", t31="5")
        assert (said.ExecType, said.LastQty, said.LastPx) == (kind, None, None)

    def test_a_guarantee_has_its_quantity_and_price_and_is_no_fill(self) -> None:
        said = self.execution(t150="7", t39="7", t32="10", t31="5")
        assert (said.ExecType, said.OrdStatus) == (fix.ExecType.Stopped, fix.OrdStatus.Stopped)
        assert (said.LastQty, said.LastPx) == (Decimal(10), Decimal(5))
        assert self.execution(t150="7", t32=None, t31=None).LastQty is None

    @pytest.mark.parametrize("how", [{"t150": "H"}, {"t20": "1"}])
    def test_a_bust_names_the_fill_that_never_was(self, how: dict[str, str]) -> None:
        said = self.execution(**how, t19="E-0", t14="0", t151="100")
        assert (said.ExecType, said.ExecRefID) == (fix.ExecType.TradeCancel, "E-0")
        assert (said.LastQty, said.LastPx, said.CumQty) == (None, None, Decimal(0))

    @pytest.mark.parametrize("how", [{"t150": "G"}, {"t20": "2"}])
    def test_a_correction_says_what_the_fill_was_all_along(self, how: dict[str, str]) -> None:
        said = self.execution(**how, t19="E-0", t32="30", t31="231.1", t14="30", t151="70")
        assert (said.ExecType, said.ExecRefID) == (fix.ExecType.TradeCorrect, "E-0")
        assert (said.LastQty, said.LastPx) == (Decimal(30), Decimal("231.1"))

    @pytest.mark.parametrize("how", [{"t150": "H"}, {"t150": "G"}, {"t20": "1"}, {"t20": "2"}])
    def test_a_bust_of_an_unnamed_fill_is_malformed(self, how: dict[str, str]) -> None:
        with pytest.raises(Malformed, match=r"ExecRefID\(19\) is missing: a Trade\w+ must name"):
            self.execution(**how)

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            ("0", fix.ExecRestatementReason.GTCorporateAction),
            ("6", fix.ExecRestatementReason.CancelOnTradingHalt),
            ("11", fix.ExecRestatementReason.PegRefresh),
            ("99", fix.ExecRestatementReason.Other),
            ("777", fix.ExecRestatementReason.Other),
            (None, None),
        ],
    )
    def test_a_restatement_has_its_reason(
        self, code: str | None, reason: fix.ExecRestatementReason | None
    ) -> None:
        assert self.execution(t150="D", t378=code).ExecRestatementReason is reason
        assert self.execution(t150="4", t39="4", t378=code).ExecRestatementReason is reason

    def test_a_fill_with_parties_and_contra_brokers_is_a_fill(self) -> None:
        said = self.heard(FILL + "|453=2|448=A|447=D|452=1|448=B|447=D|452=3|382=2|375=X|375=Y")
        assert isinstance(said, VenueExecution)
        assert said == self.heard(FILL)

    def test_an_empty_field_is_none(self) -> None:
        said = self.execution(t58="", t103="", t60="", t38="")
        assert (said.Text, said.OrdRejReason, said.OrderQty) == (None, None, Decimal(100))

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
    @pytest.mark.parametrize("code", ["5", "D"])
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
            ({"t150": "J"}, "ExecType"),  # in the hold of clearing: no decision here can take it
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

    def test_a_cancel_reject_of_an_unknown_order_names_the_request_alone(self) -> None:
        said = self.heard(changed(CANCEL_REJECT, {"37": None, "41": None, "39": "8", "102": "1"}))
        assert isinstance(said, VenueCancelReject)
        assert (said.ClOrdID, said.OrigClOrdID, said.OrderID) == ("c-1.2", "NONE", "NONE")
        assert said.CxlRejReason is fix.CxlRejReason.UnknownOrder

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
