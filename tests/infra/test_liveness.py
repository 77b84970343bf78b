"""Who is dead and who hangs, from the outside, with real processes and a clock that is told."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import liveness, pids
from infra.liveness import AGAIN_S, BLINK_S, DEAD_S, Liveness

ADDRESS = "account/acme"
HUNG_S = 4.0


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(tmp_path: Path, clock: Clock) -> Liveness:
    return Liveness(tmp_path, HUNG_S, clock)


@pytest.fixture
def process(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """One that serves the address, as far as anybody can see."""
    one = subprocess.Popen(["sleep", "60"])
    pids.write(tmp_path, ADDRESS, one.pid)
    yield one
    one.kill()
    one.wait()


def looks(watch: Liveness, clock: Clock, seconds: float, every: float = 0.25) -> liveness.Found:
    """Look so long; what the last look found."""
    found = watch.look()
    for _ in range(round(seconds / every)):
        clock.now += every
        found = watch.look()
    return found


def touch(data: Path) -> None:
    """What ``beat`` does every half second."""
    time.sleep(0.01)
    os.utime(data / pids.FOLDER / ADDRESS.replace("/", "."))


def test_one_that_has_served_and_falls_silent_hangs(
    tmp_path: Path, watch: Liveness, clock: Clock, process: "subprocess.Popen[bytes]"
) -> None:
    watch.look()
    touch(tmp_path)
    assert looks(watch, clock, HUNG_S) == ([], {})
    assert looks(watch, clock, 0.5) == ([], {ADDRESS: process.pid})
    touch(tmp_path)
    assert looks(watch, clock, 0.5) == ([], {})


@pytest.mark.usefixtures("process")
def test_one_that_is_still_starting_may_be_silent_for_long(watch: Liveness, clock: Clock) -> None:
    assert looks(watch, clock, 20 * HUNG_S) == ([], {})


def test_one_that_is_stopped_while_it_starts_hangs(
    watch: Liveness, clock: Clock, process: "subprocess.Popen[bytes]"
) -> None:
    process.send_signal(signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)  # until it has stopped
    assert looks(watch, clock, HUNG_S + 0.5).hung == {ADDRESS: process.pid}


def test_nobody_hangs_because_the_watcher_itself_stood_still(
    tmp_path: Path, watch: Liveness, clock: Clock, process: "subprocess.Popen[bytes]"
) -> None:
    watch.look()
    touch(tmp_path)
    watch.look()
    clock.now += 1_000
    assert watch.look() == ([], {})
    assert looks(watch, clock, HUNG_S - BLINK_S) == ([], {})
    assert looks(watch, clock, 0.5).hung == {ADDRESS: process.pid}


def test_one_that_ended_is_dead_only_after_its_runtime_had_time_to_start_it_again(
    watch: Liveness, clock: Clock, process: "subprocess.Popen[bytes]"
) -> None:
    process.kill()
    process.wait()
    assert looks(watch, clock, DEAD_S - 0.25) == ([], {})
    assert looks(watch, clock, 0.25, 0.25) == ([ADDRESS], {})
    assert looks(watch, clock, AGAIN_S - 0.5) == ([], {})  # it was placed, and has to start
    assert looks(watch, clock, 0.5).dead == [ADDRESS]


def test_one_is_missing_from_its_end_until_its_successor_begins_or_nobody_wants_it(
    tmp_path: Path, watch: Liveness, clock: Clock, process: "subprocess.Popen[bytes]"
) -> None:
    looks(watch, clock, 0.25)
    assert not watch.missing
    process.kill()
    process.wait()
    looks(watch, clock, 0.25)
    assert watch.missing
    pids.write(tmp_path, ADDRESS, os.getpid())
    looks(watch, clock, 0.25)
    assert not watch.missing
    pids.write(tmp_path, ADDRESS, process.pid)
    looks(watch, clock, 0.25)
    assert watch.missing
    liveness.leave(tmp_path, ADDRESS)
    looks(watch, clock, 0.25)
    assert not watch.missing


def test_one_that_left_is_not_missed(
    tmp_path: Path, watch: Liveness, clock: Clock, process: "subprocess.Popen[bytes]"
) -> None:
    assert liveness.served(tmp_path) == [ADDRESS]
    liveness.leave(tmp_path, ADDRESS)
    process.kill()
    process.wait()
    assert looks(watch, clock, 10 * AGAIN_S) == ([], {})
    assert liveness.served(tmp_path) == []
    assert pids.read(tmp_path) == {}


def test_children_of_the_supervisor_are_its_own_business(
    tmp_path: Path, watch: Liveness, clock: Clock
) -> None:
    ended = subprocess.Popen(["true"])
    pids.write(tmp_path, "broker/0", ended.pid)
    ended.wait()
    assert looks(watch, clock, 10 * AGAIN_S) == ([], {})


@pytest.mark.usefixtures("process")
async def test_a_beat_is_seen_and_one_without_a_file_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "BEAT_EVERY_S", 0.01)
    before = liveness.beaten_at(tmp_path, ADDRESS)
    beating = [
        asyncio.ensure_future(liveness.beat(tmp_path, address)) for address in (ADDRESS, "book/X")
    ]
    await asyncio.sleep(0.1)
    assert liveness.beaten_at(tmp_path, ADDRESS) > before
    assert liveness.beaten_at(tmp_path, "book/X") == 0
    assert not any(task.done() for task in beating)
    for task in beating:
        task.cancel()
