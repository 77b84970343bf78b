"""Any change of a sealed file, and any attack on a journal at any entry, is found where it is."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from infra.audit import store
from infra.audit.anchors import Anchors
from infra.audit.sealed import SealBroken, SealedFile
from infra.audit.verify import audit
from infra.replayed import entries
from infra.settings import Settings
from tests.infra.journaled_day import START, file_of, traded_day
from tests.infra.test_audit_attacks import GROWTH, cut

KEY = b"a key of thirty-two characters, yes"
CALM = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sealed") / "file"
    file = SealedFile(path, KEY)
    for number in range(5):
        file.append(START + number, {"Said": number})
    return path.read_bytes()


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
@CALM
def test_a_bit_that_flips_in_a_sealed_file_is_found_or_takes_only_the_last_line(
    sealed: bytes, tmp_path: Path, place: int, bit: int
) -> None:
    at = place % len(sealed)
    changed = bytearray(sealed)
    changed[at] ^= 1 << bit
    path = tmp_path / "file"
    path.write_bytes(changed)
    line = sealed[:at].count(b"\n") + 1
    if at == len(sealed) - 1:  # the end of the last line: it was never written whole
        assert len(list(SealedFile(path, KEY).read())) == 4
        return
    with pytest.raises(SealBroken) as found:
        list(SealedFile(path, KEY).read())
    assert found.value.line == line


@pytest.fixture(scope="module")
def anchored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A day anchored at its end, and the number of entries of the account."""
    data = tmp_path_factory.mktemp("anchored")
    with traded_day(data):
        Settings(data=data).save()
    Anchors(store.open_to_write(Settings.of(data), store.ANCHORS), data).anchor(START)
    return data, len(list(entries(file_of(data, GROWTH))))


@contextmanager
def copied(data: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "data"
        shutil.copytree(data, copy)
        Settings(data=copy).save()
        yield copy


def rewrite(path: Path, number: int) -> None:
    """Another time in one entry, and every hash from there on computed anew."""
    found = list(entries(path))
    chain = found[number - 2].chain if number > 1 else b""
    with closing(sqlite3.connect(path)) as db, db:
        for entry in found[number - 1 :]:
            changed = entry._replace(at=entry.at + (entry.number == number)).sealed(chain)
            chain = changed.chain
            query = "UPDATE entries SET at = ?, chain = ? WHERE number = ?"
            db.execute(query, (changed.at, changed.chain, changed.number))


def change(path: Path, number: int) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE entries SET seq = seq + 1 WHERE number = ?", (number,))


def drop(path: Path, number: int) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM entries WHERE number = ?", (number,))


ATTACKS = {
    "rewrite": rewrite,
    "change": change,
    "drop": drop,
    "cut": lambda path, number: cut(path, number - 1),
}


@given(attack=st.sampled_from(sorted(ATTACKS)), place=st.integers(0, 1_000))
@example("cut", 0)
@example("rewrite", 16)
@CALM
def test_whatever_is_done_to_a_journal_at_whichever_entry_that_entry_is_named(
    anchored: tuple[Path, int], attack: str, place: int
) -> None:
    """I6."""
    data, count = anchored
    number = place % count + 1
    with copied(data) as copy:
        ATTACKS[attack](file_of(copy, GROWTH), number)
        (found,) = audit(copy, GROWTH).journals
    assert (found.entry, bool(found.differs)) == (number, True)
