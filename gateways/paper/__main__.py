"""``python -m gateways.paper``: run one paper exchange until SIGTERM or SIGINT."""

import argparse
import ctypes
import fcntl
import json
import os
import signal
import sqlite3
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import TextIO

from gateways.paper.acceptor import Acceptor
from gateways.paper.commands import perform
from gateways.paper.control import Door
from gateways.paper.listener import HOST, CannotListen
from gateways.paper.market import Market
from gateways.paper.store import FILE, Store
from gateways.paper.worker import Command, Worker

PR_SET_PDEATHSIG = 1
STOP_TIMEOUT_S = 2


class CannotStart(Exception):
    """What is wrong and what to do, in one line."""


def main() -> int:
    """The exit code; the engine still runs, so leave with ``os._exit``."""
    options = _options()
    if options.die_with_parent:
        _die_with_parent()
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        return _run(options, stopping)
    except (CannotStart, CannotListen) as error:
        print(f"paper exchange {options.venue}: {error}", file=sys.stderr)
        return 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m gateways.paper", description=__doc__)
    parser.add_argument("--venue", required=True, help="LastMkt(30), and what its ids begin with")
    parser.add_argument("--port", required=True, type=int, help=f"to listen on, at {HOST}")
    parser.add_argument("--data", required=True, type=Path, help="its folder, for ever")
    parser.add_argument("--sender", required=True, help="the exchange's SenderCompID(49)")
    parser.add_argument("--target", required=True, help="the client's SenderCompID(49)")
    parser.add_argument(
        "--quote",
        action="append",
        default=[],
        dest="quotes",
        help='what the house quotes, as often as you like: {"Symbol":"AAPL","BidPx":"9.99",'
        '"BidSize":"100","OfferPx":"10.01","OfferSize":"100"}',
    )
    parser.add_argument(
        "--die-with-parent",
        action="store_true",
        help="be killed when the thread that started this process ends (Linux)",
    )
    return parser.parse_args()


def _run(options: argparse.Namespace, stopping: threading.Event) -> int:
    lock = _own(options.data)
    try:
        store = Store(options.data)
        market = Market(options.venue, store.counters, store)
        market.restore(
            *(store.open_orders(), store.trading(), store.later(), store.scripts(), store.house())
        )
    except (sqlite3.Error, ValueError) as error:
        raise CannotStart(
            f"cannot use {options.data / FILE} ({error}): move it away or give another --data"
        ) from None
    for quote in options.quotes:
        _quote(market, quote)
    acceptor = Acceptor(options.data / "session", options.sender, options.target)
    worker = Worker(market, store, acceptor, stopping.set)
    door = _door(options.data, worker)
    acceptor.start(options.port, worker.items.put, store.inbound)
    worker.start()
    print(f"paper exchange {options.venue} listening on {HOST}:{options.port}", flush=True)
    stopping.wait()
    door.close()
    acceptor.log_out()
    if worker.stop(STOP_TIMEOUT_S):
        store.close()
    lock.close()
    if worker.failure:
        print(
            f"paper exchange {options.venue} ended by an error: {worker.failure}", file=sys.stderr
        )
    return 1 if worker.failure else 0


def _quote(market: Market, text: str) -> None:
    """Before anybody is connected. What it changes is written with the first request."""
    try:
        answer = perform(market, {**json.loads(text), "do": "quote"}, time.time_ns())
    except (TypeError, ValueError) as error:
        raise CannotStart(f"--quote {text} is no JSON object: {error}") from None
    if not answer["ok"]:
        raise CannotStart(f"--quote {text}: {answer['error']}; {answer['remedy']}")


def _door(folder: Path, worker: Worker) -> Door:
    """The control door, open."""
    door = Door(folder, lambda fields, answer: worker.items.put(Command(fields, answer)))
    try:
        door.open()
    except OSError as error:
        raise CannotStart(
            f"cannot open the control door in {folder} ({error.strerror}): give a folder on a file"
            " system that has sockets with --data"
        ) from None
    return door


def _own(folder: Path) -> TextIO:
    """Make the folder and be its only user, as long as the result is open."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise CannotStart(
            f"cannot write in {folder} ({error.strerror}): give another folder with --data"
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise CannotStart(
            f"{folder} is in use by another paper exchange: stop it, or give another --data"
        ) from None
    return lock


def _die_with_parent() -> None:
    parent = os.getppid()
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        sys.exit("the parent ended before the paper exchange began")


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
