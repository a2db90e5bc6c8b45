"""The station's pairing agent (org.bluez.Agent1): bonds its own devices without anybody there."""

from collections.abc import Mapping

from dbus_fast import Message, MessageType
from dbus_fast.errors import DBusError

from contract.errors import LinkLost
from edge_agent.radio.bluez import BlueZ

_PATH = "/org/healthkiosk/agent"
_INTERFACE = "org.bluez.Agent1"
_MANAGER = "org.bluez.AgentManager1"
_REJECTED = "org.bluez.Error.Rejected"

# BlueZ chooses the method by this; with it a device may also show its passkey or ask for none.
_CAPABILITY = "KeyboardDisplay"
_CONSENT = frozenset({"RequestConfirmation", "RequestAuthorization", "AuthorizeService"})
_NOTICES = frozenset({"Release", "Cancel", "DisplayPasskey", "DisplayPinCode"})


class PairingAgent:
    """Answers BlueZ for the devices of this station and rejects every other.

    `passkeys` gives the number of each device that wants one; None for one that wants none.
    """

    def __init__(self, passkeys: Mapping[str, int | None]) -> None:
        self._passkeys = passkeys

    async def register(self, bluez: BlueZ) -> None:
        """Make this the agent of the system; raises LinkLost if BlueZ does not want it."""
        bluez.bus.add_message_handler(self._answer)
        try:
            await bluez.call("/org/bluez", _MANAGER, "RegisterAgent", "os", _PATH, _CAPABILITY)
            await bluez.call("/org/bluez", _MANAGER, "RequestDefaultAgent", "o", _PATH)
        except DBusError as error:
            raise LinkLost(f"no pairing agent: {error.type}") from error

    def _answer(self, message: Message) -> Message | None:
        asked = message.message_type is MessageType.METHOD_CALL and message.path == _PATH
        if not asked or message.interface != _INTERFACE:
            return None
        member = message.member or ""
        if member in _NOTICES:
            return Message.new_method_return(message)
        address = _address(message.body[0])
        if address not in self._passkeys:
            return Message.new_error(message, _REJECTED, "not a device of this station")
        if member in _CONSENT:
            return Message.new_method_return(message)
        passkey = self._passkeys[address]
        if passkey is None:
            return Message.new_error(message, _REJECTED, "no passkey is configured")
        if member == "RequestPinCode":
            return Message.new_method_return(message, "s", [f"{passkey:06d}"])
        return Message.new_method_return(message, "u", [passkey])


def _address(device_path: str) -> str:
    """`AA:BB:…` of `/org/bluez/hci0/dev_AA_BB_…`."""
    return device_path.rpartition("/dev_")[2].replace("_", ":")
