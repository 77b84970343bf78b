"""How many listen to a desk's reports, asked of a real broker, also after it was slow to answer."""

import asyncio

import pytest

from gateways.amqp import presence, topology
from gateways.amqp.connection import BrokerGone, connect
from gateways.amqp.desk import Desk
from gateways.amqp.presence import Presence
from infra.broker import PrivateBroker

pytestmark = pytest.mark.live


async def test_a_question_that_took_too_long_is_not_the_last_one(
    clean_broker: PrivateBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await connect(clean_broker.url(topology.GATEWAY), "presence")
    asks = Presence(connection)
    await asks.open()
    assert await asks.consumers("alpha") == 0
    monkeypatch.setattr(presence, "ASK_TIMEOUT_S", 0.0)
    with pytest.raises(BrokerGone):
        await asks.consumers("alpha")
    monkeypatch.undo()
    url = clean_broker.url("alpha")
    async with await Desk.connect(url, "alpha", on_report=lambda report, at, again: None):
        async with asyncio.timeout(10):
            await asks.ready()
            while await _count(asks) != 1:  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.05)
    await asks.close()
    await connection.close()


async def _count(asks: Presence) -> int | None:
    try:
        return await asks.consumers("alpha")
    except BrokerGone:
        return None
