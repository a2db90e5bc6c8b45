"""The operator's command for a station's settings, on a real broker."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.condition import Outcome
from health_kiosk import cli
from tests.integration.broker import Broker, running_broker
from tests.integration.configuring import STATION, Operator, running_agent
from tests.integration.radio import virtual_radio
from tests.integration.receipting import running_ingest


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(tmp_path) as started:
        yield started


@pytest.fixture
def operator(broker: Broker) -> Iterator[Operator]:
    with running_ingest(broker) as ingest:
        yield Operator(broker, ingest)


async def test_the_operators_command_reaches_the_station_and_takes_it_back(
    broker: Broker, operator: Operator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "desired.toml"
    file.write_text("[mqtt]\nheartbeat_seconds = 123\n")
    where = ("--broker", f"{broker.host}:{broker.port}")
    # Before the station is there: the broker keeps it.
    await asyncio.to_thread(
        cli.main, ("stations", "configure", STATION, str(file), "--revision", "slower", *where)
    )
    async with virtual_radio(tmp_path), running_agent(tmp_path, broker):
        assert (await operator.hears_of("slower")).outcome is Outcome.APPLIED
        await asyncio.to_thread(cli.main, ("stations", "configure", STATION, "--clear", *where))
        await operator.hears(lambda _: len(operator.boots) == 3)
        assert [operator.heartbeat_seconds(boot) for boot in operator.boots] == [300, 123, 300]
    said = capsys.readouterr().out
    assert f"{STATION}: revision slower published" in said
    assert f"{STATION}: back to the settings of its own file" in said


def test_the_operators_command_publishes_nothing_that_is_wrong(
    broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "desired.toml"
    file.write_text('[privacy]\nmin_batch = 1\n[radoi]\nadapter = "hci1"\n')
    arguments = ("stations", "configure", STATION, str(file))
    with pytest.raises(SystemExit) as ended:
        cli.main((*arguments, "--broker", f"{broker.host}:{broker.port}"))
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "\n  privacy: may not be set from afar\n" in told
    assert "\n  radoi: no such option; did you mean radio?\n" in told


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("B J", "--clear"), "is not a station's id"),
        ((STATION,), "give either the file"),
        ((STATION, "no-such.toml"), "cannot read no-such.toml"),
        ((STATION, "--clear"), "no MQTT broker answers at 127.0.0.1:1"),
    ],
    ids=str,
)
def test_the_operators_command_says_what_is_wrong(
    arguments: tuple[str, ...], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(("stations", "configure", *arguments, "--broker", "127.0.0.1:1"))
    assert ended.value.code == 2
    assert problem in capsys.readouterr().err


def test_a_broker_that_does_not_let_the_operator_in_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "passwords").write_text("operator:nothing\n")
    locked = f"allow_anonymous false\npassword_file {tmp_path}/passwords\n"
    with running_broker(tmp_path, extra=locked) as broker, pytest.raises(SystemExit):
        cli.main(
            ("stations", "configure", STATION, "--clear", "--broker", f"127.0.0.1:{broker.port}")
        )
    assert "refuses the connection: Not authorized" in capsys.readouterr().err
