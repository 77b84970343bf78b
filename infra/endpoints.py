"""Where things listen in one installation, written down by the supervisor for everybody else."""

import json
from pathlib import Path
from typing import Any

from infra.settings import Settings
from messages.reference import VenueDefinition

FILE = "endpoints.json"


def write(data: Path, **values: Any) -> None:
    """Add to what is known; readable by the owner only, because URLs carry passwords."""
    path = data / FILE
    known = read(data)
    known.update(values)
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(known, indent=2))
    fresh.replace(path)


def read(data: Path) -> dict[str, Any]:
    """Everything that was written; empty before the first start."""
    try:
        known: dict[str, Any] = json.loads((data / FILE).read_text())
    except FileNotFoundError:
        return {}
    return known


def amqp(settings: Settings) -> str:
    """The broker's URL for the gateways."""
    return settings.secret("amqp_url") or str(read(settings.data)["amqp"])


def desk(settings: Settings, name: str) -> str:
    """The broker's URL for one desk."""
    if url := settings.secret("amqp_desk_url"):
        return url.replace("{desk}", name)
    return str(read(settings.data)["desks"][name])


def venue(data: Path, definition: VenueDefinition) -> VenueDefinition:
    """The venue with the port of its paper exchange, where it is one of ours (Port 0).

    A storm may have put a relay in front of it (``infra.chaos.relay``).
    """
    if definition.Port:
        return definition
    known = read(data)
    ports = known.get("venues", {}) | known.get("relays", {})
    return definition.model_copy(update={"Port": int(ports[definition.Venue])})
