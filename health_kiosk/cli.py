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
        extra="simulate",
    )  # fmt: skip
    cuff.add_argument("--directory", type=Path, required=True, help="for the private bus")
    cuff.add_argument("--address", default="C0:FF:EE:00:00:01", help="of the cuff")
    cuff.add_argument("--every", type=_at_least(1), default=8, metavar="SECONDS", help="on average")
    cuff.add_argument("--seed", type=int, default=1)

    demo = _add(commands, "demo", "run everything on this machine, simulated", module="demo")
    demo.add_argument("--port", type=_port, default=8000, help="of the page (default 8000)")
    demo.add_argument(
        "--stations", type=_at_least(32), default=240, help="light stations (default 240)"
    )
    demo.add_argument("--weeks", type=_at_least(1), default=12, help="of history (default 12)")
    demo.add_argument("--seed", type=int, default=7, help="of the simulated city (default 7)")
    demo.add_argument("--directory", type=Path, help="keep databases and logs here")


def _add(
    commands: "_Commands[argparse.ArgumentParser]",
    name: str,
    summary: str,
    *,
    module: str,
    extra: str | None = None,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
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


def _complain(sentence: str) -> int:
    print(f"health-kiosk: {sentence}", file=sys.stderr)
    return 2
