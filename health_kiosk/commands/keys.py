"""`health-kiosk keys`: make, list and revoke the keys of the API."""

import argparse
import secrets

from health_kiosk.configuration import settings_from
from health_kiosk.failure import Failure
from ingest.centre import system_clock
from ingest.operations import Operations
from ingest.operations.keys import Key, Scope
from ingest.settings import load


def run(options: argparse.Namespace) -> None:
    """Do `options.action` to the keys of the service described by `options.config`."""
    settings = settings_from(load, options.config)
    operations = Operations(settings.store.operations_url)
    match options.action:
        case "add":
            key = Key(secrets.token_hex(4), options.name, Scope(options.scope), system_clock())
            print(operations.keys.add(key, secrets.token_urlsafe(32)))
        case "list":
            for key in operations.keys.all():
                state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "valid"
                print(f"{key.id}  {key.scope:8}  {key.created_at:%Y-%m-%d}  {state}  {key.name}")
        case "revoke":
            if not operations.keys.revoke(options.id, system_clock()):
                raise Failure(f"no valid key has the id {options.id!r}; see: keys list")
            print(f"{options.id} revoked")
