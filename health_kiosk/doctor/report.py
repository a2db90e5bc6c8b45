"""The doctor's findings as lines for people, as JSON for programs, and as an exit code."""

import json
from collections.abc import Iterable, Mapping
from unicodedata import east_asian_width

from health_kiosk.doctor.finding import Finding, Sign, Words

_SIGNS = {
    Sign.OK: Words("ok", "正常"),
    Sign.WARN: Words("WARN", "注意"),
    Sign.FAIL: Words("FAIL", "故障"),
    Sign.SKIP: Words("skip", "未查"),
}
_SUMMARY = Words("%d checked, %d to look at, %d broken", "已检查 %d 项，需留意 %d 项，故障 %d 项")
_TITLE_COLUMNS = 18
LANGUAGES = ("en", "zh")


def line(finding: Finding, language: str) -> str:
    """One finding as one line: sign, title, what was found, and after an arrow what to do."""
    sign, title = _in(_SIGNS[finding.sign], language), _in(finding.title, language)
    remedy = f" → {_in(finding.remedy, language)}" if finding.remedy else ""
    return (
        f"{_padded(sign, 5)} {_padded(title, _TITLE_COLUMNS)} {_in(finding.said, language)}{remedy}"
    )


def summary(findings: Iterable[Finding], language: str) -> str:
    """The last line: how many checks, warnings and failures."""
    signs = [finding.sign for finding in findings]
    looked_at = len(signs) - signs.count(Sign.SKIP)
    counts = (looked_at, signs.count(Sign.WARN), signs.count(Sign.FAIL))
    return _in(_SUMMARY % counts, language)


def as_json(findings: Iterable[Finding], language: str) -> str:
    """Every finding with its stable name and sign; sentences in one language."""
    checks = [
        {
            "check": finding.name,
            "sign": finding.sign,
            "said": _in(finding.said, language),
            "remedy": _in(finding.remedy, language) if finding.remedy else None,
        }
        for finding in findings
    ]
    return json.dumps({"checks": checks}, ensure_ascii=False, indent=2)


def exit_code(findings: Iterable[Finding]) -> int:
    """1 if anything is broken, or 0; a warning alone does not count."""
    return int(any(finding.sign is Sign.FAIL for finding in findings))


def language_of(environment: Mapping[str, str]) -> str:
    """Chinese where the environment asks for it, English everywhere else."""
    chosen = next((environment[name] for name in _LOCALE if environment.get(name)), "")
    return "zh" if chosen.lower().startswith("zh") else "en"


_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


def _in(words: Words, language: str) -> str:
    return words.zh if language == "zh" else words.en


def _padded(text: str, columns: int) -> str:
    """A Chinese character is two columns wide."""
    width = sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * (columns - width)
