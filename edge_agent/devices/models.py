"""The makes of cuffs and meters, as data: how each is recognised, and how it behaves.

Every fact was reported by somebody (named beside it), none was tried here. What nobody has
reported is left at the cautious default.
"""

from collections.abc import Collection

from edge_agent.devices import blood_pressure, current_time, date_time, glucose
from edge_agent.devices.blood_pressure import Layout
from edge_agent.devices.model import Bonding, Clock, ClockMoment, Kind, Sends
from edge_agent.devices.model import Model as Model
from edge_agent.devices.sequence_numbers import Order

_CUFF = blood_pressure.SERVICE_UUID
_METER = glucose.SERVICE_UUID


def _current_time(moment: ClockMoment) -> Clock:
    return Clock(moment, current_time.SERVICE_UUID, current_time.CURRENT_TIME_UUID)


def _date_time(moment: ClockMoment, service: str) -> Clock:
    return Clock(moment, service, date_time.CHARACTERISTIC_UUID)


AND_UA_651 = Model(
    title="A&D UA-651BLE family",
    kind=Kind.CUFF,
    service=_CUFF,
    names=("A&D_UA-651", "A&D_UB-1100"),
    companies=frozenset({0x0069}),
    # Remembers one host; the button held until "Pr" shows (andengineering/AndroidSampleCode).
    bonding=Bonding.JUST_WORKS,
    clock=_date_time(ClockMoment.BEFORE_SUBSCRIBING, blood_pressure.SERVICE_UUID),
    sends=Sends.ONLY_UNSENT,
    # Discovery too early switches it off with "E10" (AndroidSampleCode issue 1); 0.6 s are
    # enough (nordicsemi/Android-BLE-Library issue 13).
    pause_before_discovery_seconds=0.6,
    pause_before_subscribe_seconds=0.1,
    # Lingering or returning early blocks the next measurement (weliem/blessed-bluez issue 26).
    idle_seconds=2.0,
    cool_down_seconds=40.0,
)

OMRON_BLESMART = Model(
    title="Omron with the standard service",
    kind=Kind.CUFF,
    service=_CUFF,
    names=("BLEsmart_", "X4 Smart", "X2 Smart"),
    companies=frozenset({0x020E}),
    # Needs a pairing agent on every connection; one host (devzone.nordicsemi.com 68865).
    bonding=Bonding.JUST_WORKS,
    # Refused with ATT 0x80 unless it is more than ten minutes off (weliem/blessed-android).
    clock=_current_time(ClockMoment.IN_REPLY),
    # The X4 Smart deletes after sending (derdilla/blood-pressure-monitor-fl, BLUETOOTH.md).
    sends=Sends.ONLY_UNSENT,
)

BEURER_BM85 = Model(
    title="Beurer BM85 family",
    kind=Kind.CUFF,
    service=_CUFF,
    # The BM85 by captures (derdilla/blood-pressure-monitor-fl pull request 735), the others by
    # the maker's own app as quoted there. It lists the BM59 too, which a user of that project
    # found to follow the standard, so it stays below; either mistake fails as out of range.
    names=("Beurer BM85", "BM85", "BM48", "ELITE900", "ELITE 900"),
    bonding=Bonding.PASSKEY,
    sends=Sends.WHOLE_MEMORY,
    may_delete=False,
    layout=Layout.BEURER_BM85,
    pause_before_subscribe_seconds=0.1,
)

BEURER_BM96 = Model(
    title="Beurer with a clock that can be set: BM59, BM64, BM93 to BM96, ME90, ME95",
    kind=Kind.CUFF,
    service=_CUFF,
    names=("BM59", "BM 59", "BM64", "BM93", "BM95", "BM96", "ME90", "ME95"),
    bonding=Bonding.PASSKEY,
    clock=_current_time(ClockMoment.BEFORE_SUBSCRIBING),
    sends=Sends.WHOLE_MEMORY,
    may_delete=False,
)

BEURER_BM54 = Model(
    title="Beurer BM54 and others by the standard",
    kind=Kind.CUFF,
    service=_CUFF,
    names=(
        *("Beurer B", "BM2", "BM3", "BM4", "BM5", "BM6", "BM7", "BM8"),
        *("BC2", "BC3", "BC4", "BC5", "BC8"),
    ),
    companies=frozenset({0x0611}),
    # Six digits on its display on newer ones (the maker's interface description of the BM54).
    bonding=Bonding.PASSKEY,
    sends=Sends.WHOLE_MEMORY,
    may_delete=False,
)

YUWELL_CUFF = Model(
    title="Yuwell cuffs: YE680A, YE650A, YE8600A",
    kind=Kind.CUFF,
    service=_CUFF,
    # Found in scan lists of several apps; works unpaired (KookKookKool/smarttelemed-v4).
    names=("Yuwell BP", "Yuwell BloodPressure"),
    bonding=Bonding.NONE,
)

ACCU_CHEK = Model(
    title="Roche Accu-Chek Guide and Instant",
    kind=Kind.GLUCOSE_METER,
    service=_METER,
    names=("meter+",),
    companies=frozenset({0x0170}),
    # Six digits, shown by the Guide and printed on the Instant (xDrip issues 208 and 308).
    bonding=Bonding.PASSKEY,
    clock=_current_time(ClockMoment.AFTER_READING),
    sends=Sends.ON_REQUEST,
    may_delete=False,
    # The Aviva Connect of the same company has sent old records again with other times
    # (NightscoutFoundation/xDrip issue 790), hence `may_resend`.
    pause_before_request_seconds=0.5,
)

CONTOUR = Model(
    title="Ascensia Contour Next One and Plus One",
    kind=Kind.GLUCOSE_METER,
    service=_METER,
    names=("Contour",),
    companies=frozenset({0x0167}),
    # Must be bonded before anything else; its clock has a characteristic of the maker's own,
    # which is left alone (NightscoutFoundation/xDrip, LiamsGitHub/GlucometerBluetoothToHealthKit).
    bonding=Bonding.PASSKEY,
    sends=Sends.ON_REQUEST,
    may_delete=False,
    may_resend=False,
    pause_before_request_seconds=0.5,
)

BEURER_GL = Model(
    title="Beurer GL family",
    kind=Kind.GLUCOSE_METER,
    service=_METER,
    names=("Beurer GL", "GL22", "GL34", "GL4", "GL50", "GL60"),
    companies=frozenset({0x0611}),
    bonding=Bonding.PASSKEY,
    sends=Sends.ON_REQUEST,
    may_delete=False,
    # The maker's app waits this long on the GL50 and others.
    pause_before_request_seconds=2.5,
)

YUWELL_METER = Model(
    title="Yuwell glucose meters",
    kind=Kind.GLUCOSE_METER,
    service=_METER,
    names=("Yuwell Glucose", "Yuwell BG"),
    # The maker's own library neither pairs nor asks: it writes the clock, subscribes and is
    # sent the newest result. Others do ask (KookKookKool/smarttelemed-v4).
    bonding=Bonding.NONE,
    clock=_date_time(ClockMoment.BEFORE_SUBSCRIBING, glucose.SERVICE_UUID),
    sends=Sends.NEWEST,
    may_delete=False,
    pause_before_request_seconds=0.4,
)

TAIDOC_METER = Model(
    title="TaiDoc DM30b",
    kind=Kind.GLUCOSE_METER,
    service=_METER,
    # Told by its manufacturer string; no clock, no context (NightscoutFoundation/xDrip).
    manufacturers=("TaiDoc",),
    bonding=Bonding.PASSKEY,
    sends=Sends.ON_REQUEST,
    may_delete=False,
    order=Order.DESCENDING,
    pause_before_request_seconds=0.5,
)

GENERIC_CUFF = Model(
    title="a cuff by the standard",
    kind=Kind.CUFF,
    service=_CUFF,
    bonding=Bonding.JUST_WORKS,
    known=False,
)

GENERIC_METER = Model(
    title="a glucose meter by the standard",
    kind=Kind.GLUCOSE_METER,
    service=_METER,
    # The service wants its control point to be written on an authenticated link.
    bonding=Bonding.PASSKEY,
    pause_before_request_seconds=0.5,
    known=False,
)

UNRECOGNISED = Model(
    title="not a device of ours",
    kind=Kind.OTHER,
    service=None,
    bonding=Bonding.NONE,
    known=False,
)

MODELS = (
    AND_UA_651,
    OMRON_BLESMART,
    BEURER_BM85,  # before the Beurers by the standard, whose names begin alike
    BEURER_BM96,
    BEURER_BM54,
    YUWELL_CUFF,
    ACCU_CHEK,
    CONTOUR,
    BEURER_GL,
    YUWELL_METER,
    TAIDOC_METER,
)
"""Every known model, specific before general: the first that fits is taken."""


def recognise(
    *,
    name: str | None,
    company_ids: Collection[int],
    service_uuids: Collection[str],
    manufacturer: str | None = None,
) -> Model:
    """The model that advertises like this; `manufacturer` is its string 0x2A29 if it was read.

    A device that fits none is a generic cuff or meter by its service, or UNRECOGNISED. What is
    missing in an advertisement (many give their name only on request) decides nothing.
    """
    services = {uuid.lower() for uuid in service_uuids}
    for model in MODELS:
        if services and model.service not in services:
            continue
        by_company = bool(services) and not model.companies.isdisjoint(company_ids)
        if by_company or _begins(name, model.names) or _begins(manufacturer, model.manufacturers):
            return model
    for model in (GENERIC_CUFF, GENERIC_METER):
        if model.service in services:
            return model
    return UNRECOGNISED


def _begins(text: str | None, beginnings: tuple[str, ...]) -> bool:
    folded = tuple(beginning.casefold() for beginning in beginnings)
    return text is not None and text.casefold().startswith(folded)
