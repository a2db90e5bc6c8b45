"""No attack learns a person's class from what is released; each succeeds against carelessness."""

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from math import comb, sqrt
from random import Random
from sys import stdout

import pytest

from contract.glucose_batch import glucose_row
from contract.screening import Meal
from ingest.calendar import Week
from ingest.disclosure import RULES, Cell, Rules, release
from ingest.windows import Audience, Level, block_of
from tests.privacy.attacks import differencing, groups, residual
from tests.privacy.attacks.belief import Finding, Report, reported, told
from tests.privacy.attacks.view import (
    CARELESS,
    START,
    Careless,
    Released,
    View,
    Visit,
    fasting,
    fasting_prior,
    prior,
    visit_at,
    visits_of,
)
from tests.trends_city import Site, counted, of_category, weekly

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
Attack = Callable[[View, Visit, float], Finding]
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


def quiet_district(rng: Random) -> tuple[list[Visit], Visit]:
    """The victim is the only one of a week in the whole district, whose other weeks are busy."""
    victim = visit_at(NOON, HERE, rng)
    week = block_of(Week(2026, 2), 1)
    return [
        *(visit for visit in visits_of(rng, [HERE, *OTHERS], 4, 25, 40)
        if visit.site.district != HERE.district
        or not week.first <= visit.moment.date() <= week.last),
        victim,
    ], victim  # fmt: skip


def of_glucose(city: City) -> City:
    """The same people at the same stations, who measure fasting glucose."""

    def measured(rng: Random) -> tuple[list[Visit], Visit]:
        visits, victim = city(rng)
        others = [one for one in visits if one is not victim]
        victim = victim._replace(row=rng.choice(fasting()))
        return [victim, *(one._replace(row=rng.choice(fasting())) for one in others)], victim

    return measured


def a(view: View, victim: Visit, prior: float) -> Finding:
    return differencing.sliding_window(view, HERE.station, victim.moment, prior)


def b(view: View, victim: Visit, prior: float) -> Finding:
    siblings = [site.station for site in SIBLINGS]
    return residual.hidden_child(view, siblings, HERE.district, victim.moment, END, prior)


def b_across(view: View, victim: Visit, prior: float) -> Finding:
    siblings, district = [site.station for site in SIBLINGS], HERE.district
    return residual.hidden_child_of_two_audiences(
        view, siblings, district, victim.moment, END, prior
    )


def c(view: View, victim: Visit, prior: float) -> Finding:
    return differencing.threshold_polling(view, HERE.station, victim.moment, prior)


def d(view: View, victim: Visit, prior: float) -> Finding:
    return differencing.late_revision(view, HERE.station, victim.moment, victim.arrived, prior)


def e(view: View, victim: Visit, prior: float) -> Finding:
    return differencing.overlapping_windows(view, HERE.station, victim.moment, prior)


def e_across(view: View, victim: Visit, prior: float) -> Finding:
    return differencing.overlapping_windows(
        view, HERE.district, victim.moment, prior, Level.DISTRICT
    )


def released(visits: list[Visit]) -> View:
    last = max(visit.moment for visit in visits)
    return Released(visits, (last - START).days // 28 * 4 + 4)


def series(city: City, publish: Publisher, attack: Attack, prior: float = PRIOR) -> Report:
    findings = []
    for seed in SEEDS:
        visits, victim = city(Random(seed))
        findings.append((attack(publish(visits), victim, prior), victim.high))
    how = "weakened" if publish is Careless else "in force"
    what = "" if prior == PRIOR else " glucose"
    return told(f"{attack.__name__.upper()}{what}, {how}", reported(findings, prior))


ATTACKS = [
    (busy, a), (alone, b), (alone, b_across), (busy, c), (reconnecting, d), (quiet_block, e),
    (quiet_district, e_across),
]  # fmt: skip
NAMES = [attack.__name__ for _, attack in ATTACKS]


@pytest.mark.parametrize(("city", "attack"), ATTACKS, ids=NAMES)
def test_nobody_is_found_in_what_is_released(city: City, attack: Attack) -> None:
    report = series(city, released, attack)
    assert (report.learnt, report.mistaken) == (0, 0), report
    assert report.highest <= PRIOR + MOST_MOVED, report


@pytest.mark.parametrize(
    ("city", "attack"),
    [
        (busy, a),
        (alone, b),
        (alone, b_across),
        (busy, c),
        (reconnecting, d),
        (lonely_week, e),
        (quiet_district, e_across),
    ],
    ids=NAMES,
)
def test_the_same_attack_finds_people_where_a_publisher_is_careless(
    city: City, attack: Attack
) -> None:
    report = series(city, Careless, attack)
    assert report.learnt >= 0.9, report
    assert report.mistaken == 0, report


FASTING = fasting_prior()
OF_34 = next(
    high for high in range(34)
    if sum(comb(34, k) * FASTING**k * (1 - FASTING) ** (34 - k) for k in range(high + 1)) >= 0.95
)  # fmt: skip
"""So many of 34 are high in the 95th of 100 groups; rounding moves a share to (X+2)/(N-2), R3."""


@pytest.mark.parametrize(("city", "attack"), [(busy, a), (alone, b)], ids=["a", "b"])
def test_nobody_s_glucose_is_found(city: City, attack: Attack) -> None:
    report = series(of_glucose(city), released, attack, FASTING)
    assert (report.learnt, report.mistaken) == (0, 0), report
    assert report.highest <= (OF_34 + 2) / (34 - 2), report
    report = series(of_glucose(city), Careless, attack, FASTING)
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
        return release(counted(counts), Audience.PUBLIC, block, rng, rules=mine)

    return publish


def test_stuffing_a_group_is_bounded_by_noise_alone() -> None:
    noisy = Rules(smallest_count=11, epsilon=Fraction(1))
    looks = (groups.high_only, groups.everything)
    of_high, of_all = groups.stuffing(stuffed(noisy), looks, 3_000)
    stdout.write(f"G stuffing, noise of ε = 1: beliefs from 0.50 to {of_high:.2f}, {of_all:.2f}\n")
    assert of_high <= 0.73 + 0.03
    # Who looks at every part sees two counts change: twice ε, so e²/(1 + e²).
    assert of_all <= 0.88 + 0.03
    # Without noise it succeeds: the remaining risk that the rules alone do not cover.
    (believed,) = groups.stuffing(stuffed(Rules(smallest_count=11)), looks[:1], 10)
    stdout.write(f"G stuffing, weakened (no noise): beliefs from 0.50 to {believed:.2f}\n")
    assert believed == 1.0


def club(high: int, normal: int, measure: str) -> list[Visit]:
    if measure == "bp":
        rows = of_category("grade1"), of_category("normal")
        return [Visit(NOON, NOON, HERE, rows[n >= high]) for n in range(high + normal)]
    sweet = glucose_row(9.3, Meal.FASTING, single=True), glucose_row(5.2, Meal.FASTING, single=True)
    return [Visit(NOON, NOON, HERE, sweet[n >= high]) for n in range(high + normal)]


@pytest.mark.parametrize("measure", ["bp", "glu_fasting"])
@pytest.mark.parametrize(("high", "normal"), [(22, 0), (0, 22)])
def test_a_group_that_is_all_alike_is_not_shown(high: int, normal: int, measure: str) -> None:
    visits = club(high, normal, measure)

    def look(view: View, now: datetime = END) -> Finding:
        return groups.homogeneous_group(
            view.cells(now), HERE.station, Audience.INTERNAL, view.rules, PRIOR
        )

    kinds = [("in force", look(Released(visits))), ("weakened", look(Careless(visits)))]
    for how, found in kinds:
        told(f"H {measure}, {how}", reported([(found, high > 0)] * 2, PRIOR))
    assert not kinds[0][1].certain
    assert kinds[1][1] == Finding(1.0 if high else 0.0)


def test_the_careless_publisher_is_the_same_code_with_other_numbers() -> None:
    assert CARELESS.rounded(7) == 7
    assert CARELESS.behind(7, 1) == (7, 7)
