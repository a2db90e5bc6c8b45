"""Answers about trends as they are sent, in JSON or CSV: written once, and kept until a release."""

from typing import NamedTuple

from fastapi import Response

from ingest import trend_answers as answers
from ingest.api.tables import CSV_TYPE, Form, csv_text


class Written(NamedTuple):
    """The text of an answer; it does not change until a week is released."""

    text: str
    media_type: str

    def response(self) -> Response:
        """As FastAPI sends it, without looking through some thousand numbers again."""
        return Response(self.text, media_type=self.media_type)


def series(found: answers.Trends, form: Form) -> Written:
    """The windows of one place."""
    if form is Form.JSON:
        return _json(found)
    return _csv(csv_text(found.wording, _about(found), answers.TREND_HEADER, found.lines()))


def comparison(found: answers.Comparison, form: Form) -> Written:
    """The places in one window."""
    if form is Form.JSON:
        return _json(found)
    about = f"{_about(found)}, {found.window}, {found.first} – {found.last}"
    return _csv(csv_text(found.wording, about, answers.ComparedRow.model_fields, found.lines()))


def _about(found: answers.Trends | answers.Comparison) -> str:
    return ", ".join((found.place, found.level, found.audience, found.measure, found.unit))


def _json(found: answers.Trends | answers.Comparison) -> Written:
    return Written(found.model_dump_json(), "application/json")


def _csv(text: str) -> Written:
    return Written(text, f"{CSV_TYPE}; charset=utf-8")
