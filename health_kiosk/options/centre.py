"""What operators of the centre do: stations, quarantine, ledger, keys, trends."""

import argparse
from pathlib import Path

from health_kiosk.options.kinds import at_least, broker, reason
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


def add_centre(commands: "Commands[argparse.ArgumentParser]") -> None:
    """`stations`, `quarantine`, `ledger`, `keys`, `trends`."""
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

    released = add_group(commands, "trends", "released screening trends")
    release = add(
        released, "release", "release every closed week now", module="trends", extra="ingest"
    )
    add_ingest_config(release)


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
