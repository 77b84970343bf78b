"""Which process serves which address: a file each, for people and for chaos tests.

A process is named by its id and the time it started, so that a file from an earlier life never
points at a stranger that has the same id today.
"""

from pathlib import Path

from messages.envelope import Address

FOLDER = "pids"
SUPERVISOR = "supervisor/0"


def write(data: Path, address: Address, pid: int | None = None) -> None:
    """This process (or ``pid``) serves ``address``."""
    path = data / FOLDER / address.replace("/", ".")
    path.parent.mkdir(parents=True, exist_ok=True)
    stat = _stat(pid or "self")
    path.write_text(f"{stat[0]} {stat[_STARTED]}" if stat else f"{pid} ended")


def read(data: Path) -> dict[Address, int]:
    """Address to process id, of the processes that are alive."""
    found = {}
    for path in (data / FOLDER).glob("*"):
        pid, _, started = path.read_text().partition(" ")
        if started and alive(int(pid), started):
            found[path.name.replace(".", "/", 1)] = int(pid)
    return found


def alive(pid: int, started: str = "") -> bool:
    """Whether there is such a process and it has not ended (a zombie has).

    ``started``: when it began, in ticks since the machine did; empty where any will do.
    """
    stat = _stat(pid)
    return bool(stat) and stat[_STATE] != "Z" and started in ("", stat[_STARTED])


_STATE, _STARTED = 1, 20
"""Where these are in what ``_stat`` returns."""


def _stat(pid: int | str) -> list[str]:
    """The process's id and what /proc/<pid>/stat says from its state on; empty without one."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [stat.split(" ", 1)[0], *stat.rpartition(") ")[2].split()]
