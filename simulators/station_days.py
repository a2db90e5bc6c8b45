"""One day at one station: who comes, who measures, and what the devices make of it."""

from dataclasses import dataclass
from datetime import date

from contract.batch import Measure
from contract.glucose_batch import GlucoseRow, glucose_measure, glucose_row
from contract.screening_batch import BloodPressureRow, blood_pressure_row
from simulators.city import CityStation
from simulators.climate import weather
from simulators.demand import demand, is_sale
from simulators.device_faults import USUAL_FAULTS, DeviceFaults, surviving
from simulators.glucose import (
    DIABETES,
    NO_DIABETES,
    draw_glucose,
    draw_meal,
    has_diabetes,
    shown_by_meter,
)
from simulators.population import Person, draw_person_of, draw_readings, seeded, session_value
from simulators.regulars import comes_today, is_high, panel, uptake
from simulators.visits import Stay, stay_in, stays

Row = BloodPressureRow | GlucoseRow


@dataclass(frozen=True, slots=True)
class Session:
    """One session: when it ended, in minutes from local midnight, and its row.

    `truly` is what the person is, whatever the device said: the category of the usual blood
    pressure, or "diabetes" or "no_diabetes". `regular` is the person's place in the station's
    panel of regulars, None for a person who is not in it.
    """

    minute: float
    row: Row
    truly: str
    measure: Measure = "bp"
    regular: int | None = None


@dataclass(frozen=True, slots=True)
class StationDay:
    """Everything that happens at one station on one day.

    `sessions` are those that a device gave a result of, of every measure, in the order in which
    they ended; `lost` counts those of which it gave none.
    """

    day: date
    stays: tuple[Stay, ...]
    sessions: tuple[Session, ...]
    lost: int = 0


def station_day(
    seed: int, station: CityStation, day: date, faults: DeviceFaults = USUAL_FAULTS
) -> StationDay:
    """One day at a station; the same seed gives the same day, whatever came before it."""
    return _Day(seed, station, day, faults).told()


class _Day:
    """A day in the making: all that its sessions depend on."""

    def __init__(self, seed: int, station: CityStation, day: date, faults: DeviceFaults) -> None:
        self._rng = seeded(seed, station.id, day.isoformat())
        self._station, self._day, self._faults = station, day, faults
        self._weather = weather(seed, day)
        self._demand = demand(day, self._weather)
        self._panel = panel(seed, station)
        self._sessions: list[Session] = []
        self._lost = 0

    def told(self) -> StationDay:
        chances = uptake(self._station)
        rng, glucose = self._rng, self._station.glucose
        today = stays(
            rng, self._station, self._day, self._demand * chances.visits, sale=is_sale(self._day)
        )
        for stay in today:
            if rng.random() < chances.considered:
                person = draw_person_of(rng, stay.kind)
                if is_high(person) or rng.random() < chances.others:
                    self._measure(person, stay, None)
        if self._panel:
            today = self._with_regulars(today)
        if glucose:
            for stay in today:
                if rng.random() < glucose:
                    self._prick(stay)
        self._sessions.sort(key=lambda session: session.minute)
        return StationDay(self._day, today, tuple(self._sessions), self._lost)

    def _with_regulars(self, others: tuple[Stay, ...]) -> tuple[Stay, ...]:
        """Everybody's stays, and the sessions of the regulars among them."""
        came: list[Stay] = []
        weekday = self._day.weekday()
        for number, regular in enumerate(self._panel):
            if comes_today(self._rng, regular, self._station, weekday, self._demand):
                came.append(stay_in(self._rng, regular.slot))
                self._measure(regular.person, came[-1], number)
        if not came:
            return others
        return tuple(sorted((*others, *came), key=lambda stay: stay.arrive))

    def _measure(self, person: Person, stay: Stay, regular: int | None) -> None:
        shown = draw_readings(
            self._rng,
            person,
            self._day,
            int(stay.arrive) // 60,
            cold_snap=self._weather.cold_snap,
        )
        kept = surviving(self._rng, shown, self._faults)
        if not kept:
            self._lost += 1
            return
        row = blood_pressure_row(*session_value(kept), single=len(kept) == 1)
        self._sessions.append(Session(stay.leave, row, person.category, "bp", regular))

    def _prick(self, stay: Stay) -> None:
        rng = self._rng
        diabetic, meal = has_diabetes(rng, stay.kind), draw_meal(rng)
        shown = shown_by_meter(rng, draw_glucose(rng, meal, diabetic=diabetic), self._faults)
        row = glucose_row(shown, meal, single=True)
        truly = DIABETES if diabetic else NO_DIABETES
        self._sessions.append(Session(stay.leave, row, truly, glucose_measure(meal)))
