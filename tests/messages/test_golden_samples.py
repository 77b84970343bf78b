"""Every model has a golden sample: JSON that it reads and writes back to the last field.

A difference is a change of the schema: of what desks send, or of what stands in journals for years.
If it is meant, write the samples anew with OMS_UPDATE_GOLDEN=1, read the diff, and say so in the
changelog. A new model's sample is written by hand.
"""

import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from messages.base import Event
from messages.entry import Entry, EntryCopy
from messages.envelope import Envelope, decode, decode_all, encode_all
from messages.events import ANY_EVENTS
from messages.orders import DESK_REQUEST
from messages.reports import DESK_REPORT
from tests.messages.models import (
    GOLDEN,
    MODELS,
    OLDER,
    SAMPLES,
    path_of,
    paths_of,
    rewriting,
    sample,
    text_of,
)


def entry_sample() -> Entry:
    found = json.loads((GOLDEN / "Entry.json").read_text())
    parts = {name: found[name].encode() for name in ("events", "sends", "timers")}
    return Entry(**found | parts | {"chain": bytes.fromhex(found["chain"])})


@pytest.mark.parametrize(("model", "path"), SAMPLES, ids=lambda part: getattr(part, "stem", ""))
def test_a_model_reads_its_sample_and_writes_the_same(model: type[BaseModel], path: Path) -> None:
    assert path.exists(), f"write a sample of {model.__name__}: {path}"
    value = model.model_validate_json(path.read_text())
    if rewriting():
        path.write_text(text_of(value))
    assert text_of(value) == path.read_text()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_samples_show_every_field(model: type[BaseModel]) -> None:
    shown: set[str] = set()
    for path in paths_of(model):
        fields = json.loads(path.read_text())
        assert list(fields) == [name for name in model.model_fields if name in fields]
        assert None not in fields.values()
        assert not shown >= fields.keys(), f"{path.name} shows nothing that others do not"
        shown |= fields.keys()
    assert shown == model.model_fields.keys()


def test_there_is_no_sample_of_what_is_gone() -> None:
    known = {path.name for _, path in SAMPLES} | {"Entry.json", "Envelope.txt"}
    assert {path.name for path in GOLDEN.iterdir()} == known
    assert {path.name for path in OLDER.iterdir()} <= known


@pytest.mark.parametrize("path", sorted(OLDER.iterdir()), ids=lambda path: path.stem)
def test_what_an_earlier_release_wrote_is_read_as_it_was(path: Path) -> None:
    model = next(model for model in MODELS if path_of(model).name == path.name)
    value = model.model_validate_json(path.read_text())
    assert json.loads(value.model_dump_json(exclude_unset=True)) == json.loads(path.read_text())


def test_every_event_is_told_apart_in_a_journal() -> None:
    events = tuple(sample(model) for model in MODELS if issubclass(model, Event))
    assert len(events) > 30
    assert ANY_EVENTS.validate_json(ANY_EVENTS.dump_json(events)) == events


def test_every_request_and_report_is_told_apart_on_the_wire() -> None:
    for union in (DESK_REQUEST, DESK_REPORT):
        for branch in union.json_schema()["discriminator"]["mapping"]:
            text = (GOLDEN / f"{branch}.json").read_text()
            assert type(union.validate_json(text)).__name__ == branch


def test_an_envelope_is_the_same_bytes_for_ever() -> None:
    data = (GOLDEN / "Envelope.txt").read_bytes()
    head, body, end = data.split(b"\n")
    envelope = decode(head, body)
    assert envelope.encode() + b"\n" + end == data
    assert envelope == Envelope(
        "account/growth",
        "book/AAPL",
        4,
        "NewOrder",
        1_795_444_200_123_456_789,
        envelope.trace,
        body,
    )


def test_an_entry_is_sealed_the_same_way_for_ever() -> None:
    """I6: the chain of a journal that was written years ago is still checked."""
    entry = entry_sample()
    assert entry.digest(b"\x01" * 32) == entry.chain
    assert encode_all(entry.envelopes()) == entry.sends
    assert entry.sent() == [("desk/alpha", 12, "OrderCancelReject"), ("book/AAPL", 4, "NewOrder")]


@pytest.mark.parametrize("field", [f for f in Entry._fields if f != "chain"])
def test_no_field_of_an_entry_can_change_without_breaking_the_chain(field: str) -> None:
    """I6."""
    entry = entry_sample()
    value = getattr(entry, field)
    other = value + (1 if isinstance(value, int) else b" " if isinstance(value, bytes) else "0")
    assert entry._replace(**{field: other}).digest(b"\x01" * 32) != entry.chain


def test_what_compliance_hears_of_an_entry_is_its_copy() -> None:
    copy = EntryCopy.model_validate_json(entry_sample().copy_body("account/growth"))
    assert copy == sample(EntryCopy)


def test_a_torn_batch_of_envelopes_is_refused() -> None:
    with pytest.raises(ValueError, match="odd number of lines"):
        decode_all(entry_sample().sends.rpartition(b"\n")[0])
