"""``oms dashboards``: what the people on call look at: written as files, or drawn from life."""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from infra.commands.options import console, data_option, fail
from infra.monitoring import grafana
from infra.monitoring.dashboards import DASHBOARDS
from infra.monitoring.rules import RUNBOOKS, document

NAMES = tuple(dashboard.name for dashboard in DASHBOARDS)
SUFFIX = ".svg"


@click.group()
def dashboards() -> None:
    """Rules, alerts and dashboards, made of the tables in infra/monitoring."""


@dashboards.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--runbooks", default=RUNBOOKS, show_default=True, help="Address of the runbooks.")
def write(out: Path, runbooks: str) -> None:
    """Write oms.rules.yml and a JSON file for each Grafana dashboard into a folder."""
    try:
        for path in files(out, runbooks):
            console.print(str(path), highlight=False)
    except OSError as error:
        raise fail(f"cannot write to {out}: {error.strerror}") from error


def files(out: Path, runbooks: str = RUNBOOKS) -> list[Path]:
    """Write them; what was written."""
    found: dict[str, dict[str, Any]] = {"oms.rules.yml": document(runbooks)}  # JSON is YAML, too
    found |= {f"grafana/{one.name}.json": grafana.as_json(one) for one in DASHBOARDS}
    for name, content in found.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return [out / name for name in found]


@dashboards.command()
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True,
    help="The picture, an SVG.",
)  # fmt: skip
@click.option("--seconds", default=60.0, show_default=True, help="How long to look.")
@click.option(
    "--dashboard", "names", type=click.Choice(NAMES), multiple=True, help="Only these dashboards."
)
@click.option("--prometheus", "url", help="Ask this one for the past instead of starting one.")
@click.option("--title", default="oms", show_default=True, help="What was going on.")
@data_option
def draw(
    out: Path, seconds: float, names: tuple[str, ...], url: str | None, title: str, data: Path
) -> None:
    """Draw the dashboards as a running installation fills them.

    Starts a Prometheus of its own, lets it look for so many seconds, and draws what it has seen;
    with --prometheus it draws the last so many seconds of that one.
    """
    from infra.monitoring import picture, watching
    from infra.prometheus import PrometheusApi, PrometheusUnavailable

    if out.suffix != SUFFIX:
        raise fail(f"{out} would be no picture that this can draw: name a file like it, {SUFFIX}")
    chosen = [one for one in DASHBOARDS if not names or one.name in names]
    try:
        if url:
            now = time.time()
            sheet = watching.sheet(PrometheusApi(url), title, now - seconds, now, chosen)
        else:
            with (
                tempfile.TemporaryDirectory(prefix="oms-prometheus-") as folder,
                watching.private(Path(folder), data) as prometheus,
            ):
                began = time.time()
                watching.watch(prometheus, data, seconds)
                sheet = watching.sheet(prometheus, title, began, time.time(), chosen)
        out.write_text(picture.svg(sheet))
    except PrometheusUnavailable as error:
        raise fail(error) from error
    except OSError as error:
        raise fail(f"cannot write {out}: {error.strerror}") from error
    for panel in picture.empty(sheet):
        console.print(f"nothing to show in {panel}", highlight=False)
    console.print(f"{out}: {seconds:.0f} s, {len(sheet.marks)} starts", highlight=False)
