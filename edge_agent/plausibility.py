"""Which readings a living person can have given: the others are device errors with a reason."""

from typing import NamedTuple

from contract.errors import Reason, Rejected
from contract.quantities import DIASTOLIC, PULSE, PULSE_PRESSURE, SYSTOLIC
from edge_agent.devices.blood_pressure import BloodPressureReading, Status


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
