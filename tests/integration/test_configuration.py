"""A desired configuration, from its topic to the station's status and back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.condition import Outcome
from contract.status import Kind
from tests.integration.broker import Broker, running_broker
from tests.integration.configuring import STATION, Operator, running_agent, running_command
from tests.integration.radio import CUFF_ADDRESS, virtual_radio
from tests.integration.receipting import running_ingest


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(tmp_path, persistent=True) as started:
        yield started


@pytest.fixture
def operator(broker: Broker) -> Iterator[Operator]:
    with running_ingest(broker) as ingest:
        yield Operator(broker, ingest)


async def test_a_desired_configuration_is_applied_reported_and_kept(
    broker: Broker, operator: Operator, tmp_path: Path
) -> None:
    async with virtual_radio(tmp_path):
        async with running_agent(tmp_path, broker):
            await operator.hears(lambda status: status.kind is Kind.BIRTH)
            operator.desire({"mqtt": {"heartbeat_seconds": 123}}, "slower")
            assert (await operator.hears_of("slower")).outcome is Outcome.APPLIED
        async with running_agent(tmp_path, broker):
            await operator.hears(lambda status: status.boot not in operator.boots[:2])
            assert (await operator.hears_of("slower")).outcome is Outcome.APPLIED
        assert [operator.heartbeat_seconds(boot) for boot in operator.boots] == [300, 123, 123]


async def test_what_is_not_allowed_is_refused_and_nothing_changes(
    broker: Broker, operator: Operator, tmp_path: Path
) -> None:
    async with virtual_radio(tmp_path), running_agent(tmp_path, broker):
        await operator.hears(lambda status: status.kind is Kind.BIRTH)
        operator.desire({"privacy": {"min_batch": 1}}, "greedy")
        refused = await operator.hears_of("greedy")
        assert (refused.outcome, refused.problem) == (
            Outcome.REFUSED,
            "privacy: may not be set from afar",
        )
        operator.desire({"radio": {"adaptor": "hci1"}}, "typo")
        assert (await operator.hears_of("typo")).problem == (
            "radio.adaptor: no such option; did you mean adapter?"
        )
        assert len(operator.boots) == 1
        assert operator.statuses[-1].agent == operator.statuses[0].agent


async def test_what_keeps_the_radio_from_scanning_is_rolled_back_and_not_tried_again(
    broker: Broker, operator: Operator, tmp_path: Path
) -> None:
    async with virtual_radio(tmp_path), running_agent(tmp_path, broker, trial_seconds=0.5):
        await operator.hears(lambda status: status.kind is Kind.BIRTH)
        harmful = {"radio": {"adapter": "hci9"}, "mqtt": {"heartbeat_seconds": 123}}
        operator.desire(harmful, "harmful")
        rolled_back = await operator.hears_of("harmful")
        assert (rolled_back.outcome, rolled_back.problem) == (
            Outcome.ROLLED_BACK,
            "the Bluetooth radio does not scan",
        )
        operator.desire(harmful, "harmful")
        operator.desire({"privacy": {}}, "read-after-it")
        await operator.hears_of("read-after-it")
        assert [operator.heartbeat_seconds(boot) for boot in operator.boots] == [300, 123, 300]


async def test_the_same_content_again_begins_no_new_life(
    broker: Broker, operator: Operator, tmp_path: Path
) -> None:
    async with virtual_radio(tmp_path), running_agent(tmp_path, broker):
        await operator.hears(lambda status: status.kind is Kind.BIRTH)
        operator.desire({"mqtt": {"heartbeat_seconds": 123}}, "slower")
        await operator.hears_of("slower")
        operator.desire({"mqtt": {"heartbeat_seconds": 123}}, "slower")
        broker.stop()
        broker.start()
        born = operator.births
        await operator.hears(lambda _: operator.births > born)
        operator.desire({"privacy": {}}, "read-after-it")
        await operator.hears_of("read-after-it")
        assert len(operator.boots) == 2


async def test_a_cleared_topic_leads_back_to_the_file(
    broker: Broker, operator: Operator, tmp_path: Path
) -> None:
    async with virtual_radio(tmp_path), running_agent(tmp_path, broker):
        await operator.hears(lambda status: status.kind is Kind.BIRTH)
        operator.desire({"mqtt": {"heartbeat_seconds": 123}}, "slower")
        await operator.hears_of("slower")
        operator.clear()
        last = await operator.hears(lambda _: len(operator.boots) == 3)
        assert operator.heartbeat_seconds(last.boot) == 300
        assert last.condition is not None
        assert last.condition.configuration is None


async def test_a_crash_during_the_trial_is_rolled_back_at_the_next_start(
    broker: Broker, operator: Operator, tmp_path: Path
) -> None:
    async with virtual_radio(tmp_path) as radio:
        file = tmp_path / "station.toml"
        file.write_text(
            f'[station]\nid = "{STATION}"\n'
            f'[mqtt]\nhost = "{broker.host}"\nport = {broker.port}\n'
            f'[radio]\ndevices = ["{CUFF_ADDRESS}"]\n'
            f'[outbox]\npath = "{tmp_path}/outbox.sqlite"\n'
        )
        with running_command(radio.address, file) as process:
            await operator.hears(lambda status: status.kind is Kind.BIRTH)
            operator.desire({"radio": {"adapter": "hci9"}}, "harmful")
            await operator.hears(lambda _: len(operator.boots) == 2)
            process.kill()
            await asyncio.to_thread(process.wait)
        with running_command(radio.address, file):
            rolled_back = await operator.hears_of("harmful")
            assert (rolled_back.outcome, rolled_back.problem) == (
                Outcome.ROLLED_BACK,
                "the agent ended during the trial",
            )
            operator.desire({"privacy": {}}, "read-after-it")
            await operator.hears_of("read-after-it")
            assert len(operator.boots) == 3
