"""Where anchors and clock records are kept, and the key they are sealed with.

By default both are in the data folder, which proves nothing against whoever owns it all: put the
store on another disk or machine (``OMS_ANCHORS``) and the key where only the process that anchors
reads it (``OMS_ANCHOR_KEY_FILE``).
"""

from pathlib import Path

from infra.audit.sealed import SealedFile, make_key, read_key
from infra.settings import Settings

ANCHORS = "anchors.jsonl"
CLOCK = "clock.jsonl"
KEY = "anchor.key"


def folder(settings: Settings) -> Path:
    """The second store; a relative path is one in the data folder."""
    return settings.data / (settings.anchors or "anchors")


def key_file(settings: Settings) -> Path:
    """Where the key is; never in the journals' folder."""
    return settings.data / (settings.anchor_key_file or KEY)


def open_to_write(settings: Settings, name: str) -> SealedFile:
    """That file of the store, its key made where there is none and nothing was sealed yet.

    Raises:
        KeyMissing: no key can be had.
    """
    path, key = folder(settings) / name, key_file(settings)
    return SealedFile(path, read_key(key) if path.exists() else make_key(key))


def open_to_read(settings: Settings, name: str) -> SealedFile | None:
    """That file of the store; None where nothing was ever written.

    Raises:
        KeyMissing: it cannot be proved without its key.
    """
    path = folder(settings) / name
    return SealedFile(path, read_key(key_file(settings))) if path.exists() else None
