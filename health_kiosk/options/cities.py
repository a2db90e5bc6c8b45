"""`health-kiosk simulate city`: its options."""

import argparse
from pathlib import Path

from health_kiosk.options.kinds import at_least, broker, day
from health_kiosk.options.parsers import Commands, add

_EXAMPLES = """\
examples:
  health-kiosk simulate city --stations 2000 --seed 7 --write-inventory stations.csv
  health-kiosk stations import stations.csv --config ingest.toml
  health-kiosk simulate city --stations 2000 --days 28 --speed 600 --seed 7 \\
      --broker 127.0.0.1:1883 --truth truth.jsonl --account account.jsonl
  health-kiosk simulate audit --truth truth.jsonl --account account.jsonl --config ingest.toml
  health-kiosk simulate city --stations 200 --days 7 --scenario power-cut --broker 127.0.0.1:1883

Days pass in Beijing's time, `--speed` times as fast as ours; when receipts lag behind, the clock
waits for them. The same seed, days and scenario give the same truth file, byte for byte.
Ctrl-C ends a run early: stations say goodbye, and truth and account tell what was done until then.
Each station is a connection: 20,000 need `ulimit -n` of 20,064 and more, here and at the broker.
"""


def add_city(simulated: "Commands[argparse.ArgumentParser]") -> None:
    """The command below `simulate`."""
    city = add(
        simulated, "city", "let a whole city live its days on a broker, and keep the books",
        module="simulate_city", extra="simulate", examples=_EXAMPLES,
    )  # fmt: skip
    city.add_argument("--broker", type=broker, metavar="HOST:PORT")
    city.add_argument("--stations", type=at_least(1), default=20_000, help="(default 20000)")
    city.add_argument("--days", type=at_least(1), default=28, help="(default 28)")
    city.add_argument(
        "--start", type=day, metavar="DATE", help="the first day; by default the last is yesterday"
    )
    city.add_argument(
        "--speed", type=speed, default=600.0, help="at most so many times ours (default 600)"
    )
    city.add_argument("--seed", type=int, default=7, help="of the simulated city (default 7)")
    city.add_argument(
        "--scenario", metavar="NAME|FILE", help="faults: a name that comes along, or a TOML file"
    )
    city.add_argument("--truth", type=Path, metavar="FILE", help="write what happened by week")
    city.add_argument("--account", type=Path, metavar="FILE", help="write what became of messages")
    city.add_argument(
        "--each-window", action="store_true", help="one message for each window of a backlog"
    )
    city.add_argument("--ca-file", type=Path, help="encrypt, believing these certificates")
    city.add_argument("--passwords", type=Path, metavar="FILE", help="of the stations")
    city.add_argument(
        "--write-inventory", type=Path, metavar="FILE", help="write the stations, and end"
    )


def speed(text: str) -> float:
    """A number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed; use a number above 0")
    return number
