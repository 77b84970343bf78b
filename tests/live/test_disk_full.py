"""The disk fills while orders flow: nothing is acknowledged any more, and nothing is lost."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import at_rest, chaos
from infra.session import Session
from tests.live.stage import adds_up, running, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

FULL_AT, ROOMY = "size=4m", "size=100m"


def mounted(folder: Path, options: str) -> bool:
    words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """An installation whose journals lie on a small file system of their own."""
    journals = tmp_path / "journals"
    journals.mkdir()
    if os.geteuid() or not mounted(journals, FULL_AT):
        pytest.skip("only root can mount a small file system")
    try:
        with running(tmp_path) as folder:
            yield folder
    finally:
        subprocess.run(["umount", "-l", str(journals)], check=True)


def stopped(data: Path) -> bool:
    """Whether an actor has said that its journal cannot write, and how to help it."""
    text = "".join(path.read_text() for path in (data / "logs").glob("*.log"))
    return "disk is full" in text and "df -h" in text


async def test_a_full_disk_stops_the_actors_and_they_go_on_once_there_is_room(data: Path) -> None:
    async with Session(data) as session:
        flow = asyncio.ensure_future(chaos.torment(session, {}, 1_500, seed=1))
        await asyncio.to_thread(until, lambda: stopped(data), 90)
        await asyncio.sleep(3)  # and stays full for a while, over several restarts
        assert mounted(data / "journals", f"remount,{ROOMY}")
        await flow
        adds_up(await chaos.close(session))
    assert at_rest.problems(data) == []
