"""A storm as a picture: throughput and latencies over time with a mark for each fault, as SVG.

It shows on light and dark pages alike, needs nothing but itself, and says in words what it shows.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

WIDTH, LEFT, RIGHT = 960, 64, 16
TOP, HEIGHT, GAP = 56, 150, 48
LINE = 18
LEAST_MS, MOST_MS = 1.0, 60_000.0

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #222; }
  .title { font-size: 15px; font-weight: 600; }
  .grid { stroke: #8884; } .rate { fill: #2a78d666; stroke: #2a78d6; }
  .ack { fill: #2a78d6; } .fill { fill: #d9822b; }
  .mark { stroke: #c23030; stroke-dasharray: 2 3; } .name { fill: #c23030; font-size: 11px; }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd; } .mark { stroke: #ff7373; } .name { fill: #ff7373; }
    .ack { fill: #6cb2ff; } .fill { fill: #ffb366; } .rate { fill: #6cb2ff55; stroke: #6cb2ff; }
  }
"""


class Mark(NamedTuple):
    """A fault: its kind, when it began (seconds from the start), and how long it was felt."""

    kind: str
    at: float
    back_s: float


class Picture(NamedTuple):
    """Times are seconds from the start; latencies pairs of when it was due and seconds."""

    title: str
    seconds: float
    words: Counter[int]
    acks: Sequence[tuple[float, float]]
    fills: Sequence[tuple[float, float]]
    marks: Sequence[Mark]


def svg(picture: Picture) -> str:
    """The whole document."""
    kinds = {kind: number for number, kind in enumerate(_kinds(picture.marks), 1)}
    legend = TOP + 2 * HEIGHT + 2 * GAP
    rows = math.ceil(len(kinds) / 4)
    height = legend + LINE * (rows + 1)
    told = (
        f"{picture.title}. Above: answers a second. Below: milliseconds from the instant a request "
        f"was due to its first answer (ack) and to its first fill, each second's worst and middle. "
        f"{len(picture.marks)} faults are marked by a dashed line and the number of their kind."
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(picture.title)}</title><desc>{escape(told)}</desc>",
        f"<style>{STYLE}</style>",
        _text(LEFT, 20, picture.title, "title"),
        *_throughput(picture),
        *_latencies(picture),
        *_marks(picture, kinds),
        *_legend(kinds, picture.marks, legend),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _throughput(picture: Picture) -> Iterator[str]:
    most = max(picture.words.values(), default=1)
    bottom = TOP + HEIGHT
    yield _text(LEFT, TOP - 8, "answers to new orders, a second")
    for share in (0.0, 0.5, 1.0):
        yield from _grid(bottom - share * HEIGHT, f"{most * share:.0f}")
    points = [f"{LEFT},{bottom}"]
    last = math.ceil(picture.seconds)
    for second in range(last):
        x = _x(picture, second + 0.5)
        points.append(f"{x:.1f},{bottom - HEIGHT * picture.words[second] / most:.1f}")
    points.append(f"{_x(picture, picture.seconds):.1f},{bottom}")
    yield f'<polygon class="rate" points="{" ".join(points)}"/>'


def _latencies(picture: Picture) -> Iterator[str]:
    top = TOP + HEIGHT + GAP
    yield _text(LEFT, top - 8, "milliseconds to the first answer (ack) and to the first fill")
    yield _text(WIDTH - RIGHT - 190, top - 8, "● ack", "ack")
    yield _text(WIDTH - RIGHT - 130, top - 8, "● fill;  large: worst of a second", "fill")
    for power in range(5):
        yield from _grid(_y(10.0**power), f"{10**power:,}")
    for name, pairs in (("fill", picture.fills), ("ack", picture.acks)):
        for second, took in sorted(_by_second(pairs).items()):
            x = _x(picture, second + 0.5)
            for value, radius in ((took[-1], 2.2), (took[len(took) // 2], 1.1)):
                y = _y(value * 1e3)
                yield f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>'
    bottom = top + HEIGHT
    step = next(s for s in (5, 10, 30, 60, 300, 1800, 7200) if picture.seconds / s <= 12)
    for second in range(0, math.ceil(picture.seconds), step):
        yield _text(_x(picture, second), bottom + 16, f"{second} s")


def _marks(picture: Picture, kinds: dict[str, int]) -> Iterator[str]:
    bottom = TOP + 2 * HEIGHT + GAP
    for mark in picture.marks:
        x = _x(picture, mark.at)
        told = f"{mark.kind} at {mark.at:.1f} s, back after {mark.back_s:.2f} s"
        yield (
            f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}">'
            f"<title>{escape(told)}</title></line>"
        )
        yield _text(x + 2, TOP + 10, str(kinds[mark.kind]), "name")


def _legend(kinds: dict[str, int], marks: Sequence[Mark], top: float) -> Iterator[str]:
    counts = Counter(mark.kind for mark in marks)
    column = (WIDTH - LEFT - RIGHT) / 4
    for kind, number in kinds.items():
        x, y = LEFT + (number - 1) % 4 * column, top + (number - 1) // 4 * LINE
        yield _text(x, y, f"{number}  {kind} ({counts[kind]})", "name")


def _kinds(marks: Sequence[Mark]) -> list[str]:
    return list(dict.fromkeys(mark.kind for mark in marks))


def _by_second(pairs: Sequence[tuple[float, float]]) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for at, took in pairs:
        found.setdefault(int(at), []).append(took)
    return {second: sorted(took) for second, took in found.items()}


def _x(picture: Picture, second: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, second / max(1.0, picture.seconds))


def _y(milliseconds: float) -> float:
    top = TOP + HEIGHT + GAP
    value = min(MOST_MS, max(LEAST_MS, milliseconds))
    return top + HEIGHT * (1 - math.log(value / LEAST_MS) / math.log(MOST_MS / LEAST_MS))


def _grid(y: float, label: str) -> Iterator[str]:
    yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
    yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    shown = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{shown}>{escape(text)}</text>'
