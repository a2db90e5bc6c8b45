"""The process of the fleet benchmark's city: the simulators' own fleet, watched while it lives."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from functools import partial
from multiprocessing.connection import Connection
from time import monotonic, perf_counter
from typing import Any

from pydantic import TypeAdapter

from benchmarks.fleet_plan import Account, Look, Plan, Variant, Waits
from contract.receipts import Outcome
from contract.usage import WINDOW_SECONDS, UsageWindow
from edge_agent.settings import MqttSection
from simulators.city import BEIJING_TIME, CityStation, stations
from simulators.fleet import Fleet, FleetOptions
from simulators.fleet_office import Departure, Sent, StationOptions
from simulators.fleet_station import FleetStation
from simulators.histogram import Histogram
from simulators.history import Message, station_day
from simulators.population import seeded
from simulators.visits import usage_windows

_OPENS = time(10, 0)
_SLICE_SECONDS = 0.02  # of making days, before the connections have their turn
_WINDOWS = TypeAdapter(tuple[UsageWindow, ...])


def city_of(plan: Plan) -> tuple[CityStation, ...]:
    """The stations of a plan."""
    return stations(plan.stations, seeded(plan.seed))


def live(plan: Plan, there: Connection) -> None:
    """Live, and answer, until the other side hangs up."""
    moment = _Moment(plan)
    options = FleetOptions(
        address=plan.address, seed=plan.seed, life=plan.life, station=_options(plan)
    )
    with _Watched(city_of(plan), options, moment.now) as fleet:
        moment.quarters_end(fleet, plan.quarter)
        answers = _answers(fleet, moment)
        while True:
            fleet.live(there.poll)
            try:
                question, *arguments = there.recv()
                there.send(answers[question](*arguments))
            except (EOFError, OSError):
                return


def _answers(fleet: "_Watched", moment: "_Moment") -> dict[str, Callable[..., object]]:
    """What the other side may ask for."""
    return {
        "look": fleet.look,
        "clear": fleet.clear,
        "queue": fleet.queue,
        "hold": moment.hold,
        "accounts": fleet.accounts,
    }


def _options(plan: Plan) -> StationOptions:
    """As of a real agent, wherever the two can be compared."""
    real = MqttSection.model_fields
    return StationOptions(
        rest=plan.rest,
        spread_seconds=plan.spread,
        receipt_timeout_seconds=real["receipt_timeout_seconds"].default,
        heartbeat_seconds=real["heartbeat_seconds"].default,
        keepalive_seconds=real["keepalive_seconds"].default,
    )


class _Moment:
    """Time that goes as ours does, but skips to the end of a quarter of an hour now and then."""

    def __init__(self, plan: Plan) -> None:
        self._began = datetime.combine(plan.day, _OPENS, BEIJING_TIME) - timedelta(
            seconds=monotonic()
        )

        self._held: datetime | None = None

    def now(self) -> datetime:
        return self._held or self._began + timedelta(seconds=monotonic())

    def hold(self) -> None:
        """Stand still: nothing happens at any station from now on."""
        self._held = self.now()

    def quarters_end(self, fleet: Fleet, seconds: float) -> None:
        """From now on a quarter ends every so many seconds."""

        def skip() -> None:
            left = WINDOW_SECONDS - self.now().timestamp() % WINDOW_SECONDS
            self._began += timedelta(seconds=left)
            fleet.loop.after(seconds, skip)

        fleet.loop.after(seconds, skip)


class _Watched(Fleet):
    """The fleet, and when what is under way has left."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._plan_day = self._now().date()
        self._departed: dict[tuple[str, int], float] = {}
        self._drained = Histogram()
        self._stored: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._windows: Counter[str] = Counter()
        self._windows_of: dict[tuple[str, int], int] = {}
        self._backlog = 0
        self._days_lost = 0

    def departs(self, station: FleetStation, message: Message) -> Departure:
        self._departed[station.id, message.seq] = self.loop.clock()
        return super().departs(station, message)

    def receipted(self, station: FleetStation, sent: Sent, outcome: Outcome) -> None:
        super().receipted(station, sent, outcome)
        name = station.id, sent.message.seq
        del self._departed[name]
        windows = sent.message.windows
        if sent.is_backlog:
            self._drained.add(self.loop.clock() - sent.since)
            # To a logbook, windows older than the last one told are not new.
            windows = self._windows_of.pop(name)
            self._backlog -= windows
        if outcome is Outcome.STORED:
            self._stored[station.id] += 1
            self._windows[station.id] += windows
        else:
            self._refused[station.id] += 1

    def look(self) -> Look:
        first = next(iter(self._departed.values()), None)
        return Look(
            connected=self.connected,
            pending=self.pending,
            queued=self.pending - len(self._departed),
            oldest=0.0 if first is None else self.loop.clock() - first,
            backlog=self._backlog,
            live=_waits(self.live_waits),
            drained=_waits(self._drained),
        )

    def clear(self) -> None:
        self.live_waits.clear()
        self._drained.clear()

    def queue(self, variant: Variant) -> int:
        """A day that nobody has been told about yet waits at every station."""
        self._days_lost += 1
        day = self._plan_day - timedelta(days=self._days_lost)
        began = perf_counter()
        for station in self.stations:
            place = station.logbook.station
            today = station_day(self._options.seed, place, day)
            windows = usage_windows(place, day, today.stays)
            self._backlog += len(windows)
            # A million windows fit into memory as text only.
            kept = [_WINDOWS.dump_json((one,), exclude_none=True) for one in windows]
            texts = [_WINDOWS.dump_json(windows, exclude_none=True)] if windows else []
            waiting = iter(kept if variant is Variant.SINGLE else texts)
            station.draw_from(partial(self._next, station, waiting))
            if perf_counter() - began > _SLICE_SECONDS:
                self.loop.turn(0)
                began = perf_counter()
        return self._backlog

    def accounts(self) -> dict[tuple[str, int], Account]:
        return {
            (one.id, one.logbook.epoch): Account(
                one.logbook.numbered,
                self._stored[one.id],
                self._refused[one.id],
                self._windows[one.id],
            )
            for one in self.stations
        }

    def _next(self, station: FleetStation, waiting: Iterator[bytes]) -> Message | None:
        text = next(waiting, None)
        if text is None:
            return None
        windows = _WINDOWS.validate_json(text)
        message = station.logbook.usage(windows)
        self._windows_of[station.id, message.seq] = len(windows)
        return message


def _waits(found: Histogram) -> Waits:
    return Waits(
        found.count, found.quantile(0.5) or 0.0, found.quantile(0.99) or 0.0, found.longest
    )
