"""`health-kiosk simulate fleet`: a city of light stations that live on a real broker."""

import argparse
import signal
import sys
from random import Random, SystemRandom

from health_kiosk.failure import Failure
from health_kiosk.fleet_access import encryption, passwords
from simulators.city import stations, write_stations_csv
from simulators.fleet import Fleet, FleetOptions
from simulators.fleet_office import StationOptions
from simulators.mqtt_loop import Address
from simulators.open_files import allow_files


def run(options: argparse.Namespace) -> None:
    """Live until the process is told to end, or only write the inventory."""
    city = stations(options.stations, Random(options.seed))  # noqa: S311  # a game
    if options.write_inventory is not None:
        write_stations_csv(options.write_inventory, city)
        return
    if options.broker is None:
        raise Failure("name a broker with --broker HOST:PORT, or a file with --write-inventory")
    try:
        allow_files(len(city))
    except ValueError as error:
        raise Failure(str(error)) from error
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
