"""A measurement of the kill switch as a table."""

from typing import Any

from rich.table import Table

SHOWN = ("p50", "p99", "max")


def table(found: dict[str, Any]) -> Table:
    """For each rate: until the last new risk by scope, and the steps on the way, in ms."""
    title = "from the trigger, ms: the last new risk at the venue by scope, and the steps"
    made = Table("orders/s", "", "kills", *SHOWN, title=title)
    for rate, measured in found["rates"].items():
        made.add_section()
        head = f"{rate}"
        for scope, ms in measured["last_risk_ms"].items():
            count = sum(
                str(row["rate"]) == rate and scope in ("all", row["scope"])
                for row in found["kills"]
            )
            made.add_row(head, f"last new risk: {scope}", str(count), *_shown(ms))
            head = f"{measured['deaths']} processes died" if scope == "all" else ""
        for name, what in (
            ("border_ms", "the border has it"),
            ("venue_ms", "the venue connection has it"),
            ("quiet_ms", "quiet"),
        ):
            made.add_row("", what, "", *_shown(measured[name]))
        made.add_row("", "load average", "", str(measured["load_average"]), "", "")
    return made


def _shown(ms: dict[str, float]) -> list[str]:
    return [f"{ms[name]:,.1f}" if ms else "" for name in SHOWN]
