"""What venues do natively, written down once for the books of an installation.

It stands in the dialects, beside the FIX engine, which no book needs to load.
"""

import json
from functools import cache
from pathlib import Path

from messages.reference import Capabilities, VenueDefinition

FILE = "native.json"


def write(data: Path) -> None:
    """What each dialect's venues do, for every other process of this installation."""
    said = {name: able.model_dump(mode="json") for name, able in _of_dialects().items()}
    fresh = data / f"{FILE}.new"
    fresh.write_text(json.dumps(said, indent=2))
    fresh.replace(data / FILE)


def able(definition: VenueDefinition, data: Path | None) -> VenueDefinition:
    """The venue with what it does natively: what its definition says, else its dialect."""
    if definition.Native is not None:
        return definition
    native = _known(data).get(definition.Dialect)
    return definition.model_copy(update={"Native": native}) if native else definition


def _known(data: Path | None) -> dict[str, Capabilities]:
    try:
        text = (data / FILE).read_text() if data else "{}"
    except FileNotFoundError:
        text = "{}"
    said = json.loads(text)
    if not said:  # no installation wrote it down: in tests, for example
        return _of_dialects()
    # Strict models take tuples and enums from JSON only.
    return {n: Capabilities.model_validate_json(json.dumps(able)) for n, able in said.items()}


@cache
def _of_dialects() -> dict[str, Capabilities]:
    from gateways.fix.dialects import DIALECTS
    from gateways.fix.native import native

    return {name: native(dialect) for name, dialect in DIALECTS.items()}
