"""What a message may not hold: fields nobody knows, and numbers where decimals belong.

A misspelt Price must not make a market order, and 0.1 must not arrive as 0.1000000000000000055.
"""

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from messages.base import Number, Quantity, decimal_text
from tests.messages.models import MODELS, SAMPLES, sample

Way = tuple[str | int, ...]


def parts(value: object, way: Way = ()) -> Iterator[tuple[Way, object]]:
    """Every part of a model with the way to it."""
    yield way, value
    match value:
        case BaseModel():
            for name, part in value:
                yield from parts(part, (*way, name))
        case tuple():
            for index, part in enumerate(value):
                yield from parts(part, (*way, index))
        case dict():
            for key, part in value.items():
                yield from parts(part, (*way, key))


def spoiled(path: Path, way: Way, part: Any) -> str:
    """The sample with another part at the end of ``way``."""
    found = copy.deepcopy(json.loads(path.read_text()))
    *above, last = way
    inner = found
    for step in above:
        inner = inner[step]
    inner[last] = part
    return json.dumps(found)


PARTS = [
    (model, path, way, part)
    for model, path in SAMPLES
    for way, part in parts(model.model_validate_json(path.read_text()))
]
NESTED = [(m, path, way) for m, path, way, part in PARTS if isinstance(part, BaseModel)]
DECIMALS = [(m, path, way) for m, path, way, part in PARTS if isinstance(part, Decimal)]


def name(case: object) -> str:
    match case:
        case Path():
            return case.stem
        case tuple():
            return ".".join(map(str, case))
        case _:
            return ""


@pytest.mark.parametrize(("model", "path", "way"), NESTED, ids=name)
def test_a_field_that_nobody_knows_is_refused(model: type[BaseModel], path: Path, way: Way) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        model.model_validate_json(spoiled(path, (*way, "Prize"), "1"))


@pytest.mark.parametrize(("model", "path", "way"), DECIMALS, ids=name)
def test_a_number_is_refused_where_a_decimal_belongs(
    model: type[BaseModel], path: Path, way: Way
) -> None:
    for number in (1, 0, -3, 231.25, 10**20):
        with pytest.raises(ValidationError, match="send a decimal as a string"):
            model.model_validate_json(spoiled(path, way, number))


def test_decimals_are_everywhere_and_were_looked_at() -> None:
    assert len(DECIMALS) > 150
    assert len(NESTED) > 120


NUMBER: TypeAdapter[Decimal] = TypeAdapter(Number)
QUANTITY: TypeAdapter[Decimal] = TypeAdapter(Quantity)

digits = st.from_regex(r"-?[0-9]{1,15}(\.[0-9]{1,12})?", fullmatch=True)


@given(digits)
def test_a_decimal_comes_back_with_every_digit(text: str) -> None:
    value = NUMBER.validate_json(json.dumps(text))
    assert value == Decimal(text)
    written = json.loads(NUMBER.dump_json(value))
    assert Decimal(written) == value
    assert written.partition(".")[2] == text.partition(".")[2]


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
    )
)
def test_a_decimal_is_written_without_exponent(value: Decimal) -> None:
    for same in (value, value.normalize()):
        assert "E" not in decimal_text(same)
        assert NUMBER.validate_json(NUMBER.dump_json(same)) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", " 1", "1 ", "+1", "1.", ".5", "1e5", "1E5", "NaN", "Infinity", "-", "--1", "1.2.3"),
        *("1,000", "1_000", "0x1F", "1" * 16, "1." + "0" * 13, "1\n", "\u0661\u0662"),
    ],
)
def test_what_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="send a decimal as a string"):
        NUMBER.validate_json(json.dumps(text))


@pytest.mark.parametrize("text", ["0", "0.00", "-1", "-0.5"])
def test_a_quantity_is_greater_than_zero(text: str) -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        QUANTITY.validate_json(json.dumps(text))


@pytest.mark.parametrize("model", [m for m in MODELS if "MsgType" in m.model_fields])
def test_a_message_cannot_be_changed(model: type[BaseModel]) -> None:
    value = sample(model)
    with pytest.raises(ValidationError, match="frozen"):
        value.MsgType = "Another"  # type: ignore[attr-defined]
