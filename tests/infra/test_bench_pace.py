"""Sending in a window, and at a rate that nothing slows down."""

import asyncio
import itertools
import time

import pytest

from infra.bench.pace import Stuck, Window, steady


async def test_a_window_never_has_more_than_its_size_unanswered() -> None:
    unanswered = most = 0
    batches: list[tuple[int, int]] = []

    async def send(first: int, end: int) -> None:
        nonlocal unanswered, most
        batches.append((first, end))
        unanswered += end - first
        most = max(most, unanswered)
        for _ in range(first, end):
            await asyncio.sleep(0)
            unanswered -= 1
            window.answered()

    window = Window(send, 100, 7)
    await window.run()
    assert most == 7
    assert [number for first, end in batches for number in range(first, end)] == list(range(100))


async def test_a_window_is_over_when_the_last_answer_came() -> None:
    async def send(first: int, end: int) -> None:
        asyncio.get_running_loop().call_later(0.05, answer, end - first)

    def answer(count: int) -> None:
        for _ in range(count):
            window.answered()

    window = Window(send, 3, 10)
    began = time.monotonic()
    await window.run()
    assert time.monotonic() - began >= 0.05


async def test_a_window_that_nobody_answers_says_so() -> None:
    async def send(first: int, end: int) -> None:
        pass

    with pytest.raises(Stuck, match="5 of 5 sent are unanswered"):
        await Window(send, 50, 5).run(stuck_s=0.05)


async def test_a_send_that_fails_ends_the_window() -> None:
    async def send(first: int, end: int) -> None:
        if first:
            raise ConnectionError("no broker")

    window = Window(send, 50, 5)
    running = asyncio.ensure_future(window.run(stuck_s=1))
    for _ in range(3):
        await asyncio.sleep(0.01)
        window.answered()
    with pytest.raises(ConnectionError, match="no broker"):
        await running


async def test_at_a_rate_each_order_counts_from_when_it_was_due_however_slow_sending_is() -> None:
    due: list[int] = []
    sent: list[tuple[int, int]] = []  # number, when

    async def send(first: int, end: int) -> None:
        now = time.time_ns()
        sent.extend((number, now) for number in range(first, end))
        time.sleep(0.03)  # noqa: ASYNC251  # holds up everything, as a slow machine would

    await steady(send, 20, 200, lambda number, at: due.append(at))
    assert {after - before for before, after in itertools.pairwise(due)} == {5_000_000}
    assert [number for number, _ in sent] == list(range(20))
    assert all(at >= due[number] for number, at in sent)
    assert max(at - due[number] for number, at in sent) > 20_000_000  # seen, and not left out


async def test_at_a_rate_a_send_that_fails_is_not_overlooked() -> None:
    async def send(first: int, end: int) -> None:
        raise ConnectionError("no broker")

    with pytest.raises(ConnectionError, match="no broker"):
        await steady(send, 5, 1000, lambda number, at: None)
