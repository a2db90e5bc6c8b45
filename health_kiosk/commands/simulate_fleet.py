"""`health-kiosk simulate fleet`: a city of light stations that live on a real broker."""

import argparse
import signal
import sys
from random import SystemRandom

from health_kiosk.fleet_access import city_to_live, encryption, passwords
from simulators.fleet import Fleet, FleetOptions
from simulators.fleet_office import StationOptions
from simulators.mqtt_loop import Address


def run(options: argparse.Namespace) -> None:
    """Live until the process is told to end, or only write the inventory."""
    city = city_to_live(options)
    if city is None:
        return
    station = StationOptions(
        passwords=passwords(options.passwords, city), tls=encryption(options.ca_file)
    )
    life = SystemRandom().randrange(1, 2**31)  # numbers begin anew with each start
    fleet = FleetOptions(
        address=Address(*options.broker), seed=options.seed, life=life, station=station
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Fleet(city, fleet) as living:
        living.connect()
        print(f"{len(city)} stations live", file=sys.stderr)
        living.live(lambda: False)
