"""The manifests keep what the code relies on: one pod, nobody near Ray, no secret in the open."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.reference import load
from infra.settings import Settings

BASE = Path(__file__).parents[2] / "k8s" / "base"


def manifest(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((BASE / name).read_text())
    return loaded


@pytest.fixture
def pod() -> dict[str, Any]:
    spec: dict[str, Any] = manifest("statefulset.yaml")["spec"]["template"]["spec"]
    return spec


def test_every_resource_that_is_listed_exists() -> None:
    listed = manifest("kustomization.yaml")["resources"]
    assert len(listed) == 4
    assert all((BASE / name).is_file() for name in listed)


def test_there_is_exactly_one_pod_because_its_volume_is_the_truth() -> None:
    spec = manifest("statefulset.yaml")["spec"]
    assert spec["replicas"] == 1
    assert spec["volumeClaimTemplates"][0]["spec"]["accessModes"] == ["ReadWriteOncePod"]


def test_the_container_may_do_as_little_as_possible(pod: dict[str, Any]) -> None:
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert set(container["resources"]) == {"requests", "limits"}
    assert not container["image"].endswith(":latest")


def test_settings_in_the_manifest_are_settings_of_the_code(pod: dict[str, Any]) -> None:
    names = {variable["name"] for variable in pod["containers"][0]["env"]}
    known = {f"OMS_{name.upper()}" for name in Settings.model_fields}
    assert names <= known


def test_passwords_come_from_a_secret(pod: dict[str, Any]) -> None:
    for variable in pod["containers"][0]["env"]:
        if "URL" in variable["name"]:
            assert "secretKeyRef" in variable["valueFrom"]


def test_only_metrics_can_be_reached_from_outside() -> None:
    (rule,) = manifest("networkpolicy.yaml")["spec"]["ingress"]
    assert [port["port"] for port in rule["ports"]] == [9464]


def test_the_reference_data_in_the_manifest_is_valid() -> None:
    assert load(BASE / "reference.toml").accounts
