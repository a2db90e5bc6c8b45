"""A reading is never dated to a day on which it was not taken, whatever the device's clock says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from edge_agent.devices import blood_pressure, glucose, models
from edge_agent.devices.blood_pressure import BloodPressureReading
from edge_agent.devices.date_time import wall_clock
from edge_agent.devices.glucose import GlucoseReading
from edge_agent.frame import Frame
from edge_agent.memory import Memory
from edge_agent.plausibility import Pressures
from edge_agent.reading import Glucose, Value
from edge_agent.visits import read

BEIJING = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 2, 2, 12, 0, tzinfo=BEIJING)
SENDING = timedelta(seconds=30)
# Values tell the readings apart, and are plausible.
FIRST_VALUE = 100


@dataclass(frozen=True)
class Period:
    """Some measurements that nobody hears, then a push, which a last measurement may cause.

    Before measurement number `jump` the clock is set, to be `behind` so many seconds; only then it
    matters that the push is not `is_newest_first`.
    """

    gaps: tuple[float, ...]
    is_measured: bool
    jump: int | None
    behind: float
    is_everything: bool
    is_newest_first: bool


periods = st.lists(
    st.builds(
        Period,
        st.lists(st.floats(0.02, 60), min_size=1, max_size=4).map(tuple),
        st.booleans(),
        st.none() | st.integers(0, 3),
        st.one_of(
            st.just(0.0),
            st.floats(-36 * 3600, 36 * 3600),
            st.floats(-10 * 365 * 86_400, 10 * 365 * 86_400),
        ),
        st.booleans(),
        st.booleans(),
    ),
    max_size=8,
)


@dataclass
class Device:
    """A cuff or meter that keeps all it measured, and the truth of when it was."""

    is_meter: bool
    now: datetime = START
    behind: float = 0.0
    frames: list[bytes] = field(default_factory=list)
    unsent: int = 0
    taken: list[datetime] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)

    def measure(self) -> None:
        number = len(self.taken)
        shown = wall_clock(self.now - timedelta(seconds=self.behind))
        if self.is_meter:
            record = GlucoseReading(number, shown, glucose_mmol_l=5 + number / 10)
            self.frames.append(glucose.encode_measurement(record))
        else:
            pressures = (float(FIRST_VALUE + number), 60.0)
            reading = BloodPressureReading(*pressures, device_time=shown)
            self.frames.append(blood_pressure.encode(reading))
        self.taken.append(self.now)
        self.lags.append(self.behind)

    def push(self, period: Period, numbers: Iterator[int]) -> list[Frame]:
        self.now += SENDING
        sent = self.frames if period.is_everything else self.frames[self.unsent :]
        self.unsent = len(self.frames)
        model = models.GENERIC_METER if self.is_meter else models.GENERIC_CUFF
        uuid = glucose.MEASUREMENT_UUID if self.is_meter else blood_pressure.MEASUREMENT_UUID
        backwards = period.is_newest_first and period.jump is None
        ordered = reversed(sent) if backwards else sent
        return [
            Frame(next(numbers), "device", model.title, uuid, self.now, data) for data in ordered
        ]

    def apparent_lags(self) -> list[float]:
        """How far the clock seems to be behind, by each reading that is sent now."""
        sent = zip(self.taken[self.unsent :], self.lags[self.unsent :], strict=True)
        return [(self.now - taken).total_seconds() + lag for taken, lag in sent]

    def number_of(self, value: Value) -> int:
        if isinstance(value, Pressures):
            return round(value.systolic) - FIRST_VALUE
        assert isinstance(value, Glucose)
        assert isinstance(value.mmol_l, float)
        return round((value.mmol_l - 5) * 10)

    def day(self, number: int) -> date:
        return self.taken[number].date()


def live(device: Device, period: Period) -> None:
    """Let the measurements of a period happen, and its jump."""
    for number, hours in enumerate(period.gaps):
        device.now += timedelta(hours=hours)
        if number < len(period.gaps) - 1 or period.is_measured:
            if number == period.jump:
                device.behind = period.behind
            device.measure()


def is_coincidence(device: Device, said: Sequence[float]) -> bool:
    """Whether a reading that waited looks present by what the clock was thought to be before.

    Nobody can tell such a one from a present one, see `edge_agent.dating`.
    """
    for taken, lag in zip(device.taken[device.unsent :], device.lags[device.unsent :], strict=True):
        wait = (device.now + SENDING - taken).total_seconds()
        for offset in (0.0, *said):
            age = wait + lag - offset
            if abs(age) <= 605 and wait > max(age, 0) + 110:
                return True
    return False


@settings(max_examples=300, deadline=None)
@given(periods, st.booleans())
def test_no_reading_is_dated_to_a_day_on_which_it_was_not_taken(
    history: list[Period], is_meter: bool
) -> None:
    device, memory, numbers = Device(is_meter), Memory(), count(1)
    given_out: list[int] = []
    said: list[float] = []
    for period in history:
        live(device, period)
        assume(not is_coincidence(device, said))
        said += device.apparent_lags()
        frames = device.push(period, numbers)
        if not frames:
            continue
        visit = read(frames, memory, BEIJING)
        memory = visit.memory
        for reading in visit.readings:
            number = device.number_of(reading.value)
            assert reading.moment.astimezone(BEIJING).date() == device.day(number)
            given_out.append(number)
            event("stored" if not reading.present else "present")
    assert len(given_out) == len(set(given_out)), "nobody is counted twice"
