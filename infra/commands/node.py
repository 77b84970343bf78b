"""``oms node``: this machine as a further node of an installation."""

import os
from pathlib import Path

import click

from infra import logs, pids, rayenv, sweeper
from infra import node as nodes
from infra.calendars import CalendarUnknown
from infra.commands.options import console, data_option, fail
from infra.reference import ReferenceRefused
from infra.settings import Settings, SettingsMissing

TOKENS = ("RAY_AUTH_TOKEN_PATH", "RAY_AUTH_TOKEN")


@click.command()
@data_option
@click.option("--head", help="Where the first node's Ray is: HOST:PORT.")
@click.option(
    "--watch", is_flag=True, help="Look after the processes of this node, and nothing else."
)
def node(data: Path, head: str | None, watch: bool) -> None:
    """Join an installation with this machine, until SIGTERM; the settings are OMS_... as ever.

    Without --head only write down what this node's processes read, for a Ray that something else
    starts. RAY_AUTH_TOKEN_PATH names a copy of the first node's ray.token.
    """
    data = data.absolute()
    logs.configure(host="node", pid=str(os.getpid()))
    try:
        if watch:
            pids.write(data, pids.SUPERVISOR)
            nodes.watch(Settings.of(data))
        settings = Settings(data=data)
        nodes.prepare(settings)
    except (
        nodes.CannotJoin, ReferenceRefused, CalendarUnknown, SettingsMissing, OSError
    ) as error:  # fmt: skip
        raise fail(error) from error
    if head is None:
        console.print(f"prepared: {data}")
        return
    if not any(os.environ.get(name) for name in TOKENS):
        raise fail(f"no token is named: set {TOKENS[0]} to a copy of DATA/ray.token of the head")
    rayenv.enter(settings)
    pids.write(data, pids.SUPERVISOR)
    sweeper.start()
    raise click.exceptions.Exit(nodes.Node(settings, head).serve())
