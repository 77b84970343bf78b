"""Which process serves which address: a file each, for people and for chaos tests."""

import os
from pathlib import Path

from messages.envelope import Address

FOLDER = "pids"


def write(data: Path, address: Address, pid: int | None = None) -> None:
    """This process (or ``pid``) serves ``address``."""
    path = data / FOLDER / address.replace("/", ".")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(pid or os.getpid()))


def read(data: Path) -> dict[Address, int]:
    """Address to process id, of the processes that are alive."""
    folder = data / FOLDER
    found = {p.name.replace(".", "/", 1): int(p.read_text() or 0) for p in folder.glob("*")}
    return {address: pid for address, pid in found.items() if alive(pid)}


def alive(pid: int) -> bool:
    """Whether there is such a process and it has not ended (a zombie has)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return pid > 0 and stat.rpartition(")")[2].split()[0] != "Z"
