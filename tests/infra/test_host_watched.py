"""Who watches a host sees what is durable, and holds nothing up; desks wait where it is behind."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from infra.hosts import actor as module
from infra.hosts.actor import TURN
from messages.entry import EntryCopy
from tests.actors.toy import ACTOR, SENDER, note, words
from tests.infra.test_host_actor import READER, said
from tests.infra.test_host_parts import Bench, settled


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    found = Bench()
    yield found
    await found.close()


async def test_a_watcher_sees_each_message_once_it_is_durable(bench: Bench) -> None:
    seen: list[Any] = []

    def observe(message: Any) -> None:
        seen.append((message.Words, len(bench.tape.entries)))

    host = await bench.host(observe=observe)
    host.take(bench.source(host), [note(1, "a"), note(1, "a"), note(2, "b", Fail=0), note(3, "c")])
    await settled()
    assert seen == [(("a",), 3), (("c",), 3)]


async def test_a_watcher_that_fails_holds_nothing_up(bench: Bench) -> None:
    def observe(message: object) -> None:
        raise ZeroDivisionError

    host = await bench.host(observe=observe)
    source = bench.source(host)
    told: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    host.take(source, said(1, TURN + 1))
    await settled()
    assert len(words(host.shell)) == TURN + 1
    assert ("acknowledge", TURN + 1) in bench.log
    assert [type(context["exception"]) for context in told] == [ZeroDivisionError] * 2


async def test_every_entry_is_copied_to_compliance_under_its_own_number(bench: Bench) -> None:
    """I18."""
    host = await bench.host(compliance="compliance/0")
    source = bench.source(host)
    host.take(source, [note(1, "a"), note(2, "b", Fail=0), note(3, "c")])
    await settled()
    copies = [e for e in bench.network.outposts["compliance/0"].offered]
    assert [copy.seq for copy in copies] == [1, 2, 3]
    assert b'"MessageParked"' in copies[1].body
    assert EntryCopy.model_validate_json(copies[1].body).Actor == ACTOR


async def test_desks_wait_outside_while_too_much_is_unheard(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BACKLOG", 5)
    host = await bench.host()
    connected = [bench.source(host, "ingress/0"), bench.source(host)]
    host.take(connected[1], said(1, 6))
    await settled()
    assert bench.log[-1] == ("pause", "ingress/0")
    assert not any(entry == ("pause", SENDER) for entry in bench.log)
    bench.network.outposts[READER].hear(6)
    assert bench.log[-1] == ("resume", "ingress/0")
