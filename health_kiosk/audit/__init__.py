"""The audit of a simulated city: what happened at its stations against what the centre tells."""

from health_kiosk.audit.findings import Check as Check
from health_kiosk.audit.findings import Difference as Difference
from health_kiosk.audit.findings import Findings as Findings
from health_kiosk.audit.run import audit as audit
