"""``oms up``: start an installation in the background."""

from pathlib import Path
from typing import Any

import click

from infra import endpoints, installation, rayenv, supervisor
from infra.commands.options import console, data_option, fail, say
from infra.settings import Settings
from infra.supervisor import CannotStart


@click.command()
@data_option
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="Reference data.")
@click.option("--amqp-url", help="Use this broker instead of starting a private one.")
@click.option("--link", type=click.Choice(["stream", "ray"]), help="How actors talk.")
@click.option("--metrics-port", type=int, help="Where /metrics is served; default: a free port.")
@click.option("--bench", is_flag=True, help="Add the echo queues that oms bench compares with.")
@click.option("--foreground", is_flag=True, help="Stay, and end with SIGTERM: for containers.")
def up(data: Path, foreground: bool, **options: Any) -> None:
    """Start broker, Ray, venues and gateways; returns when orders can be sent."""
    given = {key: value for key, value in options.items() if value is not None}
    if foreground:
        settings = Settings(data=data.absolute(), **given)
        settings.save()
        rayenv.enter(settings)
        raise click.exceptions.Exit(supervisor.serve(settings))
    try:
        installation.up(Settings(data=data.absolute(), **given), say)
    except CannotStart as error:
        raise fail(error) from error
    known = endpoints.read(data)
    console.print(
        f"\nmetrics: {known.get('metrics')}\nsend an order: oms send --help", highlight=False
    )
