"""Certificates that a test makes for itself with openssl: an authority and what it signs."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate and its key, as files in PEM."""

    certificate: Path
    key: Path


class Authority:
    """An authority whose certificate is `file`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.file = directory / "ca.pem"
        self._key = directory / "ca.key"
        _openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", "/CN=Test authority", "-days", "3650",
            "-keyout", str(self._key), "-out", str(self.file),
        )  # fmt: skip

    def sign(self, name: str, *, days: int = 365, host: str = "127.0.0.1") -> Signed:
        """A certificate for `host` that ends so many days from now, which may be negative."""
        made = Signed(self._directory / f"{name}.pem", self._directory / f"{name}.key")
        request = self._directory / f"{name}.csr"
        extensions = self._directory / f"{name}.ext"
        extensions.write_text(f"subjectAltName=IP:{host}\n")
        database = self._directory / f"{name}-index"
        database.mkdir()
        (database / "index.txt").touch()
        settings = self._directory / f"{name}.cnf"
        settings.write_text(
            f"[ca]\ndefault_ca=d\n[d]\ndatabase={database}/index.txt\nnew_certs_dir={database}\n"
            "default_md=sha256\nrand_serial=yes\npolicy=p\n[p]\ncommonName=supplied\n"
        )
        _openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={name}", "-keyout", str(made.key), "-out", str(request),
        )  # fmt: skip
        ends = datetime.now(UTC) + timedelta(days=days, hours=1)
        _openssl(
            "ca", "-batch", "-notext", "-config", str(settings), "-extfile", str(extensions),
            "-cert", str(self.file), "-keyfile", str(self._key),
            "-startdate", f"{ends - timedelta(days=1000):%Y%m%d%H%M%SZ}",
            "-enddate", f"{ends:%Y%m%d%H%M%SZ}",
            "-in", str(request), "-out", str(made.certificate),
        )  # fmt: skip
        return made


def _openssl(*arguments: str) -> None:
    done = subprocess.run(("openssl", *arguments), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"openssl {arguments[0]}: {done.stderr}")
