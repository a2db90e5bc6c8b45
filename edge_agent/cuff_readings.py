"""The new readings among a cuff's frames: decoded once each, however often they are pushed. Pure.

A reading is known if its device time was seen in an earlier visit, or in this one beside the same
values; one without a usable time only if it repeats the values of the one before it. So a reading
is lost if the clock stands still, or after a reset shows the same second as before: rather that
than one person counted again with every push.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import tzinfo
from typing import NamedTuple

from contract.errors import Reason, Rejected
from edge_agent import plausibility
from edge_agent.dating import Arrival, shown_at
from edge_agent.devices import blood_pressure, models
from edge_agent.devices.blood_pressure import BloodPressureReading, Layout
from edge_agent.devices.date_time import DeviceTime
from edge_agent.frame import Frame
from edge_agent.reading import Reading

_LAYOUTS = {model.title: model.layout for model in models.MODELS}


class _Identity(NamedTuple):
    time: DeviceTime | None
    systolic: float | None
    diastolic: float | None
    pulse: float | None


class CuffReadings(NamedTuple):
    """The new readings in order of arrival, and every device time that came."""

    readings: list[Reading]
    times: list[DeviceTime]


def read_cuff(
    frames: Sequence[Frame],
    seen: Collection[DeviceTime],
    zone: tzinfo,
    rejects: Counter[Reason],
) -> CuffReadings:
    """The new readings in the measurement frames of one visit; counts all others in `rejects`."""
    found = CuffReadings([], [])
    known: set[_Identity] = set()
    previous: _Identity | None = None
    for frame in frames:
        try:
            decoded = blood_pressure.decode(frame.data, layout=_layout(frame))
        except Rejected as error:
            rejects[error.reason] += 1
            continue
        arrival, identity = _told(frame, decoded, zone)
        if identity.time is not None:
            found.times.append(identity.time)
        if identity.time in seen or identity in known or identity == previous:
            rejects[Reason.RESENT] += 1
            continue
        if identity.time is not None:
            known.add(identity)
        previous = identity if identity.systolic is not None else None
        found.readings.append(_judged(frame, arrival, decoded, rejects))
    return found


def _told(frame: Frame, decoded: BloodPressureReading, zone: tzinfo) -> tuple[Arrival, _Identity]:
    shown = None if decoded.device_time is None else shown_at(decoded.device_time, zone)
    identity = _Identity(
        None if shown is None else decoded.device_time,
        decoded.systolic_mmhg,
        decoded.diastolic_mmhg,
        decoded.pulse_bpm,
    )
    return Arrival(frame.received_at, shown), identity


def _judged(
    frame: Frame, arrival: Arrival, decoded: BloodPressureReading, rejects: Counter[Reason]
) -> Reading:
    try:
        value = plausibility.pressures(decoded)
    except Rejected as error:
        rejects[error.reason] += 1
        return Reading(frame.number, arrival, None)
    return Reading(frame.number, arrival, value)


def _layout(frame: Frame) -> Layout:
    return _LAYOUTS.get(frame.model, models.GENERIC_CUFF.layout)
