"""`health-kiosk doctor`: one line for each thing that a station needs, and an exit code."""

import argparse
import asyncio
import logging
import os
import sys

from edge_agent.settings import Settings, load
from health_kiosk.configuration import settings_from
from health_kiosk.doctor import report
from health_kiosk.doctor.diagnosis import diagnose
from health_kiosk.doctor.finding import Finding


def run(options: argparse.Namespace) -> None:
    """Print what is found; exits with 1 if anything is broken."""
    logging.disable(logging.CRITICAL)  # the findings say it all
    settings = settings_from(load, options.config)
    language = options.lang or report.language_of(os.environ)
    findings = asyncio.run(_collect(settings, options, language))
    if options.json:
        print(report.as_json(findings, language))
    else:
        print(report.summary(findings, language))
    sys.exit(report.exit_code(findings))


async def _collect(settings: Settings, options: argparse.Namespace, language: str) -> list[Finding]:
    """All findings; each is printed when it is there, as some take their time."""
    findings = []
    async for finding in diagnose(settings, options.config):
        findings.append(finding)
        if not options.json:
            print(report.line(finding, language), flush=True)
    return findings
