"""Ray's settings, which it reads from the environment when it is imported."""

import secrets
from collections.abc import Mapping

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
    "RAY_AUTH_MODE": "token",
    "RAY_DEDUP_LOGS": "0",
    "RAY_preload_python_modules": "infra.rayhost,infra.hosts.ingress,infra.hosts.egress",
    "RAY_num_workers_soft_limit": "1000000",
}
"""Why each is here: docs/ARCHITECTURE.md, the section on Ray."""


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """``given`` with Ray's settings; what is set there already wins. A fresh token each time."""
    return {**ENVIRONMENT, "RAY_AUTH_TOKEN": secrets.token_hex(32), **given}
