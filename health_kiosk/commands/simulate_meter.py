"""`health-kiosk simulate meter`: a virtual radio with a glucose meter that simulated people use."""

import argparse
import logging
from datetime import datetime
from random import Random

from health_kiosk.simulated_radio import chosen, serve
from simulators.catalogue import METERS
from simulators.city import BEIJING_TIME
from simulators.meter import Meter
from simulators.visitors import blood_tests, visit

logger = logging.getLogger(__name__)


def run(options: argparse.Namespace) -> None:
    """Print the address for DBUS_SYSTEM_BUS_ADDRESS, then serve until told to stop."""
    rng = Random(options.seed)  # noqa: S311  # simulated people
    if options.model is None:
        meter = Meter(address=options.address, now=_now)
    else:
        make = chosen(METERS, options.model)
        meter = make.build(address=options.address, passkey=options.passkey, now=_now)

    async def visitors() -> None:
        await visit(
            meter.measure,
            blood_tests(rng),
            mean_interval_seconds=options.every,
            rng=rng,
            counted=lambda _: logger.debug("somebody tested"),
        )

    serve(meter, visitors, options.directory)


def _now() -> datetime:
    return datetime.now(BEIJING_TIME)
