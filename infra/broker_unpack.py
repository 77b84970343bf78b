"""RabbitMQ without root: Debian's own packages, unpacked into a folder instead of installed.

Nothing outside the folder changes. Debian's Erlang knows itself only as /usr/lib/erlang, so the
few scripts that say so are rewritten; that is why an unpacked folder cannot be moved.
"""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from infra.broker_process import BrokerUnavailable

INSTALLED = "/usr/lib/erlang"
SERVER = Path("usr/lib/rabbitmq/bin/rabbitmq-server")
DONE = "unpacked-for"  # written last; holds the path the scripts were rewritten for


def unpack(folder: Path) -> Path:
    """Download (33 MB) and unpack (58 MB) once; return the `server` to give to PrivateBroker.

    Needs a Debian-like system with apt's package lists, and libtinfo6, libstdc++6 and zlib1g,
    which its base system has. Raises BrokerUnavailable when a step fails.
    """
    folder = folder.absolute()
    mark = folder / DONE
    if mark.exists() and mark.read_text() == str(folder):
        return folder / SERVER
    for program in ("apt-get", "apt-cache", "dpkg"):
        if shutil.which(program) is None:
            raise BrokerUnavailable(
                f"cannot unpack RabbitMQ without {program}: install a broker some other way "
                "or set OMS_AMQP_URL to one that runs"
            )
    shutil.rmtree(folder, ignore_errors=True)
    packages = folder / "packages"
    packages.mkdir(parents=True)
    _run(["apt-get", "download", *_needed()], packages)
    for package in sorted(packages.glob("*.deb")):
        _run(["dpkg", "-x", str(package), str(folder)], folder)
    shutil.rmtree(packages)
    _rewrite(folder)
    mark.write_text(str(folder))
    return folder / SERVER


def _needed() -> list[str]:
    # What else the package depends on (logrotate, adduser ...) serves an installed daemon only.
    kinds = ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
    command = ["apt-cache", "depends", "--recurse", *(f"--no-{kind}" for kind in kinds)]
    names = _run([*command, "rabbitmq-server"], Path("/")).split("\n")
    found = {name for name in names if name.startswith(("erlang-", "rabbitmq-server"))}
    if not {"rabbitmq-server", "erlang-base"} <= found:
        raise BrokerUnavailable("apt does not know rabbitmq-server: run `apt-get update` first")
    return sorted(found)


def _rewrite(folder: Path) -> None:
    erlang = folder / INSTALLED.lstrip("/")
    scripts = [
        *(erlang / "bin" / name for name in ("erl", "start")),
        *erlang.glob("erts-*/bin/erl"),
        *erlang.glob("erts-*/bin/start"),
        erlang / "releases" / "RELEASES",
    ]
    for script in scripts:
        script.write_text(script.read_text().replace(INSTALLED, str(erlang)))


def _run(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode != 0:
        raise BrokerUnavailable(f"{' '.join(command[:2])} failed: {done.stderr.strip()[-300:]}")
    return done.stdout
