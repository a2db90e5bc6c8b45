"""`health-kiosk simulate cuff`: a virtual radio with a cuff that simulated people use."""

import argparse
import logging
from datetime import datetime
from random import Random

from health_kiosk.simulated_radio import chosen, serve
from simulators.catalogue import CUFFS
from simulators.city import BEIJING_TIME
from simulators.cuff import Cuff
from simulators.population import readings
from simulators.visitors import visit

logger = logging.getLogger(__name__)


def run(options: argparse.Namespace) -> None:
    """Print the address for DBUS_SYSTEM_BUS_ADDRESS, then serve until told to stop."""
    rng = Random(options.seed)  # noqa: S311  # simulated people
    if options.model is None:
        cuff = Cuff(address=options.address)
    else:
        make = chosen(CUFFS, options.model)
        cuff = make.build(address=options.address, passkey=options.passkey, now=_now)

    async def visitors() -> None:
        await visit(
            cuff.measure,
            readings(rng, _now),
            mean_interval_seconds=options.every,
            rng=rng,
            counted=lambda _: logger.debug("somebody measured"),
        )

    serve(cuff, visitors, options.directory)


def _now() -> datetime:
    return datetime.now(BEIJING_TIME)
