"""What operators of the centre do: stations, quarantine, ledger, keys, trends."""

import argparse
from pathlib import Path

from health_kiosk.options.kinds import at_least, broker, day, reason
from health_kiosk.options.parsers import Commands, add, add_group, add_ingest_config

_CONFIGURE_EXAMPLES = """\
examples:
  health-kiosk stations configure BJ-CY-012 desired.toml --broker 127.0.0.1:1883
  health-kiosk stations configure BJ-CY-012 desired.toml --broker 127.0.0.1:1883 --revision again
  health-kiosk stations configure BJ-CY-012 --clear --broker 127.0.0.1:1883

The file has options of [radio], [occupancy] and [mqtt]; the station's status tells the outcome.
HEALTH_KIOSK_MQTT_PASSWORD is the password of --user. A station that is away for long does not
learn of --clear when it comes back; it does of an empty file.
"""

_IMPORT_EXAMPLES = """\
the first line names the columns: id,name_zh,name_en,district,venue,seats
and, if wanted: place,opening_hours,devices

  BJ-CY-012,朝阳区便利店,Chaoyang store,110105,convenience,3,12 Jianguo Road,08:00-20:00,"bp,door"

Nothing is imported unless every line can be. Messages that were refused because their station was
unknown are stored by themselves soon after.
"""

_QUARANTINE_EXAMPLES = """\
examples:
  health-kiosk quarantine list --reason schema --config ingest.toml
  health-kiosk quarantine show 3f9a > message.json
  health-kiosk quarantine replay 3f9a --mended message.json
  health-kiosk quarantine discard 3f9a

A message is named by the beginning of its digest.
"""

_TRENDS_EXAMPLES = """\
examples:
  health-kiosk trends release --config ingest.toml
  health-kiosk trends list --level district --config ingest.toml
  health-kiosk trends list --area BJ-CY-012 --audience public --measure glu_fasting
  health-kiosk trends explain internal:district:110105:2026-W07:bp:high
  health-kiosk trends explain internal:station:BJ-CY-012:2026-B02x4:bp:grade1

A window is an ISO week such as 2026-W07, or 2026-B02x4: the second block of 4 weeks of 2026.
A week is released a day after its end at the earliest, once; `release` may be broken off anywhere.
"""

_USAGE_EXAMPLES = """\
examples:
  health-kiosk usage remake --since 2026-01-01 --config ingest.toml
  health-kiosk usage remake --since 2026-03-01 --station BJ-CY-012 --config ingest.toml

An hour takes venue, opening hours and seats from the inventory as they are when it is made, so this
is to be run after they were corrected there. The service need not stop; it may be broken off, and
run again.
"""


def add_centre(commands: "Commands[argparse.ArgumentParser]") -> None:
    """`stations`, `quarantine`, `ledger`, `keys`, `trends`, `usage`."""
    inventory = add_group(commands, "stations", "the station inventory")
    load = add(
        inventory, "import", "add or change stations", module="stations", extra="ingest",
        examples=_IMPORT_EXAMPLES,
    )  # fmt: skip
    load.add_argument("file", type=Path, help="CSV in UTF-8")
    add_ingest_config(load)
    _add_configure(inventory)
    _add_quarantine(commands)

    ledger = add(
        commands, "ledger", "what became of every message; exit code 1 if it does not balance",
        module="ledger", extra="ingest",
    )  # fmt: skip
    ledger.add_argument("station", nargs="?", help="only this one, epoch by epoch")
    add_ingest_config(ledger)
    _add_keys(commands)

    _add_trends(commands)

    usage = add_group(commands, "usage", "hours and days of the stations' use")
    remake = add(
        usage, "remake", "make hours and days anew from the windows that are stored",
        module="usage", extra="ingest", examples=_USAGE_EXAMPLES,
    )  # fmt: skip
    remake.add_argument(
        "--since", type=day, required=True, metavar="DAY", help="such as 2026-01-01"
    )
    remake.add_argument("--station", metavar="ID", help="only this one")
    add_ingest_config(remake)


def _add_quarantine(commands: "Commands[argparse.ArgumentParser]") -> None:
    actions = add_group(commands, "quarantine", "messages that were refused, kept whole")
    summaries = {
        "list": "list them, oldest first",
        "show": "print one as it came",
        "replay": "store one after all, as it is or mended",
        "discard": "give one up for good; it is counted",
    }
    for action, summary in summaries.items():
        parser = add(
            actions, action, summary, module="quarantine", extra="ingest",
            examples=_QUARANTINE_EXAMPLES,
        )  # fmt: skip
        parser.set_defaults(action=action)
        if action == "list":
            parser.add_argument("--reason", type=reason, help="such as schema or not_json")
            parser.add_argument("--station", help="only what came on its topics")
            parser.add_argument("--limit", type=at_least(1), default=50, help="(default 50)")
        else:
            parser.add_argument("digest", help="its first characters")
        if action == "replay":
            parser.add_argument("--mended", type=Path, metavar="FILE", help="store this instead")
        add_ingest_config(parser)


def _add_trends(commands: "Commands[argparse.ArgumentParser]") -> None:
    actions = add_group(commands, "trends", "released screening trends")
    summaries = {
        "release": "release every closed week that is due, oldest first",
        "list": "list the released windows of an area, or of all areas of a level",
        "explain": "say which rule hides a released cell",
    }
    for action, summary in summaries.items():
        parser = add(
            actions, action, summary, module="trends", extra="ingest", examples=_TRENDS_EXAMPLES
        )
        parser.set_defaults(action=action)
        if action == "list":
            parser.add_argument(
                "--area", help="110000, a district's code, a venue type or a station"
            )
            parser.add_argument(
                "--level", choices=("city", "district", "venue", "station"),
                help="all areas of a level (default city)",
            )  # fmt: skip
            parser.add_argument(
                "--audience", choices=("internal", "public"), default="internal",
                help="as officers or as everybody may see it (default internal)",
            )  # fmt: skip
            parser.add_argument(
                "--measure", default="bp",
                choices=("bp", "glu_casual", "glu_fasting", "glu_postprandial_2h"),
                help="(default bp)",
            )  # fmt: skip
        if action == "explain":
            parser.add_argument("cell", help="audience:level:area:window:measure:part")
        add_ingest_config(parser)


def _add_keys(commands: "Commands[argparse.ArgumentParser]") -> None:
    actions = add_group(commands, "keys", "who may ask the API")
    made = add(actions, "add", "make a key, and print it this once", module="keys", extra="ingest")
    made.add_argument("name", help="who will hold it")
    made.add_argument(
        "--scope", choices=("officer", "operator"), default="officer",
        help="an operator may also manage stations and quarantine (default officer)",
    )  # fmt: skip
    listed = add(
        actions, "list", "list every key, without its secret", module="keys", extra="ingest"
    )
    revoked = add(actions, "revoke", "make a key worthless", module="keys", extra="ingest")
    revoked.add_argument("id", help="what stands before the dot")
    for action, parser in (("add", made), ("list", listed), ("revoke", revoked)):
        parser.set_defaults(action=action)
        add_ingest_config(parser)


def _add_configure(commands: "Commands[argparse.ArgumentParser]") -> None:
    configure = add(
        commands, "configure", "publish what the settings of a station are desired to be",
        module="configure", extra="edge", examples=_CONFIGURE_EXAMPLES,
    )  # fmt: skip
    configure.add_argument("station", help="its id in the inventory")
    configure.add_argument("file", type=Path, nargs="?", help="TOML: the desired settings")
    configure.add_argument("--clear", action="store_true", help="back to the station's own file")
    configure.add_argument("--broker", type=broker, required=True, metavar="HOST:PORT")
    configure.add_argument("--revision", help="its name in the status (default: from the content)")
    configure.add_argument("--user", help="who may publish there")
    configure.add_argument("--ca-file", type=Path, help="encrypt, believing these certificates")
