"""`health-kiosk dashboard push`: the boards, to a Grafana that is there already."""

import argparse
import os
import sys

from dashboard.grafana.languages import Language
from dashboard.grafana.push import Deed, Plan, apply, counts, plan
from dashboard.grafana.push_door import Grafana, GrafanaRefused
from health_kiosk.failure import Failure

_TOKEN = "GRAFANA_TOKEN"  # noqa: S105  # a variable's name


def run(options: argparse.Namespace) -> None:
    """Create and update what differs, or only show it with `options.dry_run`."""
    token = os.environ.get(_TOKEN) or options.token
    if not token:
        raise Failure(
            f"no token: set {_TOKEN} to one of a service account of Grafana (Administration,"
            " Service accounts, role Editor)"
        )
    languages = tuple(Language) if options.language == "both" else (Language(options.language),)
    grafana = Grafana(options.url, token, ca_file=options.ca_file)
    try:
        wanted = plan(grafana, languages)
        if options.dry_run:
            _show(wanted)
            sys.exit(0 if wanted.is_done else 1)
        _push(grafana, wanted)
    except GrafanaRefused as error:
        raise Failure(str(error)) from error


def _push(grafana: Grafana, wanted: Plan) -> None:
    for step in apply(grafana, wanted):
        if step.deed is not Deed.KEEP:
            print(f"{step.deed}  {step.board.uid}  {step.board.title}")
    done = counts(wanted.steps)
    print(f"{done[Deed.CREATE]} created, {done[Deed.UPDATE]} updated, {done[Deed.KEEP]} unchanged")


def _show(wanted: Plan) -> None:
    for language in wanted.folders:
        print(f"create  folder {language}")
    for step in wanted.steps:
        print(f"{step.deed}  {step.board.uid}  {step.board.title}")
        if step.deed is Deed.UPDATE:
            print(step.difference() or "(only moved to its folder)")
