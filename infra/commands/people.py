"""What the commands share by which people decide: who says it, why, and the answer."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from pydantic import ValidationError

from infra.commands.options import fail
from messages.base import Message

if TYPE_CHECKING:
    from infra.operators import Report
    from messages.operators import OperatorRequest

Wish = TypeVar("Wish", bound=Message)

Option = Callable[[Any], Any]

as_option: Option = click.option("--as", "operator", required=True, help="Who you are.")
reason_option: Option = click.option("--reason", required=True, help="Why, in one line.")
wait_option: Option = click.option(
    "--wait", default=10.0, show_default=True, help="Seconds to wait for the answer."
)


def wished(kind: type[Wish], **fields: object) -> Wish:
    """The request; a field that is wrong ends the command with its name."""
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise fail(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def answered(
    data: Path, operator: str, wish: "OperatorRequest", report: "type[Report]", wait: float
) -> "Report":
    """Say it; ends the command where it was refused or no answer came."""
    from infra.operators import CannotSay, refused, say

    try:
        found = asyncio.run(say(data, operator, wish, report, wait))
    except CannotSay as error:
        raise fail(error) from error
    if refused(found):
        raise fail(found.Text)
    return found
