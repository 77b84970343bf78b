"""Who is woken at a start: whoever owes something, and whoever might."""

from pathlib import Path

import pytest

from infra import supervisor
from infra.journals import journal_path
from infra.journals.sqlite import SqliteJournal
from tests.actors.toy import entries


def journal(data: Path, acknowledged: int) -> Path:
    path = journal_path(data / "journals", "account/acme").with_suffix(".sqlite")
    one = SqliteJournal(path)
    one.open()
    one.append(entries(3), {"reader/1": acknowledged, "compliance/0": 3})
    one.close()
    return path


@pytest.mark.parametrize(("acknowledged", "owes"), [(3, False), (2, True)])
def test_an_actor_owes_what_was_not_acknowledged(
    tmp_path: Path, acknowledged: int, owes: bool
) -> None:
    assert supervisor._may_owe(journal(tmp_path, acknowledged)) is owes


def test_an_actor_that_ended_while_it_made_its_journal_is_woken(tmp_path: Path) -> None:
    path = tmp_path / "journals" / "account" / "acme.sqlite"
    path.parent.mkdir(parents=True)
    path.touch()
    assert supervisor._may_owe(path)
