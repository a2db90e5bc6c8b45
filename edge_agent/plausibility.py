"""Which readings a living person can have given: the others are device errors with a reason."""

from typing import NamedTuple

from contract.errors import Reason, Rejected
from contract.quantities import DIASTOLIC, GLUCOSE, PULSE, PULSE_PRESSURE, SYSTOLIC
from contract.screening import GlucoseLimit
from edge_agent.devices.blood_pressure import BloodPressureReading, Status
from edge_agent.devices.glucose import (
    GlucoseContext,
    GlucoseReading,
    SampleLocation,
    SampleType,
    SensorStatus,
)
from edge_agent.devices.glucose_context import MealMarker

# A full memory of a FORA TN'G Voice ends with a "HI" of this year (tidepool-org/uploader).
_FILLER_YEAR = 2037

_STRIP_ERRORS = (
    SensorStatus.SAMPLE_TOO_SMALL
    | SensorStatus.STRIP_INSERTED_WRONGLY
    | SensorStatus.WRONG_STRIP_TYPE
    | SensorStatus.STRIP_PULLED
)
_FAULTS = (
    SensorStatus.SENSOR_MALFUNCTION
    | SensorStatus.SENSOR_TOO_HOT
    | SensorStatus.SENSOR_TOO_COLD
    | SensorStatus.GENERAL_FAULT
)
_BOTH_LIMITS = SensorStatus.RESULT_TOO_HIGH | SensorStatus.RESULT_TOO_LOW


class Pressures(NamedTuple):
    """The values of a plausible reading: mmHg, mmHg, beats per minute if the cuff counted them."""

    systolic: float
    diastolic: float
    pulse: float | None


def pressures(reading: BloodPressureReading) -> Pressures:
    """The values of a plausible reading; raises Rejected, with its reason, for any other.

    An irregular pulse or a wrong position is kept: it is a person, measured less well.
    """
    systolic, diastolic, pulse = reading.systolic_mmhg, reading.diastolic_mmhg, reading.pulse_bpm
    if systolic is None or diastolic is None:
        raise Rejected(Reason.FAILED_MEASUREMENT, "the cuff sent no pressure")
    plausible = (
        systolic in SYSTOLIC.plausible
        and diastolic in DIASTOLIC.plausible
        and systolic - diastolic in PULSE_PRESSURE
        and (pulse is None or pulse in PULSE.plausible)
    )
    if not plausible:
        raise Rejected(Reason.OUT_OF_RANGE, "no person gives these values")
    status = reading.status or Status(0)
    if Status.BODY_MOVED in status:
        raise Rejected(Reason.BODY_MOVED, "the person moved")
    if Status.CUFF_LOOSE in status:
        raise Rejected(Reason.CUFF_LOOSE, "the cuff was loose")
    return Pressures(systolic, diastolic, pulse)


def glucose(reading: GlucoseReading, context: GlucoseContext | None) -> float | GlucoseLimit:
    """The unrounded mmol/L of a person, or a meter's LO or HI; raises Rejected for any other.

    `context` is the one that belongs to the reading by its sequence number. Control solution,
    ketones, fillers, strip errors and faults of the meter are never a person's glucose.
    """
    _check_sample(reading, context)
    _check_sensor(reading.status or SensorStatus(0))
    if reading.range_flag is not None:
        if reading.base_time.year == _FILLER_YEAR:
            raise Rejected(Reason.NOT_GLUCOSE, "the filler record of a full memory")
        return reading.range_flag
    mmol_l = reading.glucose_mmol_l
    if mmol_l is None:
        raise Rejected(Reason.FAILED_MEASUREMENT, "the meter sent no concentration")
    if mmol_l < 0:
        raise Rejected(Reason.NOT_GLUCOSE, "a filler in the place of a concentration")
    # Rounded as the range is: a meter's 600 mg/dL are 33.304 mmol/L.
    if round(mmol_l, 1) not in GLUCOSE.plausible:
        raise Rejected(Reason.OUT_OF_RANGE, "no person gives this value")
    return mmol_l


def _check_sample(reading: GlucoseReading, context: GlucoseContext | None) -> None:
    control = (
        reading.sample_type == SampleType.CONTROL_SOLUTION
        or reading.sample_location == SampleLocation.CONTROL_SOLUTION
    )
    if control:
        raise Rejected(Reason.CONTROL_SOLUTION, "the meter was tested, not a person")
    if context is not None and context.meal == MealMarker.KETONE:
        raise Rejected(Reason.NOT_GLUCOSE, "a ketone result")


def _check_sensor(status: SensorStatus) -> None:
    if status & _STRIP_ERRORS:
        raise Rejected(Reason.STRIP_ERROR, "the strip was not used rightly")
    if status & _FAULTS or status & _BOTH_LIMITS == _BOTH_LIMITS:
        raise Rejected(Reason.DEVICE_FAULT, "the meter reports a fault")
