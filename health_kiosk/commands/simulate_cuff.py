"""`health-kiosk simulate cuff`: a virtual radio with a cuff that simulated people use."""

import argparse
import logging
from datetime import datetime
from random import Random

from health_kiosk.failure import Failure
from health_kiosk.interruption import run_until_told
from simulators import station_radio
from simulators.bus import BusNotStarted
from simulators.city import BEIJING_TIME
from simulators.population import readings

logger = logging.getLogger(__name__)


def run(options: argparse.Namespace) -> None:
    """Print the address for DBUS_SYSTEM_BUS_ADDRESS, then serve until told to stop."""
    options.directory.mkdir(parents=True, exist_ok=True)
    rng = Random(options.seed)  # noqa: S311  # simulated people
    try:
        run_until_told(
            station_radio.run(
                directory=options.directory,
                address=options.address,
                name="Virtual Cuff",
                readings=readings(rng, lambda: datetime.now(BEIJING_TIME)),
                mean_interval_seconds=options.every,
                rng=rng,
                announce=lambda address: print(address, flush=True),
                counted=lambda _: logger.debug("somebody measured"),
            )
        )
    except BusNotStarted as error:
        raise Failure(str(error)) from error
