"""A measurement as a document (JSON) and as tables: against the echo, and against the budgets."""

import operator
import os
import platform
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from rich.table import Table

from infra.bench.timings import KINDS
from infra.checks.machine import is_optimised

BUDGET_RATE, GOAL_RATE = 200, 500
SHOWN = ("p50", "p99", "p999")
RESULT = (
    "orders_per_s",
    *(f"{kind}_ms" for kind in KINDS),
    *("cpu_us_per_order", "echo_msgs_per_s", "lost", "duplicated", "config"),
)


class Budget(NamedTuple):
    """What is promised. ``path``: where the document has it; ``worst``: the bound.

    ``goal``: not promised yet (docs/decisions/0006-budgets-of-two-cores.md).
    """

    what: str
    path: tuple[str, ...]
    worst: float
    within: Callable[[float, float], bool]
    goal: bool = False


def _latency(what: str, quantile: str, worst: float, *, goal: bool = False) -> Budget:
    rate = GOAL_RATE if goal else BUDGET_RATE
    path = ("rates", str(rate), f"{what}_ms", quantile)
    return Budget(f"{what} {quantile} at {rate} orders/s, ms", path, worst, operator.le, goal)


BUDGETS = (
    Budget("sustained burst, orders/s", ("orders_per_s",), 600, operator.ge),
    _latency("ack", "p50", 10),
    _latency("ack", "p99", 50),
    _latency("fill", "p50", 50),
    _latency("fill", "p99", 100),
    Budget("sustained burst, orders/s", ("orders_per_s",), 1500, operator.ge, goal=True),
    _latency("ack", "p50", 10, goal=True),
    _latency("ack", "p99", 50, goal=True),
    _latency("fill", "p50", 30, goal=True),
    _latency("fill", "p99", 100, goal=True),
)


def document(measured: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
    """Everything that was measured, with the most important of it on top.

    Latencies on top are those of the highest rate that was sustained (``latency_rate``); where
    none was, of the lowest one.
    """
    echo, burst, rates = measured["echo"], measured["burst"], measured["rates"]
    held = [int(rate) for rate, found in rates.items() if found["sustained"]]
    rate = max(held) if held else min(map(int, rates), default=None)
    latencies = rates[str(rate)] if rate else burst
    whole = {
        "orders_per_s": burst["orders_per_s"],
        "latency_rate": rate,
        **{f"{kind}_ms": latencies[f"{kind}_ms"] for kind in KINDS},
        "cpu_us_per_order": burst["cpu_us_per_order"],
        "journal_bytes_per_order": burst["journal_bytes_per_order"],
        "echo_msgs_per_s": echo["msgs_per_s"],
        "lost": measured["ledger"]["lost"],
        "duplicated": measured["ledger"]["duplicated"],
        "config": {
            **job,
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "python_optimised": is_optimised(),
            "latency_rate": rate,
            "machine": platform.machine(),
            "fsync_ms": measured["fsync_ms"],
        },
        "rates": rates,
        "burst": burst,
        "echo": echo,
        "memory": measured["memory"],
        "ledger": measured["ledger"],
    }
    return {**whole, "times_echo": _times_echo(whole), "budgets": _budgets(whole)}


def result(whole: Mapping[str, Any]) -> dict[str, Any]:
    """What the document has on top, for whoever compares one run with another."""
    found = {name: whole[name] for name in RESULT}
    for kind in KINDS:
        ms = whole[f"{kind}_ms"]
        found[f"{kind}_ms"] = {quantile: ms.get(quantile) for quantile in SHOWN}
    return found


def _times_echo(whole: Mapping[str, Any]) -> dict[str, Any]:
    """Every number on top as a multiple of the same number of the plain echo."""
    echo = whole["echo"]
    found = {
        "orders_per_s": round(whole["orders_per_s"] / echo["msgs_per_s"], 3),
        "cpu_us_per_order": round(
            whole["cpu_us_per_order"]["total"] / echo["cpu_us_per_msg"]["total"], 3
        ),
    }
    return found | {f"{kind}_ms": _ratios(whole[f"{kind}_ms"], echo["ms"]) for kind in KINDS}


def _ratios(ours: Mapping[str, float], theirs: Mapping[str, float]) -> dict[str, float]:
    return {name: round(ours[name] / theirs[name], 3) for name in ours if theirs.get(name)}


def _budgets(whole: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for budget in BUDGETS:
        value: Any = whole
        for step in budget.path:
            value = value.get(step, {}) if isinstance(value, Mapping) else {}
        known = isinstance(value, int | float)
        missed = "not yet" if budget.goal else "missed"
        verdict = ("met" if budget.within(value, budget.worst) else missed) if known else (
            "not measured"
        )  # fmt: skip
        measured = value if known else None
        kind = "goal" if budget.goal else "budget"
        row = {"what": budget.what, "kind": kind, "bound": budget.worst, "measured": measured}
        found.append({**row, "verdict": verdict})
    return found


DISTURBED = 0.1
"""More than this share of the machine taken by others makes numbers say little."""

COLOURS = {"met": "green", "missed": "red", "not yet": "yellow", "not measured": "yellow"}


def tables(whole: dict[str, Any]) -> Iterator[Table]:
    """For a terminal: throughput and latencies, cost by process, the budgets."""
    yield _speed(whole)
    yield _cost(whole)
    budgets = Table("", "what", "bound", "measured", "verdict", title="budgets and goals")
    for row in whole["budgets"]:
        verdict = f"[{COLOURS[row['verdict']]}]{row['verdict']}[/]"
        bound, found = f"{row['bound']:g}", _number(row["measured"])
        budgets.add_row(row["kind"], row["what"], bound, found, verdict)
    yield budgets


def disturbance(whole: dict[str, Any]) -> str:
    """One line where others were at work on the machine meanwhile; empty where nobody was."""
    runs = {"the echo": whole["echo"], "the burst": whole["burst"]}
    runs |= {f"{rate}/s": run for rate, run in whole["rates"].items()}
    shares = {name: run["cpu_elsewhere"] for name, run in runs.items()}
    if max(shares.values()) <= DISTURBED:
        return ""
    told = ", ".join(f"{share:.0%} during {name}" for name, share in shares.items())
    return f"other programs took part of the machine, so these numbers are too bad: {told}"


def _speed(whole: dict[str, Any]) -> Table:
    """A row for each kind of latency of each run, after the echo's own."""
    echo, ratio = whole["echo"], whole["times_echo"]
    table = Table(
        "run",
        "",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "p50, echo = 1",
        title=f"from a desk's side; a commit to this disk takes {whole['config']['fsync_ms']} ms",
    )
    _latency_row(table, f"plain echo: {echo['msgs_per_s']:,.0f}/s", "", {})
    _latency_row(table, f"plain echo at {echo['rate']}/s", "back", echo["ms"], echo["ms"])
    burst = whole["burst"]
    name = f"burst: {burst['orders_per_s']:,.0f} orders/s"
    table.add_section()
    for kind in KINDS:
        _latency_row(table, name, kind, burst[f"{kind}_ms"])
        name = {"ack": f"{ratio['orders_per_s']:.2f} of the echo's"}.get(kind, "")
    for rate, found in whole["rates"].items():
        table.add_section()
        held = "[green]sustained[/]" if found["sustained"] else "[red]not sustained[/]"
        name = f"{rate} orders/s"
        for kind in KINDS:
            _latency_row(table, name, kind, found[f"{kind}_ms"], echo["ms"])
            name = {"ack": held}.get(kind, "")
    return table


def _latency_row(
    table: Table, name: str, kind: str, ms: Mapping[str, float], echo: Mapping[str, float] = {}
) -> None:
    shown = [_number(ms.get(quantile)) for quantile in SHOWN]
    times = f"{ms['p50'] / echo['p50']:.1f}" if ms and echo else ""
    table.add_row(name, kind, *shown, times)


def _cost(whole: dict[str, Any]) -> Table:
    """CPU by kind of process: the document has it by address."""
    runs = {"burst": whole["burst"], **{f"{r}/s": run for r, run in whole["rates"].items()}}
    title = (
        f"CPU microseconds per order; {whole['journal_bytes_per_order']:,} bytes in the journals; "
        f"echo: {whole['echo']['cpu_us_per_msg']['total']:,.0f} per message"
    )
    table = Table("process", *runs, "USS MB", "PSS MB", title=title)
    cpu = {name: _by_kind(run["cpu_us_per_order"]) for name, run in runs.items()}
    kinds = Counter(name.partition("/")[0] for name in whole["memory"])
    for kind, count in kinds.items():
        used = [m for name, m in whole["memory"].items() if name.partition("/")[0] == kind]
        megabytes = [
            f"{sum(m[what] for m in used) / count / 1e6:.0f}" for what in ("uss_bytes", "pss_bytes")
        ]
        name = f"{kind} (each of {count})" if count > 1 else kind
        table.add_row(f"{name}", *[f"{run.get(kind, 0):,.0f}" for run in cpu.values()], *megabytes)
    table.add_row("total", *[f"{run['total']:,.0f}" for run in cpu.values()], "", "")
    others = [f"{run['cpu_elsewhere']:.0%}" for run in runs.values()]
    table.add_row("machine taken by others", *others, "", "")
    return table


def _by_kind(cpu: Mapping[str, float]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, used in cpu.items():
        found[name.partition("/")[0]] += used  # type: ignore[assignment]
    return found


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"
