"""Who is recognised by what, and the facts that the conversation depends on."""

from collections.abc import Collection

import pytest

from edge_agent.devices import blood_pressure, glucose, models
from edge_agent.devices.blood_pressure import Layout
from edge_agent.devices.model import Bonding, ClockMoment, Kind, Model, Sends
from edge_agent.devices.sequence_numbers import Order

CUFF, METER = blood_pressure.SERVICE_UUID, glucose.SERVICE_UUID
THERMOMETER = "00001809-0000-1000-8000-00805f9b34fb"
TITLES = [model.title for model in models.MODELS]


def _recognised(
    name: str | None = None,
    companies: Collection[int] = (),
    services: Collection[str] = (),
    manufacturer: str | None = None,
) -> Model:
    return models.recognise(
        name=name, company_ids=companies, service_uuids=services, manufacturer=manufacturer
    )


@pytest.mark.parametrize(
    ("name", "services", "model"),
    [
        ("A&D_UA-651BLE_D57B3F", [CUFF], models.AND_UA_651),
        ("BLESmart_0000048012345678ABCD", [CUFF], models.OMRON_BLESMART),
        ("BLEsmart_0000011", [CUFF], models.OMRON_BLESMART),
        ("X4 Smart", [], models.OMRON_BLESMART),
        ("Beurer BM85", [CUFF], models.BEURER_BM85),
        ("BM54", [CUFF], models.BEURER_BM54),
        ("BC87", [CUFF], models.BEURER_BM54),
        ("BM96", [CUFF], models.BEURER_BM96),
        ("BM 59", [CUFF], models.BEURER_BM96),
        ("Yuwell BP-YE680A", [CUFF], models.YUWELL_CUFF),
        ("meter+12345678", [METER], models.ACCU_CHEK),
        ("Contour7830H1234567", [METER], models.CONTOUR),
        ("Beurer GL50EVO", [METER], models.BEURER_GL),
        ("GL44lean", [METER], models.BEURER_GL),
        ("Yuwell Glucose", [METER], models.YUWELL_METER),
        ("Some cuff", [CUFF], models.GENERIC_CUFF),
        ("Some meter", [METER.upper()], models.GENERIC_METER),
        ("Glucose", [METER], models.GENERIC_METER),
        (None, [METER, CUFF], models.GENERIC_CUFF),
        ("Headphones", [], models.UNRECOGNISED),
        (None, [], models.UNRECOGNISED),
    ],
)
def test_a_device_is_recognised_by_its_name(
    name: str | None, services: list[str], model: Model
) -> None:
    assert _recognised(name, services=services) is model


@pytest.mark.parametrize(
    ("company", "service", "model"),
    [
        (0x0069, CUFF, models.AND_UA_651),
        (0x020E, CUFF, models.OMRON_BLESMART),
        (0x0611, CUFF, models.BEURER_BM54),
        (0x0611, METER, models.BEURER_GL),
        (0x0170, METER, models.ACCU_CHEK),
        (0x0167, METER, models.CONTOUR),
        (0xFFFF, CUFF, models.GENERIC_CUFF),
    ],
)
def test_without_a_name_company_and_service_decide(
    company: int, service: str, model: Model
) -> None:
    assert _recognised(companies=[company], services=[service]) is model


def test_a_company_alone_decides_nothing() -> None:
    assert _recognised(companies=[0x0069]) is models.UNRECOGNISED


def test_a_scale_of_a_known_maker_is_not_a_cuff() -> None:
    scale = _recognised("BLEsmart_0001040", [0x020E], [THERMOMETER])
    assert scale is models.UNRECOGNISED
    assert scale.kind is Kind.OTHER


def test_a_meter_that_hides_its_make_is_told_once_connected() -> None:
    meter = _recognised("DIAMOND", [], [METER], manufacturer="TaiDoc Technology")
    assert meter is models.TAIDOC_METER
    assert meter.order is Order.DESCENDING


@pytest.mark.parametrize("model", models.MODELS, ids=TITLES)
def test_no_model_stands_behind_a_more_general_one(model: Model) -> None:
    assert model.known
    assert model.names or model.manufacturers
    services = [] if model.service is None else [model.service]
    for name in model.names:
        assert _recognised(name, model.companies, services) is model
    for manufacturer in model.manufacturers:
        assert _recognised(manufacturer=manufacturer, services=services) is model


@pytest.mark.parametrize("model", models.MODELS, ids=TITLES)
def test_a_model_measures_what_its_service_is_for(model: Model) -> None:
    assert model.service == {Kind.CUFF: CUFF, Kind.GLUCOSE_METER: METER}[model.kind]


@pytest.mark.parametrize("model", [models.GENERIC_CUFF, models.GENERIC_METER, models.UNRECOGNISED])
def test_a_stranger_is_reported_and_treated_with_caution(model: Model) -> None:
    assert not model.known
    assert model.may_resend
    assert model.may_delete
    assert model.clock is None
    assert model.sends is Sends.UNKNOWN
    assert model.layout is Layout.STANDARD


def test_only_the_bm85_family_has_a_layout_of_its_own() -> None:
    quirky = [model for model in models.MODELS if model.layout is not Layout.STANDARD]
    assert quirky == [models.BEURER_BM85]


def test_an_and_cuff_gets_its_time_first_and_is_left_alone_after() -> None:
    cuff = models.AND_UA_651
    assert cuff.clock is not None
    assert cuff.clock.moment is ClockMoment.BEFORE_SUBSCRIBING
    assert cuff.clock.characteristic[4:8] == "2a08"
    assert cuff.clock.service == CUFF
    assert (cuff.idle_seconds, cuff.cool_down_seconds) == (2.0, 40.0)
    assert cuff.pause_before_discovery_seconds == 0.6
    assert cuff.bonding is Bonding.JUST_WORKS


def test_a_meters_clock_is_written_after_its_records_unless_reported_otherwise() -> None:
    early = {
        model.title
        for model in models.MODELS
        if model.kind is Kind.GLUCOSE_METER and model.clock is not None
        if model.clock.moment is not ClockMoment.AFTER_READING
    }
    assert early == {models.YUWELL_METER.title}
