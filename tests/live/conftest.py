"""For every live test: clients that lose their broker on purpose are not worth a log line."""

import logging

import pytest


@pytest.fixture(autouse=True)
def _quiet_clients(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("aio_pika", "aiormq", "gateways.amqp"):
        caplog.set_level(logging.CRITICAL, name)
