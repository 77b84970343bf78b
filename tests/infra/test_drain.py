"""Draining by two files: asked, answered, over."""

import threading
from pathlib import Path

from infra import drain, pids


def test_without_an_ingress_there_is_nothing_to_wait_for(tmp_path: Path) -> None:
    assert drain.drain(tmp_path, within_s=0)
    assert drain.asked(tmp_path)


def test_it_waits_for_the_ingress_to_say_that_nothing_is_under_way(tmp_path: Path) -> None:
    pids.write(tmp_path, drain.INGRESS)
    answer = threading.Timer(0.1, drain.done, [tmp_path])
    answer.start()
    assert drain.drain(tmp_path, within_s=10)
    answer.join()


def test_an_ingress_that_does_not_answer_in_time_is_told(tmp_path: Path) -> None:
    pids.write(tmp_path, drain.INGRESS)
    drain.done(tmp_path)  # of an earlier time: it does not count
    assert not drain.drain(tmp_path, within_s=0.05)


def test_when_it_is_over_nothing_of_it_is_left(tmp_path: Path) -> None:
    drain.drain(tmp_path, within_s=0)
    drain.done(tmp_path)
    drain.over(tmp_path)
    assert not drain.asked(tmp_path)
    assert list(tmp_path.iterdir()) == []
