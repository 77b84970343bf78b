"""The example configurations fit the alerts, metrics and files that there are."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from infra.monitoring.alerts import every
from infra.monitoring.timings import TRACE
from infra.prometheus import BROKER, job_of
from tests.architecture.source import ROOT

FILES = ROOT / "infra" / "monitoring" / "files"
MATCHER = re.compile(r'(\w+)(=~|=)"([^"]+)"')


def loaded(name: str) -> Any:
    return yaml.safe_load((FILES / name).read_text())


def routes(route: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield route
    for one in route.get("routes", ()):
        yield from routes(one)


def matchers(name: str = "alertmanager.yml") -> Iterator[tuple[str, str]]:
    """Label and value of each matcher."""
    config = loaded(name)
    texts = [text for route in routes(config["route"]) for text in route.get("matchers", ())]
    for rule in config["inhibit_rules"]:
        texts += rule["source_matchers"] + rule["target_matchers"]
    for text in texts:
        found = MATCHER.fullmatch(text)
        assert found, text
        yield from ((found[1], value) for value in found[3].split("|"))


def test_the_alertmanager_speaks_of_alerts_that_exist() -> None:
    names = {alert.name for alert in every()}
    severities = {alert.severity for alert in every()}
    for label, value in matchers():
        assert value in {"alertname": names, "severity": severities}[label], (label, value)


def test_every_route_ends_at_a_receiver_and_every_receiver_is_used() -> None:
    config = loaded("alertmanager.yml")
    receivers = {receiver["name"] for receiver in config["receivers"]}
    assert {route["receiver"] for route in routes(config["route"])} == receivers
    assert all(receiver["webhook_configs"] for receiver in config["receivers"])


def test_a_page_does_not_wait_for_company() -> None:
    page = loaded("alertmanager.yml")["route"]["routes"][0]
    assert (page["matchers"], page["group_wait"]) == (['severity="page"'], "0s")


@pytest.mark.skipif(
    shutil.which("amtool") is None, reason="apt-get install prometheus-alertmanager"
)
def test_amtool_takes_the_configuration() -> None:
    words = ["amtool", "check-config", str(FILES / "alertmanager.yml")]
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.skipif(shutil.which("promtool") is None, reason="apt-get install prometheus")
def test_promtool_takes_the_configuration_with_its_rules() -> None:
    words = ["promtool", "check", "config", str(FILES / "prometheus.yml")]
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "rules found" in told.stdout


def test_jobs_are_called_what_the_rules_call_them() -> None:
    jobs = [job["job_name"] for job in loaded("prometheus.yml")["scrape_configs"]]
    assert jobs == [job_of("compliance-0"), job_of(f"{BROKER}-0")] == ["oms", "rabbitmq"]


def test_an_exemplar_leads_to_its_trace() -> None:
    prometheus, traces = loaded("grafana/datasource.yml")["datasources"]
    (destination,) = prometheus["jsonData"]["exemplarTraceIdDestinations"]
    assert (destination["name"], destination["datasourceUid"]) == (TRACE, traces["uid"])
