"""AMQP over TLS, certificates in place of passwords: a desk is who its certificate says (I19)."""

from collections.abc import Iterator
from pathlib import Path

import aio_pika
import pytest
from aio_pika.exceptions import AMQPError
from aiormq import ChannelAccessRefused, ChannelPreconditionFailed

from gateways.amqp import topology
from gateways.amqp.connection import BrokerGone, connect
from gateways.amqp.desk import Desk
from infra.broker import PrivateBroker
from tests.certificates import Authority
from tests.gateways.desk_counterpart import Oms, order

pytestmark = [pytest.mark.live, pytest.mark.timeout(60)]

DESKS = ("alpha", "beta")
REFUSED = (AMQPError, BrokerGone, ConnectionError, OSError)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("amqps"))


@pytest.fixture(scope="module")
def people(authority: Authority) -> dict[str, Path]:
    return {name: authority.issue(name) for name in (*DESKS, topology.GATEWAY, "mallory")}


@pytest.fixture(scope="module")
def broker(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PrivateBroker]:
    certificates = authority.issue("rabbit", "IP:127.0.0.1")
    folder = tmp_path_factory.mktemp("broker")
    with PrivateBroker(folder, DESKS, 4, certificates=certificates) as broker:
        yield broker


async def test_a_desk_and_the_gateway_talk_without_any_password(
    broker: PrivateBroker, people: dict[str, Path]
) -> None:
    gateway = people[topology.GATEWAY]
    oms = Oms(broker.tls_url(topology.GATEWAY, gateway))
    oms.answer = True
    await oms.open()
    async with await Desk.connect(broker.tls_url("alpha", people["alpha"]), "alpha") as desk:
        await desk.send([order("over-tls")])
        heard = await anext(desk.reports())
    await oms.close()
    assert getattr(heard.report, "ClOrdID", "") == "over-tls"
    assert [delivery.user_id for delivery in oms.requests] == ["alpha"]


async def test_the_name_in_the_url_is_nothing_beside_the_certificate(
    broker: PrivateBroker, people: dict[str, Path]
) -> None:
    async with await aio_pika.connect(broker.tls_url("beta", people["alpha"])) as connection:
        channel = await connection.channel()
        own = await channel.get_exchange("orders.alpha", ensure=False)
        other = await channel.get_exchange("orders.beta", ensure=False)
        await own.publish(aio_pika.Message(b"{}", user_id="alpha"), "account")
        with pytest.raises(ChannelPreconditionFailed, match="user_id"):
            await own.publish(aio_pika.Message(b"{}", user_id="beta"), "account")
        channel = await connection.channel()
        other = await channel.get_exchange("orders.beta", ensure=False)
        with pytest.raises(ChannelAccessRefused):
            await other.publish(aio_pika.Message(b"{}", user_id="alpha"), "account")


async def test_a_certificate_of_a_name_that_is_no_user_is_refused(
    broker: PrivateBroker, people: dict[str, Path]
) -> None:
    with pytest.raises(REFUSED):
        await aio_pika.connect(broker.tls_url("alpha", people["mallory"]))


async def test_a_certificate_of_another_authority_is_refused(
    broker: PrivateBroker, people: dict[str, Path], tmp_path: Path
) -> None:
    forged = Authority(tmp_path, "stranger").issue("alpha")
    (forged / "ca.crt").write_bytes((people["alpha"] / "ca.crt").read_bytes())
    with pytest.raises(REFUSED):
        await aio_pika.connect(broker.tls_url("alpha", forged))


async def test_without_a_certificate_a_password_does_not_help(
    broker: PrivateBroker, people: dict[str, Path]
) -> None:
    plain = broker.url("alpha").replace("amqp://", "amqps://")
    port, tls = broker.port(), broker.port("amqps")
    url = f"{plain.replace(f':{port}/', f':{tls}/')}?cafile={people['alpha'] / 'ca.crt'}"
    with pytest.raises(REFUSED):
        await aio_pika.connect(url)


async def test_a_client_does_not_talk_to_a_broker_that_it_does_not_know(
    broker: PrivateBroker, people: dict[str, Path], tmp_path: Path
) -> None:
    """Its own certificate is good; the broker's is of an authority that it was not told of."""
    suspicious = tmp_path / "alpha"
    suspicious.mkdir()
    for name in ("tls.crt", "tls.key"):
        (suspicious / name).write_bytes((people["alpha"] / name).read_bytes())
    other = Authority(tmp_path, "stranger").certificate
    (suspicious / "ca.crt").write_bytes(other.read_bytes())
    with pytest.raises(BrokerGone, match="cannot connect"):
        await connect(broker.tls_url("alpha", suspicious), "suspicious")
