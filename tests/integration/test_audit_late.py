"""The audit of a city of which half came after the release: late sessions count, and balance."""

from pathlib import Path

from tests.integration.audited_city import embedded, lived_in_two
from tests.integration.broker import Broker


def test_sessions_that_come_after_the_release_balance_within_their_number(
    broker: Broker, tmp_path: Path
) -> None:
    city = lived_in_two(broker, tmp_path, embedded(tmp_path), 48)
    findings = city.audit()
    differences = [str(one) for check in findings.checks for one in check.differences]
    assert differences == []
    shares = findings.of("shares")
    assert any("of late sessions only" in note for note in shares.notes)
    counted = findings.of("counted").figures
    assert counted["counted"] == findings.of("sessions").figures["stored"]
    assert counted["weeks"] == 4
