"""Each venue dialect against the contract, with its golden texts."""

from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.fix.dialect import Malformed
from gateways.fix.dialects import DIALECTS
from messages.venue import VenueExecution
from tests.gateways.dialect_contract import DialectContract
from tests.gateways.dialect_samples import FILL, changed, received

MARKET_DATA = {
    "quotes": "35=V|146=2|55=AAPL|55=BRK.B|262=m-1|263=1|264=1|265=1|267=3|269=0|269=1|269=2",
    "no more quotes": "35=V|146=2|55=AAPL|55=BRK.B|262=m-1|263=2|264=1|267=3|269=0|269=1|269=2",
}
BODY_TAGS = [part.partition("=")[0] for part in FILL.split("|")][5:]


class TestFix44(DialectContract):
    name = "FIX44"
    GOLDEN: ClassVar[dict[str, str]] = {
        "limit order": "35=D|1=acme|11=c-1|38=100|40=2|44=231.250|54=1|55=AAPL|59=0"
        "|60=20261123-14:30:00.123",
        "market order": "35=D|1=acme|11=c-2|38=0.0010|40=1|54=5|55=BTC.USD|59=3"
        "|60=20261123-14:30:00.123",
        "replace": "35=G|1=acme|11=c-1.1|38=100|40=2|41=c-1|44=-0.5|54=1|55=AAPL|59=1"
        "|60=20261123-14:30:00.123",
        "cancel": "35=F|11=c-1.2|38=100|41=c-1.1|54=2|55=AAPL|60=20261123-14:30:00.123",
        "status request": "35=H|11=c-1|54=1|55=AAPL",
        "order again": "35=D|1=acme|11=c-1|38=100|40=2|44=231.250|54=1|55=AAPL|59=0"
        "|60=20261123-14:30:00.123",
        "replace again": "35=G|1=acme|11=c-1.1|38=100|40=2|41=c-1|44=-0.5|54=1|55=AAPL|59=1"
        "|60=20261123-14:30:00.123",
        "cancel again": "35=F|11=c-1.2|38=100|41=c-1.1|54=2|55=AAPL|60=20261123-14:30:00.123",
        "replace by OrderID": "35=G|1=acme|11=c-1.1|37=O-1|38=100|40=2|41=c-1|44=-0.5|54=1|55=AAPL"
        "|59=1|60=20261123-14:30:00.123",
        "cancel by OrderID": "35=F|11=c-1.2|37=O-1|38=100|41=c-1.1|54=2|55=AAPL"
        "|60=20261123-14:30:00.123",
        "cancel of an amount of money": "35=F|11=c-1.2|41=c-1.1|54=1|55=AAPL"
        "|60=20261123-14:30:00.123|152=5",
        **MARKET_DATA,
    }


class TestPaper(DialectContract):
    name = "Paper"
    GOLDEN: ClassVar[dict[str, str]] = {
        "limit order": "35=D|1=acme|11=c-1|38=100|40=2|44=231.250|54=1|55=AAPL|59=0"
        "|60=20261123-14:30:00.123456789",
        "market order": "35=D|1=acme|11=c-2|38=0.0010|40=1|54=5|55=BTC.USD|59=3"
        "|60=20261123-14:30:00.123456789",
        "replace": "35=G|1=acme|11=c-1.1|38=100|40=2|41=c-1|44=-0.5|54=1|55=AAPL|59=1"
        "|60=20261123-14:30:00.123456789",
        "cancel": "35=F|11=c-1.2|38=100|41=c-1.1|54=2|55=AAPL|60=20261123-14:30:00.123456789",
        "status request": "35=H|11=c-1|54=1|55=AAPL",
        "order again": "35=D|97=Y|1=acme|11=c-1|38=100|40=2|44=231.250|54=1|55=AAPL|59=0"
        "|60=20261123-14:30:00.123456789",
        "replace again": "35=G|97=Y|1=acme|11=c-1.1|38=100|40=2|41=c-1|44=-0.5|54=1|55=AAPL|59=1"
        "|60=20261123-14:30:00.123456789",
        "cancel again": "35=F|97=Y|11=c-1.2|38=100|41=c-1.1|54=2|55=AAPL"
        "|60=20261123-14:30:00.123456789",
        "replace by OrderID": "35=G|1=acme|11=c-1.1|37=O-1|38=100|40=2|41=c-1|44=-0.5|54=1|55=AAPL"
        "|59=1|60=20261123-14:30:00.123456789",
        "cancel by OrderID": "35=F|11=c-1.2|37=O-1|38=100|41=c-1.1|54=2|55=AAPL"
        "|60=20261123-14:30:00.123456789",
        "cancel of an amount of money": "35=F|11=c-1.2|41=c-1.1|54=1|55=AAPL"
        "|60=20261123-14:30:00.123456789|152=5",
        **MARKET_DATA,
    }


def test_every_dialect_is_tested_against_the_contract() -> None:
    assert {test.name for test in DialectContract.__subclasses__()} == set(DIALECTS)


@pytest.mark.parametrize("name", DIALECTS)
@given(
    tag=st.sampled_from(BODY_TAGS),
    value=st.text(alphabet=st.characters(exclude_characters="\x00\x01|=", codec="utf-8")),
)
def test_no_report_raises_but_malformed_and_what_is_read_can_be_stored(
    name: str, tag: str, value: str
) -> None:
    try:
        said = DIALECTS[name].from_fix(received(changed(FILL, {tag: value})))
    except Malformed:
        return
    assert isinstance(said, VenueExecution)
    assert VenueExecution.model_validate_json(said.model_dump_json()) == said
