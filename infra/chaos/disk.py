"""A small disk for the journals, to be filled and given room again: a tmpfs, for root only."""

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

ROOM = "4g"
MARGINS = (1 << 20, 4 << 20, 16 << 20)
"""Bytes more than are used, to which the disk shrinks: the first that nobody outruns meanwhile."""
BALLAST = "ballast"


class NoDisk(Exception):
    """Why there can be none."""


class SmallDisk:
    """Mounted at ``folder`` from the start of the installation to its end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def mount(self) -> None:
        """Put it there.

        Raises:
            NoDisk: not as this user, or not in this container.
        """
        if os.geteuid():
            raise NoDisk("only root can mount a small disk")
        self._folder.mkdir(parents=True, exist_ok=True)
        done = _run(
            "mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=0755", "tmpfs", str(self._folder)
        )
        if done.returncode:
            raise NoDisk(f"cannot mount a small disk: {done.stderr.strip()}")

    def fill(self) -> None:
        """From now on nothing more fits."""
        for margin in MARGINS:
            stat = os.statvfs(self._folder)
            used = (stat.f_blocks - stat.f_bfree) * stat.f_frsize
            if not (why := self._remount(str(used + margin))):
                break
        else:
            raise NoDisk(f"cannot make the small disk smaller: {why}")
        with (self._folder / BALLAST).open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(4096)):
                pass

    def clear(self) -> None:
        """There is room again."""
        (self._folder / BALLAST).unlink(missing_ok=True)
        if why := self._remount(ROOM):
            raise NoDisk(f"cannot make the small disk larger: {why}")

    def release(self) -> None:
        """Take it away; what is on it stays in the folder."""
        if not self._folder.is_mount():
            return
        with tempfile.TemporaryDirectory(dir=self._folder.parent) as kept:
            shutil.copytree(self._folder, kept, dirs_exist_ok=True)
            drop(self._folder)
            shutil.copytree(kept, self._folder, dirs_exist_ok=True)

    def _remount(self, size: str) -> str:
        """Why it did not work; empty where it did."""
        done = _run("mount", "-o", f"remount,size={size}", str(self._folder))
        return done.stderr.strip() if done.returncode else ""


def drop(folder: Path) -> None:
    """Take away the disk that a run which was killed has left there, with what is on it."""
    while folder.is_mount():
        done = _run("umount", "-l", str(folder))
        if done.returncode:
            raise NoDisk(f"cannot take away the small disk at {folder}: {done.stderr.strip()}")


def _run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603
