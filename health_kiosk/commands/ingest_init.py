"""`health-kiosk ingest init`: buckets, retention and a dashboard's token in InfluxDB."""

import argparse
import os
from pathlib import Path

from health_kiosk.configuration import settings_from
from health_kiosk.failure import Failure
from ingest.settings import load
from ingest.store.influx_setup import prepare


def run(options: argparse.Namespace) -> None:
    """Prepare the InfluxDB that the settings name, and say what was made."""
    settings = settings_from(load, options.config).store
    if settings.kind != "influx":
        raise Failure('[store] kind is "sqlite", which needs no preparation')
    file: Path | None = options.token_file
    prepared = prepare(settings, new_token=file is not None and not file.exists())
    print(f"InfluxDB {prepared.version}: {', '.join(prepared.buckets)} are ready")
    if prepared.advice:
        print(prepared.advice)
    if prepared.token and file is not None:
        _keep(prepared.token, file)
        print(f"a token that reads released data only is in {file}")
    elif prepared.token:
        print(f"a token that reads released data only, shown this once: {prepared.token}")


def _keep(token: str, file: Path) -> None:
    """Write it for owner and group; a file that is half written is never seen."""
    beside = file.with_name(f".{file.name}.new")
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        with os.fdopen(descriptor, "w") as written:
            written.write(token)
        beside.replace(file)
    except OSError as error:
        raise Failure(f"cannot write the token to {file}: {error.strerror}") from error
