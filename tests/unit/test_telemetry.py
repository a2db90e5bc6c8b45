"""A line in the log is a time stamp: what people do is counted, and told once a day in bands."""

import inspect
import logging
import re
from collections.abc import Iterator

import pytest

from contract.errors import Reason
from edge_agent.telemetry import Telemetry, silence_libraries


@pytest.fixture
def telemetry(caplog: pytest.LogCaptureFixture) -> Iterator[Telemetry]:
    with caplog.at_level(logging.DEBUG):
        yield Telemetry()


def visit(telemetry: Telemetry) -> None:
    """Everything that may happen because somebody measures."""
    telemetry.frame_received()
    telemetry.readings_rejected(Reason.BODY_MOVED, 2)
    telemetry.sessions_staged(1)
    telemetry.conversation_ended()
    telemetry.conversation_broken()
    telemetry.model_unknown()
    telemetry.radio_helped()
    telemetry.disk_refused()
    telemetry.frame_lost()


def test_no_line_is_written_because_somebody_measures(
    telemetry: Telemetry, caplog: pytest.LogCaptureFixture
) -> None:
    visit(telemetry)
    assert caplog.records == []
    assert telemetry.counts["edge_readings_rejected_total{reason=body_moved}"] == 2
    assert telemetry.counts["edge_readings_rejected_total"] == 2
    assert telemetry.counts["edge_frames_total"] == 1


def test_everything_that_is_counted_for_people_is_known_to_this_test() -> None:
    source = inspect.getsource(Telemetry)
    silent = source.split("never a line in the log.")[1].split("What no visit decides.")[0]
    assert "logger" not in silent
    methods = set(re.findall(r"^    def (\w+)", silent, re.MULTILINE))
    assert methods == set(re.findall(r"telemetry\.(\w+)\(", inspect.getsource(visit)))


def test_the_summary_is_of_one_day_and_in_bands(
    telemetry: Telemetry, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(11):
        visit(telemetry)
    telemetry.day_passed()
    for _ in range(7):
        telemetry.frame_received()
    telemetry.day_passed()
    assert [record.getMessage() for record in caplog.records] == [
        "since the last daily round: conversations 10, broken off 10,"
        " with a device of no known model 10, frames 10, sessions 10, readings refused 20",
        "since the last daily round: conversations <8, broken off <8,"
        " with a device of no known model <8, frames <8, sessions <8, readings refused <8",
    ]


def test_no_library_gets_a_word_into_the_log_at_any_level(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: kept.append(record.name)  # type: ignore[method-assign]
    root = logging.getLogger()
    level = root.level
    monkeypatch.setenv("BLEAK_LOGGING", "1")
    monkeypatch.setattr(root, "handlers", [handler])
    root.setLevel(logging.DEBUG)
    try:
        silence_libraries()
        for name in ("bleak.backends.bluezdbus.client", "dbus_fast.aio", "asyncio", "paho.mqtt"):
            assert not logging.getLogger(name).isEnabledFor(logging.CRITICAL)
        for name in ("gpiozero", "edge_agentx", "edge_agent.telemetry", "root"):
            logging.getLogger(name).error("A4:C1:38:00:00:01")
    finally:
        root.setLevel(level)
        for name in ("asyncio", "bleak", "dbus_fast", "paho"):
            logging.getLogger(name).setLevel(logging.NOTSET)
    assert kept == ["edge_agent.telemetry"]
