"""What the audit process found last: a file that metrics, doctor and tests read."""

import json
from pathlib import Path
from typing import Any

STATUS = "audit.json"


def read_status(data: Path) -> dict[str, Any]:
    """What the process of that installation found last; empty where there is none."""
    try:
        found: dict[str, Any] = json.loads((data / STATUS).read_text())
    except FileNotFoundError:
        return {}
    return found
