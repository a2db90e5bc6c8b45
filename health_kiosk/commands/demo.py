"""`health-kiosk demo`: the whole platform and a simulated city on this machine."""

import argparse

from health_kiosk.demo.run import Options
from health_kiosk.demo.run import run as run_demo


def run(options: argparse.Namespace) -> None:
    """Show it until Ctrl-C."""
    run_demo(
        Options(
            port=options.port,
            stations=options.stations,
            weeks=options.weeks,
            seed=options.seed,
            directory=options.directory,
        )
    )
