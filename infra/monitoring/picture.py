"""Dashboards as a picture: every panel's series over time, drawn from what a Prometheus answers.

It needs no Grafana, shows on light and dark pages alike, and says in words what it shows. What a
panel has no series for is said in the panel, and told to the caller.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

from infra.monitoring.dashboards import Dashboard, Panel, Unit

WIDTH, COLUMNS = 1200, 2
LEFT, RIGHT, TITLE, CHART, AXIS, LINE = 56, 12, 22, 120, 18, 14
LEGEND_COLUMNS, LEGEND_ROWS, LEGEND_CHARACTERS = 3, 4, 24
MOST = LEGEND_COLUMNS * LEGEND_ROWS
PANEL = TITLE + CHART + AXIS + LEGEND_ROWS * LINE + 16
HEAD = 34

COLOURS = (
    *("#2a78d6", "#d9822b", "#2f9e5b", "#8a5bd0", "#c23070", "#14a3a3"),
    *("#8c6d1f", "#5c7080", "#b05a3c", "#4c6bd9", "#79a81e", "#a0459b"),
)
STYLE = """
  text { font: 11px system-ui, sans-serif; fill: #222; }
  .head { font-size: 17px; font-weight: 600; } .title { font-size: 12px; font-weight: 600; }
  .grid { stroke: #8884; } .line { fill: none; stroke-width: 1.4; } .none { fill: #888; }
  .wrong { fill: #c2303018; } .mark { stroke: #c23030; stroke-dasharray: 2 3; opacity: .7; }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd; } .mark { stroke: #ff7373; } .none { fill: #999; }
  }
"""

Points = Sequence[tuple[float, float]]
"""Seconds since 1970, and the value then."""


class Drawn(NamedTuple):
    """A panel and its series by legend."""

    panel: Panel
    series: Mapping[str, Points]


class Sheet(NamedTuple):
    """``began``, ``ended``: seconds since 1970. ``marks``: when which process began."""

    title: str
    began: float
    ended: float
    dashboards: Sequence[tuple[Dashboard, Sequence[Drawn]]]
    marks: Sequence[tuple[float, str]] = ()


def empty(sheet: Sheet) -> list[str]:
    """The panels that have nothing to show."""
    return [
        f"{dashboard.name}: {drawn.panel.title}"
        for dashboard, panels in sheet.dashboards
        for drawn in panels
        if not drawn.series
    ]


def svg(sheet: Sheet) -> str:
    """The whole document."""
    parts: list[str] = []
    top = HEAD
    for dashboard, panels in sheet.dashboards:
        parts.append(_text(LEFT, top + 18, dashboard.title, "head"))
        top += HEAD
        for index, drawn in enumerate(panels):
            row, column = divmod(index, COLUMNS)
            x = column * WIDTH / COLUMNS
            parts += _Chart(sheet, drawn, x, top + row * PANEL).lines()
        top += math.ceil(len(panels) / COLUMNS) * PANEL
    told = (
        f"{sheet.title}. {sheet.ended - sheet.began:.0f} seconds; a dashed line is a process that "
        f"began, the first or in the place of one that ended: {len(sheet.marks)} of them."
    )
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img">',
            f"<title>{escape(sheet.title)}</title><desc>{escape(told)}</desc>",
            f"<style>{STYLE}</style>",
            _text(LEFT, 20, told),
            *parts,
            "</svg>\n",
        )
    )


class _Chart:
    """One panel at its place."""

    def __init__(self, sheet: Sheet, drawn: Drawn, x: float, y: float) -> None:
        self._sheet = sheet
        self._panel = drawn.panel
        shown = sorted(drawn.series.items(), key=lambda item: -_highest(item[1]))
        self._series = sorted(shown[:MOST])
        self._left_out = len(shown) - len(self._series)
        self._x, self._width = x + LEFT, WIDTH / COLUMNS - LEFT - RIGHT
        self._top = y + TITLE
        values = [v for _, points in self._series for _, v in points if math.isfinite(v)]
        self._high = max(values, default=1.0) or 1.0
        positive = [value for value in values if value > 0]
        self._log = drawn.panel.log and bool(positive)
        low = min(positive, default=1.0) if self._log else min([0.0, *values])
        self._low = 10 ** math.floor(math.log10(low)) if self._log else low
        if self._log:
            self._high = max(10 ** math.ceil(math.log10(self._high)), self._low * 10)

    def lines(self) -> Iterator[str]:
        """The drawing of it."""
        panel, bottom = self._panel, self._top + CHART
        wrong = panel.zero and any(v > 0 for _, points in self._series for _, v in points)
        if wrong:
            yield (
                f'<rect class="wrong" x="{self._x:.1f}" y="{self._top:.1f}" '
                f'width="{self._width:.1f}" height="{CHART}"/>'
            )
        yield _text(self._x, self._top - 8, panel.title, "title")
        yield from self._grid()
        for at, name in self._sheet.marks:
            x = self._across(at)
            yield (
                f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{self._top:.1f}" '
                f'y2="{bottom:.1f}"><title>{escape(name)}</title></line>'
            )
        if not self._series:
            yield _text(self._x + 8, self._top + CHART / 2, "nothing to show", "none")
        for number, (legend, points) in enumerate(self._series):
            yield from self._line(points, COLOURS[number % len(COLOURS)])
            yield self._legend(number, legend, points)
        if self._left_out:
            yield _text(
                self._x + self._width - 110, self._top - 8, f"and {self._left_out} more", "none"
            )

    def _grid(self) -> Iterator[str]:
        for share in (0.0, 0.5, 1.0):
            y = self._top + CHART * (1 - share)
            if self._log:
                value = self._low * (self._high / self._low) ** share
            else:
                value = self._low + (self._high - self._low) * share
            yield (
                f'<line class="grid" x1="{self._x:.1f}" x2="{self._x + self._width:.1f}" '
                f'y1="{y:.1f}" y2="{y:.1f}"/>'
            )
            yield (
                f'<text x="{self._x - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">'
                f"{amount(value, self._panel.unit)}</text>"
            )
        seconds = self._sheet.ended - self._sheet.began
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            x = self._x + share * self._width
            anchor = "start" if share == 0 else "end" if share == 1 else "middle"
            yield (
                f'<text x="{x:.1f}" y="{self._top + CHART + 13:.1f}" text-anchor="{anchor}">'
                f"{share * seconds:.0f} s</text>"
            )

    def _line(self, points: Points, colour: str) -> Iterator[str]:
        """Where there is no value there is no line: each stretch is one of its own."""
        step = (self._sheet.ended - self._sheet.began) / 40
        stretch: list[str] = []
        last = -math.inf
        for at, value in [*points, (math.inf, math.nan)]:
            if stretch and (at - last > step or not math.isfinite(value)):
                drawn = " ".join(stretch if len(stretch) > 1 else stretch * 2)
                yield f'<polyline class="line" stroke="{colour}" points="{drawn}"/>'
                stretch = []
            if math.isfinite(value):
                stretch.append(f"{self._across(at):.1f},{self._up(value):.1f}")
                last = at

    def _legend(self, number: int, legend: str, points: Points) -> str:
        row, column = divmod(number, LEGEND_COLUMNS)
        x = self._x + column * self._width / LEGEND_COLUMNS
        y = self._top + CHART + AXIS + 12 + row * LINE
        finite = [value for _, value in points if math.isfinite(value)]
        last = amount(finite[-1], self._panel.unit) if finite else "?"
        name = legend if len(legend) <= LEGEND_CHARACTERS else f"{legend[:LEGEND_CHARACTERS]}…"
        colour = COLOURS[number % len(COLOURS)]
        return (
            f'<rect x="{x:.1f}" y="{y - 8:.1f}" width="8" height="8" fill="{colour}"/>'
            f"{_text(x + 12, y, f'{name}: {last}')}"
        )

    def _across(self, at: float) -> float:
        whole = max(1.0, self._sheet.ended - self._sheet.began)
        share = min(1.0, max(0.0, (at - self._sheet.began) / whole))
        return self._x + share * self._width

    def _up(self, value: float) -> float:
        if self._log:
            value = min(self._high, max(self._low, value))
            share = math.log(value / self._low) / math.log(self._high / self._low)
        else:
            share = (value - self._low) / ((self._high - self._low) or 1.0)
        return self._top + CHART * (1 - share)


def amount(value: float, unit: Unit) -> str:
    """A value in few characters: ``12 ms``, ``3.4 MB``, ``250``."""
    match unit:
        case "s":
            return _scaled(value, ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")))
        case "bytes":
            return _scaled(value, ((1e9, "GB"), (1e6, "MB"), (1e3, "KB"), (1.0, "B")))
        case "percentunit":
            return f"{value * 100:.3g} %"
        case "bool":
            return "yes" if value >= 1 else "no" if value == 0 else f"{value:.1f}"
        case _:
            whole = _scaled(value, ((1e6, "M"), (1e3, "k"), (1.0, ""))) if value else "0"
            return f"{whole.strip()}/s" if unit == "ops" else whole.strip()


def _scaled(value: float, scales: Sequence[tuple[float, str]]) -> str:
    if not value:
        return f"0 {scales[0][1]}"
    factor, name = next((s for s in scales if abs(value) >= s[0]), scales[-1])
    return f"{value / factor:.3g} {name}"


def _highest(points: Points) -> float:
    return max((value for _, value in points if math.isfinite(value)), default=0.0)


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    shown = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{shown}>{escape(text)}</text>'
