"""Who polls every answer about health, around a visit and a late arrival, learns nobody's class."""

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Any, NamedTuple

import pytest

from ingest.calendar import Week, week_of
from ingest.windows import Level
from tests.privacy.attacks import differencing
from tests.privacy.attacks.belief import Finding, Report, reported, told
from tests.privacy.attacks.centre import Answers, Centre, Polled
from tests.privacy.attacks.eavesdropping import counted, join_with_occupancy
from tests.privacy.attacks.view import START, Visit, prior, visit_at, visits_of
from tests.trends_city import Site

PRIOR = prior()
MOST_MOVED = 1.645 * (PRIOR * (1 - PRIOR) / 34) ** 0.5
STATIONS = 32
DISTRICTS = ("110101", "110105", "110108")
SITES = [Site(f"BJ-XX-{n:03}", DISTRICTS[n % 3], "bank") for n in range(STATIONS)]
NOON = START + timedelta(days=9, hours=14, minutes=20)
LATE = START + timedelta(days=36, hours=9)
END = START + timedelta(days=58)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
TIME_OF_DAY = re.compile(r"(?<!\d)\d\d:\d\d(?!\d)|\dT\d|\"hour")


class Polling(NamedTuple):
    """A city that was polled; at each of its stations somebody came, and somebody came late."""

    view: Polled
    victims: Sequence[Visit]
    late: Sequence[Visit]


def city() -> tuple[list[Visit], list[Visit], list[Visit]]:
    """Eight weeks of the others, the victims of one moment, and those whose sessions came late."""
    rng = Random(11)
    victims = [visit_at(NOON, site, rng) for site in SITES]
    late = [visit_at(NOON, site, rng)._replace(arrived=LATE) for site in SITES]
    return visits_of(rng, SITES, 8, 7, 11), victims, late


async def polled(centre: Centre) -> Polling:
    """Every day its batches; polls on the day of the visits, and when the late ones arrive."""
    others, victims, late = city()
    view = Polled(centre)
    by_day: dict[int, list[Visit]] = {}
    for one in others:
        by_day.setdefault((one.moment - START).days, []).append(one)
    for day in range(58):
        midnight = START + timedelta(days=day)
        centre.now = midnight
        centre.take(by_day.get(day, []))
        if not centre.careless or midnight + timedelta(days=1) == END:
            centre.publish()
        if day == (NOON - START).days:
            await poll_through_the_day(centre, view, victims)
        if day == (LATE - START).days:
            await poll_around(centre, view, late)
    await view.poll(END)
    return Polling(view, victims, late)


async def poll_through_the_day(centre: Centre, view: Polled, victims: Sequence[Visit]) -> None:
    """Every three hours, and every ten minutes around the visit, whose batch comes at once."""
    midnight = NOON.replace(hour=0, minute=0)
    around = [NOON + 10 * MINUTE * step for step in (-1, 0, 1, 2)]
    hours = [midnight + 6 * HOUR * step for step in range(4)]
    come = False
    for moment in sorted({*hours, NOON - MINUTE, *around, NOON + 30 * MINUTE}):
        if moment >= NOON and not come:
            centre.take(victims)
            come = True
        centre.now = moment
        centre.publish()
        await view.poll(moment)


async def poll_around(centre: Centre, view: Polled, late: Sequence[Visit]) -> None:
    """A minute before the late batches arrive, and a minute after."""
    for moment in (LATE - MINUTE, LATE + MINUTE):
        if moment > LATE:
            centre.take(late)
        centre.now = moment
        centre.publish()
        await view.poll(moment)


@pytest.fixture(scope="module")
def in_force(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polling]:
    with Centre(tmp_path_factory.mktemp("in-force"), SITES, careless=False).open() as centre:
        yield asyncio.run(polled(centre))


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polling]:
    with Centre(tmp_path_factory.mktemp("careless"), SITES, careless=True).open() as centre:
        yield asyncio.run(polled(centre))


def attacked(name: str, polling: Polling) -> Report:
    """The report of attacks A, C or D on everybody it is about."""
    victims = polling.late if name == "D" else polling.victims
    return reported([(_attack(name, polling.view, one), one.high) for one in victims], PRIOR)


def _attack(name: str, view: Polled, victim: Visit) -> Finding:
    station, seen = victim.site.station, victim.moment
    match name:
        case "A":
            return differencing.sliding_window(view, station, seen, PRIOR)
        case "C":
            return differencing.threshold_polling(view, station, seen, PRIOR)
        case _:
            return differencing.late_revision(view, station, seen, victim.arrived, PRIOR)


@pytest.mark.parametrize("name", ["A", "C", "D"])
def test_polling_finds_nobody_s_class(name: str, in_force: Polling) -> None:
    report = told(f"{name} polled over HTTP", attacked(name, in_force))
    assert (report.learnt, report.mistaken) == (0, 0), report
    assert report.moved > 0
    assert report.highest <= PRIOR + MOST_MOVED, report


@pytest.mark.parametrize("name", ["A", "C", "D"])
def test_polling_somebody_careless_finds_everybody_s_class(name: str, careless: Polling) -> None:
    report = told(f"{name} polled over HTTP, weakened", attacked(name, careless))
    assert report.learnt >= 0.9, report
    assert report.mistaken == 0, report


def differing(one: Answers, other: Answers) -> set[str]:
    return {question for question in one if one[question] != other[question]}


def test_no_answer_about_health_changes_but_by_a_release(
    in_force: Polling, careless: Polling
) -> None:
    *day, before, after, _ = in_force.view.answers
    assert len(day) == 10
    assert len(day[0]) > 90
    assert all(differing(day[0], one) == set() for one in day)
    assert differing(before, after) == set()
    *day, before, after, _ = careless.view.answers
    assert len(differing(day[0], day[-1])) >= STATIONS
    assert len(differing(before, after)) >= STATIONS


def test_nothing_is_told_of_a_window_until_a_day_after_its_end(in_force: Polling) -> None:
    for moment in in_force.view.moments:
        told_of = {cell.window for cell in in_force.view.cells(moment)}
        assert told_of
        assert all(window.released_from() <= moment for window in told_of)


def test_a_frozen_window_is_the_same_before_and_after_the_late_ones_count(
    in_force: Polling,
) -> None:
    first = Week(2026, 1)
    before, after = in_force.view.cells(LATE - MINUTE), in_force.view.cells(END)
    frozen = [cell for cell in before if cell.window.holds(first)]
    assert len(frozen) > 100
    assert frozen == [cell for cell in after if cell.window.holds(first)]
    counted_late = [
        cell for cell in after
        if cell.part == "late" and cell.level is Level.CITY and cell.window.holds(week_of(LATE))
    ]  # fmt: skip
    assert max(cell.count or 0 for cell in counted_late) >= STATIONS - 2


def without_schedule(answer: Any) -> Any:
    """An answer less when the next windows are released, which is the same for everybody."""
    if isinstance(answer, dict):
        return {
            key: without_schedule(value) for key, value in answer.items() if key != "released_from"
        }
    return [without_schedule(one) for one in answer] if isinstance(answer, list) else answer


def test_polled_answers_have_no_hour_to_be_joined_with(in_force: Polling) -> None:
    """Attacks I and J need a count or a row of an hour; answers about health tell no time."""
    told_times = {
        question
        for question, answer in in_force.view.answers[-1].items()
        if TIME_OF_DAY.search(json.dumps(without_schedule(answer)))
    }
    assert told_times == set()
    cells = in_force.view.cells(END)
    findings = []
    for one in in_force.victims:
        counts = counted(cells, one.site.station, in_force.view.rules)
        findings.append((join_with_occupancy(1, counts, one.moment, PRIOR), one.high))
    report = told("I occupancy, polled over HTTP", reported(findings, PRIOR))
    assert (report.learnt, report.mistaken) == (0, 0), report
    assert report.highest <= PRIOR + MOST_MOVED, report
