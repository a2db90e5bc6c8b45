"""Words in both languages: a board is built once for each."""

from enum import StrEnum

from contract.places import Name


class Language(StrEnum):
    """A language that boards exist in."""

    ZH = "zh"
    EN = "en"

    def of(self, name: Name) -> str:
        """The words in this language."""
        return name.zh if self is Language.ZH else name.en


DISCLAIMER = Name(
    zh="自愿自测,非诊断;按次数而非人数;小数已隐藏或取整",
    en="Voluntary self-measurement, not diagnosis. Sessions, not persons. "
    "Small numbers are hidden, others rounded.",
)
"""What every health panel says."""
