"""Ray's settings, which it reads from the environment when it is imported."""

import os
import secrets
from collections.abc import Mapping

from infra.settings import SECRETS, Settings

ENVIRONMENT = {
    "RAY_worker_niceness": "0",
    "RAY_enable_worker_prestart": "0",
    "RAY_timeout_ms_task_wait_for_death_info": "20",
    "RAY_core_worker_internal_heartbeat_ms": "50",
    "RAY_task_actor_unavailable_retry_delay_base_ms": "20",
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
    "RAY_enable_open_telemetry": "0",
    "RAY_usage_stats_enabled": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_preload_python_modules": "infra.spare",
    "RAY_num_workers_soft_limit": "1000000",
}
"""Why each is here: docs/ARCHITECTURE.md, the section on Ray."""


NODE_DATA = "OMS_NODE_DATA"
"""In the environment of everything that runs on a node: the folder of that node."""

LOOPBACK = "127.0.0.1"
TOKEN = "ray.token"  # noqa: S105  # a file name
"""The file in the data folder that holds what Ray wants to hear before it listens to anybody."""


def environment(given: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """``given`` with Ray's settings; what is set there already wins, but the token is always asked.

    The token is a fresh one each time, in a file that only the owner reads, unless ``given`` names
    another. Secrets of ours are left out: processes read them from files (``settings.SECRETS``).
    """
    kept = {k: v for k, v in given.items() if k.removeprefix("OMS_").lower() not in SECRETS}
    told = {**ENVIRONMENT, **kept, "RAY_AUTH_MODE": "token"}
    told[NODE_DATA] = str(settings.data.absolute())
    if not {"RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} & kept.keys():
        path = (settings.data / TOKEN).absolute()
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
        told["RAY_AUTH_TOKEN_PATH"] = str(path)
    if settings.node_ip == LOOPBACK:
        # What Ray does on Macs: it listens on loopback alone. Else it takes 127.0.0.1 for a slip
        # and listens on the address that the machine is reached by.
        told["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    return told


def enter(settings: Settings) -> None:
    """Make it the environment of this very process and of its children."""
    told = environment(os.environ, settings)
    for name in os.environ.keys() - told.keys():
        del os.environ[name]
    os.environ.update(told)
