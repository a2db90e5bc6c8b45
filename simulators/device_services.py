"""What every virtual cuff and meter has besides its readings: who made it, and its battery."""

from edge_agent.devices import battery, device_information
from simulators.bluez.peripheral import Characteristic, Flag, Service


def readable(uuid: str, value: bytes) -> Characteristic:
    """A characteristic that can be read, even before bonding."""
    return Characteristic(uuid, (Flag.READ,), value)


def identity(
    manufacturer: str, model: str, battery_percent: int, serial: str | None = None
) -> tuple[Service, Service]:
    """Device Information, with a serial number only if there is one, and the battery's charge."""
    texts = {
        device_information.MANUFACTURER_NAME_UUID: manufacturer,
        device_information.MODEL_NUMBER_UUID: model,
    }
    if serial is not None:
        texts[device_information.SERIAL_NUMBER_UUID] = serial
    return (
        Service(
            device_information.SERVICE_UUID,
            tuple(
                readable(uuid, device_information.encode_string(text))
                for uuid, text in texts.items()
            ),
        ),
        Service(
            battery.SERVICE_UUID, (readable(battery.LEVEL_UUID, battery.encode(battery_percent)),)
        ),
    )


def with_characteristic(
    services: tuple[Service, ...], service: str, characteristic: Characteristic
) -> tuple[Service, ...]:
    """`services` with one characteristic more, in a new service if there is none of that UUID."""
    if all(known.uuid != service for known in services):
        return (*services, Service(service, (characteristic,)))
    return tuple(
        Service(known.uuid, (*known.characteristics, characteristic))
        if known.uuid == service
        else known
        for known in services
    )
