"""The one step at which a person's session becomes an anonymous row: category, then bins. Pure."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from contract.screening_batch import BloodPressureRow, blood_pressure_row
from edge_agent.sessions import Session


@dataclass(frozen=True, slots=True)
class Anonymous:
    """What is left of a session: its row, and the local day that the batch will be dated by."""

    day: date
    row: BloodPressureRow


def anonymise(session: Session, timezone: ZoneInfo) -> Anonymous:
    """The row of `session`; device, time of day and exact values end here."""
    return Anonymous(
        day=session.started_at.astimezone(timezone).date(),
        row=blood_pressure_row(
            session.systolic_mmhg, session.diastolic_mmhg, session.pulse_bpm, single=session.single
        ),
    )
