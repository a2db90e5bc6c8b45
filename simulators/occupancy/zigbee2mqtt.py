"""A virtual Zigbee2MQTT: it publishes what its sensors tell, retained, to a given broker."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.errors import BrokerUnavailable

_KEEPALIVE_SECONDS = 30
_GOODBYE_SECONDS = 2.0


@contextmanager
def virtual_zigbee2mqtt(
    host: str, port: int, *, base: str = "zigbee2mqtt"
) -> Iterator["VirtualZigbee2Mqtt"]:
    """A bridge that is online while the block runs. Raises BrokerUnavailable.

    A broker that goes away meanwhile is connected to again, as the real one does it.
    """
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.reconnect_delay_set(1, 1)
    bridge = VirtualZigbee2Mqtt(client, base)
    client.will_set(bridge.state_topic, _state("offline"), qos=1, retain=True)
    client.on_connect = lambda *_: bridge.say_online()
    try:
        client.connect(host, port, _KEEPALIVE_SECONDS)
    except OSError as error:
        raise BrokerUnavailable(
            f"no MQTT broker answers at {host}:{port} ({error}); start one there"
        ) from error
    client.loop_start()
    try:
        yield bridge
    finally:
        bridge.say_offline()
        client.disconnect()
        client.loop_stop()


class VirtualZigbee2Mqtt:
    """One bridge and its sensors, by their friendly names."""

    def __init__(self, client: Client, base: str) -> None:
        self._client = client
        self._base = base
        self.state_topic = f"{base}/bridge/state"

    def tell(self, sensor: str, **values: bool | float | str) -> None:
        """A sensor's state, such as `occupancy=True` or `contact=False`."""
        full = {"battery": 87, "linkquality": 120, **values}
        self.publish(f"{self._base}/{sensor}", json.dumps(full))

    def set_available(self, sensor: str, *, available: bool) -> None:
        """The bridge hears a sensor again, or not for too long."""
        state = _state("online" if available else "offline")
        self.publish(f"{self._base}/{sensor}/availability", state)

    def publish(self, topic: str, payload: str) -> None:
        """Any message, retained."""
        self._client.publish(topic, payload, qos=1, retain=True)

    def say_online(self) -> None:
        """The bridge has started, or has its broker back."""
        self.publish(self.state_topic, _state("online"))

    def say_offline(self) -> None:
        """The bridge stops; waits a little until the broker knows, if there is one."""
        farewell = self._client.publish(self.state_topic, _state("offline"), qos=1, retain=True)
        if self._client.is_connected():
            farewell.wait_for_publish(_GOODBYE_SECONDS)


def _state(state: str) -> str:
    return json.dumps({"state": state})
