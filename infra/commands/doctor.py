"""``oms doctor``: whether oms can run here, whether it does, and whether its journals are whole."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from infra.commands import shown
from infra.commands.options import console, data_option, fail

if TYPE_CHECKING:
    from infra.checks import Check
    from infra.replayed import Watch

STYLES = {"OK": "green", "WARN": "yellow", "FAIL": "bold red"}


@click.command()
@data_option
@click.option(
    "--unpack-broker", is_flag=True,
    help="First put RabbitMQ into the data folder, from Debian's packages, without root.",
)  # fmt: skip
@click.option("--quick", is_flag=True, help="Do not replay the journals.")
@shown.json_option
def doctor(data: Path, unpack_broker: bool, quick: bool, as_json: bool) -> None:
    """Check the machine, the data folder and the journals; exit code 1 if anything fails.

    Works while everything runs, and when nothing does. It writes nothing but, for a moment, a file
    of 800 KB in the data folder.
    """
    if unpack_broker:
        _unpack(data, quiet=as_json)
    found: list[Check] = []
    with shown.progress(data) as watch:
        for check in _every(data, watch, quick=quick):
            found.append(check)
            if not as_json:
                _print(check)
    failed = [check for check in found if check.verdict == "FAIL"]
    if as_json:
        shown.print_json({"Checks": [_dict(check) for check in found], "Failed": len(failed)})
    else:
        console.print(_foot(found))
    if failed:
        raise click.exceptions.Exit(1)


def _every(data: Path, watch: "Watch | None", *, quick: bool) -> "Iterator[Check]":
    from infra.checks import audit, disk, installation, machine
    from infra.settings import Settings, SettingsMissing

    try:
        settings = Settings.of(data)
    except SettingsMissing:
        settings = Settings()
    yield from machine.checks(data, settings.secret("amqp_url"))
    yield from disk.checks(data)
    yield from audit.checks(data)
    yield from installation.checks(data, watch, journals=not quick)


def _unpack(data: Path, *, quiet: bool) -> None:
    from infra.broker_process import BrokerUnavailable
    from infra.checks import machine

    if not quiet:
        click.echo("downloading RabbitMQ and Erlang (33 MB) ...")
    try:
        server = machine.unpack_broker(data)
    except BrokerUnavailable as error:
        raise fail(error) from error
    if not quiet:
        click.echo(f"unpacked: {server}")


def _print(check: "Check") -> None:
    line = Text.assemble(
        (f"{check.verdict:<5}", STYLES[check.verdict]), (f"{check.name:<15} ", "bold"), check.found
    )
    console.print(line, soft_wrap=True)
    if check.remedy:
        console.print(Text(f"{'':<5}{'':<15} {check.remedy}", style="cyan"), soft_wrap=True)


def _dict(check: "Check") -> dict[str, str]:
    return {
        "Name": check.name,
        "Verdict": check.verdict,
        "Found": check.found,
        "Remedy": check.remedy,
    }


def _foot(found: "Iterable[Check]") -> Text:
    verdicts = [str(check.verdict) for check in found]
    worst = next((v for v in ("FAIL", "WARN") if v in verdicts), "OK")
    counts = f"{verdicts.count('FAIL')} FAIL, {verdicts.count('WARN')} WARN"
    words = {"OK": "all is well", "WARN": f"it works: {counts}", "FAIL": f"see above: {counts}"}
    return Text.assemble("\n", (f"{worst:<5}", STYLES[worst]), words[worst])
