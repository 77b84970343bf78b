"""Structured logs of the hosts: one JSON object a line, in a file each or on standard error."""

import logging
import sys
from pathlib import Path
from typing import TextIO

import structlog

FOLDER = "logs"


def path(data: Path, name: str) -> Path:
    """Where the host of that name logs."""
    return data / FOLDER / f"{name.replace('/', '.')}.log"


def to_file(data: Path, name: str) -> TextIO:
    """The log file of a host, opened to append, a line at a time."""
    file = path(data, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.open("a", buffering=1)


def configure(stream: TextIO = sys.stderr, **context: str) -> None:
    """Log as JSON with these words on every line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(**context)
    logging.basicConfig(
        stream=stream,
        level=logging.WARNING,
        format='{"log": "%(name)s", "event": "%(message)s"}',
    )
    for name in ("aio_pika", "aiormq"):  # eight lines a second each while the broker is away
        logging.getLogger(name).setLevel(logging.CRITICAL)
