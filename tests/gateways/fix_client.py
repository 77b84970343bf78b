"""A caller of a FIX session in a process of its own, to be killed in tests.

Run it with `python -m tests.gateways.fix_client PORT FOLDER`. It sends orders without end and
writes one line per message to `FOLDER/heard.log` ("seq ExecID"), which is its journal: a start
goes on after the last whole line. What it heard of fills is what a killed process must not lose.
"""

import asyncio
import sys
from pathlib import Path

from gateways.fix.session import VenueMessage
from messages.venue import SessionDown, SessionUp, VenueExecution
from tests.gateways.fix_venue import Caller, an_order


def last_heard(path: Path) -> int:
    """The number of the last whole line."""
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return max((int(line.split()[0]) for line in lines), default=0)


async def main(port: int, folder: Path) -> None:
    """Run until killed."""
    path = folder / "heard.log"
    heard = last_heard(path)
    caller = Caller(port, folder / "store")
    outstanding = 0
    with path.open("a") as journal:

        def take(seq: int, message: VenueMessage) -> None:
            nonlocal outstanding
            match message:
                case SessionUp() | SessionDown():
                    outstanding = 0
                case VenueExecution():
                    journal.write(f"{seq} {message.ExecID}\n")
                    journal.flush()
                    outstanding -= message.LastQty is not None

        caller.session._on_message = take
        caller.session.start(heard)
        number = 0
        while True:
            while outstanding < 50 and caller.session.send(an_order(f"c-{heard}-{number}")):
                outstanding += 1
                number += 1
            await asyncio.sleep(0.001)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
