"""Battery Level 0x2A19."""

import pytest

from contract.errors import DecodeError, Reason
from edge_agent.devices import battery


@pytest.mark.parametrize("percent", [0, 80, 100])
def test_a_charge_is_in_percent(percent: int) -> None:
    assert battery.decode(bytes((percent,))) == percent
    assert battery.encode(percent) == bytes((percent,))


@pytest.mark.parametrize(
    ("value", "reason"), [(b"", Reason.TRUNCATED), (b"\x65", Reason.OUT_OF_RANGE)]
)
def test_a_battery_is_never_more_than_full(value: bytes, reason: Reason) -> None:
    with pytest.raises(DecodeError) as caught:
        battery.decode(value)
    assert caught.value.reason is reason
