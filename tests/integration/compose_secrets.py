"""The secrets that `deploy/secrets.sh` makes, in a directory of a test."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Secrets:
    """What was made: the directory of files and the file of variables."""

    directory: Path
    environment: Path

    def variables(self) -> dict[str, str]:
        """The variables that docker-compose.yml is filled with."""
        lines = self.environment.read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if not line.startswith("#"))

    def passwords(self) -> dict[str, str]:
        """The stations' passwords."""
        lines = (self.directory / "stations.csv").read_text("utf-8").splitlines()
        return dict(line.split(",", 1) for line in lines)

    def run(self, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the script, whatever comes of it."""
        return subprocess.run(
            (str(ROOT / "deploy" / "secrets.sh"), *arguments),
            capture_output=True, text=True, check=False,
            env=os.environ | {
                "SECRETS_DIRECTORY": str(self.directory),
                "SECRETS_ENVIRONMENT": str(self.environment),
                "PATH": path or os.environ["PATH"],
            },
        )  # fmt: skip


def make(directory: Path, *names: str, stations: tuple[str, ...] = ()) -> Secrets:
    """Everything, with a password for each of `stations`."""
    made = Secrets(directory / "secrets", directory / ".env")
    done = made.run(*names)
    assert done.returncode == 0, done.stderr
    if stations:
        inventory = directory / "stations.csv"
        inventory.write_text("\n".join(("id,name_zh", *(f"{one},x" for one in stations))) + "\n")
        done = made.run("stations", str(inventory))
        assert done.returncode == 0, done.stderr
    return made
