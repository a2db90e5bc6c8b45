"""What is wrong with settings, in words: the place, the problem, and the nearest right name."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel, ValidationError

_CLOSE = 0.5


class Mistake(NamedTuple):
    """One problem with one option; neither field repeats a value that somebody gave."""

    place: tuple[str, ...]
    problem: str

    def __str__(self) -> str:
        return f"{'.'.join(self.place) or 'the whole'}: {self.problem}"


def mistakes(error: ValidationError, model: type[BaseModel]) -> list[Mistake]:
    """Every problem that `model` has found, in its order."""
    return [
        Mistake(tuple(map(str, one["loc"])), _problem(one["type"], one["msg"], one["loc"], model))
        for one in error.errors(include_input=False, include_url=False)
    ]


def no_such_option(name: str, names: Sequence[str]) -> str:
    """Says that `name` is none of `names`, and which of them it may have been meant to be."""
    near = get_close_matches(name.lower(), names, n=1, cutoff=_CLOSE)
    return "no such option" + (f"; did you mean {near[0]}?" if near else "")


def _problem(kind: str, message: str, place: tuple[int | str, ...], model: type[BaseModel]) -> str:
    if kind == "extra_forbidden":
        return no_such_option(str(place[-1]), list(_names(model, place[:-1])))
    if kind == "missing":
        return "is missing"
    return message.removeprefix("Value error, ")


def _names(model: type[BaseModel], place: Sequence[int | str]) -> Iterator[str]:
    """The names that are right at `place`, which may lead through lists and tagged unions."""
    here = [model]
    for step in place:
        if isinstance(step, int):
            continue
        below = [
            found
            for one in here
            if step in one.model_fields
            for found in _models(one.model_fields[step].annotation)
        ]
        here = below or [one for one in here if _is_tagged(one, step)]
    for one in here:
        yield from one.model_fields


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model inside `annotation`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is not Literal:
        for inner in get_args(annotation):
            yield from _models(inner)


def _is_tagged(model: type[BaseModel], tag: str) -> bool:
    return any(tag in get_args(field.annotation) for field in model.model_fields.values())
