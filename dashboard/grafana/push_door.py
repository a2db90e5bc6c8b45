"""The only door to Grafana's HTTP API: grafana-api, its answers and its failures put in order."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from grafana_api.grafana_api import (  # type: ignore[import-untyped]
    GrafanaClientError,
    GrafanaException,
    GrafanaServerError,
)
from grafana_api.grafana_face import GrafanaFace  # type: ignore[import-untyped]

from contract.errors import Unavailable

_TIMEOUT_SECONDS = 15.0
_NOT_FOUND, _CONFLICT, _PRECONDITION_FAILED = 404, 409, 412


class GrafanaUnavailable(Unavailable):
    """Grafana cannot be reached, or has an error of its own; later it may work."""


class GrafanaRefused(Exception):
    """Grafana will not do it; the message says what to do. Trying again does not help."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A board as Grafana has it."""

    document: dict[str, Any]
    folder: str
    provisioned: bool


class Grafana:
    """One Grafana; every method raises GrafanaUnavailable or GrafanaRefused."""

    def __init__(self, url: str, token: str, *, ca_file: Path | None = None) -> None:
        """`url` is where people open it, with the path if it has one; `ca_file` is believed."""
        place = urlsplit(url)
        path = place.path.strip("/")
        self._url = url
        self._api = GrafanaFace(
            auth=token,
            host=place.netloc,
            protocol=place.scheme,
            url_path_prefix=f"{path}/" if path else "",
            verify=True if ca_file is None else str(ca_file),
            timeout=_TIMEOUT_SECONDS,
        )

    def folders(self) -> set[str]:
        """The uids of all folders that the token may see.

        A folder that is not there cannot be asked for by itself: Grafana answers 403 to a token
        that may not see every folder.
        """
        found = self._asked("see folders", self._api.folder.get_all_folders)
        if not isinstance(found, list):
            raise self._stranger()
        return {str(folder["uid"]) for folder in found}

    def make_folder(self, uid: str, title: str) -> None:
        """Make a folder; one that is there already, though out of the token's sight, is well."""
        try:
            self._api_call(lambda: self._api.folder.create_folder(title, uid))
        except GrafanaException as error:
            if error.status_code in (_CONFLICT, _PRECONDITION_FAILED):
                return
            raise self._refused(f"create folder {uid}", error) from error

    def board(self, uid: str) -> Kept | None:
        """The board of this uid, if there is one."""
        try:
            found = self._api_call(lambda: self._api.dashboard.get_dashboard(uid))
        except GrafanaException as error:
            if error.status_code == _NOT_FOUND and _is_grafanas(error):
                return None
            raise self._refused(f"read {uid}", error) from error
        try:
            document, meta = found["dashboard"], found["meta"]
        except (KeyError, TypeError) as error:
            raise self._stranger() from error
        return Kept(document, meta.get("folderUid", ""), bool(meta.get("provisioned")))

    def save(self, document: dict[str, Any], folder: str, message: str) -> None:
        """Create the board, or replace the version that `document` names."""
        wanted = {
            "dashboard": document, "folderUid": folder, "message": message, "overwrite": False
        }  # fmt: skip
        what = f"save {document['uid']}"
        self._asked(what, lambda: self._api.dashboard.update_dashboard(wanted))

    def _asked(self, what: str, ask: Callable[[], Any]) -> Any:
        try:
            return self._api_call(ask)
        except GrafanaException as error:
            raise self._refused(what, error) from error

    def _api_call(self, ask: Callable[[], Any]) -> Any:
        """Ask; GrafanaException is left to the caller, for some of them are answers."""
        try:
            return ask()
        except requests.exceptions.SSLError as error:
            raise GrafanaUnavailable(
                f"{self._url}: its certificate is not believed, or it does not speak TLS; name the"
                " authority with --ca-file"
            ) from error
        except requests.exceptions.JSONDecodeError as error:
            raise self._stranger() from error
        except requests.exceptions.Timeout as error:
            raise GrafanaUnavailable(
                f"{self._url} has not answered within {_TIMEOUT_SECONDS:.0f} seconds"
            ) from error
        except requests.exceptions.RequestException as error:
            raise GrafanaUnavailable(
                f"{self._url} cannot be reached ({type(error).__name__}); is Grafana running there,"
                " and is that its address as seen from this machine?"
            ) from error
        except TypeError as error:  # an error whose body is not an object: grafana-api stumbles
            raise self._stranger() from error

    def _stranger(self) -> GrafanaRefused:
        return GrafanaRefused(
            f"{self._url} does not answer as Grafana does; give the address of its start page,"
            " with the path if it has one"
        )

    def _refused(self, what: str, error: GrafanaException) -> Exception:
        if isinstance(error, GrafanaServerError):
            return GrafanaUnavailable(f"{self._url}: {error.message}; look into Grafana's log")
        if not isinstance(error, GrafanaClientError) or not _is_grafanas(error):
            return self._stranger()
        advice = _ADVICE.get(error.status_code, "")
        if error.status_code == _PRECONDITION_FAILED:
            advice = _PRECONDITIONS.get(error.response.get("status", ""), advice)
        said = f"{error.status_code} {error.response['message']}"
        return GrafanaRefused(f"cannot {what}: {said}{advice and f'; {advice}'}")


def _is_grafanas(error: GrafanaException) -> bool:
    """Whether the body is what every error of Grafana's has; other servers answer 404 too."""
    return isinstance(error.response, dict) and "message" in error.response


_ADVICE = {
    401: "the token is wrong or has expired: make one in Grafana under Administration, Service"
    " accounts, and put it into GRAFANA_TOKEN",
    403: "the token may not: give its service account the role Editor, and the right to edit the"
    " folder if somebody has restricted it",
    404: "the folder was deleted meanwhile: push again",
    412: "somebody else has changed it: push again",
}
_PRECONDITIONS = {
    "version-mismatch": "somebody saved it at this moment: push again; --dry-run shows the"
    " difference",
    "name-exists": "the folder has another board of this title: rename or delete that one",
    "plugin-dashboard": "a plugin's board has this uid: delete it, or take out the plugin",
}
