"""Stand-ins for hardware, and the demo of everything."""

import argparse
from pathlib import Path

from health_kiosk.options.audits import add_audit
from health_kiosk.options.cities import add_city
from health_kiosk.options.kinds import at_least, broker, passkey, port
from health_kiosk.options.parsers import Commands, add, add_group

_CUFF_EXAMPLES = """\
examples:
  health-kiosk simulate cuff --directory /tmp/radio --every 20
  health-kiosk simulate cuff --directory /tmp/radio --model omron-blesmart
  health-kiosk simulate cuff --directory /tmp/radio --model beurer-bm85 --passkey 123456

The first line of output is the address to set as DBUS_SYSTEM_BUS_ADDRESS for `health-kiosk edge`.
"""

_METER_EXAMPLES = """\
examples:
  health-kiosk simulate meter --directory /tmp/radio --every 60
  health-kiosk simulate meter --directory /tmp/radio --model accu-chek --passkey 123456
  health-kiosk simulate meter --directory /tmp/radio --model yuwell-meter --seed 7

The first line of output is the address to set as DBUS_SYSTEM_BUS_ADDRESS for `health-kiosk edge`.
"""

_DOOR_EXAMPLES = """\
examples:
  health-kiosk simulate door --broker 127.0.0.1:1883 --sensor front_door
  health-kiosk simulate door --directory /tmp/radio --every 5
"""


_FLEET_EXAMPLES = """\
examples:
  health-kiosk simulate fleet --stations 240 --write-inventory stations.csv
  health-kiosk simulate fleet --stations 240 --broker 127.0.0.1:1883
  health-kiosk simulate fleet --broker broker.example:8883 --ca-file ca.pem --passwords stations.csv

--passwords is a CSV of id and password, as deploy/secrets.sh stations writes it.
"""


def add_simulations(commands: "Commands[argparse.ArgumentParser]") -> None:
    """`simulate` and `demo`."""
    simulated = add_group(commands, "simulate", "stand-ins for hardware")
    cuff = add(
        simulated, "cuff", "run a virtual radio with a cuff in use", module="simulate_cuff",
        extra="simulate", examples=_CUFF_EXAMPLES,
    )  # fmt: skip
    _add_device_options(cuff, address="C0:FF:EE:00:00:01", every=8, model="omron-blesmart")
    meter = add(
        simulated, "meter", "run a virtual radio with a glucose meter in use",
        module="simulate_meter", extra="simulate", examples=_METER_EXAMPLES,
    )  # fmt: skip
    _add_device_options(meter, address="C0:FF:EE:00:01:01", every=30, model="accu-chek")
    door = add(
        simulated, "door", "run a door sensor on a broker or on a virtual radio",
        module="simulate_door", extra="simulate", examples=_DOOR_EXAMPLES,
    )  # fmt: skip
    where = door.add_mutually_exclusive_group(required=True)
    where.add_argument("--broker", type=broker, metavar="HOST:PORT", help="as Zigbee2MQTT does")
    where.add_argument("--directory", type=Path, help="for the private bus: by BTHome")
    door.add_argument("--sensor", default="door", help="its friendly name on the broker")
    _add_address(door, "C0:FF:EE:00:02:01")
    _add_rhythm(door, every=20)

    _add_fleet(simulated)
    add_city(simulated)
    add_audit(simulated)

    demo = add(commands, "demo", "run everything on this machine, simulated", module="demo")
    demo.add_argument("--port", type=port, default=8000, help="of the page (default 8000)")
    demo.add_argument(
        "--stations", type=at_least(32), default=240, help="light stations (default 240)"
    )
    demo.add_argument("--weeks", type=at_least(1), default=12, help="of history (default 12)")
    demo.add_argument("--seed", type=int, default=7, help="of the simulated city (default 7)")
    demo.add_argument("--directory", type=Path, help="keep databases and logs here")


def _add_fleet(simulated: "Commands[argparse.ArgumentParser]") -> None:
    fleet = add(
        simulated, "fleet", "run a city of light stations on a broker", module="simulate_fleet",
        extra="simulate", examples=_FLEET_EXAMPLES,
    )  # fmt: skip
    fleet.add_argument("--broker", type=broker, metavar="HOST:PORT")
    fleet.add_argument("--stations", type=at_least(1), default=240, help="(default 240)")
    fleet.add_argument("--seed", type=int, default=7, help="of the simulated city (default 7)")
    fleet.add_argument("--ca-file", type=Path, help="encrypt, believing these certificates")
    fleet.add_argument("--passwords", type=Path, metavar="FILE", help="of the stations")
    fleet.add_argument(
        "--write-inventory", type=Path, metavar="FILE", help="write the stations, and end"
    )


def _add_device_options(
    parser: argparse.ArgumentParser, *, address: str, every: int, model: str
) -> None:
    parser.add_argument("--directory", type=Path, required=True, help="for the private bus")
    parser.add_argument("--model", metavar="MAKE", help=f"such as {model}; default: a plain one")
    parser.add_argument(
        "--passkey", type=passkey, default=0, help="that it shows, if it is of such a make"
    )
    _add_address(parser, address)
    _add_rhythm(parser, every=every)


def _add_address(parser: argparse.ArgumentParser, address: str) -> None:
    parser.add_argument("--address", default=address, help=f"of the device (default {address})")


def _add_rhythm(parser: argparse.ArgumentParser, *, every: int) -> None:
    parser.add_argument(
        "--every", type=at_least(1), default=every, metavar="SECONDS",
        help=f"on average (default {every})",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="of the simulated people")
