"""The tree of exported objects, and the signal that each change to it emits."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = (
    bool | int | str | bytes | tuple[str, ...] | Mapping[int, bytes] | Mapping[str, bytes]
)
Properties: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Added:
    """An object appeared: its interfaces with all their properties."""

    path: str
    interfaces: Mapping[str, Properties]


@dataclass(frozen=True, slots=True)
class Removed:
    """An object is gone, with these interfaces."""

    path: str
    interfaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """Properties of one interface have new values, or none any more."""

    path: str
    interface: str
    values: Properties
    invalidated: tuple[str, ...] = ()


Signal: TypeAlias = Added | Removed | Changed


class Tree:
    """Objects by path, interface and property; `emit` hears of every change, in order."""

    def __init__(self, emit: Callable[[Signal], object]) -> None:
        self._emit = emit
        self._objects: dict[str, dict[str, dict[str, Value]]] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._objects

    def objects(self) -> Mapping[str, Mapping[str, Properties]]:
        """Everything, by path."""
        return self._objects

    def interfaces(self, path: str) -> Mapping[str, Properties]:
        """The interfaces of one object; empty if there is no such object."""
        return self._objects.get(path, {})

    def below(self, path: str) -> list[str]:
        """The first path segments under `path`, sorted."""
        stem = path.rstrip("/") + "/"
        return sorted(
            {other[len(stem) :].split("/")[0] for other in self._objects if other.startswith(stem)}
        )

    def add(self, path: str, interfaces: Mapping[str, Properties]) -> None:
        """A new object."""
        self._objects[path] = {name: dict(values) for name, values in interfaces.items()}
        self._emit(Added(path, interfaces))

    def remove(self, path: str) -> None:
        """The object and everything below it go, the deepest first; nothing happens twice."""
        doomed = [other for other in self._objects if f"{other}/".startswith(f"{path}/")]
        for other in sorted(doomed, reverse=True):
            self._emit(Removed(other, tuple(self._objects.pop(other))))

    def change(
        self, path: str, interface: str, values: Properties, *, always: Collection[str] = ()
    ) -> None:
        """New values; those that are the same are not told, except for the names in `always`."""
        properties = self._objects[path][interface]
        told = {
            name: value
            for name, value in values.items()
            if name in always or properties.get(name) != value
        }
        if told:
            properties.update(told)
            self._emit(Changed(path, interface, told))

    def drop(self, path: str, interface: str, names: Iterable[str]) -> None:
        """These properties have no value any more."""
        properties = self._objects[path][interface]
        gone = tuple(name for name in names if name in properties)
        if gone:
            for name in gone:
                del properties[name]
            self._emit(Changed(path, interface, {}, gone))
