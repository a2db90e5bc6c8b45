"""Every sentence of the page, by language."""

from dashboard.web.chinese import ZH as ZH
from dashboard.web.english import EN as EN
from dashboard.web.phrasebook import Language, Texts

TEXTS: dict[Language, Texts] = {"zh": ZH, "en": EN}
