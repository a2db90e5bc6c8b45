"""The error replies of BlueZ, under the names and with the texts that clients match on."""

_BLUEZ = "org.bluez.Error."
_DBUS = "org.freedesktop.DBus.Error."

# What BlueZ says instead of the bare ATT code (its src/gatt-client.c, create_gatt_dbus_error).
_ATT_NAMES = {
    0x02: ("NotPermitted", "Read not permitted"),
    0x03: ("NotPermitted", "Write not permitted"),
    0x05: ("NotPermitted", "Not paired"),
    0x06: ("NotSupported", "Operation is not supported"),
    0x07: ("InvalidArguments", "Invalid offset"),
    0x08: ("NotAuthorized", "Operation Not Authorized"),
    0x0C: ("NotPermitted", "Not paired"),
    0x0D: ("InvalidArguments", "Invalid Length"),
    0x0F: ("NotPermitted", "Not paired"),
}
READ_NOT_PERMITTED = 0x02
INSUFFICIENT_AUTHENTICATION = 0x05
INVALID_OFFSET = 0x07
UNLIKELY = 0x0E  # BlueZ ends every request with it that was under way when the link broke

CONNECT_ABORTED = "le-connection-abort-by-local"
CONNECT_CANCELLED = "br-connection-canceled"


class Refused(Exception):
    """A method call ends in the D-Bus error `name`."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")
        self.name = name
        self.text = text


def failed(text: str) -> Refused:
    """The general error of BlueZ; its text is what clients look at."""
    return Refused(f"{_BLUEZ}Failed", text)


def in_progress() -> Refused:
    """The same client, or the device, is already busy with this."""
    return Refused(f"{_BLUEZ}InProgress", "Operation already in progress")


def not_ready() -> Refused:
    """The adapter is off."""
    return Refused(f"{_BLUEZ}NotReady", "Resource Not Ready")


def authentication_failed() -> Refused:
    """Pairing has ended without a bond: refused, no agent that could answer, wrong passkey."""
    return Refused(f"{_BLUEZ}AuthenticationFailed", "Authentication Failed")


def authentication_cancelled() -> Refused:
    """Pairing was cancelled, or the link broke under it."""
    return Refused(f"{_BLUEZ}AuthenticationCanceled", "Authentication Canceled")


def authentication_timed_out() -> Refused:
    """Nobody answered the agent's question in time."""
    return Refused(f"{_BLUEZ}AuthenticationTimeout", "Authentication Timeout")


def not_supported() -> Refused:
    """The characteristic does not declare this procedure."""
    return Refused(f"{_BLUEZ}NotSupported", "Operation is not supported")


def does_not_exist() -> Refused:
    """There is no such device, agent, monitor or pairing."""
    return Refused(f"{_BLUEZ}DoesNotExist", "Does Not Exist")


def already_exists() -> Refused:
    """The device is paired already, or the client is registered already."""
    return Refused(f"{_BLUEZ}AlreadyExists", "Already Exists")


def att_error(code: int) -> Refused:
    """The peripheral answered with this ATT error code."""
    name, text = _ATT_NAMES.get(code, ("Failed", f"Operation failed with ATT error: 0x{code:02x}"))
    return Refused(_BLUEZ + name, text)


def unknown_object(path: str) -> Refused:
    """Nothing is exported at `path`."""
    return Refused(f"{_DBUS}UnknownObject", f"no object at {path}")


def unknown_method(interface: str, member: str, signature: str) -> Refused:
    """The object at hand has no such method."""
    return Refused(
        f"{_DBUS}UnknownMethod",
        f'Method "{member}" with signature "{signature}" on interface "{interface}" doesn\'t exist',
    )


def invalid_capability() -> Refused:
    """The agent's capability is none that exists."""
    return Refused(f"{_BLUEZ}InvalidArguments", "Invalid arguments in method call")


def invalid_arguments(text: str) -> Refused:
    """An argument does not name or have what it should."""
    return Refused(f"{_DBUS}InvalidArgs", text)


def read_only(name: str) -> Refused:
    """The property cannot be set."""
    return Refused(f"{_DBUS}PropertyReadOnly", f"Property '{name}' is not writable")
