"""A real PostgreSQL server of a test's own, killed and started again on the same data.

A machine without its programs fails these tests, for skipping them would leave a journal untested.
"""

from infra.chaos.postgres import Server as AnyServer

PASSWORD = "not-to-be-printed"


class Server(AnyServer):
    """With a password that must never be seen."""

    def __init__(self) -> None:
        super().__init__(PASSWORD)
