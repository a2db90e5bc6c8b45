"""The turns of workers that share an operational database, before they have opened it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from sqlalchemy import make_url

from ingest.operations.database import Database
from ingest.operations.turn import file_turn, postgresql_turn

TakeTurn = Callable[[], AbstractContextManager[None]]
"""Waits for the turn, has it for the length of the block; raises StoreUnavailable."""

_NAME = "rollup"


def rollup_turn(operations_url: str) -> TakeTurn:
    """The turn to roll usage up, among all workers that share the operational database."""
    url = make_url(operations_url)
    if url.get_backend_name() == "sqlite" and url.database:
        return partial(file_turn, Path(f"{url.database}.{_NAME}-lock"))
    return partial(postgresql_turn, Database(operations_url), _NAME)
