"""The processes: a station's agent and its doctor, ingest, the page."""

import argparse
from pathlib import Path

from health_kiosk.options.kinds import port, web_address
from health_kiosk.options.parsers import Commands, add, add_ingest_config, add_station_config

_DOCTOR_NOTES = """\
exit code: 0 if nothing is broken, 1 if something is, 2 if the settings cannot be used.

It may run beside the agent: it logs in to the broker under another name, and leaves to the agent
what only one process can open. Run it as the agent's user, with the agent's environment.
"""


_PUSH_NOTES = """\
examples:
  GRAFANA_TOKEN=glsa_… health-kiosk dashboard push --url https://grafana.example
  health-kiosk dashboard push --url https://example/grafana --dry-run
  health-kiosk dashboard push --url http://127.0.0.1:3000 --language zh

The token is one of a service account with the role Editor. GRAFANA_TOKEN goes before --token, which
other users of this machine can read. Boards that are the same already are not sent, so this may be
run as often as wanted. The boards expect data sources of the uids kiosk-trends, kiosk-usage,
kiosk-fleet and kiosk-metrics: see deploy/grafana/provisioning/datasources.

exit code: 0 if Grafana has the boards, 1 if --dry-run found a difference, 2 if it failed.
"""


def add_processes(commands: "Commands[argparse.ArgumentParser]") -> None:
    """`edge`, `doctor`, `ingest`, `dashboard`."""
    _add_edge(commands)

    ingest = add(commands, "ingest", "run the ingest service and its API", module="ingest")
    add_ingest_config(ingest)
    inside = ingest.add_subparsers(title="commands", metavar="COMMAND")
    init = add(
        inside, "init", "prepare InfluxDB: buckets, retention, a token that only reads",
        module="ingest_init", extra="influx",
    )  # fmt: skip
    add_ingest_config(init, below=True)
    init.add_argument(
        "--token-file", type=Path, metavar="FILE",
        help="keep the token there instead of showing it; made anew if the file is lost",
    )  # fmt: skip

    dashboard = add(
        commands, "dashboard", "serve the built-in page", module="dashboard",
        examples="HEALTH_KIOSK_API_KEY is the key for an ingest that wants one.",
    )  # fmt: skip
    dashboard.add_argument("--ingest-url", default="http://127.0.0.1:8080", metavar="URL")
    dashboard.add_argument("--host", default="127.0.0.1", help="0.0.0.0 for every interface")
    dashboard.add_argument("--port", type=port, default=8000)
    _add_push(dashboard)


def _add_push(dashboard: argparse.ArgumentParser) -> None:
    inside = dashboard.add_subparsers(title="commands", metavar="COMMAND")
    push = add(
        inside, "push", "create and update the boards of a Grafana", module="dashboard_push",
        extra="grafana", examples=_PUSH_NOTES,
    )  # fmt: skip
    push.add_argument("--url", type=web_address, required=True, help="where people open Grafana")
    push.add_argument("--token", help="better in the environment: GRAFANA_TOKEN")
    push.add_argument("--ca-file", type=Path, help="believe these certificates")
    push.add_argument(
        "--language", choices=("zh", "en", "both"), default="both", help="(default both)"
    )
    push.add_argument("--dry-run", action="store_true", help="only show what would change")


def _add_edge(commands: "Commands[argparse.ArgumentParser]") -> None:
    edge = add(commands, "edge", "run the agent of one station", module="edge")
    edge.add_argument("--config", type=Path, metavar="station.toml", help="required")
    inside = edge.add_subparsers(title="commands", metavar="COMMAND")
    status = add(
        inside, "status", "show what the station's file says", module="edge_status", extra="edge"
    )
    add_station_config(status)
    status.add_argument("--json", action="store_true", help="for programs")

    doctor = add(
        commands, "doctor", "look at everything that a station needs", module="doctor",
        extra="edge", examples=_DOCTOR_NOTES,
    )  # fmt: skip
    add_station_config(doctor)
    doctor.add_argument("--json", action="store_true", help="for programs")
    doctor.add_argument("--lang", choices=("en", "zh"), help="default: that of the environment")
