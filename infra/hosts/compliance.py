"""What the host of compliance adds: metrics and traces, projected from what was committed."""

from collections.abc import Sequence

import structlog
from prometheus_client import CollectorRegistry

from actors.compliance import ComplianceState
from infra import endpoints
from infra.audit.gauges import AuditGauges
from infra.hosts.actor import ActorHost
from infra.lives import Lives
from infra.metrics import Metrics
from infra.monitoring.ground import Ground
from infra.settings import Settings
from infra.tracing import Tracing
from infra.vitals import Vitals
from messages.entry import EntryCopy

log = structlog.get_logger()


class Watch:
    """Sees every entry copy after compliance has committed it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        registry = CollectorRegistry()
        registry.register(Lives(settings.data))
        registry.register(AuditGauges(settings.data))
        self._metrics = Metrics(registry)
        self._tracing = Tracing(settings.otlp_endpoint or None)
        registry.register(Ground(settings.data, self._tracing))
        self._host: ActorHost | None = None
        self._violations = 0

    def start(self, host: ActorHost) -> None:
        """Serve /metrics; the totals are read from the actor's state at each scrape."""
        self._host = host
        self._metrics.totals(self._state.totals)
        self._violations = len(self._state.violations)
        host_name = self._settings.metrics_host
        port = self._metrics.serve(self._settings.metrics_port, host_name)
        shown = "127.0.0.1" if host_name == "0.0.0.0" else host_name  # noqa: S104  # not a bind
        endpoints.write(self._settings.data, metrics=f"http://{shown}:{port}/metrics")
        log.info("metrics", port=port)

    def observe(self, copies: Sequence[EntryCopy]) -> None:
        """Copies that came together."""
        for copy in copies:
            self._metrics.observe(copy)
            self._tracing.observe(copy)
        state = self._state
        if len(state.violations) > self._violations:
            for what in state.violations[self._violations :]:
                log.error("violation", what=what)
                self._metrics.violation()
            self._violations = len(state.violations)
            self._metrics.totals(state.totals)

    def vitals(self, data: bytes) -> None:
        """One host's health."""
        self._metrics.vitals(Vitals.model_validate_json(data))

    async def stop(self) -> None:
        """Flush spans, stop serving."""
        self._tracing.shutdown()
        self._metrics.close()

    @property
    def _state(self) -> ComplianceState:
        assert self._host is not None
        state: ComplianceState = self._host.shell.actor.state
        return state
