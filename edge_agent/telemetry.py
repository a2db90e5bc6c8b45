"""What happens at a station, one function each: it logs and it counts.

No value, address or identity is ever an argument, so none can be logged. And a line in a log is a
time stamp: what happens because somebody measures is counted only, and the log tells of it once a
day, in bands.
"""

import logging
import os
from collections import Counter
from collections.abc import Sequence

from contract.disclosure import band
from contract.errors import Reason

logger = logging.getLogger(__name__)

OURS = ("edge_agent", "health_kiosk")
"""The packages whose log is kept; see `silence_libraries`."""

# Their messages hold device addresses, object paths and raw frames, some at warning level.
_TALKATIVE = ("asyncio", "bleak", "dbus_fast", "paho")

_REJECTED = "edge_readings_rejected_total"

# What the daily summary tells, by counter.
_OF_PEOPLE = {
    "edge_conversations_total": "conversations",
    "edge_conversations_broken_total": "broken off",
    "edge_unknown_models_total": "with a device of no known model",
    "edge_frames_total": "frames",
    "edge_sessions_total": "sessions",
    _REJECTED: "readings refused",
}


def silence_libraries() -> None:
    """Keep every library out of the log at every level; `Telemetry` says what matters."""
    os.environ.pop("BLEAK_LOGGING", None)  # bleak would log to a handler of its own
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_is_ours)


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in OURS


class Telemetry:
    """Counts since the start, by Prometheus name; the log says the same in words."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._told: Counter[str] = Counter()

    # What happens because somebody measures: never a line in the log.

    def frame_received(self) -> None:
        """A frame is in the journal."""
        self.counts["edge_frames_total"] += 1

    def readings_rejected(self, reason: Reason, count: int) -> None:
        """Readings were refused for `reason`."""
        self.counts[f"{_REJECTED}{{reason={reason}}}"] += count
        self.counts[_REJECTED] += count

    def sessions_staged(self, count: int) -> None:
        """Sessions became anonymous rows."""
        self.counts["edge_sessions_total"] += count

    def conversation_ended(self) -> None:
        """A device was talked to and let go."""
        self.counts["edge_conversations_total"] += 1

    def conversation_broken(self) -> None:
        """A conversation with a device broke off; it will advertise again."""
        self.counts["edge_link_losses_total"] += 1
        self.counts["edge_conversations_broken_total"] += 1

    def model_unknown(self) -> None:
        """A device of the station fits no known model and is treated by the standard."""
        self.counts["edge_unknown_models_total"] += 1

    def disk_refused(self) -> None:
        """The station's file did not take something; it is kept and tried again."""
        self.counts["edge_disk_refusals_total"] += 1

    def frame_lost(self) -> None:
        """A frame could not be kept: the disk took nothing, and memory is full."""
        self.counts["edge_frames_lost_total"] += 1

    def radio_helped(self) -> None:
        """The scan was begun again, or the adapter's power taken, because of a silence.

        Not logged: in a quiet place the silence begins when a cuff has been put away.
        """
        self.counts["edge_radio_remedies_total"] += 1

    # What no visit decides.

    def day_passed(self) -> None:
        """Tell in bands what people have done since the last time; call it once a day."""
        words = (
            f"{words} {band(self.counts[name] - self._told[name])}"
            for name, words in _OF_PEOPLE.items()
        )
        logger.info("since the last daily round: %s", ", ".join(words))
        self._told = self.counts.copy()

    def batch_released(self) -> None:
        """A batch became a numbered message, at a moment that the release policy drew."""
        self.counts["edge_batches_total"] += 1
        logger.info("batch released to the outbox")

    def messages_published(self, count: int) -> None:
        """Messages were handed to the broker; they stay in the outbox."""
        self.counts["edge_messages_published_total"] += count
        logger.debug("messages published: %d", count)

    def messages_settled(self, count: int) -> None:
        """Receipts came, and the messages left the outbox."""
        self.counts["edge_messages_settled_total"] += count
        logger.info("messages settled by receipt: %d", count)

    def receipts_refused(self, problem: str) -> None:
        """A message on the receipts topic was not a receipt."""
        self.counts["edge_receipts_refused_total"] += 1
        logger.warning("not a receipt: %s", problem)

    def nobody_ingests(self) -> None:
        """The broker took a message, but nobody is subscribed to it; it is sent again."""
        logger.warning("the broker has nobody who takes messages; they are kept")

    def message_refused(self, problem: str) -> None:
        """The broker did not accept a message; it is kept and sent again later."""
        self.counts["edge_messages_refused_total"] += 1
        logger.warning("the broker did not accept a message (%s); it is kept", problem)

    def subscription_refused(self, stream: str, problem: str) -> None:
        """The broker does not let the station subscribe to one of its own streams."""
        logger.error("the broker refused the subscription to %s (%s)", stream, problem)

    def message_split(self) -> None:
        """A message too large for the broker became two."""
        self.counts["edge_messages_split_total"] += 1
        logger.info("a message was too large for the broker and became two")

    def message_too_large(self) -> None:
        """A message is too large for the broker and cannot be split; it is kept."""
        self.counts["edge_messages_too_large_total"] += 1
        logger.error("a message is too large for the broker and is kept: raise its limit")

    def broker_connected(self) -> None:
        """The broker took the connection."""
        logger.info("connected to the broker")

    def broker_lost(self, problem: str) -> None:
        """The connection ended or was refused; the agent keeps trying."""
        self.counts["edge_broker_losses_total"] += 1
        logger.warning("no connection to the broker (%s); retrying", problem)

    def scan_lost(self, problem: str) -> None:
        """BlueZ or the adapter went away; the scan is begun again."""
        self.counts["edge_link_losses_total"] += 1
        logger.warning("Bluetooth: scanning stopped (%s); retrying", problem)

    def radio_deaf(self) -> None:
        """Nothing was heard for long, and neither a new scan nor a power cycle helped."""
        self.counts["edge_radio_deaf_total"] += 1
        logger.error("the radio hears nothing; somebody must look at the Bluetooth adapter")

    def loops_stuck(self, names: Sequence[str]) -> None:
        """Loops of the agent do not turn any more; systemd ends a process that stays so."""
        self.counts["edge_stuck_loops_total"] += 1
        logger.error("no progress: %s", ", ".join(names))

    def storage_changed(self, storage: str) -> None:
        """The station's file takes what it is given again, or does not any more."""
        logger.warning("the station's file is now %s", storage)

    def configuration_tried(self, revision: str) -> None:
        """A desired configuration is on trial; the agent begins anew with it."""
        logger.info("trying the desired configuration %s", revision)

    def configuration_decided(self, revision: str, outcome: str, problem: str) -> None:
        """A desired configuration was looked at or tried, and this became of it."""
        self.counts[f"edge_configurations_total{{outcome={outcome}}}"] += 1
        level = logging.WARNING if problem else logging.INFO
        logger.log(level, "desired configuration %s: %s %s", revision, outcome, problem)

    def configuration_cleared(self) -> None:
        """The station runs with the settings of its own file again."""
        logger.info("no desired configuration; running with the station's own settings")

    def clock_set(self) -> None:
        """The time became known, or a clock that is believed was set by more than a moment."""
        self.counts["edge_clock_steps_total"] += 1
        logger.info("the station's clock was set; what it held is dated by it")

    def windows_lost(self, count: int) -> None:
        """Usage windows were given up: the disk has refused them for too long."""
        self.counts["edge_windows_lost_total"] += count

    def sensor_events_lost(self, count: int) -> None:
        """Events of occupancy sensors were given up: too many waited for the time."""
        self.counts["edge_sensor_events_lost_total"] += count

    def sensor_refused(self, reason: Reason) -> None:
        """A message of an occupancy sensor was not understood."""
        self.counts[f"edge_sensor_messages_refused_total{{reason={reason}}}"] += 1
        logger.info("occupancy sensor: a message was refused (%s)", reason)

    def sensor_lost(self, problem: str) -> None:
        """The source of an occupancy sensor is away; the agent keeps trying."""
        self.counts["edge_sensor_losses_total"] += 1
        logger.warning("occupancy sensor: %s; retrying", problem)
