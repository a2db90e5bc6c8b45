"""The one step at which a person's session becomes an anonymous row: category, then bins. Pure."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from contract.batch import Measure
from contract.glucose_batch import GlucoseRow, glucose_measure, glucose_row
from contract.screening_batch import BloodPressureRow, blood_pressure_row
from edge_agent.sessions import BloodPressureSession, Session


@dataclass(frozen=True, slots=True)
class Anonymous:
    """What is left of a session: its row, its measure, and the local day to date the batch by."""

    day: date
    measure: Measure
    row: BloodPressureRow | GlucoseRow


def anonymise(session: Session, timezone: ZoneInfo) -> Anonymous:
    """The row of `session`; device, time of day and exact values end here."""
    day = session.started_at.astimezone(timezone).date()
    if isinstance(session, BloodPressureSession):
        pressures = (session.systolic_mmhg, session.diastolic_mmhg, session.pulse_bpm)
        return Anonymous(day, "bp", blood_pressure_row(*pressures, single=session.single))
    row = glucose_row(session.value, session.meal, single=session.single)
    return Anonymous(day, glucose_measure(session.meal), row)
