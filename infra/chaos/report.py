"""A storm as a folder: ``report.json`` for programs, ``report.md`` and a picture for people."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from infra.at_rest import Rest
from infra.chaos.faults import FAULTS
from infra.chaos.storm import Fault, Storm
from infra.chaos.timeline import Mark, Picture, svg
from infra.liveness import HOSTED

INVARIANTS = {
    "I3": "nothing is left unheard on any link",
    "I4": "one epoch writes at a time",
    "I6": "every journal's hash chain holds, and replays",
    "I7": "no actor raised, no message was parked",
    "I9": "every request and decision was answered, and every fill was heard",
    "I10": "every execution is booked exactly once, and positions agree with the venues",
    "I11": "every order ended: nothing is open after the last cancel",
    "I12": "every move of every order is in the table of its life",
    "I13": "nothing is held back for orders that have ended",
    "I14": "what must balance balances",
    "I15": "report numbers are dense",
    "I16": "nothing at a venue is unanswered or in doubt",
    "I18": "compliance has heard every entry of every actor",
    "I20": "every wrong message was answered, and changed nothing",
    "I21": "the ledger of what desks heard and venues executed adds up",
}
"""What is looked at here; the numbers are those of docs/ARCHITECTURE.md."""


class Target(NamedTuple):
    """``kinds``: whose recovery; ``p99_ms``: the bound."""

    what: str
    kinds: Sequence[str]
    p99_ms: float


TARGETS = (
    Target("an actor or gateway is back after its SIGKILL", HOSTED, 2_000),
    Target("RabbitMQ is back after its SIGKILL", ("broker",), 20_000),
)


@dataclass
class Judged:
    """A storm, and everything that was looked at after it."""

    storm: Storm
    rest: Rest
    checked: Counter[str] = field(default_factory=Counter)
    violated: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Nothing lost, nothing twice, no invariant violated."""
        return self.storm.ledger.balanced and not self.problems and not self.violated.total()


def judge(storm: Storm, rest: Rest, left_out: Mapping[str, str]) -> Judged:
    """Put together what desks, venues, journals and compliance say."""
    ledger, judged = storm.ledger, Judged(storm, rest, left_out=dict(left_out))
    judged.problems = [*ledger.problems, *rest.problems]
    judged.checked.update(rest.checked)
    judged.violated.update(Counter(invariant for invariant, _ in rest.wrong))
    sent, answered = _totals(storm.load.wrong())
    decided, told = _totals(storm.decided)
    judged.checked.update(
        {
            "I9": ledger.sent + ledger.fills + decided,
            "I10": ledger.fills,
            "I15": storm.reports,
            "I20": sent,
            "I21": ledger.sent + ledger.fills,
        }
    )
    judged.violated.update(
        {
            "I9": ledger.lost - ledger.gaps + decided - told,
            "I10": ledger.duplicated,
            "I15": ledger.gaps,
            "I20": sent - answered,
            "I21": len(ledger.problems),
        }
    )
    if sent != answered:
        judged.problems.append(f"{sent - answered} of {sent} wrong messages were not answered")
    if decided != told:
        judged.problems.append(f"{decided - told} of {decided} decisions were not answered")
    if ledger.open:
        judged.problems.append(f"{ledger.open} orders are still open")
    return judged


def _totals(pairs: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """Sent, and answered."""
    return sum(sent for sent, _ in pairs.values()), sum(told for _, told in pairs.values())


def recovery(faults: Sequence[Fault]) -> dict[str, dict[str, float]]:
    """Milliseconds by kind: p50, p99 and max."""
    found: dict[str, list[float]] = {}
    for fault in faults:
        found.setdefault(fault.kind, []).append(fault.back_s * 1e3)
    return {kind: spread(found[kind]) for kind in FAULTS if kind in found}


def spread(values: Sequence[float]) -> dict[str, float]:
    """p50, p99 and max; nothing of nothing."""
    ordered = sorted(values)
    if not ordered:
        return {}
    last = len(ordered) - 1
    picked = {"p50": ordered[round(last * 0.5)], "p99": ordered[round(last * 0.99)]}
    return {name: round(value, 1) for name, value in (*picked.items(), ("max", ordered[-1]))}


def document(judged: Judged) -> dict[str, Any]:
    """All of it."""
    storm, ledger = judged.storm, judged.storm.ledger
    plan, load = storm.plan, storm.load
    totals = {name: value for name, value in asdict(ledger).items() if name != "problems"}
    return {
        "ok": judged.good,
        "orders": ledger.sent,
        "kills": dict(Counter(fault.kind for fault in storm.faults)),
        "recovery_ms": recovery(storm.faults),
        "targets": list(_targets(storm.faults)),
        "invariants": {
            name: {"checked": judged.checked[name], "violated": judged.violated[name]}
            for name in INVARIANTS
        },
        "lost": ledger.lost,
        "duplicated": ledger.duplicated,
        "commit": commit(),
        "seed": plan.seed,
        "rate": plan.rate,
        "minutes": round((storm.ended - storm.began) / 60, 2),
        "ledger": totals,
        "ack_ms": spread([took * 1e3 for _, took in load.acks]),
        "fill_ms": spread([took * 1e3 for _, took in load.fills]),
        "duplicates": _duplicates(judged),
        "wrong": {k: {"sent": s, "answered": a} for k, (s, a) in load.wrong().items()},
        "decided": {k: {"sent": s, "answered": a} for k, (s, a) in storm.decided.items()},
        "faults": [
            {**fault._asdict(), "at": round(fault.at - storm.began, 3)} for fault in storm.faults
        ],
        "left_out": judged.left_out,
        "problems": judged.problems,
    }


def write(judged: Judged, folder: Path) -> None:
    """All three files."""
    folder.mkdir(parents=True, exist_ok=True)
    told = document(judged)
    (folder / "report.json").write_text(json.dumps(told, indent=2) + "\n")
    (folder / "report.md").write_text("\n".join(markdown(told)) + "\n")
    (folder / "timeline.svg").write_text(svg(picture(judged.storm)))


def picture(storm: Storm) -> Picture:
    """What the timeline shows."""
    began = storm.began
    return Picture(
        f"chaos: {storm.plan.rate} requests/s, {len(storm.faults)} faults, seed {storm.plan.seed}",
        storm.ended - began,
        Counter({int(second - began): count for second, count in storm.load.words.items()}),
        [(due - began, took) for due, took in storm.load.acks],
        [(due - began, took) for due, took in storm.load.fills],
        [Mark(fault.kind, fault.at - began, fault.back_s) for fault in storm.faults],
    )


def markdown(told: Mapping[str, Any]) -> Iterator[str]:
    """The report for people, from the document."""
    yield "# Chaos report"
    yield ""
    verdict = "nothing lost, nothing twice, no invariant violated" if told["ok"] else "FAILED"
    yield f"**{verdict}**: {told['orders']} requests, {sum(told['kills'].values())} faults."
    yield ""
    yield f"- commit {told['commit']}, seed {told['seed']}"
    yield f"- load: {told['rate']} messages/s for {told['minutes']} minutes, every kind of request"
    yield f"- lost {told['lost']}, duplicated {told['duplicated']}"
    for name in ("ack", "fill"):
        yield f"- {name}, ms from the instant it was due: {_spread(told[f'{name}_ms'])}"
    yield ""
    yield "![throughput and latency over time](timeline.svg)"
    yield ""
    yield from _faults(told)
    yield from _wrongs(told)
    yield "## Invariants"
    yield ""
    yield from _table("", "what", "checked", "violated", left=2)
    for name, what in INVARIANTS.items():
        found = told["invariants"][name]
        yield f"| {name} | {what} | {found['checked']} | {found['violated']} |"
    if told["problems"]:
        yield ""
        yield "## Problems"
        yield ""
        yield from (f"- {what}" for what in told["problems"][:50])


def _faults(told: Mapping[str, Any]) -> Iterator[str]:
    yield "## Faults and recovery, ms"
    yield ""
    yield from _table("kind", "fault", "measured from, to", "times", "p50", "p99", "max", left=3)
    for kind, found in told["recovery_ms"].items():
        fault = FAULTS[kind]
        times = " | ".join(f"{found[name]:,.0f}" for name in ("p50", "p99", "max"))
        yield f"| {kind} | {fault.does} | {fault.back} | {told['kills'][kind]} | {times} |"
    yield ""
    for target in told["targets"]:
        yield (
            f"- {target['what']}: p99 {target['measured']:,.0f} ms of {target['p99_ms']:,.0f}, "
            f"**{target['verdict']}**"
        )
    for kind, why in told["left_out"].items():
        yield f"- {kind} was left out: {why}"
    yield ""


def _wrongs(told: Mapping[str, Any]) -> Iterator[str]:
    yield "## Decisions of people, wrong messages, and what came twice"
    yield ""
    for what in filter(told.__getitem__, ("decided", "wrong")):
        yield from _table(what, "sent", "answered", left=1)
        for kind, found in told[what].items():
            yield f"| {kind} | {found['sent']} | {found['answered']} |"
        yield ""
    yield from _table("seen twice, and taken once", "times", left=1)
    for what, count in told["duplicates"].items():
        yield f"| {what} | {count} |"
    yield ""


def _table(*names: str, left: int) -> Iterator[str]:
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * left}{'---:|' * (len(names) - left)}"


def _spread(found: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:,.0f}" for name, value in found.items()) or "none"


def _duplicates(judged: Judged) -> dict[str, int]:
    totals = judged.rest.totals
    return {
        "requests sent again by a desk, because no confirm came": judged.storm.resent,
        "orders that reached their account again": totals.get("orders_duplicate", 0),
        "other requests that reached their account again": totals.get("requests_duplicate", 0),
        "executions that a venue reported again": totals.get("executions_duplicate", 0),
        "reports that reached a desk again": judged.storm.repeats,
    }


def _targets(faults: Sequence[Fault]) -> Iterator[dict[str, Any]]:
    for target in TARGETS:
        times = [fault.back_s * 1e3 for fault in faults if fault.kind in target.kinds]
        if times:
            measured = spread(times)["p99"]
            verdict = "met" if measured <= target.p99_ms else "missed"
            shown = {"what": target.what, "p99_ms": target.p99_ms}
            yield {**shown, "measured": measured, "verdict": verdict}


def commit() -> str:
    """Of the tree that this program runs from; the version of the package where there is none."""
    root = Path(__file__).parents[2]
    words = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
    if (root / ".git").exists():
        try:
            done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
        except FileNotFoundError:
            return "unknown: there is no git"
        return done.stdout.strip()
    try:
        return f"version {version('oms')}"
    except PackageNotFoundError:
        return "unknown"
