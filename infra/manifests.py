"""Kubernetes resources that are made from what the code knows, so that neither can say otherwise.

The broker's topology, one resource each, from the very definitions that the private broker imports;
the certificate of each of its users, by which the broker knows them; and the alert rules. ``make
docs`` writes them, a test compares.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from gateways.amqp import topology
from infra.reference import load

K8S = Path(__file__).parents[1] / "k8s"
REFERENCE = K8S / "base" / "reference.toml"
TOPOLOGY = K8S / "base" / "topology.yaml"
RULES = K8S / "overlays" / "monitoring" / "prometheusrule.yaml"
MONITORING = Path(__file__).with_name("monitoring")
"""Where rule files of Prometheus are, if there are any."""

SHARDS = 16
"""Fixed for the life of a cluster; OMS_SHARDS of the manifests says the same."""

BROKER = "oms-rabbitmq"
AUTHORITY = "oms-amqp"
"""The issuer of the certificates that the broker believes."""

GENERATED = "# Written by `make docs` from {}: do not edit.\n"

Resource = dict[str, Any]


def broker_topology(users: Sequence[str], shards: int) -> Iterator[Resource]:
    """Every resource of the Messaging Topology Operator, and each user's certificate."""
    nobody = dict.fromkeys(topology.users(users), "no password: certificates")
    told = topology.definitions(users, shards, nobody, salt=lambda: bytes(4))
    for vhost in told["vhosts"]:
        yield _of_broker("Vhost", vhost["name"], {"name": vhost["name"]})
    for user in told["users"]:
        yield from _user(user)
    for right in told["permissions"]:
        rights = {name: right[name] for name in ("configure", "write", "read")}
        spec = {"user": right["user"], "vhost": right["vhost"], "permissions": rights}
        yield _of_broker("Permission", right["user"], spec)
    for policy in told["policies"]:
        spec = {n: policy[n] for n in ("name", "vhost", "pattern", "priority", "definition")}
        yield _of_broker("Policy", policy["name"], spec | {"applyTo": policy["apply-to"]})
    for exchange in told["exchanges"]:
        yield _of_broker("Exchange", exchange["name"], _durable(exchange) | _arguments(exchange))
    for queue in told["queues"]:
        arguments = dict(queue["arguments"])
        kind = {"type": arguments.pop("x-queue-type")}
        spec = _durable(queue) | kind | _arguments({"arguments": arguments})
        yield _of_broker("Queue", queue["name"], spec)
    for binding in told["bindings"]:
        name = f"{binding['source']}-to-{binding['destination']}"
        spec = {
            "source": binding["source"],
            "destination": binding["destination"],
            "destinationType": binding["destination_type"],
            "routingKey": binding["routing_key"],
            "vhost": binding["vhost"],
        }
        yield _of_broker("Binding", name, spec)


def _user(user: Resource) -> Iterator[Resource]:
    """Without a password: whoever has the certificate is the user, and nobody else is."""
    name = f"{BROKER}-user-{_dns(user['name'])}"
    yield {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "stringData": {"username": user["name"], "passwordHash": ""},
    }
    limits = {n.removeprefix("max-"): count for n, count in user["limits"].items()}
    spec = {"importCredentialsSecret": {"name": name}, "tags": user["tags"]}
    yield _of_broker("User", user["name"], spec | ({"limits": limits} if limits else {}))
    yield {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": f"oms-amqp-{_dns(user['name'])}"},
        "spec": {
            "secretName": f"oms-amqp-{_dns(user['name'])}-tls",
            "commonName": user["name"],
            "usages": ["client auth"],
            "duration": "2160h",
            "renewBefore": "720h",
            "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
            "issuerRef": {"name": AUTHORITY, "kind": "Issuer", "group": "cert-manager.io"},
        },
    }


def _of_broker(kind: str, name: str, spec: Resource) -> Resource:
    return {
        "apiVersion": "rabbitmq.com/v1beta1",
        "kind": kind,
        "metadata": {"name": f"{kind.lower()}-{_dns(name)}"},
        "spec": {**spec, "rabbitmqClusterReference": {"name": BROKER}},
    }


def _durable(given: Resource) -> Resource:
    kind = {"type": given["type"]} if "type" in given else {}
    return {
        "name": given["name"], "vhost": given["vhost"], **kind,
        "durable": given["durable"], "autoDelete": given["auto_delete"],
    }  # fmt: skip


def _arguments(given: Resource) -> Resource:
    return {"arguments": given["arguments"]} if given["arguments"] else {}


def _dns(name: str) -> str:
    """A name as a resource may have it. Two that become one would be found by the schema test."""
    return re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")


def prometheus_rule(files: Iterable[Path]) -> Resource:
    """The rule groups of these files as one resource of the Prometheus Operator."""
    groups = [
        group
        for path in sorted(files)
        for group in (yaml.safe_load(path.read_text()) or {}).get("groups", [])
    ]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "oms"},
        "spec": {"groups": groups},
    }


def texts() -> dict[Path, str]:
    """Every generated file and what it is to hold."""
    users = load(REFERENCE).users
    rules = (path for path in MONITORING.rglob("*.y*ml") if "groups:" in path.read_text())
    return {
        TOPOLOGY: _text(
            broker_topology(users, SHARDS), "gateways/amqp/topology.py and reference.toml"
        ),
        RULES: _text([prometheus_rule(rules)], "infra/monitoring"),
    }


def _text(resources: Iterable[Resource], source: str) -> str:
    return GENERATED.format(source) + str(yaml.safe_dump_all(resources, sort_keys=False))


if __name__ == "__main__":  # python -m infra.manifests
    for file, text in texts().items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        sys.stdout.write(f"{file}\n")
