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
SECRETS = {
    "amqp_url": "amqp.url",
    "amqp_desk_url": "amqp.desk.url",
    "journal_url": "journal.url",
    "link_token": "link.token",
}
"""Settings that nobody may see, and the file in the data folder that each is kept in."""


class SettingsMissing(Exception):
    """No installation in that folder."""


class Settings(BaseSettings):
    """Everything that may differ between installations."""

    model_config = SettingsConfigDict(env_prefix="OMS_", frozen=True, extra="ignore")

    data: Path = Path("var")
    """Journals, the private broker, paper exchanges and logs live here."""
    config: Path = SAMPLE
    """Reference data (TOML)."""
    amqp_url: str = Field(default="", repr=False)
    """The broker for the gateways; empty: a private RabbitMQ is started. With TLS and a client
    certificate in place of a password:
    ``amqps://gateway@HOST/oms?auth=EXTERNAL&cafile=CA&certfile=CERT&keyfile=KEY``."""
    amqp_url_file: Path | None = None
    """A file that holds this URL instead: a mounted secret, say."""
    amqp_desk_url: str = Field(default="", repr=False)
    """The broker for desks with ``{desk}`` in place of the user; empty: the private one's."""
    amqp_desk_url_file: Path | None = None
    """A file that holds this URL instead."""
    shards: int = 4
    """Queues that desks' orders are spread over; fixed for the life of a data folder."""
    journal: str = "sqlite"
    """Where entries are kept: ``sqlite`` (a file per actor in the data folder) or ``postgres``."""
    journal_url: str = Field(default="", repr=False)
    """The PostgreSQL server of the journals; kept in a file of its own, never printed."""
    journal_url_file: Path | None = None
    """A file that holds this URL instead: a mounted secret, say."""
    link: str = "stream"
    """How actors talk: ``stream`` (unix sockets), ``tls`` (TCP between nodes, both ends with a
    certificate) or ``ray`` (actor calls)."""
    link_token: str = Field(default="", repr=False)
    """Shared secret that every process of the installation presents."""
    link_token_file: Path | None = None
    """A file that holds it instead."""
    link_tls: Path | None = None
    """For ``tls``: a folder with ca.crt, tls.crt and tls.key, as cert-manager makes them."""
    link_port: int = 0
    """For ``tls``: the first of the 1,000 ports that actors listen on; 0: any free one."""
    node_ip: str = "127.0.0.1"
    """The address of this node that the others reach it by; nothing of ours listens elsewhere."""
    nodes: int = 1
    """So many nodes have to be there before anything is placed; more than one: spread evenly."""
    groups: bool = False
    """Borders, the core and compliance go to nodes of their own: those that offer Ray the resource
    ``border``, ``core`` or ``audit``."""
    node_groups: tuple[str, ...] = ("audit", "border", "core")
    """The groups that this node belongs to."""
    ray_address: str = ""
    """A Ray that runs already on this node (``auto``); empty: one is started."""
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
    spares: int = 3
    """Idle processes (70 MB each) in which an actor that died goes on at once."""
    hung_after_s: float = 10.0
    """A process that has served nobody for this long is ended, so that another one begins."""
    anchors: Path | None = None
    """The second store, for anchors of the journals and clock records; None: in the data folder."""
    anchor_key_file: Path | None = None
    """The key that seals it; None: ``anchor.key`` in the data folder, made at the first start."""
    anchor_every_s: float = 3600.0
    """Seconds between two anchors."""
    clock_limit_s: float = 0.001
    """Divergence from UTC beyond which the clock is bad (RTS 25: 1 ms, 100 µs where HFT)."""
    bench: bool = False
    """Add the echo queues that ``oms bench`` compares with."""

    def save(self) -> None:
        """Write the settings down for the other processes of this installation.

        Secrets go into a file each, readable by the owner only.
        """
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        changes: dict[str, object] = {}
        for name, file in SECRETS.items():
            if value := getattr(self, name):
                secret = (self.data / file).absolute()
                secret.touch(mode=0o600)
                secret.chmod(0o600)
                secret.write_text(value)
                changes |= {name: "", f"{name}_file": secret}
        kept = self.model_copy(update=changes)
        (self.data / FILE).write_text(kept.model_dump_json(indent=2))

    def secret(self, name: str) -> str:
        """The setting of that name (of ``SECRETS``), wherever it is kept; empty: not set.

        Raises:
            SettingsMissing: its file cannot be read.
        """
        value: str = getattr(self, name)
        file: Path | None = getattr(self, f"{name}_file")
        if value or file is None:
            return value
        try:
            return file.read_text().strip()
        except OSError as error:
            raise SettingsMissing(
                f"{file}: {error.strerror}; it should hold the secret of the setting {name}: "
                f"see OMS_{name.upper()}_FILE"
            ) from error

    def journal_address(self) -> str:
        """The URL of the journals' server, wherever it is kept; empty where there is none."""
        return self.secret("journal_url")

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
