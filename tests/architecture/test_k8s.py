"""The manifests as a cluster would get them: known to its API, safe, and of one mind with the code.

Rendered by kustomize itself. Never applied anywhere: k8s/README.md says what that leaves open.
"""

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from gateways.amqp import topology
from infra import manifests, rayenv
from infra.links import tls
from infra.links.endpoint import PORTS
from infra.reference import Reference, load
from infra.settings import SECRETS, Settings
from tests.architecture.k8s_shapes import SPECS, faults
from tests.architecture.source import ROOT, none

K8S = ROOT / "k8s"
VERSION = "1.33"
OVERLAYS = ("dev", "prod", "chaos", "monitoring")
OF_ALL = {
    "Namespace": 1, "ConfigMap": 2, "RayCluster": 1, "Service": 1, "StatefulSet": 1,
    "RabbitmqCluster": 1, "Cluster": 1, "ScheduledBackup": 1, "Issuer": 3, "ExternalSecret": 4,
    "NetworkPolicy": 9, "PodDisruptionBudget": 3, "PodMonitor": 3, "PrometheusRule": 1,
    "Vhost": 1, "User": 4, "Secret": 4, "Permission": 4, "Policy": 3, "Exchange": 5,
    "Queue": 19, "Binding": 21, "Certificate": 8,
}  # fmt: skip
COUNTS = {
    "dev": {"Namespace": 1, "ConfigMap": 1, "Service": 1, "StatefulSet": 1, "NetworkPolicy": 1},
    "prod": OF_ALL,
    "chaos": {**OF_ALL, "Schedule": 14},
    "monitoring": {"PodMonitor": 3, "PrometheusRule": 1},
}
Document = dict[str, Any]


@cache
def rendered(overlay: str) -> tuple[Document, ...]:
    """What ``kubectl apply -k`` would send."""
    kubectl = shutil.which("kubectl", path=str(Path(sys.executable).parent))
    assert kubectl, "no kubectl beside this Python: make setup"
    words = [kubectl, "kustomize", str(K8S / "overlays" / overlay)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def every(*kinds: str, overlay: str = "prod") -> list[Document]:
    return [document for document in rendered(overlay) if document["kind"] in kinds]


def name(document: Document) -> str:
    return f"{document['kind']} {document['metadata']['name']}"


def templates(overlay: str) -> Iterator[tuple[str, Document]]:
    """Every pod template of ours."""
    for document in every("StatefulSet", overlay=overlay):
        yield name(document), document["spec"]["template"]
    for cluster in every("RayCluster", overlay=overlay):
        yield "head", cluster["spec"]["headGroupSpec"]["template"]
        for group in cluster["spec"]["workerGroupSpecs"]:
            yield group["groupName"], group["template"]


def containers(overlay: str, *, init: bool = True) -> Iterator[tuple[str, Document]]:
    for where, template in templates(overlay):
        spec = template["spec"]
        for container in [*spec["containers"], *(spec.get("initContainers", []) if init else [])]:
            yield f"{where}/{container['name']}", container


def pairs(overlay: str) -> dict[str, str]:
    """The settings of the cluster."""
    found = [d["data"] for d in every("ConfigMap", overlay=overlay) if "OMS_DATA" in d["data"]]
    assert len(found) == 1
    settings: dict[str, str] = found[0]
    return settings


# ---- known to the API


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_has_the_documents_that_it_should_have(overlay: str) -> None:
    assert Counter(d["kind"] for d in rendered(overlay)) == Counter(COUNTS[overlay])
    names = [name(document) for document in rendered(overlay)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_document_is_what_the_api_knows(overlay: str) -> None:
    for document in rendered(overlay):
        if document["kind"] in SPECS:
            none(
                f"{name(document)}: {f}" for f in faults(document["spec"], SPECS[document["kind"]])
            )
        else:
            kubernetes_validate.validate(document, VERSION, strict=True)


def test_pods_of_a_raycluster_are_what_the_api_knows() -> None:
    for where, template in templates("prod"):
        pod = {"apiVersion": "v1", "kind": "Pod", **template}
        pod["metadata"] = {**template["metadata"], "name": "pod"}
        assert where
        kubernetes_validate.validate(pod, VERSION, strict=True)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"name": "a", "vhost": "v"}, "missing"),
        ({**dict.fromkeys(("source", "destination"), "x"), "routingkey": "k"}, "unknown"),
        ({"source": 1}, "spec.source is 1"),
    ],
)
def test_a_misspelt_field_is_seen(spec: Document, said: str) -> None:
    assert said in "\n".join(faults(spec, SPECS["Binding"]))


# ---- safe


@pytest.mark.parametrize("overlay", ["dev", "prod"])
def test_no_container_may_do_more_than_it_must(overlay: str) -> None:
    found = list(containers(overlay))
    assert found
    for where, container in found:
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False, where
        assert security["readOnlyRootFilesystem"] is True, where
        assert security["capabilities"] == {"drop": ["ALL"]}, where
        assert container["resources"].keys() == {"requests", "limits"}, where
        assert all({"cpu", "memory"} <= some.keys() for some in container["resources"].values())
    for where, template in templates(overlay):
        pod = template["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True, where
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, where
        assert pod["automountServiceAccountToken"] is False, where
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys(), where
        assert not any("hostPath" in volume for volume in pod["volumes"]), where


@pytest.mark.parametrize("overlay", ["dev", "prod"])
def test_every_container_that_stays_is_watched(overlay: str) -> None:
    none(
        f"{where} has no {probe}"
        for where, container in containers(overlay, init=False)
        for probe in ("startupProbe", "readinessProbe", "livenessProbe")
        if probe not in container
    )


@pytest.mark.parametrize("overlay", ["dev", "prod"])
def test_every_image_has_a_version(overlay: str) -> None:
    images = [container["image"] for _, container in containers(overlay)]
    images += [d["spec"]["image"] for d in every("RabbitmqCluster", overlay=overlay)]
    images += [d["spec"]["imageName"] for d in every("Cluster", overlay=overlay)]
    none(i for i in images if ":" not in i or i.endswith(":latest"))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nothing_can_be_reached_from_outside_the_cluster(overlay: str) -> None:
    kinds = [d["spec"].get("type", "ClusterIP") for d in every("Service", overlay=overlay)]
    kinds += [d["spec"]["service"]["type"] for d in every("RabbitmqCluster", overlay=overlay)]
    kinds += [
        d["spec"]["headGroupSpec"]["serviceType"] for d in every("RayCluster", overlay=overlay)
    ]
    assert set(kinds) <= {"ClusterIP"}
    assert every("Ingress", "Gateway", "HTTPRoute", overlay=overlay) == []


def test_everything_is_denied_but_what_is_named() -> None:
    policies = {d["metadata"]["name"]: d["spec"] for d in every("NetworkPolicy")}
    deny = policies.pop("default-deny")
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for where, policy in policies.items():
        for way, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy.get(way, []):
                assert rule[peers], f"{where}: {way} from or to anybody"
                assert rule["ports"], f"{where}: {way} at any port"
                for peer in rule[peers]:
                    block = peer.get("ipBlock", {"cidr": "10.0.0.0/24"})["cidr"]
                    assert ip_network(block).prefixlen >= 24, f"{where}: {block}"


def test_only_nodes_reach_ray_and_links_and_only_the_border_the_outside() -> None:
    policies = {d["metadata"]["name"]: d["spec"] for d in every("NetworkPolicy")}
    (rule,) = policies["nodes"]["ingress"]
    assert rule["from"] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "oms"}}}]
    ranges = {(port["port"], port["endPort"]) for port in rule["ports"]}
    first = int(pairs("prod")["OMS_LINK_PORT"])
    assert (first, first + PORTS - 1) in ranges
    for where, start in start_params().items():
        workers = int(start["min-worker-port"]), int(start["max-worker-port"])
        assert workers in ranges, where
        fixed = [int(v) for k, v in start.items() if k.endswith("-port") and "worker" not in k]
        assert fixed
        assert all(any(a <= port <= b for a, b in ranges) for port in fixed), where
    outside = {w for w, p in policies.items() if "203.0.113" in json.dumps(p)}
    assert outside == {"border"}


def test_no_secret_is_in_a_manifest_or_in_an_environment() -> None:
    for secret in every("Secret"):
        assert secret["stringData"].keys() == {"username", "passwordHash"}, name(secret)
        assert secret["stringData"]["passwordHash"] == "", "nobody logs in with a password"
    for overlay in ("dev", "prod"):
        none(
            f"{where}: {variable['name']}"
            for where, container in containers(overlay)
            for variable in container.get("env", [])
            if "secretKeyRef" in variable.get("valueFrom", {})
        )
    settings = pairs("prod")
    assert "@" not in settings["OMS_AMQP_URL"].replace("://gateway@", "://")
    hidden = {f"OMS_{name.upper()}" for name in SECRETS} - {"OMS_AMQP_URL"}
    assert not hidden & settings.keys()


# ---- of one mind with the code


def start_params() -> dict[str, dict[str, str]]:
    (cluster,) = every("RayCluster")
    groups = {g["groupName"]: g["rayStartParams"] for g in cluster["spec"]["workerGroupSpecs"]}
    return {"head": cluster["spec"]["headGroupSpec"]["rayStartParams"], **groups}


def cluster_settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """What a process of the cluster reads from its environment."""
    for variable, value in pairs("prod").items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("OMS_NODE_IP", "10.1.2.3")
    return Settings()


def test_the_settings_of_the_cluster_are_read_by_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = cluster_settings(monkeypatch)
    names = {n for n in pairs("prod") if n.startswith("OMS_")} - {rayenv.NODE_DATA}
    assert names <= {f"OMS_{field.upper()}" for field in Settings.model_fields}
    assert (settings.journal, settings.link, settings.groups) == ("postgres", "tls", True)
    assert settings.shards == manifests.SHARDS
    assert settings.node_ip == "10.1.2.3"
    assert pairs("prod")[rayenv.NODE_DATA] == str(settings.data)


def test_ray_is_told_in_the_cluster_what_it_is_told_on_one_machine() -> None:
    told = {n: v for n, v in pairs("prod").items() if n.startswith("RAY_")}
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": "/run/secrets/ray/auth_token"}
    assert told == rayenv.ENVIRONMENT | token


def test_there_are_as_many_nodes_as_the_supervisor_waits_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (cluster,) = every("RayCluster")
    groups = cluster["spec"]["workerGroupSpecs"]
    assert cluster_settings(monkeypatch).nodes == 1 + sum(g["replicas"] for g in groups)
    assert all(g["replicas"] == g["minReplicas"] == g["maxReplicas"] for g in groups)


def test_each_group_offers_what_its_kinds_ask_for() -> None:
    from infra import rayhost  # it loads Ray

    offered = {g: json.loads(json.loads(p["resources"])) for g, p in start_params().items()}
    assert offered.pop("head") == {}
    assert offered == {group: {group: 1} for group in {*rayhost.GROUPS.values(), "core"}}


def test_every_file_that_a_setting_names_is_mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = cluster_settings(monkeypatch)
    named = [settings.config, settings.link_tls, settings.journal_url_file]
    named += [settings.link_token_file, Path(pairs("prod")["PGSSLROOTCERT"])]
    named += [Path(pairs("prod")["RAY_AUTH_TOKEN_PATH"])]
    url = settings.amqp_url.partition("?")[2]
    named += [Path(part.partition("=")[2]) for part in url.split("&") if "file=" in part]
    assert len(named) == 9
    for where, container in containers("prod"):
        if container["image"].startswith("oms:"):
            mounts = [Path(mount["mountPath"]) for mount in container["volumeMounts"]]
            for path in named:
                assert path is not None
                assert any(path.is_relative_to(mount) for mount in mounts), f"{where}: {path}"


def test_the_metrics_port_is_the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    port = cluster_settings(monkeypatch).metrics_port
    (audit,) = [t for where, t in templates("prod") if where == "audit"]
    ports = [p for c in audit["spec"]["containers"] for p in c.get("ports", [])]
    assert {"name": "metrics", "containerPort": port} in ports
    policies = {d["metadata"]["name"]: d["spec"] for d in every("NetworkPolicy")}
    assert policies["audit"]["ingress"][0]["ports"] == [{"protocol": "TCP", "port": port}]


def test_the_broker_is_told_what_the_private_one_is_told() -> None:
    (broker,) = every("RabbitmqCluster")
    lines = broker["spec"]["rabbitmq"]["additionalConfig"].splitlines()
    told = {key.strip(): value.strip() for key, value in (line.split("=", 1) for line in lines)}
    assert topology.TLS.items() <= told.items()
    assert told["max_message_size"] == str(topology.MAX_MESSAGE_BYTES)
    assert "rabbitmq_consistent_hash_exchange" in broker["spec"]["rabbitmq"]["additionalPlugins"]


def test_what_is_committed_is_what_the_generator_writes() -> None:
    none(
        f"{path.relative_to(ROOT)} is not what the code says: run `make docs`"
        for path, text in manifests.texts().items()
        if path.read_text() != text
    )


def test_the_topology_holds_each_definition_of_the_broker() -> None:
    users = load(manifests.REFERENCE).users
    nobody = dict.fromkeys(topology.users(users), "x")
    told = topology.definitions(users, manifests.SHARDS, nobody)
    kinds = {
        "vhosts": "Vhost", "users": "User", "permissions": "Permission", "policies": "Policy",
        "exchanges": "Exchange", "queues": "Queue", "bindings": "Binding",
    }  # fmt: skip
    assert told.keys() == kinds.keys()
    for of_broker, kind in kinds.items():
        assert len(every(kind)) == len(told[of_broker]), kind
    rights = {d["spec"]["user"]: d["spec"]["permissions"] for d in every("Permission")}
    assert rights["alpha"] == {
        "configure": "^$", "write": r"^orders\.alpha$", "read": r"^reports\.alpha$"
    }  # fmt: skip
    certified = {d["spec"]["commonName"] for d in every("Certificate")}
    assert set(topology.users(users)) <= certified


def test_links_are_certified_by_an_authority_that_certifies_nothing_else() -> None:
    by_links = [d for d in every("Certificate") if d["spec"]["issuerRef"]["name"] == "oms-link"]
    assert [d["spec"]["dnsNames"] for d in by_links] == [[tls.NAME]]
    authorities = {d["metadata"]["name"]: d["spec"].get("ca") for d in every("Issuer")}
    assert authorities["oms-link"] != authorities["oms-amqp"]


@pytest.mark.parametrize("overlay", ["dev", "prod"])
def test_reference_data_in_the_manifests_is_valid(overlay: str, tmp_path: Path) -> None:
    (text,) = [
        d["data"]["reference.toml"]
        for d in every("ConfigMap", overlay=overlay)
        if "reference.toml" in d["data"]
    ]
    (tmp_path / "reference.toml").write_text(text)
    found: Reference = load(tmp_path / "reference.toml")
    assert found.accounts
    if overlay == "prod":
        assert all(venue.Port for venue in found.venues), "a node has no exchanges of its own"


def test_one_pod_owns_its_volume_and_reads_settings_that_exist() -> None:
    (single,) = every("StatefulSet", overlay="dev")
    assert single["spec"]["replicas"] == 1
    (claim,) = single["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]
    (container,) = single["spec"]["template"]["spec"]["containers"]
    known = {f"OMS_{field.upper()}" for field in Settings.model_fields}
    assert {variable["name"] for variable in container["env"]} <= known


def test_who_takes_orders_in_is_drained_before_it_stops() -> None:
    draining = {
        where
        for overlay in ("dev", "prod")
        for where, container in containers(overlay, init=False)
        if "drain" in json.dumps(container.get("lifecycle", {}))
    }
    assert draining == {"StatefulSet oms/oms", "border/ray-worker"}
    for overlay in ("dev", "prod"):
        for where, template in templates(overlay):
            assert template["spec"]["terminationGracePeriodSeconds"] >= 30, where


def test_faults_hit_pods_that_there_are() -> None:
    labels = [template["metadata"]["labels"] for _, template in templates("chaos")]
    labels += [{"app.kubernetes.io/name": "oms-rabbitmq"}]
    labels += [{"cnpg.io/cluster": "oms-postgres", "cnpg.io/instanceRole": "primary"}]
    for schedule in every("Schedule", overlay="chaos"):
        (key,) = (k for k in schedule["spec"] if k.lower() == schedule["spec"]["type"].lower())
        wanted = schedule["spec"][key]["selector"]["labelSelectors"].items()
        assert any(wanted <= some.items() for some in labels), name(schedule)
