"""The languages that a report can be written in."""

from dashboard.reports.chinese import ZH
from dashboard.reports.english import EN
from dashboard.reports.words import Language, Words

WORDS: dict[Language, Words] = {"zh": ZH, "en": EN}
"""The words of each language."""
