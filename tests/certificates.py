"""An authority of a test's own, and what it certifies, laid out as cert-manager does it."""

import subprocess
from pathlib import Path

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Authority:
    """Certificates for one day, each in a folder with ca.crt, tls.crt and tls.key."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key, self.certificate = folder / f"{name}.key", folder / f"{name}.crt"
        _openssl(
            "req", "-x509", *CURVE, "-days", "1", "-subj", f"/CN={name}",
            "-keyout", self._key, "-out", self.certificate,
        )  # fmt: skip

    def issue(self, name: str, *alternatives: str) -> Path:
        """A certificate with that common name, e.g. ``("rabbit", "IP:127.0.0.1")``; its folder."""
        folder = self._folder / name
        folder.mkdir()
        request = folder / "request"
        _openssl("req", "-new", *CURVE, "-subj", f"/CN={name}", "-keyout", folder / "tls.key",
                 "-out", request)  # fmt: skip
        extensions = folder / "extensions"
        extensions.write_text(
            f"subjectAltName={','.join(alternatives)}\n"
            if alternatives
            else "basicConstraints=CA:FALSE\n"
        )
        _openssl(
            "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key,
            "-CAcreateserial", "-days", "1", "-extfile", extensions, "-out", folder / "tls.crt",
        )  # fmt: skip
        (folder / "ca.crt").write_bytes(self.certificate.read_bytes())
        return folder


def _openssl(*words: str | Path) -> None:
    done = subprocess.run(["openssl", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
