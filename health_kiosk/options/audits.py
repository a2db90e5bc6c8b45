"""The audit of a simulated city."""

import argparse
from pathlib import Path

from health_kiosk.options.kinds import at_least
from health_kiosk.options.parsers import Commands, add, add_ingest_config

_EXAMPLES = """\
examples:
  health-kiosk simulate audit --truth t.jsonl --account a.jsonl --config ingest.toml
  health-kiosk simulate audit --truth t.jsonl --account a.jsonl --config ingest.toml --most 5
  health-kiosk simulate audit --truth t.jsonl --account a.jsonl --all --json audit.json

The files are those of one `health-kiosk simulate city`, and --config is that of the ingest that it
was sent to. The centre is only read. Exit code 0: everything balances; 1: something differs, and
is named; 2: the audit could not be made.
"""


def add_audit(simulated: "Commands[argparse.ArgumentParser]") -> None:
    """`simulate audit`."""
    audit = add(
        simulated, "audit", "compare what happened in a simulated city with what the centre tells",
        module="simulate_audit", extra="demo", examples=_EXAMPLES,
    )  # fmt: skip
    for name in ("truth", "account"):
        audit.add_argument(
            f"--{name}", type=Path, required=True, metavar="FILE",
            help=f"that `simulate city --{name}` has written",
        )  # fmt: skip
    add_ingest_config(audit)
    audit.add_argument(
        "--most", type=at_least(0), default=20, metavar="N",
        help="differences shown of each check (default 20)",
    )  # fmt: skip
    audit.add_argument("--all", action="store_true", help="show every difference")
    audit.add_argument("--json", type=Path, metavar="FILE", help="write all findings there")
