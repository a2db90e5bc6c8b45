"""`health-kiosk stations import`: fill the station inventory from a CSV file."""

import argparse

from health_kiosk.configuration import settings_from
from health_kiosk.failure import Failure
from ingest import stations
from ingest.operations import Operations
from ingest.settings import load


def run(options: argparse.Namespace) -> None:
    """Import `options.file` whole, or say everything that is wrong with it."""
    settings = settings_from(load, options.config)
    try:
        found = stations.read(options.file)
    except OSError as error:
        raise Failure(f"cannot read {options.file}: {error.strerror}") from error
    except stations.InventoryError as error:
        problems = "\n  ".join(error.problems)
        raise Failure(f"nothing imported from {options.file}:\n  {problems}") from error
    Operations(settings.store.operations_url).inventory.register(found)
    print(f"{len(found)} station(s) imported")
