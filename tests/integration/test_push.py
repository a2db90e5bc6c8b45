"""`health-kiosk dashboard push` against what Grafana's API takes and answers."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jsonschema import ValidationError

from dashboard.grafana.committed import boards, folder_uid
from dashboard.grafana.languages import Language
from health_kiosk.cli import main
from health_kiosk.ports import free_port
from tests.integration.certificates import Authority
from tests.integration.push_stand_in import EDITOR, VIEWER, StandIn, conforms, operation, running

OURS = {board.uid: board for board in boards(Language)}
ONE = "kiosk-screening-en"


@pytest.fixture(autouse=True)
def _straight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("GRAFANA_TOKEN", EDITOR)


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with running() as made:
        yield made


@pytest.fixture
def grafana(server: StandIn) -> StandIn:
    server.reset()
    return server


def push(grafana: StandIn, *more: str) -> int:
    """The exit code."""
    try:
        main(["dashboard", "push", "--url", grafana.url, *more])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


def saved(grafana: StandIn) -> list[str]:
    return [body["dashboard"]["uid"] for path, body in grafana.sent("POST") if "/db" in path]


def test_boards_and_folders_are_created_in_both_languages(
    grafana: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert push(grafana) == 0
    assert grafana.folders == {"health-kiosk-zh": "健康小站", "health-kiosk-en": "Health kiosk"}
    assert set(grafana.boards) == set(OURS)
    for uid, board in OURS.items():
        kept = grafana.boards[uid]
        assert {name: kept[name] for name in board.document} == board.document
        assert grafana.folder_of[uid] == folder_uid(board.language)
    assert f"{len(OURS)} created, 0 updated, 0 unchanged" in capsys.readouterr().out


def test_what_is_the_same_is_not_sent_again(
    grafana: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    push(grafana)
    grafana.requests.clear()
    assert push(grafana) == 0
    assert grafana.sent("POST") == []
    assert f"0 created, 0 updated, {len(OURS)} unchanged" in capsys.readouterr().out


def test_only_the_board_that_differs_is_updated_and_names_the_version_it_replaces(
    grafana: StandIn,
) -> None:
    push(grafana)
    grafana.boards[ONE]["title"] = "Changed by hand"
    grafana.boards[ONE]["version"] = 7
    grafana.requests.clear()
    assert push(grafana) == 0
    ((_, body),) = grafana.sent("POST")
    assert (body["dashboard"]["uid"], body["dashboard"]["version"]) == (ONE, 7)
    assert body["overwrite"] is False
    assert grafana.boards[ONE]["title"] == OURS[ONE].title
    assert grafana.boards[ONE]["version"] == 8


def test_a_board_that_was_moved_comes_back_to_its_folder(grafana: StandIn) -> None:
    push(grafana)
    grafana.folder_of[ONE] = ""
    grafana.requests.clear()
    assert push(grafana) == 0
    assert saved(grafana) == [ONE]
    assert grafana.folder_of[ONE] == "health-kiosk-en"


def test_one_language_leaves_the_other_alone(grafana: StandIn) -> None:
    assert push(grafana, "--language", "zh") == 0
    assert set(grafana.folders) == {"health-kiosk-zh"}
    assert {uid.rpartition("-")[2] for uid in grafana.boards} == {"zh"}


def test_a_dry_run_shows_each_difference_and_changes_nothing(
    grafana: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert push(grafana, "--dry-run") == 1
    assert f"create  {ONE}" in capsys.readouterr().out
    assert (grafana.folders, grafana.boards) == ({}, {})
    push(grafana)
    grafana.boards[ONE]["title"] = "Changed by hand"
    grafana.requests.clear()
    capsys.readouterr()
    assert push(grafana, "--dry-run") == 1
    said = capsys.readouterr().out
    assert f"update  {ONE}" in said
    assert '-  "title": "Changed by hand"' in said
    assert f'+  "title": {json.dumps(OURS[ONE].title)}' in said
    assert grafana.sent("POST") == []
    push(grafana)
    assert push(grafana, "--dry-run") == 0


def test_a_board_that_somebody_saves_meanwhile_is_not_overwritten(
    grafana: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    push(grafana)
    grafana.boards[ONE]["title"] = "Changed by hand"
    grafana.saved_by_others = {ONE}
    assert push(grafana) == 2
    assert grafana.boards[ONE]["title"] == "Changed by hand"
    said = complaint(capsys)
    assert f"cannot save {ONE}: 412" in said
    assert "push again" in said


@pytest.mark.parametrize(
    ("status", "advice"),
    [("name-exists", "rename or delete that one"), ("plugin-dashboard", "plugin")],
)
def test_each_kind_of_412_has_its_own_advice(
    grafana: StandIn, capsys: pytest.CaptureFixture[str], status: str, advice: str
) -> None:
    grafana.refuses_saving = (412, {"message": "no", "status": status})
    assert push(grafana) == 2
    assert advice in complaint(capsys)


def test_a_token_that_may_only_look_is_told_which_role_it_lacks(
    grafana: StandIn, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAFANA_TOKEN", VIEWER)
    assert push(grafana) == 2
    said = complaint(capsys)
    assert "cannot create folder health-kiosk-zh: 403" in said
    assert "role Editor" in said


def test_a_wrong_token_is_told_where_to_make_one_and_is_not_shown(
    grafana: StandIn, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAFANA_TOKEN", "glsa_wrong")
    assert push(grafana) == 2
    said = complaint(capsys)
    assert "401" in said
    assert "Service accounts" in said
    assert "glsa_wrong" not in said


def test_the_environments_token_goes_before_the_command_lines(grafana: StandIn) -> None:
    assert push(grafana, "--token", "glsa_wrong") == 0


def test_without_any_token_nothing_is_asked(
    grafana: StandIn, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRAFANA_TOKEN")
    assert push(grafana) == 2
    assert "set GRAFANA_TOKEN" in complaint(capsys)
    assert grafana.requests == []
    assert push(grafana, "--token", EDITOR) == 0


def test_a_folder_that_the_token_cannot_see_is_no_obstacle(grafana: StandIn) -> None:
    push(grafana)
    grafana.hidden_folders = set(grafana.folders)
    assert push(grafana) == 0


def test_a_folder_deleted_meanwhile_is_told(
    grafana: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    grafana.refuses_saving = (404, {"message": "folder not found"})
    assert push(grafana) == 2
    assert "404 folder not found; the folder was deleted meanwhile" in complaint(capsys)


def test_a_board_from_files_is_left_to_them(
    grafana: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    push(grafana)
    grafana.provisioned = set(OURS)
    assert push(grafana) == 0
    grafana.boards[ONE]["title"] = "Older"
    grafana.requests.clear()
    assert push(grafana) == 2
    assert f"{ONE} comes from files" in complaint(capsys)
    assert grafana.sent("POST") == []


def test_an_error_of_grafanas_own_is_not_taken_for_a_mistake_of_ours(
    grafana: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    grafana.refuses_saving = (500, {"message": "database is locked"})
    assert push(grafana) == 2
    assert "database is locked; look into Grafana's log" in complaint(capsys)


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("body", ["<html>a message</html>", "<html></html>", "7", '{"detail": 1}'])
def test_what_is_not_a_grafana_is_called_so(
    body: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    app = FastAPI()
    app.add_api_route("/{_:path}", lambda _: HTMLResponse(body, status))
    with running(app) as other:
        assert push(other) == 2
    assert "does not answer as Grafana does" in complaint(capsys)


def test_a_404_that_is_not_grafanas_does_not_mean_that_the_board_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = FastAPI()
    app.add_api_route("/api/folders", lambda: [])
    with running(app) as behind_a_filter:
        assert push(behind_a_filter, "--dry-run") == 2
    assert "does not answer as Grafana does" in capsys.readouterr().err


def test_nobody_listening_is_told_with_the_address(capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = StandIn(url=f"http://127.0.0.1:{free_port()}")
    assert push(nowhere) == 2
    assert f"{nowhere.url} cannot be reached" in complaint(capsys)


def test_a_grafana_below_a_path_and_behind_tls_is_reached(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = Authority(tmp_path)
    signed = authority.sign("grafana")
    with running(prefix="/grafana", tls=(signed.certificate, signed.key)) as grafana:
        assert push(grafana) == 2
        assert "name the authority with --ca-file" in complaint(capsys)
        assert grafana.requests == []
        grafana.url += "/"
        assert push(grafana, "--ca-file", str(authority.file)) == 0
    assert set(grafana.boards) == set(OURS)


@pytest.mark.parametrize("url", ["grafana:3000", "ftp://host", "http://", "https://a:b@host"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    assert push(StandIn(url=url)) == 2


def test_the_stand_in_refuses_what_grafana_does_not_know() -> None:
    with pytest.raises(KeyError):
        operation("PUT", "/folders")
    with pytest.raises(ValidationError):
        conforms({"dashboard": {"title": "x"}, "folder": "y"}, "SaveDashboard")
