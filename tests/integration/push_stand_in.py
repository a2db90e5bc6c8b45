"""A stand-in for Grafana over real HTTP, which takes and says nothing but what Grafana's API does.

Every request is held against `tests/golden/grafana_api.json`, and so is every answer of its own.
"""

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

API: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "golden" / "grafana_api.json").read_text("utf-8")
)
EDITOR, VIEWER = "glsa_editor", "glsa_viewer"


@dataclass
class StandIn:
    """What it keeps, what it was asked, and how it is to misbehave."""

    url: str = ""
    folders: dict[str, str] = field(default_factory=dict)
    boards: dict[str, dict[str, Any]] = field(default_factory=dict)
    folder_of: dict[str, str] = field(default_factory=dict)
    provisioned: set[str] = field(default_factory=set)
    hidden_folders: set[str] = field(default_factory=set)
    refuses_saving: tuple[int, dict[str, Any]] | None = None
    saved_by_others: set[str] = field(default_factory=set)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)

    def reset(self) -> None:
        """Forget everything but the address."""
        vars(self).update(vars(StandIn(self.url)))

    def sent(self, method: str) -> list[tuple[str, Any]]:
        """Path and body of what it was asked by this method."""
        return [(path, body) for asked, path, body in self.requests if asked == method]

    def answer(self, method: str, path: str, token: str, body: Any) -> tuple[int, Any]:
        """What Grafana would answer."""
        if token not in (EDITOR, VIEWER):
            return 401, {"message": "Invalid API key"}
        if method == "POST" and token == VIEWER:
            return 403, {"message": "You'll need additional permissions to perform this action."}
        if (method, path) == ("GET", "/folders"):
            seen = sorted(self.folders.items())
            return 200, [
                {"id": n, "uid": uid, "title": title}
                for n, (uid, title) in enumerate(seen, 1)
                if uid not in self.hidden_folders
            ]
        if (method, path) == ("POST", "/folders"):
            return self._make_folder(body)
        if (method, path) == ("POST", "/dashboards/db"):
            return self._save(body)
        return self._board(path.removeprefix("/dashboards/uid/"))

    def _make_folder(self, body: dict[str, str]) -> tuple[int, Any]:
        if body["uid"] in self.folders:
            return 409, {"message": "a folder with the same uid already exists"}
        self.folders[body["uid"]] = body["title"]
        return 200, {"id": len(self.folders), "uid": body["uid"], "title": body["title"]}

    def _board(self, uid: str) -> tuple[int, Any]:
        if uid not in self.boards:
            return 404, {"message": "Dashboard not found"}
        meta = {
            "folderUid": self.folder_of[uid],
            "version": self.boards[uid]["version"],
            "provisioned": uid in self.provisioned,
        }
        found = dict(self.boards[uid])
        if uid in self.saved_by_others:
            self.boards[uid]["version"] += 1
        return 200, {"dashboard": found, "meta": meta}

    def _save(self, body: dict[str, Any]) -> tuple[int, Any]:
        board = body["dashboard"]
        if self.refuses_saving is not None:
            return self.refuses_saving
        if body.get("folderUid", "") not in self.folders:
            return 404, {"message": "folder not found"}
        kept = self.boards.get(board["uid"])
        if kept is not None and board.get("version") != kept["version"]:
            message = "The dashboard has been changed by someone else"
            return 412, {"message": message, "status": "version-mismatch"}
        version = 1 if kept is None else kept["version"] + 1
        number = len(self.boards) + 1 if kept is None else kept["id"]
        self.boards[board["uid"]] = board | {"id": number, "version": version}
        self.folder_of[board["uid"]] = body["folderUid"]
        return 200, {
            "id": number, "uid": board["uid"], "title": board["title"], "status": "success",
            "url": f"/d/{board['uid']}", "version": version, "folderUid": body["folderUid"],
        }  # fmt: skip


def conforms(value: object, name: str) -> None:
    """Raise jsonschema's ValidationError unless the value is what Grafana's API calls `name`."""
    jsonschema.validate(value, API["definitions"][name])


def operation(method: str, path: str) -> dict[str, Any]:
    """What the API says of it; KeyError if there is no such operation."""
    for template, methods in API["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[A-Za-z0-9_-]{1,40}", template), path):
            found: dict[str, Any] = methods[method]
            return found
    raise KeyError(path)


def _app(grafana: StandIn, prefix: str) -> FastAPI:
    app = FastAPI()

    @app.api_route(prefix + "/api/{path:path}", methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
    async def serve(path: str, request: Request) -> Response:
        raw = await request.body()
        body = json.loads(raw) if raw else None
        path = f"/{path}"
        grafana.requests.append((request.method, path, body))
        told = operation(request.method, path)
        if "body" in told:
            assert request.headers["content-type"] == "application/json"
            conforms(body, told["body"])
        else:
            assert body is None
        assert not request.query_params
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        assert scheme == "Bearer"
        status, answer = grafana.answer(request.method, path, token, body)
        conforms(answer, told["answers"][str(status)])
        return JSONResponse(answer, status)

    return app


@contextmanager
def running(
    app: FastAPI | None = None, *, prefix: str = "", tls: tuple[Path, Path] | None = None
) -> Iterator[StandIn]:
    """The stand-in, or another `app`, on a free port; `tls` is certificate and key."""
    grafana = StandIn()
    certificate, key = tls or (None, None)
    server = uvicorn.Server(
        uvicorn.Config(
            app or _app(grafana, prefix), log_level="error",
            ssl_certfile=certificate, ssl_keyfile=key,
        )
    )  # fmt: skip
    # With the protocol named, asyncio sends what it has at once.
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # whoever comes before the server is ready waits here
        scheme = "https" if tls else "http"
        grafana.url = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}{prefix}"
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield grafana
        finally:
            server.should_exit = True
            thread.join()
