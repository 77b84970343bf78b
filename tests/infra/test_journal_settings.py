"""What is refused before any server is asked, and the order of migrations."""

import pytest

from infra.journals import JournalFailed, postgres, prepare
from infra.settings import Settings


def test_a_setting_that_names_no_journal_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(JournalFailed, match=r"'mysql'.*sqlite, memory, postgres"):
        prepare(Settings(journal="mysql"))
    with pytest.raises(JournalFailed, match="OMS_JOURNAL_URL"):
        prepare(Settings(journal="postgres"))


def test_migrations_are_numbered_without_a_hole() -> None:
    assert list(postgres.migrations()) == list(range(1, len(postgres.migrations()) + 1))
