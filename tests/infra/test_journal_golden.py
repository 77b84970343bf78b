"""Journals as earlier releases wrote them replay to the state that those releases had (I5).

What was known then must be known now: a state may have grown since, and what it no longer keeps is
named in ``GONE``. See docs/recipes/journal.md.
"""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from infra.compose import make_actor
from infra.hosts.restart import recover
from infra.journals.sqlite import SqliteJournal
from infra.replayed import replay
from infra.snapshots import Snapshots
from infra.verified import verify
from messages.envelope import Envelope
from tests.infra.golden import FOLDER, STATES, told, unpack

VERSIONS = sorted(path.name for path in FOLDER.iterdir())
KINDS = {"account", "book", "venue", "compliance"}

GONE = {
    "account/.*/state/spoken/.*/content": "made of the terms of the order, which have grown",
    "book/.*/state/parents/.*/terms": "the book keeps what it needs of them",
    "venue/.*/state/exec_ids/.*": "now with the quantity that the execution traded",
}
"""What a state says no longer as it did, each with the reason."""


def differences(then: Any, now: Any, path: str = "") -> Iterator[str]:
    """What of ``then`` is not in ``now``; what is new in ``now`` is no difference."""
    if any(re.fullmatch(gone, path) for gone in GONE):
        return
    if isinstance(then, dict) and isinstance(now, dict):
        for key, value in then.items():
            yield from differences(value, now.get(key, "nothing"), f"{path}/{key}")
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for index, (one, other) in enumerate(zip(then, now, strict=True)):
            yield from differences(one, other, f"{path}/{index}")
    elif then != now:
        yield f"{path} was {then} and is {now}"


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> Path:
    return FOLDER / str(request.param)


def states(version: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((version / STATES).read_text())
    return found


def test_every_kind_of_actor_is_there(version: Path, tmp_path: Path) -> None:
    found = unpack(version, tmp_path)
    assert found.keys() == states(version).keys()
    assert {address.partition("/")[0] for address in found} == KINDS


def test_a_journal_of_an_earlier_release_replays_to_the_state_it_had(
    version: Path, tmp_path: Path
) -> None:
    """I5."""
    found = unpack(version, tmp_path)
    for address, then in states(version).items():
        now = told(replay(address, found[address]))
        wrong = list(differences(then | {"digest": now["digest"]}, now, address))
        assert wrong == []


def test_an_actor_of_this_release_starts_on_it_and_goes_on(version: Path, tmp_path: Path) -> None:
    for address, path in unpack(version, tmp_path).items():
        with closing(SqliteJournal(path)) as journal:
            epoch = journal.open()
            kept = Snapshots(journal)
            shell, _ = recover(
                journal, kept, lambda address=address: make_actor(address), epoch,
                compliance="compliance/0", is_local=lambda _: False,
            )  # fmt: skip
            assert shell.number == states(version)[address]["number"]
            odd = Envelope("book/AAPL", address, 0, "Nonsense", 1, "", b"{}")
            journal.append([shell.park(odd, "a test", 1)])
        assert verify(address, path).fault == ""


def test_what_the_command_reads_needs_no_newer_file(version: Path, tmp_path: Path) -> None:
    for address, path in unpack(version, tmp_path).items():
        before = path.read_bytes()
        found = verify(address, path)
        assert (found.fault, found.entries) == ("", states(version)[address]["number"])
        assert path.read_bytes() == before


def test_a_difference_is_seen_and_growth_is_none() -> None:
    then = {"a": {"x": "1", "list": [1, 2]}, "b": None}
    assert list(differences(then, then | {"c": 1})) == []
    assert list(differences(then, {"a": {"x": "2", "list": [1, 2]}, "b": None})) == [
        "/a/x was 1 and is 2"
    ]
    assert list(differences(then, {"a": {"x": "1", "list": [1]}, "b": None})) != []
    assert list(differences(then, {"a": then["a"]})) == ["/b was None and is nothing"]
