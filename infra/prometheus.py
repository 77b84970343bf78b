"""A private Prometheus: its own port and data folder, scraping this system's targets every second.

What it scrapes is told by name and not by port: a target that comes back on another port is the
same instance, and one that is dead stays listed, or nothing would be seen to be down.
"""

import http.client
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from infra.broker_process import LOOPBACK, Child, choose_ports

PROGRAM = Path("/usr/bin/prometheus")
BROKER = "rabbitmq"
REMEDY = "install it (apt-get install prometheus) or go without --prometheus"

CONFIGURATION: dict[str, Any] = {
    "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
    "scrape_configs": [{"job_name": "oms", "file_sd_configs": [{"files": ["targets.json"]}]}],
}
"""prometheus.yml, written as JSON, which is YAML too."""


def job_of(instance: str) -> str:
    """The broker's own metrics are a job of their own."""
    return BROKER if instance.startswith(BROKER) else "oms"


class PrometheusUnavailable(Exception):
    """No Prometheus, or no answer from it, and why: one line with the remedy."""


class PrometheusApi:
    """Asks a Prometheus, whoever runs it, at ``url``."""

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def url(self) -> str:
        """Where its pages and its API are."""
        return self._url

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Evaluate PromQL now: labels and value of every series. PrometheusUnavailable: refused."""
        found = self.api("query", query=expression)["result"]
        return [(series["metric"], float(series["value"][1])) for series in found]

    def between(
        self, expression: str, began: float, ended: float, points: int
    ) -> list[tuple[dict[str, str], list[tuple[float, float]]]]:
        """Evaluate PromQL over a time, at most at so many instants: labels and values of each.

        ``began``, ``ended``: seconds since 1970. PrometheusUnavailable: refused.
        """
        step = max(1.0, (ended - began) / points)
        found = self.api("query_range", query=expression, start=began, end=ended, step=step)
        return [
            (series["metric"], [(float(at), float(value)) for at, value in series["values"]])
            for series in found["result"]
        ]

    def api(self, path: str, **parameters: str | float) -> Any:
        """``data`` of an answer of the HTTP API, e.g. ``api("query_exemplars", query=..., ...)``.

        PrometheusUnavailable: it does not answer, or says that the question is wrong.
        """
        status, body = self._get(f"/api/v1/{path}?{urlencode(parameters)}")
        if status != http.client.OK:
            raise PrometheusUnavailable(f"Prometheus at {self.url} refused {path}: {body.decode()}")
        return json.loads(body)["data"]

    def _get(self, path: str) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        secure = parts.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(parts.netloc, timeout=10)
        try:
            connection.request("GET", parts.path.rstrip("/") + path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            text = f"Prometheus at {self.url} does not answer: {error}"
            raise PrometheusUnavailable(text) from error
        finally:
            connection.close()


class Prometheus(PrometheusApi):
    """One Prometheus on loopback, made from a folder; the kernel ends it with us.

    Not thread-safe; every method blocks (start about 0.5 s, stop about 0.1 s).
    """

    def __init__(
        self,
        folder: Path,
        targets: Mapping[str, str],
        *,
        retention: str = "15d",
        program: Path = PROGRAM,
        rules: Mapping[str, Any] | None = None,
    ) -> None:
        """``targets``: address by instance, e.g. ``{"compliance-0": "127.0.0.1:9464"}``.

        ``rules``: the content of a rule file.
        """
        super().__init__("")
        self.folder = folder.absolute()
        self._targets = dict(targets)
        self._retention = retention
        self._program = program
        self._rules = rules
        self._child: Child | None = None
        self._port: int | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether the process is alive; it may still be starting."""
        return self._child is not None and self._child.returncode is None

    @property
    def url(self) -> str:
        """Where its pages and its API are; PrometheusUnavailable before the start."""
        if self._port is None:
            raise PrometheusUnavailable(f"the Prometheus in {self.folder} was never started")
        return f"http://{LOOPBACK}:{self._port}"

    def start(self, timeout: float = 30.0) -> None:
        """Start it and return when it answers.

        PrometheusUnavailable: not installed, it ended while starting, or no answer in time.
        """
        if self.running:
            raise PrometheusUnavailable(f"the Prometheus in {self.folder} runs already")
        if not self._program.exists():
            raise PrometheusUnavailable(f"Prometheus is missing, no {self._program}: {REMEDY}")
        self.aim(self._targets)
        more = {"rule_files": ["rules.yml"]} if self._rules else {}
        if self._rules:
            self._write("rules.yml", self._rules)
        self._write("prometheus.yml", CONFIGURATION | more)
        self._port = choose_ports(["prometheus"])["prometheus"]
        arguments = [
            str(self._program),
            f"--config.file={self.folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--storage.tsdb.retention.time={self._retention}",
            f"--web.listen-address={LOOPBACK}:{self._port}",
            "--enable-feature=exemplar-storage",
            "--log.level=warn",
        ]
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._child = Child(arguments, environment, self.folder / "prometheus.log")
        try:
            self._await_ready(time.monotonic() + timeout)
        except BaseException:
            self.stop(timeout=0)
            raise

    def stop(self, timeout: float = 10.0) -> None:
        """End it with SIGTERM, and SIGKILL after ``timeout`` seconds (at once when 0)."""
        if self._child is not None:
            self._child.end(timeout)
            self._child = None

    def aim(self, targets: Mapping[str, str]) -> None:
        """Scrape these from now on; a running one notices by itself, within some 5 seconds."""
        self._targets = dict(targets)
        groups = [
            {"targets": [address], "labels": {"instance": instance, "job": job_of(instance)}}
            for instance, address in self._targets.items()
        ]
        self._write("targets.json", groups)

    def _write(self, name: str, content: Any) -> None:
        """Replace the file as a whole: Prometheus watches the folder and reads at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / f"{name}.new"
        fresh.write_text(json.dumps(content, indent=2) + "\n")
        fresh.replace(self.folder / name)

    def _await_ready(self, deadline: float) -> None:
        while True:
            try:
                if self._get("/-/ready")[0] == http.client.OK:
                    return
            except PrometheusUnavailable:
                if time.monotonic() > deadline:
                    raise
            if not self.running:
                log = self.folder / "prometheus.log"
                last = log.read_text(errors="replace").strip().splitlines()[-1:]
                raise PrometheusUnavailable(
                    f"the Prometheus in {self.folder} ended while starting, see {log}: {last}"
                )
            if time.monotonic() > deadline:
                raise PrometheusUnavailable(
                    f"the Prometheus in {self.folder} was not ready in time, see "
                    f"{self.folder / 'prometheus.log'}"
                )
            time.sleep(0.05)
