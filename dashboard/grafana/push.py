"""Bringing a Grafana to the boards that are committed: what would change, and changing it."""

import difflib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dashboard.grafana.committed import FOLDER_TITLES, Board, boards, folder_uid
from dashboard.grafana.languages import Language
from dashboard.grafana.push_door import Grafana, GrafanaRefused, Kept

_GRAFANAS_OWN = ("id", "version")
_MESSAGE = "health-kiosk dashboard push"


class Deed(StrEnum):
    """What is to be done with a board."""

    CREATE = "create"
    UPDATE = "update"
    KEEP = "unchanged"


@dataclass(frozen=True, slots=True)
class Step:
    """One board, and what Grafana has of it: None if nothing."""

    board: Board
    kept: Kept | None

    @property
    def deed(self) -> Deed:
        """What is to be done."""
        if self.kept is None:
            return Deed.CREATE
        same = _ours(self.kept.document) == _ours(self.board.document)
        in_place = self.kept.provisioned or self.kept.folder == folder_uid(self.board.language)
        return Deed.KEEP if same and in_place else Deed.UPDATE

    def difference(self) -> str:
        """What an update would change, as a unified diff; "" for a board that is only moved."""
        before = _lines({} if self.kept is None else _ours(self.kept.document))
        after = _lines(_ours(self.board.document))
        names = (f"{self.board.uid} in Grafana", f"{self.board.uid} here")
        return "\n".join(difflib.unified_diff(before, after, *names, n=2, lineterm=""))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a Grafana lacks."""

    folders: tuple[Language, ...]
    steps: tuple[Step, ...]

    @property
    def is_done(self) -> bool:
        """Whether nothing is to be done."""
        return not self.folders and all(step.deed is Deed.KEEP for step in self.steps)


def plan(grafana: Grafana, languages: Sequence[Language]) -> Plan:
    """Compare every board in these languages; nothing is changed."""
    there = grafana.folders()
    missing = tuple(one for one in languages if folder_uid(one) not in there)
    steps = tuple(Step(board, grafana.board(board.uid)) for board in boards(languages))
    for step in steps:
        _may_be_saved(step)
    return Plan(missing, steps)


def apply(grafana: Grafana, wanted: Plan) -> Iterator[Step]:
    """Make the folders, then save board after board; each is yielded once it is done.

    It may be broken off anywhere, and run again.
    """
    for language in wanted.folders:
        grafana.make_folder(folder_uid(language), language.of(FOLDER_TITLES))
    for step in wanted.steps:
        if step.deed is not Deed.KEEP:
            grafana.save(_to_send(step), folder_uid(step.board.language), _MESSAGE)
        yield step


def counts(steps: Iterable[Step]) -> dict[Deed, int]:
    """How many boards there are for each deed."""
    deeds = [step.deed for step in steps]
    return {deed: deeds.count(deed) for deed in Deed}


def _to_send(step: Step) -> dict[str, Any]:
    """The board with the version that it replaces, so that nothing newer is overwritten unseen."""
    if step.kept is None:
        return step.board.document | {"id": None}
    return step.board.document | {name: step.kept.document.get(name) for name in _GRAFANAS_OWN}


def _may_be_saved(step: Step) -> None:
    if step.kept is not None and step.kept.provisioned and step.deed is not Deed.KEEP:
        raise GrafanaRefused(
            f"{step.board.uid} comes from files beside this Grafana, which alone may change it:"
            " replace the files in dashboard/grafana/rendered there"
        )


def _ours(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in _GRAFANAS_OWN}


def _lines(document: dict[str, Any]) -> list[str]:
    if not document:
        return []
    return json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False).splitlines()
