"""Loading a process's settings so that every mistake in the file is told at once and in words."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from health_kiosk.failure import Failure

Settings = TypeVar("Settings")


def settings_from(load: Callable[..., Settings], path: Path | None) -> Settings:
    """What `load` makes of the file at `path`; raises Failure naming every problem in it."""
    place = path or "the environment"
    try:
        return load(path)
    except OSError as error:
        raise Failure(f"cannot read {place}: {error.strerror}; see deploy/ for a sample") from error
    except tomllib.TOMLDecodeError as error:
        raise Failure(f"{place} is not TOML: {error}") from error
    except ValidationError as error:
        problems = [
            f"\n  {'.'.join(map(str, one['loc'])) or 'the whole'}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False)
        ]
        raise Failure(f"{place} has {len(problems)} problem(s):{''.join(problems)}") from error
