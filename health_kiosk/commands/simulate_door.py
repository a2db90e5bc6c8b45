"""`health-kiosk simulate door`: a door sensor on a broker, or on a virtual radio."""

import argparse
from random import Random

from health_kiosk.interruption import run_until_told
from health_kiosk.simulated_radio import serve
from simulators.occupancy.bthome import OPENING, BthomeSensor
from simulators.occupancy.zigbee2mqtt import virtual_zigbee2mqtt
from simulators.visitors import pass_through


def run(options: argparse.Namespace) -> None:
    """Open and close the door until told to stop."""
    if options.directory is None:
        _on_a_broker(options)
    else:
        _on_a_radio(options)


def _on_a_broker(options: argparse.Namespace) -> None:
    host, port = options.broker
    with virtual_zigbee2mqtt(host, port) as bridge:
        bridge.set_available(options.sensor, available=True)
        run_until_told(
            pass_through(
                lambda opened: bridge.tell(options.sensor, contact=not opened),
                mean_interval_seconds=options.every,
                rng=Random(options.seed),  # noqa: S311  # simulated people
            )
        )


def _on_a_radio(options: argparse.Namespace) -> None:
    sensor = BthomeSensor(address=options.address)

    async def visitors() -> None:
        await pass_through(
            lambda opened: sensor.tell({OPENING: int(opened)}),
            mean_interval_seconds=options.every,
            rng=Random(options.seed),  # noqa: S311  # simulated people
        )

    serve(sensor, visitors, options.directory)
