"""`health-kiosk edge`: the agent of one station, until it is told to stop."""

import argparse
import os
from random import SystemRandom

from edge_agent import agent, crash, lock, notify
from edge_agent.settings import load
from edge_agent.telemetry import silence_libraries
from health_kiosk.configuration import settings_from
from health_kiosk.interruption import run_until_told


def run(options: argparse.Namespace) -> None:
    """Run the agent described by the file `options.config`."""
    crash.keep_secrets()
    silence_libraries()
    settings = settings_from(load, options.config)
    notifier = notify.from_environment(os.environ)
    with lock.held(settings.outbox.path):
        run_until_told(
            agent.run(settings, clock=agent.system_clock, rng=SystemRandom(), notifier=notifier)
        )
