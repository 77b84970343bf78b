"""The small disk of a storm: really full, then with room, and nothing that was on it is lost."""

import os
from pathlib import Path

import pytest

from infra.chaos import disk
from infra.chaos.disk import NoDisk, SmallDisk


@pytest.fixture
def small(tmp_path: Path) -> SmallDisk:
    one = SmallDisk(tmp_path / "journals")
    try:
        one.mount()
    except NoDisk as error:
        pytest.skip(str(error))
    return one


def test_it_is_full_until_there_is_room_and_keeps_what_is_on_it(
    small: SmallDisk, tmp_path: Path
) -> None:
    folder = tmp_path / "journals"
    try:
        (folder / "account").mkdir()
        (folder / "account" / "acme").write_text("an entry")
        small.fill()
        with pytest.raises(OSError, match="No space left"):
            (folder / "more").write_bytes(bytes(8192))
        small.clear()
        (folder / "more").write_bytes(bytes(8192))
    finally:
        small.release()
    assert not folder.is_mount()
    assert (folder / "account" / "acme").read_text() == "an entry"
    assert folder.stat().st_mode & 0o777 == 0o755
    assert not (folder / disk.BALLAST).exists()
    small.release()  # a second time there is nothing to do


def test_what_a_killed_run_left_is_taken_away(small: SmallDisk, tmp_path: Path) -> None:
    folder = tmp_path / "journals"
    (folder / "old").touch()
    disk.drop(folder)
    assert list(folder.iterdir()) == []
    disk.drop(folder)


def test_without_the_right_to_mount_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NoDisk, match="only root"):
        SmallDisk(tmp_path / "journals").mount()
