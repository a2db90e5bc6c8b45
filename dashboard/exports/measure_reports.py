"""Released shares as FHIR R4 MeasureReports of type summary, one for each place, in a bundle.

There is no patient in them, and none behind them: a population is of sessions. A count that is
hidden has the reason `masked` instead of a value. Each report contains its measure and its
location, so that it means the same wherever it is read.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from dashboard.exports import codes
from dashboard.exports.narrative import narrative
from dashboard.exports.shown import Place, Share

Json = dict[str, object]


def bundle(places: Iterable[Place], now: datetime, audience: str) -> Json:
    """All places as a collection; `now` is when it was made, with its zone."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": now.isoformat(timespec="seconds"),
        "entry": [
            {"fullUrl": f"urn:uuid:{_identity(place, audience)}", "resource": one}
            for place in places
            for one in (measure_report(place, now, audience),)
        ],
    }


def measure_report(place: Place, now: datetime, audience: str) -> Json:
    """One place in one window."""
    return {
        "resourceType": "MeasureReport",
        "id": _identity(place, audience),
        "text": {"status": "generated", "div": narrative(place)},
        "contained": [_measure(place), _location(place)],
        "status": "complete",
        "type": "summary",
        "measure": "#measure",
        "subject": {"reference": "#place", "type": "Location", "display": place.name.zh},
        "date": now.isoformat(timespec="seconds"),
        "period": {"start": place.first.isoformat(), "end": place.last.isoformat()},
        "group": [_group(measure, share) for measure, share in place.shares.items()],
    }


def _identity(place: Place, audience: str) -> str:
    """The same for the same numbers, so that an export may be repeated."""
    return str(uuid5(NAMESPACE_URL, f"health-kiosk:{audience}:{place.code}:{place.window}"))


def _group(measure: str, share: Share) -> Json:
    group: Json = {
        "id": measure.replace("_", "-"),
        "code": codes.concept(measure),
        "population": list(_populations(share)),
        "measureScore": codes.masked(),
    }
    if share.share is not None:
        group["measureScore"] = {
            "value": share.share,
            "unit": "%",
            "system": codes.UCUM,
            "code": "%",
        }
    return group


def _populations(share: Share) -> Iterator[Json]:
    counts = (share.sessions, share.sessions, share.numerator)
    for population, count in zip(codes.POPULATIONS, counts, strict=True):
        told: Json = {"code": codes.population(population)}
        if count is None:
            yield told | {"_count": codes.masked()}
        else:
            yield told | {"count": count}


def _measure(place: Place) -> Json:
    return {
        "resourceType": "Measure",
        "id": "measure",
        "name": "KioskScreeningShare",
        "title": "Share of kiosk sessions at or above a screening threshold",
        "status": "active",
        "description": codes.DESCRIPTION,
        "scoring": {"coding": [{"system": codes.SCORING, "code": "proportion"}]},
        "group": [
            {
                "id": measure.replace("_", "-"),
                "code": codes.concept(measure),
                "description": codes.CRITERIA[measure],
            }
            for measure in place.shares
        ],
    }


def _location(place: Place) -> Json:
    return {
        "resourceType": "Location",
        "id": "place",
        "identifier": [{"type": {"text": "GB/T 2260"}, "value": place.code}],
        "status": "active",
        "name": place.name.zh,
        "alias": [place.name.en],
        "mode": "instance",
    }
