"""What the manifests use of each custom resource, as far as they use it: a misspelt field is found.

API servers drop a field that they do not know without a word. These shapes are written after the
documentation of the operators (versions in k8s/README.md); they are no copies of their schemas.
"""

from collections.abc import Iterator
from typing import Any

Shape = Any
"""A type; a dict of fields (``!`` after those that must be there); a list of one shape; ``ANY``."""

ANY = object
REFERENCE = {"name!": str, "key": str}
BROKER = {"rabbitmqClusterReference!": {"name!": str}}
ISSUER = {"name!": str, "kind!": str, "group": str}
RESOURCES = {"requests!": ANY, "limits!": ANY}
SELECTOR = {"matchLabels!": dict}
CHAOS_TARGET = {
    "mode!": str,
    "selector!": {"namespaces!": [str], "labelSelectors!": dict},
}
CHAOS = {**CHAOS_TARGET, "duration": str}
POD_TEMPLATE = {"metadata!": {"labels!": dict}, "spec!": ANY}  # the core schema checks the rest
STORAGE = {"size!": str}
COMPRESSED = {"compression": str, "encryption": str}

SPECS: dict[str, Shape] = {
    "RayCluster": {
        "rayVersion!": str,
        "enableInTreeAutoscaling": bool,
        "gcsFaultToleranceOptions!": {
            "redisAddress!": str,
            "externalStorageNamespace": str,
            "redisPassword": {"valueFrom!": {"secretKeyRef!": REFERENCE}},
        },
        "headGroupSpec!": {"serviceType": str, "rayStartParams!": dict, "template!": POD_TEMPLATE},
        "workerGroupSpecs!": [
            {
                "groupName!": str, "replicas!": int, "minReplicas!": int, "maxReplicas!": int,
                "rayStartParams!": dict, "template!": POD_TEMPLATE,
            }
        ],
    },
    "RabbitmqCluster": {
        "replicas!": int,
        "image!": str,
        "persistence!": {"storage!": str, "storageClassName": str},
        "resources!": RESOURCES,
        "terminationGracePeriodSeconds!": int,
        "service!": {"type!": str},
        "tls!": {"secretName!": str, "caSecretName!": str, "disableNonTLSListeners!": bool},
        "affinity": ANY,
        "rabbitmq!": {"additionalPlugins!": [str], "additionalConfig!": str},
        "override!": {"statefulSet!": ANY},
    },
    "Vhost": {"name!": str, **BROKER},
    "User": {
        "tags!": [str],
        "importCredentialsSecret!": {"name!": str},
        "limits": {"connections": int, "channels": int},
        **BROKER,
    },
    "Permission": {
        "user!": str, "vhost!": str,
        "permissions!": {"configure!": str, "write!": str, "read!": str}, **BROKER,
    },
    "Policy": {
        "name!": str, "vhost!": str, "pattern!": str, "applyTo!": str, "priority!": int,
        "definition!": dict, **BROKER,
    },
    "Exchange": {
        "name!": str, "vhost!": str, "type!": str, "durable!": bool, "autoDelete!": bool,
        "arguments": dict, **BROKER,
    },
    "Queue": {
        "name!": str, "vhost!": str, "type!": str, "durable!": bool, "autoDelete!": bool,
        "arguments": dict, **BROKER,
    },
    "Binding": {
        "source!": str, "destination!": str, "destinationType!": str, "routingKey!": str,
        "vhost!": str, **BROKER,
    },
    "Cluster": {
        "instances!": int,
        "imageName!": str,
        "bootstrap!": {"initdb!": {
            "database!": str, "owner!": str, "encoding": str, "localeCollate": str,
            "localeCType": str,
        }},
        "postgresql!": {
            "synchronous!": {"method!": str, "number!": int, "dataDurability!": str},
            "parameters!": dict, "pg_hba!": [str],
        },
        "storage!": STORAGE,
        "walStorage!": STORAGE,
        "resources!": RESOURCES,
        "affinity!": {
            "enablePodAntiAffinity!": bool, "podAntiAffinityType!": str, "topologyKey!": str,
        },
        "seccompProfile!": {"type!": str},
        "backup!": {
            "retentionPolicy!": str,
            "barmanObjectStore!": {
                "destinationPath!": str,
                "s3Credentials!": {"accessKeyId!": REFERENCE, "secretAccessKey!": REFERENCE},
                "wal!": COMPRESSED, "data!": COMPRESSED,
            },
        },
    },
    "ScheduledBackup": {
        "schedule!": str, "backupOwnerReference": str, "cluster!": {"name!": str},
    },
    "Issuer": {"selfSigned": dict, "ca": {"secretName!": str}},
    "Certificate": {
        "secretName!": str, "commonName!": str, "isCA": bool, "dnsNames": [str], "usages": [str],
        "duration!": str, "renewBefore": str, "issuerRef!": ISSUER,
        "privateKey!": {"algorithm!": str, "size!": int, "rotationPolicy": str},
    },
    "ExternalSecret": {
        "refreshInterval!": str,
        "secretStoreRef!": {"name!": str, "kind!": str},
        "target!": {"name!": str, "creationPolicy!": str, "template": {"data!": dict}},
        "data!": [{"secretKey!": str, "remoteRef!": {"key!": str, "property!": str}}],
    },
    "PodMonitor": {
        "selector!": SELECTOR,
        "podMetricsEndpoints!": [{
            "port!": str, "path": str, "scheme": str, "interval!": str,
            "relabelings": [{"targetLabel!": str, "replacement!": str}],
            "tlsConfig": {
                "serverName!": str, "ca!": {"secret!": REFERENCE}, "cert!": {"secret!": REFERENCE},
                "keySecret!": REFERENCE,
            },
        }],
    },
    "PrometheusRule": {"groups!": [ANY]},
    "Schedule": {
        "schedule!": str, "type!": str, "historyLimit!": int, "concurrencyPolicy!": str,
        "podChaos": {**CHAOS, "action!": str, "containerNames": [str]},
        "networkChaos": {
            **CHAOS, "action!": str, "direction": str, "target": CHAOS_TARGET,
            "delay": {"latency!": str, "jitter": str, "correlation": str},
            "loss": {"loss!": str, "correlation": str},
        },
        "ioChaos": {
            **CHAOS, "action!": str, "volumePath!": str, "path": str, "errno": int,
            "percent": int, "methods": [str],
        },
        "timeChaos": {**CHAOS, "timeOffset!": str},
        "stressChaos": {**CHAOS, "stressors!": {"cpu": {"workers!": int, "load": int}}},
        "dnsChaos": {**CHAOS, "action!": str, "patterns!": [str]},
    },
}  # fmt: skip


def faults(value: Any, shape: Shape, where: str = "spec") -> Iterator[str]:
    """What is there and should not be, is not there and should be, or is of another type."""
    match shape:
        case dict() if isinstance(value, dict):
            fields = {name.rstrip("!"): inner for name, inner in shape.items()}
            yield from (f"{where}.{name} is unknown" for name in value.keys() - fields.keys())
            required = {name.rstrip("!") for name in shape if name.endswith("!")}
            yield from (f"{where}.{name} is missing" for name in required - value.keys())
            for name in value.keys() & fields.keys():
                yield from faults(value[name], fields[name], f"{where}.{name}")
        case [inner] if isinstance(value, list):
            for number, item in enumerate(value):
                yield from faults(item, inner, f"{where}[{number}]")
        case type() if isinstance(value, shape) and (shape is not int or value is not True):
            return
        case _:
            yield f"{where} is {value!r:.60}"
