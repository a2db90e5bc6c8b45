"""A virtual device like each make that the station knows, in the same order and by the same name.

What is reported of a make stands in edge_agent.devices.models; here is what only a device needs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from edge_agent.devices import models
from edge_agent.devices.glucose import Unit
from edge_agent.devices.model import Bonding as Wanted
from edge_agent.devices.model import Model, Sends
from simulators.bluez.peripheral import Bonding, Passkey
from simulators.cuff import Cuff, Habits
from simulators.cuff_habits import MeanPressure, Pushes
from simulators.device_clock import ClockHabits, local_time
from simulators.meter import Meter, MeterHabits

_RIGHT: Final = ClockHabits()
_BEIJING_MINUTES: Final = 8 * 60
_PUSHES: Final = {Sends.WHOLE_MEMORY: Pushes.EVERYTHING, Sends.NEWEST: Pushes.NEWEST}


@dataclass(frozen=True, slots=True)
class CuffMake:
    """A make of cuff: what it calls itself, and the habits that its model does not tell."""

    model: Model
    name: str
    manufacturer: str
    number: str
    habits: Habits

    def build(
        self, *, address: str, passkey: int = 0, now: Callable[[], datetime] = local_time
    ) -> Cuff:
        """One cuff; it shows `passkey` if cuffs of this make show one at all."""
        clock = self.habits.clock
        habits = replace(
            self.habits,
            bonding=_bonding(self.model, passkey),
            encrypted=self.model.bonding is not Wanted.NONE,
            pushes=_PUSHES.get(self.model.sends, Pushes.UNSENT),
            layout=self.model.layout,
            clock=None if clock is None else replace(clock, access=self.model.clock),
            manufacturer_data=self.habits.manufacturer_data or _company(self.model),
        )
        return Cuff(
            address=address,
            name=self.name,
            manufacturer=self.manufacturer,
            model=self.number,
            habits=habits,
            now=now,
        )


@dataclass(frozen=True, slots=True)
class MeterMake:
    """A make of meter: what it calls itself, and the habits that its model does not tell."""

    model: Model
    name: str
    manufacturer: str
    number: str
    habits: MeterHabits

    def build(
        self, *, address: str, passkey: int = 0, now: Callable[[], datetime] = local_time
    ) -> Meter:
        """One meter; it shows `passkey` if meters of this make show one at all."""
        habits = replace(
            self.habits,
            bonding=_bonding(self.model, passkey),
            encrypted=self.model.bonding is not Wanted.NONE,
            pushes_newest=self.model.sends is Sends.NEWEST,
            order=self.model.order,
            clock=replace(self.habits.clock, access=self.model.clock),
            manufacturer_data=self.habits.manufacturer_data or _company(self.model),
        )
        return Meter(
            address=address,
            name=self.name,
            manufacturer=self.manufacturer,
            model=self.number,
            habits=habits,
            now=now,
        )


CUFFS: Final[Mapping[str, CuffMake]] = MappingProxyType(
    {
        "and-ua-651": CuffMake(
            models.AND_UA_651, "A&D_UA-651BLE_0A1B2C", "A&D Medical", "UA-651BLE",
            Habits(pause_seconds=2.0, clock=_RIGHT),
        ),
        "omron-blesmart": CuffMake(
            models.OMRON_BLESMART, "BLEsmart_0000011F0A1B2C3D4E5F", "OMRON HEALTHCARE", "HEM-7361T",
            Habits(
                clock=ClockHabits(
                    begins_at=datetime(2017, 1, 1),  # noqa: DTZ001  # a device has no zone
                    tolerance=timedelta(minutes=10),
                ),
                # One user, its clock not set, the standard services; no results counted.
                manufacturer_data={0x020E: b"\x01\x24\x00\x00\x00"},
            ),
        ),
        "beurer-bm85": CuffMake(
            models.BEURER_BM85, "Beurer BM85", "Beurer GmbH", "BM85",
            Habits(user_slot=0, clock=_RIGHT),
        ),
        "beurer-bm96": CuffMake(
            models.BEURER_BM96, "BM96", "Beurer GmbH", "BM96",
            Habits(
                mean_pressure=MeanPressure.ABSENT, user_slot=0,
                clock=ClockHabits(begins_at=datetime(2020, 1, 1)),  # noqa: DTZ001  # as above
            ),
        ),
        "beurer-bm54": CuffMake(
            models.BEURER_BM54, "Beurer BM54", "Beurer GmbH", "BM54",
            Habits(mean_pressure=MeanPressure.ZERO, user_slot=1, clock=_RIGHT),
        ),
        "yuwell-cuff": CuffMake(
            models.YUWELL_CUFF, "Yuwell BP-YE680A", "Yuwell", "YE680A", Habits(clock=_RIGHT)
        ),
    }
)  # fmt: skip
"""Every known make of cuff, by what the command line calls it."""

METERS: Final[Mapping[str, MeterMake]] = MappingProxyType(
    {
        "accu-chek": MeterMake(
            models.ACCU_CHEK, "meter+01234567", "Roche", "925",
            MeterHabits(time_offset_minutes=_BEIJING_MINUTES),
        ),
        "contour": MeterMake(
            models.CONTOUR, "Contour7830H1234567", "Ascensia", "7830",
            MeterHabits(time_offset_minutes=_BEIJING_MINUTES),
        ),
        "beurer-gl": MeterMake(
            models.BEURER_GL, "Beurer GL50evo", "Beurer GmbH", "GL50evo", MeterHabits()
        ),
        "yuwell-meter": MeterMake(
            models.YUWELL_METER, "Yuwell Glucose", "Yuwell", "BG710",
            MeterHabits(unit=Unit.MOL_PER_LITRE, context=False),
        ),
        "taidoc-meter": MeterMake(
            models.TAIDOC_METER, "DM30b", "TaiDoc", "DM30b", MeterHabits(context=False)
        ),
    }
)  # fmt: skip
"""Every known make of meter, by what the command line calls it."""

MAKES: Final[Mapping[str, CuffMake | MeterMake]] = MappingProxyType({**CUFFS, **METERS})
"""All of them, in the order of edge_agent.devices.models.MODELS."""


def _bonding(model: Model, passkey: int) -> Bonding | Passkey:
    if model.bonding is Wanted.PASSKEY:
        return Passkey(passkey)
    return Bonding.NONE if model.bonding is Wanted.NONE else Bonding.JUST_WORKS


def _company(model: Model) -> Mapping[int, bytes]:
    return dict.fromkeys(model.companies, b"\x00")
