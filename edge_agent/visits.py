"""Visits: what one device sends without a long silence, and the dated readings in it. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from contract.errors import Reason
from edge_agent.cuff_readings import read_cuff
from edge_agent.dating import Dated, judge
from edge_agent.devices import blood_pressure, glucose
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.glucose_context import CONTEXT_UUID
from edge_agent.frame import Frame
from edge_agent.memory import Memory
from edge_agent.meter_readings import read_meter
from edge_agent.reading import DatedReading, Reading

_CUFF = frozenset({blood_pressure.MEASUREMENT_UUID})
_METER = frozenset({glucose.MEASUREMENT_UUID, CONTEXT_UUID})

# More than any cuff is known to hold.
_MOST_SEEN = 512


@dataclass(frozen=True, slots=True)
class Visit:
    """What one visit gave: its dated readings in order of arrival, and what to remember."""

    readings: tuple[DatedReading, ...]
    rejects: Counter[Reason]
    memory: Memory


def split(frames: Iterable[Frame], gap: timedelta) -> Iterator[Sequence[Frame]]:
    """The visits in `frames`, of each device in order: a silence longer than `gap` ends one."""
    by_device: dict[str, list[Frame]] = {}
    for frame in sorted(frames, key=lambda frame: frame.number):
        by_device.setdefault(frame.device, []).append(frame)
    for device_frames in by_device.values():
        visit = [device_frames[0]]
        for frame in device_frames[1:]:
            if abs(frame.received_at - visit[-1].received_at) > gap:
                yield visit
                visit = []
            visit.append(frame)
        yield visit


def read(frames: Sequence[Frame], memory: Memory, zone: tzinfo) -> Visit:
    """What the frames of one visit say, to a station that remembers `memory` of the device.

    Frames of other characteristics than results, such as the pressure in a cuff being inflated,
    say nothing, not even that the device was heard: it may hold results that it has not sent.
    """
    results = _of(frames, _CUFF | _METER)
    if not results:
        return Visit((), Counter(), memory)
    rejects: Counter[Reason] = Counter()
    cuff = read_cuff(_of(results, _CUFF), memory.seen, zone, rejects)
    meter = read_meter(_of(results, _METER), memory, zone, rejects)
    readings = sorted((*cuff.readings, *meter.readings), key=lambda one: one.number)
    dates, clock = judge(
        [one.arrival for one in readings], memory.clock, last_heard=memory.last_heard, zone=zone
    )
    newest = meter.newest
    return Visit(
        tuple(_dated(readings, dates, rejects)),
        rejects,
        Memory(
            newest.sequence if newest else memory.last_sequence,
            newest.base_time if newest else memory.last_base_time,
            _seen(memory.seen, cuff.times + meter.times),
            clock,
            last_heard=results[-1].received_at,
        ),
    )


def _of(frames: Iterable[Frame], characteristics: frozenset[str]) -> list[Frame]:
    return [frame for frame in frames if frame.characteristic.lower() in characteristics]


def _dated(
    readings: Iterable[Reading], dates: Iterable[Dated | None], rejects: Counter[Reason]
) -> Iterator[DatedReading]:
    for reading, date in zip(readings, dates, strict=True):
        if reading.value is None:
            continue
        if date is None:
            rejects[Reason.UNDATED] += 1
        else:
            yield DatedReading(date.moment, date.present, reading.value)


def _seen(before: Iterable[DeviceTime], now: Sequence[DeviceTime]) -> tuple[DeviceTime, ...]:
    """Both without repetition, the latest to come last."""
    both = dict.fromkeys(time for time in before if time not in now) | dict.fromkeys(now)
    return tuple(both)[-_MOST_SEEN:]
