"""The new records among a glucose meter's frames, each with its context. Pure.

A record is known if it came in this visit already, or if its number is not after the last known
one. Of a meter whose numbers do not count, its base time tells, as a cuff's device time does.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import NamedTuple

from contract.errors import Reason, Rejected
from contract.screening import Meal
from edge_agent import plausibility
from edge_agent.dating import Arrival, shown_at
from edge_agent.devices import glucose, models
from edge_agent.devices.date_time import DeviceTime
from edge_agent.devices.glucose import GlucoseContext, GlucoseReading, SensorStatus
from edge_agent.devices.glucose_context import CONTEXT_UUID, MealMarker
from edge_agent.devices.sequence_numbers import Numbering, Order
from edge_agent.frame import Frame
from edge_agent.memory import Memory
from edge_agent.reading import Glucose, Reading, Value

_ORDERS = {model.title: model.order for model in models.MODELS}

# The makers tell people to mark a test as after a meal one to two hours after it.
_MEALS: dict[int, Meal] = {
    MealMarker.BEFORE_MEAL: Meal.PREPRANDIAL,
    MealMarker.AFTER_MEAL: Meal.POSTPRANDIAL_2H,
    MealMarker.FASTING: Meal.FASTING,
    MealMarker.BEDTIME: Meal.BEDTIME,
}


class MeterReadings(NamedTuple):
    """The new readings in order of arrival, the newest of them, and base times to remember."""

    readings: list[Reading]
    newest: GlucoseReading | None
    times: list[DeviceTime]


def read_meter(
    frames: Sequence[Frame], memory: Memory, zone: tzinfo, rejects: Counter[Reason]
) -> MeterReadings:
    """The new readings in the frames of one visit; counts all others in `rejects`.

    `frames` are those of 0x2A18 and 0x2A34. A record that no person can have given counts as
    the newest all the same, so that it is not asked for again.
    """
    visit = _received(frames, rejects)
    if not visit.records:
        return MeterReadings([], None, [])
    order = _ORDERS.get(frames[-1].model, models.GENERIC_METER.order)
    readings = [reading for _, reading in visit.records]
    numbering = Numbering(order, memory.last_sequence, memory.last_base_time)
    if numbering.lost_in(readings):  # the meter has begun again
        numbering = Numbering(order)
    seen = memory.seen if order is Order.DESCENDING else ()
    fresh = [one for one in visit.records if _is_new(one[1], numbering, seen)]
    rejects.update([Reason.RESENT] * (len(visit.records) - len(fresh)))
    newest = max(
        (reading for _, reading in fresh),
        key=lambda reading: numbering.rank(reading.sequence),
        default=None,
    )
    times = [one.base_time for one in readings] if order is Order.DESCENDING else []
    return MeterReadings(
        [_judged(*one, visit.contexts, zone, rejects) for one in fresh], newest, times
    )


@dataclass(frozen=True, slots=True)
class _Received:
    records: list[tuple[Frame, GlucoseReading]] = field(default_factory=list)
    contexts: dict[int, GlucoseContext] = field(default_factory=dict)


def _received(frames: Sequence[Frame], rejects: Counter[Reason]) -> _Received:
    visit = _Received()
    known: set[tuple[int, DeviceTime]] = set()
    for frame in frames:
        try:
            if frame.characteristic.lower() == CONTEXT_UUID:
                context = glucose.decode_context(frame.data)
                visit.contexts[context.sequence] = context
                continue
            reading = glucose.decode_measurement(frame.data)
        except Rejected as error:
            rejects[error.reason] += 1
            continue
        if (reading.sequence, reading.base_time) in known:
            rejects[Reason.RESENT] += 1
        else:
            known.add((reading.sequence, reading.base_time))
            visit.records.append((frame, reading))
    return visit


def _is_new(reading: GlucoseReading, numbering: Numbering, seen: Collection[DeviceTime]) -> bool:
    return numbering.is_new(reading) and reading.base_time not in seen


def _judged(
    frame: Frame,
    reading: GlucoseReading,
    contexts: dict[int, GlucoseContext],
    zone: tzinfo,
    rejects: Counter[Reason],
) -> Reading:
    context = contexts.get(reading.sequence)
    value: Value | None = None
    try:
        mmol_l = plausibility.glucose(reading, context)
        value = Glucose(mmol_l, _meal(context))
    except Rejected as error:
        rejects[error.reason] += 1
    faulty = SensorStatus.TIME_FAULT in (reading.status or SensorStatus(0))
    shown = shown_at(reading.base_time, zone, reading.time_offset_minutes)
    return Reading(frame.number, Arrival(frame.received_at, None if faulty else shown), value)


def _meal(context: GlucoseContext | None) -> Meal:
    if context is None or context.meal is None:
        return Meal.CASUAL
    return _MEALS.get(context.meal, Meal.CASUAL)
