"""What faults need beside an installation: put up before its start, taken away after its end."""

from collections.abc import Iterable
from pathlib import Path

from infra.chaos import disk, links
from infra.chaos.disk import NoDisk, SmallDisk
from infra.chaos.postgres import Server
from infra.chaos.relay import Relays
from infra.chaos.second import HEAD_IP, SecondNode
from infra.reference import SAMPLE, load
from infra.settings import Settings

OPERATORS = 'operators = ["ann", "bob"]\n'
RULES = '\n[rules.Firm]\nSharedGross = "5000000000"\n'
"""A limit that accounts share, so that the rule book has something to lend."""


def market(data: Path) -> Path:
    """The sample with two operators and a rule book, in the folder of the installation."""
    path = data / "market.toml"
    path.write_text(OPERATORS + SAMPLE.read_text() + RULES)
    return path


class Scenery:
    """``disk``, ``relays``: there where a kind that was asked for needs them; ``server``: where the
    journals are on one that nobody else has named; ``node``: where there are to be two.
    ``settings``: those to start with.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        reference = load(settings.config)
        self._people = len(reference.operators) > 1 or reference.rules is not None
        self.server: Server | None = None
        self.node: SecondNode | None = None
        self.disk = SmallDisk(settings.data / "journals")
        self.relays = Relays(settings.data, [v.Venue for v in reference.venues if not v.Port])

    @staticmethod
    def clear(data: Path) -> None:
        """Take away what a run that was killed has left."""
        disk.drop(data / "journals")

    def put_up(self, kinds: Iterable[str]) -> dict[str, str]:
        """What these kinds need; returns which of them cannot be done here, and why.

        Raises:
            NoServer: there is no PostgreSQL for the journals.
        """
        if self.settings.journal == "postgres" and not self.settings.journal_address():
            self.server = Server()
            self.settings = self.settings.model_copy(update={"journal_url": self.server.url()})
        if self.settings.nodes > 1:
            self.settings = self.settings.model_copy(update={"node_ip": HEAD_IP})
            self.node = SecondNode(self.settings)
            self.node.start()
        left_out = {}
        for kind in kinds:
            if why := self._put_up(kind):
                left_out[kind] = why
        return left_out

    def take_away(self) -> None:
        """All of it, whatever of it there is; journals stay, in the folder of the installation."""
        if self.node:
            self.node.stop()
            self.node = None
        if self.server:
            self.server.close(keep=self.settings.data / "postgres")
            self.server = None
        self.relays.stop()
        self.disk.release()

    def _put_up(self, kind: str) -> str:
        """Why that kind cannot be done; empty where it can."""
        match kind:
            case "session" | "amqp":
                return links.cannot_cut()
            case "broker" | "memory" if self.settings.secret("amqp_url"):
                return "the broker is not ours (OMS_AMQP_URL)"
            case "postgres" if not self.server:
                return "the server is not ours (OMS_JOURNAL_URL)"
            case "rulebook" if not self._people:
                return "nobody keeps rules: name two operators in the file of OMS_CONFIG"
            case "delay" if not self.relays.venues:
                return "no venue is ours: give one the Port 0 in the file of OMS_CONFIG"
            case "delay":
                self.relays.start()
            case "disk" if self.settings.journal != "sqlite":
                return "the journals are on a server"
            case "disk":
                try:
                    self.disk.mount()
                except NoDisk as error:
                    return str(error)
        return ""
