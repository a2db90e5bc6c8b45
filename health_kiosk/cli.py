"""The one command line; a subcommand's module is imported only when it is called."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from contract.errors import Unavailable
from health_kiosk.failure import Failure
from health_kiosk.options.centre import add_centre
from health_kiosk.options.processes import add_processes
from health_kiosk.options.reports import add_reports
from health_kiosk.options.simulations import add_simulations

_EXAMPLES = """\
examples:
  health-kiosk demo                                   everything on this machine, simulated
  health-kiosk edge --config station.toml             the agent of one station
  health-kiosk edge status --config station.toml      what its file says, without disturbing it
  health-kiosk doctor --config station.toml           what the station needs, and what is wrong
  health-kiosk ingest --config ingest.toml            the central service and its API
  health-kiosk dashboard --ingest-url http://127.0.0.1:8080
  health-kiosk dashboard push --url https://grafana.example --dry-run
  health-kiosk stations import stations.csv --config ingest.toml
  health-kiosk stations configure BJ-CY-012 desired.toml --broker 127.0.0.1:1883
  health-kiosk quarantine list --config ingest.toml   what was refused, and why
  health-kiosk ledger --config ingest.toml            what became of every message
  health-kiosk keys add "Chaoyang office"             a key for the API
  health-kiosk trends release --config ingest.toml    release every closed week now
  health-kiosk trends explain CELL                    which rule hides a number
  health-kiosk usage remake --since 2026-01-01        hours and days anew from their windows
  health-kiosk report --week 2026-W40 --pdf week.pdf  two pages for officers
  health-kiosk export dhis2 --block 2026-B10x4 --out values.json
  health-kiosk simulate cuff --directory /tmp/radio   a virtual radio with a cuff in use
  health-kiosk simulate meter --directory /tmp/radio  the same with a glucose meter
  health-kiosk simulate door --broker 127.0.0.1:1883  a door sensor that people set off
  health-kiosk simulate city --stations 500 --broker 127.0.0.1:1883
  health-kiosk simulate audit --truth T --account A   what happened, against what the centre tells
"""

_OUR_PACKAGES = ("contract", "edge_agent", "ingest", "dashboard", "simulators", "health_kiosk")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one subcommand; a failure exits with 2 after one clear sentence."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.module == "edge" and options.config is None:
        parser.error("edge: the following arguments are required: --config")
    logging.basicConfig(
        level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        import_module(f"health_kiosk.commands.{options.module}").run(options)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # whoever reads the output, such as `head`, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
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
    add_processes(commands)
    add_centre(commands)
    add_reports(commands)
    add_simulations(commands)
    return parser


def _complain(sentence: str) -> int:
    print(f"health-kiosk: {sentence}", file=sys.stderr)
    return 2
