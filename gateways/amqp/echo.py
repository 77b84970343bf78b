"""A plain echo in aio-pika, as its documentation teaches it: what everything is compared with.

    python -m gateways.amqp.echo        # the broker's URL is the first line of its standard input

It takes messages from ``echo.in``, publishes each to ``echo.out`` with a confirm, and acknowledges
it; it ends with its standard input. It shares no code with the rest, on purpose.
"""

import asyncio
import sys

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

PREFETCH = 500


async def main() -> None:
    """Echo until standard input ends."""
    connection = await aio_pika.connect(sys.stdin.readline().strip())
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        exchange = await channel.get_exchange("echo")
        queue = await channel.get_queue("echo.in")

        async def echo(message: AbstractIncomingMessage) -> None:
            async with message.process():
                answer = aio_pika.Message(
                    message.body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT
                )
                await exchange.publish(answer, routing_key="echo.out")

        await queue.consume(echo)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
