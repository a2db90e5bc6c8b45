"""`health-kiosk report` asks a real ingest and writes two pages, or says in a sentence why not."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from pypdf import PdfReader

from dashboard.reports.api import DocumentError, ReleasedApi
from dashboard.reports.english import EN
from dashboard.reports.languages import WORDS
from dashboard.reports.paper import paper
from dashboard.reports.pdf import pdf
from dashboard.reports.words import Language
from health_kiosk.cli import main
from health_kiosk.ports import free_port
from ingest.api import Service
from ingest.operations.keys import Key, Scope
from ingest.settings import Anonymous, HttpSection
from tests.integration.reporting import (
    DISTRICT,
    HIDDEN_DISTRICT,
    WEEK,
    filled,
    serving,
)
from tests.report_facts import facts, week, with_usage

NOW = datetime(2026, 4, 22, 4, 0, tzinfo=UTC)
KEY = "HEALTH_KIOSK_API_KEY"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with filled(tmp_path_factory.mktemp("city")) as made:
        yield made


@pytest.fixture(scope="module")
def url(service: Service) -> Iterator[str]:
    with serving(service) as address:
        yield address


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)


def report(url: str, *options: str) -> None:
    main(["--log-level", "warning", "report", "--ingest-url", url, *options])


def complaint(capsys: pytest.CaptureFixture[str], url: str, *options: str) -> str:
    """What is said when the command fails, in one line."""
    with pytest.raises(SystemExit) as ended:
        report(url, *options)
    assert ended.value.code == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith("health-kiosk: ")
    assert "\n" not in said
    return said.removeprefix("health-kiosk: ")


def pages(file: Path) -> list[str]:
    """The words of each page, without the blanks that typesetting puts between them."""
    return ["".join(page.extract_text().split()) for page in PdfReader(file).pages]


def test_a_report_in_chinese_has_two_pages_with_the_week_s_numbers(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "week.pdf"
    report(url, "--week", WEEK, "--pdf", str(file))
    assert capsys.readouterr().out == f"{file}\n"
    first, second = pages(file)
    for words in (
        "暖心驿站健康筛查周报", "北京市·2026-W16（2026年4月13日至2026年4月19日）",
        "自愿自测,非诊断;按次数而非人数", "在用站点5", "进站人次250", "血压测量次数1,150",
        "≥140/90占比27%95%区间", "上一周2026-W15", "n<100，精度低", "第1页，共2页",
    ):  # fmt: skip
        assert words in first
    for words in (
        "典型一周", "每天进站人次", "朝阳区9526%(15–41%)", "密云区20少于8",
        "延庆区隐藏隐藏", "隐藏不等于0", "未采集年龄与性别", "第2页，共2页",
    ):  # fmt: skip
        assert words in second


def test_a_report_in_english_of_a_district_stands_beside_the_city(tmp_path: Path, url: str) -> None:
    file = tmp_path / "week.pdf"
    report(url, "--week", WEEK, "--district", DISTRICT, "--lang", "en", "--pdf", str(file))
    first, second = pages(file)
    assert "Chaoyang·2026-W16(13April2026to19April2026)" in first
    assert "Blood-pressuresessions95" in first
    assert "n<100:lowprecision" in first
    assert "Thewholecitythisweek:27%" in first
    assert "Glucoseatanytimeofdayhidden(fewerthan20sessions" in first
    assert "Sessionsarecounted,notpersons" in second


def test_a_hidden_district_is_reported_in_words_without_a_zero_share(
    tmp_path: Path, url: str
) -> None:
    file = tmp_path / "week.pdf"
    report(url, "--week", WEEK, "--district", HIDDEN_DISTRICT, "--pdf", str(file))
    first, _ = pages(file)
    assert "血压测量次数隐藏少于20次，或可由其他数推算" in first
    assert "≥140/90占比隐藏" in first
    assert "进站人次无数据" in first


def test_both_files_are_written_at_once(tmp_path: Path, url: str) -> None:
    files = [tmp_path / "week.pdf", tmp_path / "week.xlsx"]
    report(url, "--week", "2026-W12", "--pdf", str(files[0]), "--xlsx", str(files[1]))
    assert [file.read_bytes()[:4] for file in files] == [b"%PDF", b"PK\x03\x04"]
    assert sorted(tmp_path.iterdir()) == files  # nothing is left beside them


def test_a_report_of_an_earlier_week_ends_with_it(tmp_path: Path, url: str) -> None:
    file = tmp_path / "week.pdf"
    report(url, "--week", "2026-W12", "--pdf", str(file))
    first, _ = pages(file)
    assert "血压测量次数970" in first
    assert "近7周≥140/90" in first
    assert "W13" not in first


def test_the_chinese_font_is_inside_and_only_what_is_used_of_it(tmp_path: Path) -> None:
    content = pdf(paper(facts(), EN, NOW), NOW)
    assert len(content) < 150_000
    file = tmp_path / "week.pdf"
    file.write_bytes(content)
    fonts = {
        str(font["/BaseFont"])
        for page in PdfReader(file).pages
        for font in (one.get_object() for one in page["/Resources"]["/Font"].values())  # type: ignore[index]
    }
    assert fonts
    assert all("+NotoSansCJKsc" in font for font in fonts)  # the prefix of a subset


def test_the_same_report_is_the_same_file() -> None:
    made = paper(facts(), EN, NOW)
    assert pdf(made, NOW) == pdf(made, NOW)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_pages_are_enough_for_the_longest_report(tmp_path: Path, language: Language) -> None:
    weeks = tuple(week(back, 60, high=None if back % 2 else 27) for back in range(11, -1, -1))
    fewest = with_usage(facts(), uptake=None, reporting=None, days=())
    longest = replace(fewest, windows=weeks, year_ago=week(52), demo=True)
    caution = {"zh": "自愿自测,非诊断;" * 12, "en": "Voluntary self-measurement. " * 10}[language]
    made = replace(paper(longest, WORDS[language], NOW), caution=caution)
    file = tmp_path / "week.pdf"
    file.write_bytes(pdf(made, NOW))
    assert len(pages(file)) == 2
    assert paper(longest, WORDS[language], NOW).demo.replace(" ", "") in pages(file)[0]


def test_without_the_font_the_package_to_install_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as missing:
        pdf(paper(facts(), EN, NOW), NOW, fonts=tmp_path)
    assert missing.value.en.endswith("apt-get install fonts-noto-cjk")
    assert "apt-get install fonts-noto-cjk" in missing.value.zh


def test_a_week_that_is_not_released_is_refused_with_those_that_are(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ("--week", "2026-W17", "--pdf", str(tmp_path / "week.pdf"))
    assert complaint(capsys, url, *wanted, "--lang", "en") == (
        "2026-W17 is not released: there are 2026-W06 to 2026-W16 until now, and 2026-W17 comes"
        " after 2026-04-28 00:00"
    )
    assert complaint(capsys, url, *wanted).startswith("2026-W17 没有发布：已发布 2026-W06 至")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--district", "110103", "there is no district '110103'; use 110000 for the city, or"),
        ("--week", "2026-W54", "'2026-W54' is not a week such as 2026-W40"),
        ("--week", "2026W04", "'2026W04' is not a week such as 2026-W40"),
        ("--lang", "fr", "invalid choice: 'fr'"),
    ],
)
def test_what_is_not_on_a_list_is_refused(
    capsys: pytest.CaptureFixture[str], option: str, value: str, words: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        report("http://127.0.0.1:1", "--week", WEEK, "--pdf", "week.pdf", option, value)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_an_ingest_that_is_away_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    wanted = ("--week", WEEK, "--xlsx", str(tmp_path / "week.xlsx"))
    assert complaint(capsys, away, *wanted, "--lang", "en") == (
        f"no ingest answers at {away} (ConnectError); check --ingest-url and that it runs"
    )
    assert "连接不上数据服务" in complaint(capsys, away, *wanted)
    assert "no ingest answers at" in complaint(capsys, "ingest:8080", *wanted, "--lang", "en")


def test_a_key_is_asked_for_and_taken_from_the_environment(
    tmp_path: Path,
    service: Service,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = ("--week", WEEK, "--xlsx", str(tmp_path / "week.xlsx"))
    settings = service.settings.model_copy(update={"http": HttpSection(anonymous=Anonymous.NOBODY)})
    key = service.operations.keys.add(Key("1", "desk", Scope.OFFICER, NOW), "secret")
    with serving(replace(service, settings=settings)) as locked:
        said = complaint(capsys, locked, *wanted, "--lang", "en")
        assert said.endswith(
            "put an officer's API key into the environment variable HEALTH_KIOSK_API_KEY"
        )
        assert "API 密钥" in complaint(capsys, locked, *wanted)
        monkeypatch.setenv(KEY, "1.wrong")
        assert "not valid" in complaint(capsys, locked, *wanted, "--lang", "en")
        monkeypatch.setenv(KEY, key)
        report(locked, *wanted)
    assert (tmp_path / "week.xlsx").exists()


def test_a_path_that_cannot_be_written_is_named(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "no" / "week.xlsx"
    said = complaint(capsys, url, "--week", WEEK, "--lang", "en", "--xlsx", str(nowhere))
    assert said == f"cannot write {nowhere}: No such file or directory"
    occupied = tmp_path / "week.xlsx"
    occupied.mkdir()
    said = complaint(capsys, url, "--week", WEEK, "--lang", "en", "--xlsx", str(occupied))
    assert said == f"cannot write {occupied}: Is a directory"
    assert [one.name for one in tmp_path.iterdir()] == ["week.xlsx"]


def test_what_is_not_installed_is_named_and_a_workbook_does_without_typst(
    tmp_path: Path,
    url: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    monkeypatch.delitem(sys.modules, "dashboard.reports.pdf")
    wanted = ("--week", WEEK, "--lang", "en")
    report(url, *wanted, "--xlsx", str(tmp_path / "week.xlsx"))
    said = complaint(capsys, url, *wanted, "--pdf", str(tmp_path / "week.pdf"))
    assert said == "typst is missing; run: pip install 'health-kiosk[reports]'"


def test_without_a_file_to_write_it_says_which_options_there_are(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = complaint(capsys, url, "--week", WEEK)
    assert said == "say what to write: --pdf FILE, --xlsx FILE or both"


@pytest.mark.parametrize(
    ("status", "content", "words"),
    [
        (200, b"<html>", "does not answer as an ingest does"),
        (200, b"{}", "does not answer as an ingest does"),
        (503, b'{"detail": "away"}', "the database of ingest does not answer"),
        (429, b'{"detail": "more than 3 requests a minute"}', "more than 3 requests a minute"),
        (502, b"bad gateway", "ingest refuses with 502: Bad Gateway"),
    ],
)
def test_an_answer_that_is_none_is_told_in_one_sentence(
    status: int, content: bytes, words: str
) -> None:
    answering = httpx.MockTransport(lambda _: httpx.Response(status, content=content))
    with httpx.Client(base_url="http://ingest", transport=answering) as client:
        with pytest.raises(DocumentError) as refused:
            ReleasedApi(client).windows()
        assert words in refused.value.en
        assert refused.value.zh


def test_help_shows_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["report"], ["export", "dhis2"], ["export", "fhir"]):
        with pytest.raises(SystemExit) as ended:
            main([*command, "--help"])
        assert ended.value.code == 0
        said = capsys.readouterr().out
        assert f"  health-kiosk {' '.join(command)} --" in said
