"""Frames on a byte stream: four bytes of length, one of kind, the payload. Sans-IO."""

import struct
from collections.abc import Iterator

HELLO = ord("H")
BATCH = ord("B")
HEARD = ord("A")
REWIND = ord("R")
VITALS = ord("V")
REFUSED = ord("X")

_HEAD = struct.Struct("!IB")
LIMIT = 64 * 1024 * 1024
"""A longer frame is no frame of ours."""


def frame(kind: int, payload: bytes) -> bytes:
    """One frame."""
    return _HEAD.pack(len(payload), kind) + payload


class Frames:
    """Feed it bytes as they come, iterate the frames that are whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Frames completed by ``data``, as (kind, payload).

        Raises:
            ValueError: the length is absurd, so the peer does not speak this protocol.
        """
        buffer = self._buffer
        buffer += data
        at = 0
        while len(buffer) - at >= _HEAD.size:
            length, kind = _HEAD.unpack_from(buffer, at)
            if length > LIMIT:
                raise ValueError(f"a frame of {length} bytes")
            end = at + _HEAD.size + length
            if len(buffer) < end:
                break
            yield kind, bytes(buffer[at + _HEAD.size : end])
            at = end
        del buffer[:at]
