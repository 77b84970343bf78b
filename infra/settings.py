"""Settings: from the environment (``OMS_...``) or the command line, written down for every process.

``oms up`` fixes them for an installation in ``<data>/settings.json``; every other process reads
that file, so all parts agree.
"""

from pathlib import Path
from typing import Self

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.reference import SAMPLE

FILE = "settings.json"
JOURNAL_URL = "journal.url"


class SettingsMissing(Exception):
    """No installation in that folder."""


class Settings(BaseSettings):
    """Everything that may differ between installations."""

    model_config = SettingsConfigDict(env_prefix="OMS_", frozen=True, extra="ignore")

    data: Path = Path("var")
    """Journals, the private broker, paper exchanges and logs live here."""
    config: Path = SAMPLE
    """Reference data (TOML)."""
    amqp_url: str = ""
    """The broker for the gateways; empty: a private RabbitMQ is started."""
    amqp_desk_url: str = ""
    """The broker for desks with ``{desk}`` in place of the user; empty: the private one's."""
    shards: int = 4
    """Queues that desks' orders are spread over; fixed for the life of a data folder."""
    journal: str = "sqlite"
    """Where entries are kept: ``sqlite`` (a file per actor in the data folder) or ``postgres``."""
    journal_url: str = Field(default="", repr=False)
    """The PostgreSQL server of the journals; kept in a file of its own, never printed."""
    journal_url_file: Path | None = None
    """A file that holds this URL instead: a mounted secret, say."""
    link: str = "stream"
    """How actors talk: ``stream`` (unix sockets) or ``ray`` (actor calls)."""
    link_token: str = ""
    """Shared secret that every process of the installation presents."""
    metrics_port: int = 0
    """Where compliance serves /metrics on loopback; 0: a free port, written to the data folder."""
    metrics_host: str = "127.0.0.1"
    """The address it is served on; in a pod 0.0.0.0, behind a network policy."""
    broker_metrics: bool = False
    """Let the private broker serve its own metrics (rabbitmq_prometheus), too."""
    otlp_endpoint: str = ""
    """An OpenTelemetry collector (OTLP/HTTP traces URL); empty: spans are not exported."""
    passivate_after_s: float = 600.0
    """An account or book without work for this long gives its process back."""
    spares: int = 2
    """Idle processes (70 MB each) in which an actor that died goes on at once."""
    hung_after_s: float = 10.0
    """A process that has served nobody for this long is ended, so that another one begins."""
    bench: bool = False
    """Add the echo queues that ``oms bench`` compares with."""

    def save(self) -> None:
        """Write the settings down for the other processes of this installation."""
        self.data.mkdir(parents=True, exist_ok=True)
        kept = self
        if self.journal_url:
            secret = (self.data / JOURNAL_URL).absolute()
            secret.touch(mode=0o600)
            secret.write_text(self.journal_url)
            kept = self.model_copy(update={"journal_url": "", "journal_url_file": secret})
        (self.data / FILE).write_text(kept.model_dump_json(indent=2))

    def journal_address(self) -> str:
        """The URL of the journals' server, wherever it is kept; empty where there is none."""
        if self.journal_url or self.journal_url_file is None:
            return self.journal_url
        try:
            return self.journal_url_file.read_text().strip()
        except OSError as error:
            raise SettingsMissing(
                f"{self.journal_url_file}: {error.strerror}; it should hold the URL of the "
                f"journals' server: see OMS_JOURNAL_URL_FILE"
            ) from error

    @classmethod
    def of(cls, data: Path) -> Self:
        """The settings of the installation in ``data``.

        Raises:
            SettingsMissing: nothing was ever started there.
        """
        try:
            return cls.model_validate_json((data / FILE).read_text())
        except FileNotFoundError as error:
            raise SettingsMissing(
                f"no installation in {data}: start one with: oms up --data {data}"
            ) from error
