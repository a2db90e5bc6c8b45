"""Which language a visitor gets."""

from dashboard.web.phrasebook import Language
from dashboard.web.texts import TEXTS


def chosen(asked: str | None, accept_language: str) -> Language:
    """The language that was `asked` for in the address, else the one that the browser prefers.

    `accept_language` is the header's value; without a preference it is Chinese.
    """
    for language in TEXTS:
        if language == asked:
            return language
    weights: dict[str, float] = {}
    for item in accept_language.split(","):
        tag, _, quality = item.strip().partition(";q=")
        primary = tag.split("-")[0].strip().lower()
        weights[primary] = max(weights.get(primary, 0.0), _weight(quality))
    return "en" if weights.get("en", 0.0) > weights.get("zh", 0.0) else "zh"


def _weight(quality: str) -> float:
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0
