"""Who is away, since when, and how long it takes until that is told: what the broker says of it."""

import asyncio
import time
from pathlib import Path

import pytest

from gateways.amqp.connection import BrokerGone
from gateways.amqp.presence import Absences
from infra.hosts.presence import DeskWatch
from infra.reference import SAMPLE, ReferenceRefused, load
from messages.base import SECOND
from messages.reference import DeskSettings

START = 1_795_000_000 * SECOND
AGREED = (
    DeskSettings(Desk="alpha", CancelOnDisconnect=5, KeepGoodTillCancel=True),
    DeskSettings(Desk="beta"),
)


def looks(*seen: tuple[int, int]) -> list[int | None]:
    """(second, consumers): what is told at each look, as seconds too."""
    absences = Absences(AGREED)
    told = [absences.saw("alpha", count, START + at * SECOND) for at, count in seen]
    return [None if since is None else (since - START) // SECOND for since in told]


def test_a_desk_that_listens_is_never_away() -> None:
    assert looks((0, 1), (5, 2), (10, 1)) == [None, None, None]


def test_a_desk_is_away_after_the_seconds_that_were_agreed_and_is_told_once() -> None:
    assert looks((0, 1), (1, 0), (5, 0), (6, 0), (7, 0), (60, 0)) == [None, None, None, 1, None,
                                                                      None]  # fmt: skip


def test_a_desk_that_came_back_in_time_is_not_away() -> None:
    assert looks((0, 0), (4, 1), (5, 0), (9, 0), (10, 0)) == [None, None, None, None, 5]


def test_a_desk_that_goes_again_is_told_again() -> None:
    assert looks((0, 0), (5, 0), (6, 1), (7, 0), (12, 0)) == [None, 0, None, None, 7]


def test_a_desk_that_nobody_has_seen_counts_as_away_from_the_first_look() -> None:
    """The process that saw it may have died with it."""
    assert looks((0, 0), (5, 0)) == [None, 0]


def test_a_desk_that_was_there_between_two_looks_is_away_anew() -> None:
    """It connected, sent an order and died before anybody looked."""
    absences = Absences(AGREED)
    absences.saw("alpha", 0, START)
    assert absences.saw("alpha", 0, START + 5 * SECOND) == START
    absences.heard("alpha")
    absences.heard("beta")
    absences.heard(None)
    assert absences.saw("alpha", 0, START + 6 * SECOND) is None
    assert absences.saw("alpha", 0, START + 11 * SECOND) == START + 6 * SECOND


def test_only_desks_with_the_setting_are_watched() -> None:
    assert [agreed.Desk for agreed in Absences(AGREED).agreed] == ["alpha"]
    assert Absences(()).agreed == []


def test_time_in_which_nobody_could_look_does_not_count() -> None:
    absences = Absences(AGREED)
    assert absences.saw("alpha", 0, START) is None
    absences.blind()
    assert absences.saw("alpha", 0, START + 60 * SECOND) is None
    assert absences.saw("alpha", 0, START + 65 * SECOND) == START + 60 * SECOND
    absences.blind()
    assert absences.saw("alpha", 0, START + 90 * SECOND) is None, "it was told already"


# ---- the watch


class Broker:
    """Says what it is told to say; None: it is gone."""

    def __init__(self, *answers: int | None) -> None:
        self.answers = list(answers)

    async def consumers(self, desk: str) -> int:
        answer = self.answers.pop(0)
        if answer is None:
            raise BrokerGone(desk)
        return answer


class Host:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, bool]] = []

    def disconnected(self, desk: str, at: int, *, keep_good_till_cancel: bool) -> None:
        self.told.append((desk, at, keep_good_till_cancel))


async def watched(*answers: int | None) -> list[tuple[str, int, bool]]:
    """One look a second."""
    host, now = Host(), iter(range(START, START + 100 * SECOND, SECOND))
    watch = DeskWatch(Broker(*answers), Absences(AGREED), host, clock=lambda: next(now))
    for _ in answers:
        await watch.look()
    return host.told


async def test_the_host_is_told_of_a_desk_that_is_away_with_what_was_agreed() -> None:
    assert await watched(1, 0, 0, 0, 0, 0, 0, 0) == [("alpha", START + SECOND, True)]


async def test_a_broker_that_is_away_makes_no_desk_away() -> None:
    assert await watched(1, 0, 0, 0, None, 0, 0, 0, 0) == []


async def test_a_watch_looks_until_it_is_stopped() -> None:
    broker = Broker(*[1] * 1000)
    watch = DeskWatch(broker, Absences(AGREED), Host(), clock=time.time_ns)
    watch.start()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await watch.stop()
    left = len(broker.answers)
    assert left < 1000
    await asyncio.sleep(0.01)
    assert len(broker.answers) == left


# ---- the setting in the reference file


def written(folder: Path, settings: str) -> Path:
    """The sample with these settings of desks."""
    path = folder / "reference.toml"
    path.write_text(f"{SAMPLE.read_text()}\n{settings}")
    return path


def test_the_reference_file_may_say_what_is_agreed_with_a_desk(tmp_path: Path) -> None:
    said = '[[desk_settings]]\nDesk = "alpha"\nCancelOnDisconnect = 5\nKeepGoodTillCancel = true\n'
    assert load(written(tmp_path, said)).desk_settings == AGREED[:1]
    assert load().desk_settings == ()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('[[desk_settings]]\nDesk = "gamma"', "desk_settings name desk gamma"),
        ('[[desk_settings]]\nDesk = "alpha"\nCancelOnDisconnect = 0', "less than 1 second"),
        ('[[desk_settings]]\nDesk = "alpha"\nCancelOnDisconect = 5', "desk_settings.0"),
    ],
)
def test_what_cannot_be_agreed_is_refused(tmp_path: Path, settings: str, words: str) -> None:
    with pytest.raises(ReferenceRefused, match=words):
        load(written(tmp_path, settings))


def test_the_accounts_of_a_desk_are_those_that_name_it() -> None:
    tradable = load().tradable()
    assert tradable == {"alpha": ("growth", "income", "macro"), "beta": ("global", "macro")}
