"""A drain as a folder: somebody asks for it, each border says what it still has under way.

It holds over the restart of any process; the supervisor's next start ends it.
"""

import shutil
from pathlib import Path

from messages.envelope import Address

FOLDER = "drain"
ASKED = "asked"


def ask(data: Path) -> None:
    """From now on no border takes anything new."""
    (data / FOLDER).mkdir(parents=True, exist_ok=True)
    (data / FOLDER / ASKED).touch()


def asked(data: Path) -> bool:
    """Whether a drain is under way."""
    return (data / FOLDER / ASKED).exists()


def withdraw(data: Path) -> None:
    """Take again; nothing where nobody asked."""
    shutil.rmtree(data / FOLDER, ignore_errors=True)


def tell(data: Path, address: Address, left: int) -> None:
    """This border takes nothing any more, and so much of what it took is not yet durable."""
    fresh = data / FOLDER / f"{address.replace('/', '.', 1)}.new"
    try:
        fresh.write_text(str(left))
        fresh.replace(fresh.with_suffix(""))
    except FileNotFoundError:
        return  # it was withdrawn at this very moment


def left(data: Path, address: Address) -> int | None:
    """What the border has told; None before it has."""
    try:
        return int((data / FOLDER / address.replace("/", ".", 1)).read_text())
    except FileNotFoundError:
        return None
