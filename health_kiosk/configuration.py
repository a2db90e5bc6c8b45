"""Loading a process's settings so that every mistake in the file is told at once and in words."""

import os
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar, get_type_hints

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsError

from contract.mistakes import Mistake, mistakes, no_such_option
from health_kiosk.failure import Failure

Settings = TypeVar("Settings", bound=BaseSettings)


def settings_from(load: Callable[..., Settings], path: Path | None) -> Settings:
    """What `load` makes of the file at `path` and of the environment, which overrides it.

    Raises Failure naming every problem in either, each with the nearest right name.
    """
    model: type[BaseSettings] = get_type_hints(load)["return"]
    place = path or "the environment"
    try:
        settings = load(path)
    except OSError as error:
        raise Failure(f"cannot read {place}: {error.strerror}; see deploy/ for a sample") from error
    except tomllib.TOMLDecodeError as error:
        raise Failure(f"{place} is not TOML: {error}") from error
    except SettingsError as error:
        raise Failure(f"the environment is not understood: {error}; use JSON for lists") from error
    except ValidationError as error:
        problems = [_named(one, model) for one in mistakes(error, model)]
        raise _failure(place, [*problems, *_strays(model)]) from error
    if strays := list(_strays(model)):
        raise _failure("the environment", strays)
    return settings


def _failure(place: object, problems: list[str]) -> Failure:
    listed = "".join(f"\n  {one}" for one in problems)
    return Failure(f"{place} has {len(problems)} problem(s):{listed}")


def _named(mistake: Mistake, model: type[BaseSettings]) -> str:
    """The mistake, with the name of the variable if one of the environment has made it."""
    prefix = model.model_config.get("env_prefix", "")
    variable = prefix + "__".join(mistake.place).upper()
    return f"{mistake} ({variable})" if variable in os.environ else str(mistake)


def _strays(model: type[BaseSettings]) -> Iterator[str]:
    """The variables whose section is none, which pydantic passes over."""
    prefix = model.model_config.get("env_prefix", "")
    sections = sorted(model.model_fields)
    for variable in sorted(os.environ):
        section, *rest = variable.upper().removeprefix(prefix).lower().split("__")
        if variable.upper().startswith(prefix) and section not in sections:
            yield f"{'.'.join((section, *rest))}: {no_such_option(section, sections)} ({variable})"
