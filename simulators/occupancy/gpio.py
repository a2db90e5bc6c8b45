"""Virtual pins: gpiozero's mock of a Raspberry Pi, with a hand on the levels."""

from gpiozero.pins.mock import MockFactory  # type: ignore[import-untyped]


class VirtualPins:
    """The pins of one board."""

    def __init__(self) -> None:
        self._factory = MockFactory()

    @property
    def factory(self) -> object:
        """What gpiozero's devices take as `pin_factory`."""
        return self._factory

    def drive(self, pin: int, *, high: bool) -> None:
        """Sets the level that a sensor puts on a pin (BCM number)."""
        wire = self._factory.pin(pin)
        if high:
            wire.drive_high()
        else:
            wire.drive_low()
