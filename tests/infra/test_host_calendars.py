"""A calendar that is written anew reaches actors at work, as a message, once."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from actors.book import Book
from infra import calendars, node
from infra.calendars import files
from infra.hosts import calendars as module
from infra.hosts.calendars import CalendarWatch
from infra.settings import Settings
from messages.base import SECOND, Message
from messages.sessions import SessionCalendar, TradingDay
from tests.actors.scenes import START, instrument
from tests.infra.test_host_parts import Bench, settled

HOUR = 3600 * SECOND


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    found = Bench()
    yield found
    await found.close()


def closing(at: int) -> SessionCalendar:
    """Open since an hour ago."""
    day = TradingDay(TradeDate="20261123", Opens=START - HOUR, Closes=at)
    return SessionCalendar(Calendar="XNYS", Days=(day,))


class Written:
    """The calendar's file; each time it is written it has another time."""

    def __init__(self, data: Path) -> None:
        self.path = calendars.path(data, "XNYS")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.at = 1_000_000_000

    def write(self, text: str) -> None:
        self.path.write_text(text)
        self.at += 1
        os.utime(self.path, (self.at, self.at))


def test_only_what_says_something_else_is_told(tmp_path: Path) -> None:
    file, first, second = Written(tmp_path), closing(START + HOUR), closing(START + 2 * HOUR)
    told: list[tuple[str, Message]] = []
    watch = CalendarWatch(tmp_path, [instrument(), first], lambda *said: told.append(said))
    watch.look()  # there is no file
    file.write(first.model_dump_json())
    watch.look()
    file.write("damaged")
    watch.look()
    assert told == []
    file.write(second.model_dump_json())
    for _ in range(3):
        watch.look()
    assert told == [("reference/settings", second)]
    file.write(second.model_dump_json())
    watch.look()
    file.write(first.model_dump_json())
    watch.look()
    assert told[1:] == [("reference/settings", first)]


async def test_a_book_at_work_knows_the_new_close_without_a_start(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.01)
    file, known = Written(tmp_path), closing(START + 8 * HOUR)
    file.write(known.model_dump_json())
    told = [instrument(Calendar="XNYS"), known]
    host = await bench.host(lambda: Book("book/AAPL"), reference=told)
    entries = len(bench.tape.entries)
    watch = CalendarWatch(tmp_path, told, host.tell)
    watch.start()
    await asyncio.sleep(0.1)
    assert len(bench.tape.entries) == entries
    sooner = closing(START + HOUR)
    file.write(sooner.model_dump_json())
    for _ in range(1000):
        if host.shell.actor.state.calendar == sooner:
            break
        await asyncio.sleep(0.01)
    await watch.stop()
    assert host.shell.actor.state.days[0].Closes == START + HOUR
    assert len(bench.tape.entries) == entries + 1
    assert bench.replays(host)


async def test_where_nobody_trades_by_a_calendar_nothing_is_looked_at(tmp_path: Path) -> None:
    watch = CalendarWatch(tmp_path, [instrument()], lambda *_: None)
    watch.start()
    await settled()
    assert watch._task is None
    await watch.stop()


def test_a_further_node_keeps_its_calendars_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[files.CalendarFiles] = []
    monkeypatch.setattr(files.CalendarFiles, "refresh", lambda self: looked.append(self))
    node.Watch(Settings(data=tmp_path)).look()
    assert len(looked) == 1
