"""A virtual radio for the command line: its bus address is printed, then it serves until told."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

from health_kiosk.failure import Failure
from health_kiosk.interruption import run_until_told
from simulators.bluez.peripheral import Peripheral
from simulators.bus import BusNotStarted
from simulators.station_radio import run_devices

Make = TypeVar("Make")


def serve(device: Peripheral, visitors: Callable[[], Awaitable[None]], directory: Path) -> None:
    """Print the address for DBUS_SYSTEM_BUS_ADDRESS, then let `visitors` use the device."""
    directory.mkdir(parents=True, exist_ok=True)
    try:
        run_until_told(
            run_devices(
                [device],
                visitors,
                directory=directory,
                announce=lambda address: print(address, flush=True),
            )
        )
    except BusNotStarted as error:
        raise Failure(str(error)) from error


def chosen(makes: Mapping[str, Make], name: str) -> Make:
    """The make that `--model` names; a Failure lists all if there is no such make."""
    if name not in makes:
        raise Failure(f"{name!r} is no --model; use one of: {', '.join(makes)}")
    return makes[name]
