"""What happens at a station, one function each: it logs and it counts.

No value, address or identity is ever an argument, so none can be logged.
"""

import logging
from collections import Counter

from contract.errors import Reason

logger = logging.getLogger(__name__)


# Their messages hold device addresses, object paths and raw frames, some at warning level.
_TALKATIVE = ("bleak", "dbus_fast")


def silence_libraries() -> None:
    """Keep the Bluetooth libraries out of the log; `Telemetry` says what matters."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class Telemetry:
    """Counts since the start, by Prometheus name; the log says the same in words."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def frame_received(self) -> None:
        """A frame is in the journal."""
        self.counts["edge_frames_total"] += 1
        logger.debug("frame journalled")

    def readings_rejected(self, reason: Reason, count: int) -> None:
        """Readings were refused for `reason`."""
        self.counts[f"edge_readings_rejected_total{{reason={reason}}}"] += count
        logger.info("readings rejected: %d (%s)", count, reason)

    def sessions_staged(self, count: int) -> None:
        """Sessions became anonymous rows."""
        self.counts["edge_sessions_total"] += count
        logger.debug("sessions staged: %d", count)

    def batch_released(self) -> None:
        """A batch became a numbered message."""
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

    def broker_connected(self) -> None:
        """The broker took the connection."""
        logger.info("connected to the broker")

    def broker_lost(self, problem: str) -> None:
        """The connection ended or was refused; the agent keeps trying."""
        self.counts["edge_broker_losses_total"] += 1
        logger.warning("no connection to the broker (%s); retrying", problem)

    def link_lost(self, problem: str) -> None:
        """A conversation with a device, or the scan itself, broke off."""
        self.counts["edge_link_losses_total"] += 1
        logger.warning("Bluetooth: %s", problem)

    def model_unknown(self, title: str) -> None:
        """A device of the station fits no known model and is treated by the standard."""
        self.counts["edge_unknown_models_total"] += 1
        logger.info("no model is known for a device; treating it as %s", title)

    def radio_deaf(self) -> None:
        """Nothing was heard for long, and neither a new scan nor a power cycle helped."""
        self.counts["edge_radio_deaf_total"] += 1
        logger.error("the radio hears nothing; somebody must look at the Bluetooth adapter")

    def sensor_refused(self, reason: Reason) -> None:
        """A message of an occupancy sensor was not understood."""
        self.counts[f"edge_sensor_messages_refused_total{{reason={reason}}}"] += 1
        logger.info("occupancy sensor: a message was refused (%s)", reason)

    def sensor_lost(self, problem: str) -> None:
        """The source of an occupancy sensor is away; the agent keeps trying."""
        self.counts["edge_sensor_losses_total"] += 1
        logger.warning("occupancy sensor: %s; retrying", problem)

    def conversation_ended(self, frames: int) -> None:
        """A device was talked to and let go."""
        self.counts["edge_conversations_total"] += 1
        logger.info("device released after %d frame(s)", frames)
