"""The one command line; a subcommand's module is imported only when it is called."""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from contract.errors import Unavailable
from health_kiosk.failure import Failure

_EXAMPLES = """\
examples:
  health-kiosk demo                                   everything on this machine, simulated
  health-kiosk edge --config station.toml             the agent of one station
  health-kiosk ingest --config ingest.toml            the central service and its API
  health-kiosk dashboard --ingest-url http://127.0.0.1:8080
  health-kiosk stations import stations.csv --config ingest.toml
  health-kiosk trends release --config ingest.toml    release every closed week now
  health-kiosk simulate cuff --directory /tmp/radio   a virtual radio with a cuff in use
  health-kiosk simulate meter --directory /tmp/radio  the same with a glucose meter
  health-kiosk simulate door --broker 127.0.0.1:1883  a door sensor that people set off
"""

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

_OUR_PACKAGES = ("contract", "edge_agent", "ingest", "dashboard", "simulators", "health_kiosk")

_Commands = argparse._SubParsersAction  # argparse names no public type for what it returns


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one subcommand; a failure exits with 2 after one clear sentence."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        import_module(f"health_kiosk.commands.{options.module}").run(options)
    except KeyboardInterrupt:
        sys.exit(130)
    except (Failure, Unavailable) as error:
        sys.exit(_complain(str(error)))
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in _OUR_PACKAGES:
            raise
        sys.exit(
            _complain(f"{package} is missing; run: pip install 'health-kiosk[{options.extra}]'")
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="health-kiosk",
        description="Rest-station health kiosks: meters to anonymous trends, nothing lost.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    levels = ("debug", "info", "warning", "error")
    parser.add_argument("--log-level", default="info", choices=levels)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_processes(commands)
    _add_operations(commands)
    _add_simulations(commands)
    return parser


def _add_processes(commands: "_Commands[argparse.ArgumentParser]") -> None:
    edge = _add(commands, "edge", "run the agent of one station", module="edge")
    edge.add_argument("--config", type=Path, required=True, metavar="station.toml")

    ingest = _add(commands, "ingest", "run the ingest service and its API", module="ingest")
    _add_ingest_config(ingest)

    dashboard = _add(commands, "dashboard", "serve the built-in page", module="dashboard")
    dashboard.add_argument("--ingest-url", default="http://127.0.0.1:8080", metavar="URL")
    dashboard.add_argument("--host", default="127.0.0.1", help="0.0.0.0 for every interface")
    dashboard.add_argument("--port", type=_port, default=8000)


def _add_operations(commands: "_Commands[argparse.ArgumentParser]") -> None:
    stations = commands.add_parser("stations", help="the station inventory")
    inventory = stations.add_subparsers(title="commands", required=True, metavar="COMMAND")
    load = _add(inventory, "import", "add or change stations", module="stations", extra="ingest")
    load.add_argument("file", type=Path, help="CSV: id,name_zh,name_en,district,venue,seats")
    _add_ingest_config(load)

    trends = commands.add_parser("trends", help="released screening trends")
    released = trends.add_subparsers(title="commands", required=True, metavar="COMMAND")
    release = _add(
        released, "release", "release every closed week now", module="trends", extra="ingest"
    )
    _add_ingest_config(release)


def _add_simulations(commands: "_Commands[argparse.ArgumentParser]") -> None:
    simulate = commands.add_parser("simulate", help="stand-ins for hardware")
    simulated = simulate.add_subparsers(title="commands", required=True, metavar="COMMAND")
    cuff = _add(
        simulated, "cuff", "run a virtual radio with a cuff in use", module="simulate_cuff",
        extra="simulate", examples=_CUFF_EXAMPLES,
    )  # fmt: skip
    _add_device_options(cuff, address="C0:FF:EE:00:00:01", every=8, model="omron-blesmart")
    meter = _add(
        simulated, "meter", "run a virtual radio with a glucose meter in use",
        module="simulate_meter", extra="simulate", examples=_METER_EXAMPLES,
    )  # fmt: skip
    _add_device_options(meter, address="C0:FF:EE:00:01:01", every=30, model="accu-chek")
    door = _add(
        simulated, "door", "run a door sensor on a broker or on a virtual radio",
        module="simulate_door", extra="simulate", examples=_DOOR_EXAMPLES,
    )  # fmt: skip
    where = door.add_mutually_exclusive_group(required=True)
    where.add_argument("--broker", type=_broker, metavar="HOST:PORT", help="as Zigbee2MQTT does")
    where.add_argument("--directory", type=Path, help="for the private bus: by BTHome")
    door.add_argument("--sensor", default="door", help="its friendly name on the broker")
    _add_address(door, "C0:FF:EE:00:02:01")
    _add_rhythm(door, every=20)

    demo = _add(commands, "demo", "run everything on this machine, simulated", module="demo")
    demo.add_argument("--port", type=_port, default=8000, help="of the page (default 8000)")
    demo.add_argument(
        "--stations", type=_at_least(32), default=240, help="light stations (default 240)"
    )
    demo.add_argument("--weeks", type=_at_least(1), default=12, help="of history (default 12)")
    demo.add_argument("--seed", type=int, default=7, help="of the simulated city (default 7)")
    demo.add_argument("--directory", type=Path, help="keep databases and logs here")


def _add_device_options(
    parser: argparse.ArgumentParser, *, address: str, every: int, model: str
) -> None:
    parser.add_argument("--directory", type=Path, required=True, help="for the private bus")
    parser.add_argument("--model", metavar="MAKE", help=f"such as {model}; default: a plain one")
    parser.add_argument(
        "--passkey", type=_passkey, default=0, help="that it shows, if it is of such a make"
    )
    _add_address(parser, address)
    _add_rhythm(parser, every=every)


def _add_address(parser: argparse.ArgumentParser, address: str) -> None:
    parser.add_argument("--address", default=address, help=f"of the device (default {address})")


def _add_rhythm(parser: argparse.ArgumentParser, *, every: int) -> None:
    parser.add_argument(
        "--every", type=_at_least(1), default=every, metavar="SECONDS",
        help=f"on average (default {every})",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="of the simulated people")


def _add(
    commands: "_Commands[argparse.ArgumentParser]",
    name: str,
    summary: str,
    *,
    module: str,
    extra: str | None = None,
    examples: str | None = None,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(module=module, extra=extra or name)
    return parser


def _add_ingest_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", type=Path, metavar="ingest.toml", help="INGEST__… variables override it"
    )


def _at_least(smallest: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < smallest:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {smallest} up")
        return int(text)

    return number


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else 0
    if not 1 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; use 1 to 65535")
    return port


def _passkey(text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a passkey; use up to six digits")
    return int(text)


def _broker(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host, _port(port)


def _complain(sentence: str) -> int:
    print(f"health-kiosk: {sentence}", file=sys.stderr)
    return 2
