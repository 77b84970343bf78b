"""A private RabbitMQ: its own data folder, ports, cookie and epmd, and nobody else's.

Everything that makes a node what it is lies in one folder, so a broker started again on the same
folder is the same broker: same ports, same passwords, and every confirmed message. The broker and
its epmd are children that the kernel kills with us, so none of them outlives its supervisor.
"""

import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from gateways.amqp import topology
from infra.broker_process import (
    LOOPBACK,
    BrokerUnavailable,
    Child,
    answers,
    choose_ports,
    is_free,
)

__all__ = ["BrokerUnavailable", "PrivateBroker"]

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # not the wrapper in sbin: it changes user
DISK_FREE_MIB = 256
"""With less free space the broker blocks whoever publishes."""
PORT_NAMES = ("amqp", "amqps", "dist", "epmd", "prometheus")
REMEDY = "install one (apt-get install rabbitmq-server) or set OMS_AMQP_URL to one that runs"


class PrivateBroker:
    """One RabbitMQ node on loopback, made from a folder.

    Not thread-safe; every method blocks (start 4 to 12 s, stop about 1 s, 6 s with `prometheus`).
    """

    def __init__(
        self,
        folder: Path,
        desks: Sequence[str],
        shards: int = 8,
        *,
        bench: bool = False,
        people: Sequence[str] = (),
        prometheus: bool = False,
        memory_mib: int = 1024,
        server: Path = SERVER,
        certificates: Path | None = None,
    ) -> None:
        """`memory_mib`: above it publishers are blocked. `server`: its `rabbitmq-server` script.

        `people`: those of `desks` who are persons.
        `certificates`: a folder with ca.crt, tls.crt and tls.key, to listen with TLS as well, where
        a client's certificate takes the place of a password (EXTERNAL, user = CN).
        """
        self.folder = folder.absolute()
        self.prometheus = prometheus
        self._desks = tuple(desks)
        self._shards = shards
        self._bench = bench
        self._people = tuple(people)
        self._memory_mib = memory_mib
        self._server = server
        self._certificates = certificates
        self._node: Child | None = None
        self._epmd: Child | None = None
        self._ports: dict[str, int] = {}
        self._credentials: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """Process id of the Erlang VM itself, None while there is none."""
        return self._node.pid if self.running and self._node else None

    @property
    def running(self) -> bool:
        """Whether the process is alive; it may still be starting."""
        return self._node is not None and self._node.returncode is None

    @property
    def returncode(self) -> int | None:
        """How the last node ended: -9 after `kill`, None while it runs or was never started."""
        return self._node.returncode if self._node else None

    def port(self, name: str = "amqp") -> int:
        """Of "amqp", "amqps", "dist", "epmd" or "prometheus"; the same for ever in one folder."""
        if not self._ports:
            self._prepare()
        return self._ports[name]

    def url(self, user: str) -> str:
        """The AMQP URL of one of `topology.users`, with its password."""
        if not self._credentials:
            self._prepare()
        if user not in topology.users(self._desks, bench=self._bench):
            raise KeyError(f"the broker in {self.folder} has no user {user!r}")
        password = quote(self._credentials[user], safe="")
        return f"amqp://{user}:{password}@{LOOPBACK}:{self.port()}/{topology.VHOST}"

    def tls_url(self, user: str, certificates: Path) -> str:
        """The URL of a user who has a certificate (tls.crt, tls.key, ca.crt in that folder)."""
        query = (
            f"auth=EXTERNAL&cafile={certificates / 'ca.crt'}&certfile={certificates / 'tls.crt'}"
            f"&keyfile={certificates / 'tls.key'}"
        )
        return f"amqps://{user}@{LOOPBACK}:{self.port('amqps')}/{topology.VHOST}?{query}"

    def start(self, timeout: float = 90.0) -> None:
        """Start the node and return when it speaks AMQP.

        Raises BrokerUnavailable: not installed, a port is taken, it ended while starting, or it
        did not answer within `timeout` seconds.
        """
        if self.running:
            raise BrokerUnavailable(f"the broker in {self.folder} runs already (pid {self.pid})")
        if not self._server.exists():
            raise BrokerUnavailable(f"RabbitMQ is missing, no {self._server}: {REMEDY}")
        self._require_room()
        self._prepare()
        environment = self.environment()
        known = self._epmd is not None and self._epmd.returncode is None
        for name in (
            "amqp",
            "dist",
            *([] if known else ["epmd"]),
            *["prometheus"] * self.prometheus,
            *["amqps"] * (self._certificates is not None),
        ):
            self._require_free(name)
        if not known:
            self._epmd = self._start_epmd(environment)
        log = self.folder / "log" / "console.log"
        self._node = Child([str(self._server)], environment, log)
        try:
            self._await_amqp(time.monotonic() + timeout)
        except BaseException:
            self.stop(timeout=0)
            raise

    def stop(self, timeout: float = 20.0) -> None:
        """End the node with SIGTERM (SIGKILL after `timeout` seconds), then its epmd."""
        if self._node is not None:
            self._node.end(timeout)
        if self._epmd is not None:
            self._epmd.end(timeout=2.0)
            self._epmd = None

    def kill(self) -> None:
        """End the node with SIGKILL, as a crash would; `start` brings it back."""
        if self._node is not None:
            self._node.end(timeout=0)

    def ctl(self, *arguments: str) -> str:
        """Run `rabbitmqctl` against this node and return what it prints (0.5 s a call)."""
        program = self._server.with_name("rabbitmqctl")
        done = subprocess.run(  # noqa: S603
            [str(program), "--silent", *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise BrokerUnavailable(f"rabbitmqctl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def environment(self) -> dict[str, str]:
        """What the node and the RabbitMQ tools need in their environment to mean this node."""
        folder, erlang = self.folder, self._server.parents[2] / "erlang" / "bin"
        return {
            "PATH": f"{erlang}:{os.environ.get('PATH', '/usr/bin:/bin')}",
            "LANG": "C.UTF-8",
            "HOME": str(folder / "home"),
            "ERL_EPMD_PORT": str(self.port("epmd")),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": "oms@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self.port("amqp")),
            "RABBITMQ_DIST_PORT": str(self.port("dist")),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_LOGS": str(folder / "log" / "rabbit.log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            "RABBITMQ_PID_FILE": str(folder / "rabbit.pid"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",  # else the machine's own file is read
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} -noinput"
            ),
            # Schedulers bound to cores wait for a core that somebody else is using: unbound ones
            # take 14 % less CPU per message on a shared machine. (They do not spin by default.)
            "RABBITMQ_SCHEDULER_BIND_TYPE": "u",
            # Makes the start script become the Erlang VM: without it the script stays in between
            # and answers exit code 0 even after a SIGKILL.
            "RABBITMQ_ALLOW_INPUT": "1",
        }

    def _prepare(self) -> None:
        for name in ("home", "log", "generated"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._ports = self._remembered("ports.json", dict)
        if missing := [name for name in PORT_NAMES if name not in self._ports]:
            self._ports |= choose_ports(missing)
            self._write("ports.json", json.dumps(self._ports))
        known = self._remembered("credentials.json", dict)
        users = topology.users(self._desks, bench=self._bench)
        self._credentials = {user: secrets.token_urlsafe(24) for user in users} | known
        self._refuse_another_number_of_shards()
        self._refuse_another_place()
        retired = sorted(set(known) - set(users))
        definitions = topology.definitions(
            self._desks,
            self._shards,
            self._credentials,
            bench=self._bench,
            people=self._people,
            retired=retired,
        )
        self._write("credentials.json", json.dumps(self._credentials, indent=1))
        self._write("definitions.json", json.dumps(definitions, indent=1))
        self._write("rabbitmq.conf", self._configuration())
        plugins = [
            "rabbitmq_consistent_hash_exchange",
            *["rabbitmq_prometheus"] * self.prometheus,
            *["rabbitmq_auth_mechanism_ssl"] * (self._certificates is not None),
        ]
        self._write("enabled_plugins", f"[{','.join(plugins)}].\n")
        cookie = self.folder / "home" / ".erlang.cookie"
        if not cookie.exists():
            self._write("home/.erlang.cookie", secrets.token_hex(20))
            cookie.chmod(0o400)

    def _remembered(self, name: str, make: Any) -> Any:
        path = self.folder / name
        if not path.exists():
            self._write(name, json.dumps(make()))
        return json.loads(path.read_text())

    def _write(self, name: str, text: str) -> None:
        """Replace a file as a whole, readable by us alone."""
        path = self.folder / name
        fresh = path.with_name(path.name + ".new")
        fresh.touch(mode=0o600)
        fresh.write_text(text)
        fresh.replace(path)

    def _refuse_another_number_of_shards(self) -> None:
        known = self._remembered("shards.json", lambda: self._shards)
        if known != self._shards:
            raise BrokerUnavailable(
                f"the broker in {self.folder} was made with {known} shards, not {self._shards}: "
                "queued orders would be overtaken or stranded; drain it and use a new folder"
            )

    def _refuse_another_place(self) -> None:
        """Quorum queues write down where they lie, and cannot be opened anywhere else."""
        known = self._remembered("place.json", lambda: str(self.folder))
        if known != str(self.folder):
            raise BrokerUnavailable(
                f"the broker in {self.folder} was made in {known}, and RabbitMQ cannot open its "
                f"queues elsewhere: put the folder back there, or, once it was drained, delete "
                f"{self.folder} and a new broker begins with empty queues"
            )

    def _configuration(self) -> str:
        lines = {
            "listeners.tcp.1": f"{LOOPBACK}:{self.port()}",
            "load_definitions": str(self.folder / "definitions.json"),
            "max_message_size": topology.MAX_MESSAGE_BYTES,
            "heartbeat": 10,
            "vm_memory_high_watermark.absolute": f"{self._memory_mib}MiB",
            "disk_free_limit.absolute": f"{DISK_FREE_MIB}MiB",
            # The log of quorum queues is kept in memory until it is this long; 512 MiB by default.
            "raft.wal_max_size_bytes": 64 * 1024 * 1024,
            "log.console": "false",
            "log.file.level": "info",
        }
        if self.prometheus:
            lines["prometheus.tcp.ip"] = LOOPBACK
            lines["prometheus.tcp.port"] = self.port("prometheus")
        if self._certificates:
            lines |= {
                "listeners.ssl.1": f"{LOOPBACK}:{self.port('amqps')}",
                "ssl_options.cacertfile": str(self._certificates / "ca.crt"),
                "ssl_options.certfile": str(self._certificates / "tls.crt"),
                "ssl_options.keyfile": str(self._certificates / "tls.key"),
                **topology.TLS,
            }
        return "".join(f"{key} = {value}\n" for key, value in lines.items())

    def _start_epmd(self, environment: dict[str, str]) -> "Child":
        # Erlang would start one itself, as a daemon that outlives everybody.
        program = shutil.which("epmd", path=environment["PATH"])
        if program is None:
            raise BrokerUnavailable(f"Erlang is missing, no epmd beside {self._server}: {REMEDY}")
        epmd = Child([program], environment, self.folder / "log" / "epmd.log")
        # It must be there before the node looks for it, or the node makes such a daemon after all.
        while epmd.returncode is None and not answers(self.port("epmd")):
            time.sleep(0.01)
        return epmd

    def _require_room(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.folder).free // 1024**2
        if free <= DISK_FREE_MIB:
            raise BrokerUnavailable(
                f"{free} MB are free in {self.folder}, and RabbitMQ takes no message in with less "
                f"than {DISK_FREE_MIB} MB: free space (df -h), or choose another folder"
            )

    def _require_free(self, name: str) -> None:
        deadline = time.monotonic() + 3.0  # one of ours may just be dying
        while not is_free(self.port(name)):
            if time.monotonic() > deadline:
                raise BrokerUnavailable(
                    f"port {self.port(name)} ({name}) of the broker in {self.folder} is taken by "
                    f"another process: end that one, or delete {self.folder / 'ports.json'} "
                    "to choose new ports"
                )
            time.sleep(0.1)

    def _await_amqp(self, deadline: float) -> None:
        # An open port is not enough: the node listens before it can answer.
        while not answers(self.port(), b"AMQP\0\0\x09\x01"):
            if not self.running:
                tail = _last_lines(self.folder / "log" / "console.log")
                raise BrokerUnavailable(
                    f"the broker in {self.folder} ended with {self.returncode} while starting, "
                    f"see {self.folder / 'log'}: {tail}"
                )
            if time.monotonic() > deadline:
                raise BrokerUnavailable(
                    f"the broker in {self.folder} did not answer in time, see {self.folder / 'log'}"
                )
            time.sleep(0.05)


def _last_lines(path: Path, count: int = 3) -> str:
    lines = path.read_text(errors="replace").split("\n")
    return " | ".join([line.strip() for line in lines if line.strip()][-count:])
