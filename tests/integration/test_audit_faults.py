"""The audit of a city in which everything goes wrong that may: it balances all the same."""

from pathlib import Path

from tests.integration.audited_city import embedded, lived_with_faults
from tests.integration.broker import Broker


def test_a_city_with_every_fault_balances(broker: Broker, tmp_path: Path) -> None:
    city = lived_with_faults(broker, tmp_path, embedded(tmp_path), 32, "everything")
    findings = city.audit()
    differences = [str(one) for check in findings.checks for one in check.differences]
    assert differences == []
    assert findings.of("quarantine").figures["poisoned"] > 0
    assert findings.of("sessions").figures["stored"] > 500
