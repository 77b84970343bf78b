"""Structured logs of the hosts: one JSON object a line, on standard error."""

import logging
import sys

import structlog


def configure(**context: str) -> None:
    """Log as JSON with these words on every line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(**context)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING,
        format='{"log": "%(name)s", "event": "%(message)s"}',
    )
