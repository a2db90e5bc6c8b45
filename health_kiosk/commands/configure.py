"""`health-kiosk stations configure`: publish what a station's settings are desired to be."""

import argparse
import json
import os
import tomllib
from hashlib import blake2b
from pathlib import Path

from pydantic import ValidationError

from contract.desired import DesiredConfiguration
from contract.envelope import is_station_id
from contract.topics import Stream, topic
from edge_agent.desired import check, problems_of
from health_kiosk.failure import Failure
from health_kiosk.retained import Broker, publish

PASSWORD_VARIABLE = "HEALTH_KIOSK_MQTT_PASSWORD"  # noqa: S105  # its name
"""Where the password for `--user` is looked for: a command line can be read by others."""


def run(options: argparse.Namespace) -> None:
    """Check `options.file` and leave it with the broker, or take away what is there."""
    if not is_station_id(options.station):
        raise Failure(f"{options.station!r} is not a station's id; see the inventory")
    if (options.file is None) is not options.clear:
        raise Failure("give either the file with the desired settings, or --clear")
    host, port = options.broker
    password = os.environ.get(PASSWORD_VARIABLE)
    broker = Broker(host, port, options.user, password, options.ca_file)
    name = topic(options.station, Stream.CONFIG)
    if options.clear:
        publish(broker, name, b"")
        print(f"{options.station}: back to the settings of its own file")
        return
    desired = _desired(options.station, options.file, options.revision)
    publish(broker, name, desired.model_dump_json().encode())
    print(f"{options.station}: revision {desired.revision} published; its status tells the outcome")


def _desired(station: str, file: Path, revision: str | None) -> DesiredConfiguration:
    """What `file` desires; raises Failure naming everything that any station would refuse."""
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"cannot read {file}: {error.strerror}") from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise Failure(f"{file} is not TOML: {error}") from error
    content = json.dumps(settings, sort_keys=True, default=str).encode()
    # Named by its content, the same file twice is the same revision, and changes nothing.
    named = revision or blake2b(content, digest_size=4).hexdigest()
    try:
        desired = DesiredConfiguration.model_validate(
            {"station": station, "revision": named, "settings": settings}
        )
        problems = check(desired)
    except ValidationError as error:
        problems = list(problems_of(error))
    if problems:
        listed = "".join(f"\n  {one}" for one in problems)
        raise Failure(f"nothing published; {file} has {len(problems)} problem(s):{listed}")
    return desired
