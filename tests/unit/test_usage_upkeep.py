"""Hours are made when messages leave time for it."""

import pytest

from ingest.usage_upkeep import rest_seconds


def test_hours_rest_longer_than_messages_took_but_never_for_long() -> None:
    assert rest_seconds(0.0) == 0.0
    assert rest_seconds(0.5) == pytest.approx(2.0)
    assert rest_seconds(60.0) == 10.0
