"""``oms schema``: one JSON Schema (draft 2020-12) for each message of a desk, made from the models.

The models are the truth. What they check in code, between fields, is said here once more as
conditions; a test holds both against each other.
"""

import json
import re
from pathlib import Path
from typing import Any, get_args

import click

from infra.commands.options import fail
from infra.commands.schema_rules import conditions
from messages import lists, orders, reports
from messages.base import Message
from messages.tags import OURS, TAGS

FOLDER = Path("docs/schemas")
DRAFT = "https://json-schema.org/draft/2020-12/schema"
DECIMAL = r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$"

POSITIVE = frozenset(("OrderQty", "CashOrderQty", "MinQty", "DisplayQty"))
"""Of what is asked for; a report may say 0."""

PARTS: dict[str, type[Message]] = {"ListOrder": lists.ListOrder}
"""Parts of requests that have conditions of their own."""

Schema = dict[str, Any]

REQUESTS: tuple[type[Message], ...] = get_args(get_args(orders.DeskRequest)[0])
REPORTS: tuple[type[Message], ...] = get_args(get_args(reports.DeskReport)[0])


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=FOLDER,
    show_default=True,
    help="Folder to write to.",
)
def schema(out: Path) -> None:
    """Write one JSON Schema file for each message that desks send or hear."""
    fresh = texts()
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in fresh.items():
            (out / name).write_text(text)
    except OSError as error:
        raise fail(f"cannot write to {out}: {error.strerror}; name a folder with --out") from error
    click.echo(f"{len(fresh)} schemas in {out}")


def texts() -> dict[str, str]:
    """File name to content, of every schema."""
    return {
        f"{model.__name__}.json": json.dumps(schema_of(model), indent=2) + "\n"
        for model in (*REQUESTS, *REPORTS)
    }


def schema_of(model: type[Message]) -> Schema:
    """The schema of one message kind: names, tags, types, and what goes with what."""
    made = model.model_json_schema()
    definitions = made.pop("$defs", {})
    for part in (made, *definitions.values()):
        part["description"] = _plain(part.get("description", ""))
        for name, field in part.get("properties", {}).items():
            part["properties"][name] = _field(name, field, positive=model in REQUESTS)
    for name, definition in definitions.items():
        if "enum" in definition:
            del definition["title"], definition["description"]
            continue
        definition["title"] = name
        if name in PARTS:
            definition |= conditions(PARTS[name])
    kind = made["properties"].pop("MsgType")
    made["properties"] = {"MsgType": kind, **made["properties"]}
    made["required"] = ["MsgType", *made["required"]]
    made |= conditions(model)
    head = {"$schema": DRAFT, "$id": f"{model.__name__}.json", "title": model.__name__}
    tail = {"$defs": definitions} if definitions else {}
    return {**head, "description": made.pop("description"), **made, **tail}


def _field(name: str, field: Schema, *, positive: bool) -> Schema:
    """A property with its tag, without what pydantic makes of its name."""
    text = f"{name}({TAGS[name]})" if name in TAGS else f"{OURS[name]} (not in FIX)"
    branches = field.get("anyOf", [field])
    for branch in branches:
        branch.pop("title", None)
        if "pattern" in branch:
            branch["pattern"] = branch["pattern"].replace(r"\d", "[0-9]")
        if branch.get("pattern") == DECIMAL:
            text += ", a decimal as a string"
            if positive and name in POSITIVE:
                text += ", greater than zero"
                branch["pattern"] = DECIMAL.replace("-?", "")
                branch["not"] = {"pattern": r"^0+(\.0+)?$"}
        if branch.get("format") == "date-time":
            text += ", RFC 3339 with up to nine decimals"
        if name == "ExpireDate" and "pattern" in branch:
            text += ", YYYYMMDD"
    kept = {key: value for key, value in field.items() if key not in ("title", "default")}
    default = (
        {} if field.get("default") is None or name == "MsgType" else {"default": field["default"]}
    )
    return {"description": text, **kept, **default}


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("``", "")).strip()
