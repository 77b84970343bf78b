"""The control door: a Unix socket ``control.sock`` in the exchange's folder, JSON lines both ways.

``python -m gateways.paper.control FOLDER '{"do":"help"}'`` says what can be told to it.

Invariant: what comes in goes through the worker's queue and is answered after its transaction.
The socket is reached through its open folder, so that no path is ever too long for it.
"""

import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FILE = "control.sock"
LONGEST = 100
"""Bytes of a path that surely fit in the address of a Unix socket."""
ANSWER_TIMEOUT_S = 30

Answer = dict[str, Any]
Put = Callable[[Any, Callable[[Answer], None]], None]
"""Hands over a command and what to call, once, with its answer; safe to call from any thread."""


class CannotControl(Exception):
    """No exchange answers; the text says what helps."""


def control(folder: Path, command: dict[str, Any], timeout_s: float = 10) -> Answer:
    """The answer of the running exchange whose data folder this is.

    ``ok`` in it is False where the command was refused. CannotControl where nobody answers.
    """
    line = json.dumps(command, default=str).encode() + b"\n"
    try:
        with _address(folder) as address, socket.socket(socket.AF_UNIX) as door:
            door.settimeout(timeout_s)
            door.connect(address)
            door.sendall(line)
            with door.makefile("rb") as answers:
                answer: Answer = json.loads(answers.readline())
                return answer
    except (OSError, ValueError) as error:
        raise CannotControl(
            f"no paper exchange answers at {folder / FILE} ({error}): start one with this folder,"
            " and see in its log why it ended"
        ) from None


class Door:
    """The listening end. Daemon threads: one that accepts, one for each connection."""

    def __init__(self, folder: Path, put: Put) -> None:
        self._folder = folder
        self._put = put
        self._socket = socket.socket(socket.AF_UNIX)

    def open(self) -> None:
        """Listen; the folder must have no other user. OSError where it cannot."""
        (self._folder / FILE).unlink(missing_ok=True)
        with _address(self._folder) as address:
            before = os.umask(0o177)
            try:
                self._socket.bind(address)
            finally:
                os.umask(before)
        self._socket.listen(8)
        threading.Thread(target=self._accept, name="paper-door", daemon=True).start()

    def close(self) -> None:
        """Listen no longer."""
        self._socket.close()
        (self._folder / FILE).unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            try:
                for line in lines:
                    answer = self._answer(line)
                    connection.sendall(json.dumps(answer, default=str).encode() + b"\n")
            except OSError:
                return  # who asked has gone

    def _answer(self, line: bytes) -> Answer:
        try:
            command = json.loads(line)
        except ValueError as error:
            return {
                **{"ok": False, "error": f"not JSON: {error}", "field": "line"},
                **{"given": line.decode(errors="replace"), "allowed": "one JSON object a line"},
                "remedy": 'write one like {"do":"status"}',
            }
        answered = threading.Event()
        found: list[Answer] = []

        def take(answer: Answer) -> None:
            found.append(answer)
            answered.set()

        self._put(command, take)
        if not answered.wait(ANSWER_TIMEOUT_S):
            text = f"not decided within {ANSWER_TIMEOUT_S} s"
            return {"ok": False, "error": text, "remedy": "see in its log whether it still works"}
        return found[0]


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    """A path of the socket that is short enough, while in use."""
    path = folder / FILE
    if len(os.fsencode(path)) <= LONGEST:
        yield str(path)
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}/{FILE}"
    finally:
        os.close(opened)


def main() -> int:
    """One command from the command line; its answer is printed. 1 where it was refused."""
    if len(sys.argv) != 3:
        print("usage: python -m gateways.paper.control FOLDER COMMAND", file=sys.stderr)
        return 2
    try:
        answer = control(Path(sys.argv[1]), json.loads(sys.argv[2]))
    except (CannotControl, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(answer, indent=1))
    return 0 if answer["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
