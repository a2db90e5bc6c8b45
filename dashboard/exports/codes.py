"""The codes of a MeasureReport: LOINC, IEEE 11073, UCUM, and HL7's own."""

LOINC = "http://loinc.org"
MDC = "urn:iso:std:iso:11073:10101"
UCUM = "http://unitsofmeasure.org"
SCORING = "http://terminology.hl7.org/CodeSystem/measure-scoring"
_POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

POPULATIONS = ("initial-population", "denominator", "numerator")

Json = dict[str, object]

DESCRIPTION = (
    "Voluntary self-measurement at rest-station kiosks: screening, not diagnosis. Counts are of"
    " sessions, not of persons; one person may have many. Small counts are hidden, others are"
    " rounded to 5, and the score is made of rounded counts. No age or sex is collected."
)

_CODINGS = {
    "bp": (
        (LOINC, "85354-9", "Blood pressure panel with all children optional"),
        (MDC, "150020", "MDC_PRESS_BLD_NONINV"),
    ),
    "glu_casual": (
        (LOINC, "14743-9", "Glucose [Moles/volume] in Capillary blood by Glucometer"),
        (MDC, "160184", "MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD"),
    ),
}
_TEXTS = {
    "bp": "Blood-pressure sessions at or above 140/90 mm[Hg]",
    "glu_casual": "Capillary glucose sessions at any time of day at or above 11.1 mmol/L",
}
CRITERIA = {
    "bp": "Population and denominator: every blood-pressure session of the period. Numerator: those"
    " with a systolic mean of 140 mm[Hg] or more, or a diastolic of 90 or more.",
    "glu_casual": "Population and denominator: every capillary glucose session of the period"
    " without a stated meal. Numerator: those of 11.1 mmol/L or more.",
}
"""Which sessions are counted; there are no resources behind them that an expression could ask."""


def concept(measure: str) -> Json:
    """What a group is about."""
    codings = [
        {"system": system, "code": code, "display": display}
        for system, code, display in _CODINGS[measure]
    ]
    return {"coding": codings, "text": _TEXTS[measure]}


def population(code: str) -> Json:
    """Which population of a proportion."""
    return {"coding": [{"system": _POPULATION, "code": code}]}


def masked() -> Json:
    """Instead of a value that is hidden."""
    return {"extension": [{"url": _ABSENT, "valueCode": "masked"}]}
