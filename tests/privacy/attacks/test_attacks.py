"""No attack learns a person's class from what is released; each succeeds against carelessness."""

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from math import sqrt
from random import Random

import pytest

from ingest.calendar import Week
from ingest.disclosure import RULES, Cell, Rules, release
from ingest.windows import Audience, block_of
from tests.privacy.attacks import differencing, groups, residual
from tests.privacy.attacks.belief import Finding, Report, reported
from tests.privacy.attacks.view import (
    CARELESS,
    START,
    Careless,
    Released,
    View,
    Visit,
    prior,
    visit_at,
    visits_of,
)
from tests.trends_city import Site, of_category, weekly

SEEDS = range(30)
PRIOR = prior()
MOST_MOVED = 1.645 * sqrt(PRIOR * (1 - PRIOR) / 34)
"""How far 95 % of beliefs may go up: what a group of 34 says of itself by chance, no more.

With a prior of 27 % that is from 27 to 39 %.
"""

HERE = Site("A1", "110101", "bank")
SIBLINGS = [Site("A2", "110101", "gas"), Site("A3", "110101", "hub")]
OTHERS = [*SIBLINGS, Site("B1", "110102", "bank"), Site("C1", "110105", "gas")]
NOON = START + timedelta(days=9, hours=14, minutes=20)
END = START + timedelta(weeks=20)

Publisher = Callable[[list[Visit]], View]
Attack = Callable[[View, Visit], Finding]
City = Callable[[Random], tuple[list[Visit], Visit]]


def busy(rng: Random) -> tuple[list[Visit], Visit]:
    """The victim is one of about 34 at a station within four weeks."""
    victim = visit_at(NOON, HERE, rng)
    return [*visits_of(rng, [HERE, *OTHERS], 4, 6, 11), victim], victim


def reconnecting(rng: Random) -> tuple[list[Visit], Visit]:
    """The victim's session arrives long after its window was published."""
    victim = visit_at(NOON, HERE, rng)._replace(arrived=START + timedelta(days=36))
    return [*visits_of(rng, [HERE, *OTHERS], 8, 7, 11), victim], victim


def alone(rng: Random) -> tuple[list[Visit], Visit]:
    """The victim is the only one at a station whose siblings are busy."""
    victim = visit_at(NOON, HERE, rng)
    return [*visits_of(rng, OTHERS, 4, 25, 40), victim], victim


def quiet_block(rng: Random) -> tuple[list[Visit], Visit]:
    """The victim is the only one of four weeks at a station that is busy in the next eight."""
    victim = visit_at(NOON, HERE, rng)
    others = [
        visit
        for visit in visits_of(rng, [HERE], 12, 9, 12)
        if visit.moment >= START + timedelta(28)
    ]
    return [*others, *visits_of(rng, OTHERS, 12, 9, 12), victim], victim


def lonely_week(rng: Random) -> tuple[list[Visit], Visit]:
    """The victim is the only one of one week."""
    visits, victim = busy(rng)
    week = block_of(Week(2026, 2), 1)
    return [v for v in visits if v is victim or not week.first <= v.moment.date() <= week.last
            or v.site != HERE], victim  # fmt: skip


def a(view: View, victim: Visit) -> Finding:
    return differencing.sliding_window(view, HERE.station, victim.moment, PRIOR)


def b(view: View, victim: Visit) -> Finding:
    siblings = [site.station for site in SIBLINGS]
    return residual.hidden_child(view, siblings, HERE.district, victim.moment, END, PRIOR)


def c(view: View, victim: Visit) -> Finding:
    return differencing.threshold_polling(view, HERE.station, victim.moment, PRIOR)


def d(view: View, victim: Visit) -> Finding:
    return differencing.late_revision(view, HERE.station, victim.moment, victim.arrived, PRIOR)


def e(view: View, victim: Visit) -> Finding:
    return differencing.overlapping_windows(view, HERE.station, victim.moment, PRIOR)


def released(visits: list[Visit]) -> View:
    last = max(visit.moment for visit in visits)
    return Released(visits, (last - START).days // 28 * 4 + 4)


def series(city: City, publish: Publisher, attack: Attack) -> Report:
    findings = []
    for seed in SEEDS:
        visits, victim = city(Random(seed))
        findings.append((attack(publish(visits), victim), victim.high))
    return reported(findings, PRIOR)


ATTACKS = [(busy, a), (alone, b), (busy, c), (reconnecting, d), (quiet_block, e)]
NAMES = [attack.__name__ for _, attack in ATTACKS]


@pytest.mark.parametrize(("city", "attack"), ATTACKS, ids=NAMES)
def test_nobody_is_found_in_what_is_released(city: City, attack: Attack) -> None:
    report = series(city, released, attack)
    assert (report.learnt, report.mistaken) == (0, 0), report
    assert report.highest <= PRIOR + MOST_MOVED, report


@pytest.mark.parametrize(
    ("city", "attack"),
    [(busy, a), (alone, b), (busy, c), (reconnecting, d), (lonely_week, e)],
    ids=NAMES,
)
def test_the_same_attack_finds_people_where_a_publisher_is_careless(
    city: City, attack: Attack
) -> None:
    report = series(city, Careless, attack)
    assert report.learnt >= 0.9, report
    assert report.mistaken == 0, report


def test_polling_for_a_day_sees_no_health_cell_change() -> None:
    visits, _ = busy(Random(1))
    view = Released(visits, 4)
    midnight = NOON.replace(hour=0, minute=0)
    answers = [view.cells(midnight + timedelta(minutes=10 * step)) for step in range(1, 144)]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]


def test_a_late_session_alters_no_frozen_cell() -> None:
    visits, victim = reconnecting(Random(2))
    without = [visit for visit in visits if visit is not victim]
    before, after = Released(without, 8), Released(visits, 8)
    assert before.cells(victim.arrived) == after.cells(victim.arrived)
    assert before.cells(END) != after.cells(END) or victim.row.c == "normal"


def stuffed(rules: Rules) -> Callable[[bool, Random], list[Cell]]:
    week, block = Week(2026, 2), block_of(Week(2026, 2), 12)
    fakes = {"grade1": 10, "normal": 15}

    def publish(high: bool, rng: Random) -> list[Cell]:
        group = fakes | {"grade1": fakes["grade1"] + high, "normal": fakes["normal"] + (not high)}
        counts = [
            weekly(HERE, week, of_category(category))._replace(sessions=count)
            for category, count in group.items()
        ]
        mine = RULES | {Audience.PUBLIC: rules}
        return release(counts, Audience.PUBLIC, block, rng, rules=mine)

    return publish


def test_stuffing_a_group_is_bounded_by_noise_alone() -> None:
    noisy = Rules(smallest_count=11, epsilon=Fraction(1))
    assert groups.stuffing(stuffed(noisy), groups.high_only, 3_000) <= 0.73 + 0.03
    # Who looks at every part sees two counts change: twice ε, so e²/(1 + e²).
    assert groups.stuffing(stuffed(noisy), groups.everything, 3_000) <= 0.88 + 0.03
    # Without noise it succeeds: the remaining risk that the rules alone do not cover.
    assert groups.stuffing(stuffed(Rules(smallest_count=11)), groups.high_only, 10) == 1.0


def club(high: int, normal: int) -> list[Visit]:
    return [
        Visit(NOON, NOON, HERE, of_category(category))
        for category, count in (("grade1", high), ("normal", normal))
        for _ in range(count)
    ]


@pytest.mark.parametrize(("high", "normal"), [(22, 0), (0, 22)])
def test_a_group_that_is_all_alike_is_not_shown(high: int, normal: int) -> None:
    visits = club(high, normal)

    def look(view: View, now: datetime = END) -> Finding:
        return groups.homogeneous_group(
            view.cells(now), HERE.station, Audience.INTERNAL, view.rules, PRIOR
        )

    assert not look(Released(visits)).certain
    assert look(Careless(visits)) == Finding(1.0 if high else 0.0)


def test_the_careless_publisher_is_the_same_code_with_other_numbers() -> None:
    assert CARELESS.rounded(7) == 7
    assert CARELESS.behind(7, 1) == (7, 7)
