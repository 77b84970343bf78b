"""A fresh installation for the length of a measurement: everything it started is ended with it."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra import installation
from infra.bench import config
from infra.reference import Reference
from infra.settings import FILE, Settings
from infra.supervisor import CannotStart


@contextmanager
def installed(
    reference: Reference,
    say: installation.Say,
    *,
    data: Path | None = None,
    bench: bool = False,
    keep: bool = False,
) -> Iterator[Settings]:
    """Start an installation with this reference data, and end it.

    ``data``: a new folder for it, which then stays; without it a temporary one, which is deleted
    unless ``keep``. SIGTERM ends the measurement as Ctrl-C does.

    Raises:
        CannotStart: one line with the remedy; nothing is left running.
    """
    if data is not None and (data / FILE).exists():
        raise CannotStart(f"{data} has an installation already: name a new folder with --data")
    before = signal.signal(signal.SIGTERM, _interrupt)
    folder = data.absolute() if data else Path(tempfile.mkdtemp(prefix="oms-bench-"))
    stays = data is not None or keep
    guard = _guard(folder, stays)
    try:
        config.write(folder / "reference.toml", reference)
        settings = Settings(
            data=folder,
            config=folder / "reference.toml",
            bench=bench,
            amqp_url="",  # always a broker of its own, whatever the environment says
            amqp_url_file=None,
            amqp_desk_url="",
            amqp_desk_url_file=None,
        )
        installation.up(settings, say)
        yield settings
    finally:
        assert guard.stdin is not None
        guard.stdin.close()
        guard.wait()
        signal.signal(signal.SIGTERM, before)
        if stays:
            say("kept", str(folder))


def _guard(folder: Path, stays: bool) -> "subprocess.Popen[bytes]":
    """Whoever ends everything, even if we are killed before we can."""
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "infra.bench.guard", folder, "keep" if stays else "delete"],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C in a terminal is for us
    )


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt
