"""A release that is killed anywhere, or done by two at once, tells what an undisturbed one does."""

import os
import shutil
import signal
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import count
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, cast

from ingest.disclosure import Cell
from ingest.operations import Operations
from ingest.operations.releases import Releases
from ingest.store import Store
from ingest.store.opening import open_store
from ingest.store.trends import Trends
from tests.integration.influx import Influx
from tests.integration.releasing import (
    BANK,
    LAST,
    WEEKS,
    Centre,
    Parts,
    counted,
    due,
    filled,
    opened,
    release,
    sessions,
    told,
    week_of_sessions,
)

# A child begins as a copy of this process, so that it begins at once.
FORK = get_context("fork")


class Doom:
    """Kills this process, as nobody can defend against, when it is told of the last step."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def step(self) -> None:
        """One more step is done."""
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)


class Doomed:
    """An object whose methods that change something are steps towards the end."""

    def __init__(self, real: object, steps: Sequence[str], doom: Doom) -> None:
        self._real, self._steps, self._doom = real, steps, doom

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        if name not in self._steps:
            return method

        def and_step(*arguments: Any) -> Any:
            found = method(*arguments)
            self._doom.step()
            return found

        return and_step


class DoomedTrends(Doomed):
    """The same, and what is published may be left half done."""

    def publish(self, cells: Iterable[Cell], homes: dict[str, str]) -> None:
        cells = list(cells)
        areas = sorted({cell.area for cell in cells})
        some = set(areas[: len(areas) // 2])
        self._real.publish([one for one in cells if one.area in some], homes)  # type: ignore[attr-defined]
        self._doom.step()
        self._real.publish(cells, homes)  # type: ignore[attr-defined]
        self._doom.step()


def release_and_die(opening: Callable[[], Centre], now: datetime, steps: int) -> None:
    centre, doom = opening(), Doom(steps)
    trends = cast(Trends, DoomedTrends(centre.store.trends, ["mark_released"], doom))
    releases = cast(
        Releases,
        Doomed(centre.operations.releases, ["add", "seal", "keep_city_week", "freeze"], doom),
    )
    store = cast(Store, Parts(trends=trends))
    operations = cast(Operations, Parts(releases=releases))
    release(Centre(store, operations), now, b"first")


def in_child(target: Callable[..., None], *arguments: object) -> int | None:
    child = FORK.Process(target=target, args=arguments)
    child.start()
    child.join(60)
    return child.exitcode


def test_a_release_killed_at_any_step_and_repeated_tells_the_same(tmp_path: Path) -> None:
    before, now = tmp_path / "before", due(LAST)
    before.mkdir()
    centre = filled(before, WEEKS[-2:])  # with the last of them every kind of window ends
    release(centre, due(WEEKS[-2]))
    centre.store.write(sessions(BANK, WEEKS[-2].first, 30, 9))  # late: counts in the last week
    centre.operations.close()
    del centre
    expected = {}
    for key in (b"first", b"second"):
        shutil.copytree(before, tmp_path / key.decode())
        whole = opened(tmp_path / key.decode())
        assert release(whole, now, key) == [LAST]
        expected[key] = told(whole.store), counted(whole.operations)
    assert expected[b"first"][0] != expected[b"second"][0]  # the noise is another

    for steps in count(1):
        copy = tmp_path / f"killed-{steps}"
        shutil.copytree(before, copy)
        ended = in_child(release_and_die, partial(opened, copy), now, steps)
        centre = opened(copy)
        sealed = LAST in centre.operations.releases.sealed()
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        assert (LAST in centre.store.trends.released_weeks()) <= sealed
        frozen = LAST in centre.operations.releases.frozen()
        assert release(centre, now, b"second") == ([] if frozen else [LAST])
        assert (told(centre.store), counted(centre.operations)) == expected[
            b"first" if sealed else b"second"
        ], f"killed after step {steps}"
        assert release(centre, now, b"third") == []
    assert steps > 20
    assert (told(centre.store), counted(centre.operations)) == expected[b"first"]


def test_influxdb_is_told_the_same_by_a_release_that_is_killed_again_and_again(
    influx: Influx, tmp_path: Path
) -> None:
    weeks = WEEKS[:4]
    now = due(weeks[-1])
    reference = filled(tmp_path, weeks)
    release(reference, now, b"first")
    directory = tmp_path / "influx"
    directory.mkdir()
    settings = influx.settings(directory)

    def opening() -> Centre:
        store = open_store(settings, lambda: now)
        return Centre(store, Operations(settings.operations_url))

    centre = opening()
    for week in weeks:
        centre.store.write(week_of_sessions(week))
    centre.operations.close()
    kills = 0
    while in_child(release_and_die, opening, now, 3 * (kills + 1)) == -signal.SIGKILL:
        kills += 1
    assert kills > 3
    centre = opening()
    assert centre.operations.releases.frozen() == weeks
    assert counted(centre.operations) == counted(reference.operations)
    assert told(centre.store) == told(reference.store)


def release_with_another(directory: Path, start: Barrier, done: Any) -> None:
    centre = opened(directory)
    start.wait(30)
    done.put([str(week) for week in release(centre, due(LAST))])


def test_two_processes_at_once_release_each_week_once(tmp_path: Path) -> None:
    alone, together = tmp_path / "alone", tmp_path / "together"
    for directory in (alone, together):
        directory.mkdir()
        filled(directory).operations.close()
    release(opened(alone), due(LAST))
    start, done = FORK.Barrier(2), FORK.SimpleQueue()
    children = [
        FORK.Process(target=release_with_another, args=(together, start, done)) for _ in range(2)
    ]
    for child in children:
        child.start()
    weeks = [week for _ in children for week in done.get()]
    for child in children:
        child.join(30)
    assert sorted(weeks) == [str(week) for week in WEEKS]
    centre, reference = opened(together), opened(alone)
    assert told(centre.store) == told(reference.store)
    assert counted(centre.operations) == counted(reference.operations)
    assert sum(counted(centre.operations).values()) == 12 * 155
