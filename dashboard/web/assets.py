"""The page's static files, held in memory with their gzip form and tag; Plotly comes from PyPI."""

import gzip
import hashlib
from dataclasses import dataclass
from importlib.resources import files

from fastapi import Request, Response
from plotly.offline import get_plotlyjs

_CSS = "text/css; charset=utf-8"
_JS = "text/javascript; charset=utf-8"
_OWN = {"style.css": _CSS, "panels.css": _CSS, "page.js": _JS}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as browsers get it; `version` changes whenever the content does."""

    content: bytes
    compressed: bytes
    media_type: str
    version: str

    def answer(self, request: Request) -> Response:
        """The file, or 304 if the browser has it; for ever if it asked for this very version."""
        etag = f'"{self.version}"'
        asked_for_this = request.query_params.get("v") == self.version
        headers = {
            "ETag": etag,
            "Vary": "Accept-Encoding",
            "Cache-Control": _FOR_EVER if asked_for_this else "no-cache",
        }
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self.content, media_type=self.media_type, headers=headers)
        headers["Content-Encoding"] = "gzip"
        return Response(self.compressed, media_type=self.media_type, headers=headers)


def load_assets() -> dict[str, Asset]:
    """Every static file by name; takes about a quarter of a second, for Plotly is large."""
    folder = files("dashboard.web") / "static"
    assets = {name: _asset((folder / name).read_bytes(), kind) for name, kind in _OWN.items()}
    assets["plotly.js"] = _asset(get_plotlyjs().encode(), _JS)
    return assets


def _asset(content: bytes, media_type: str) -> Asset:
    version = hashlib.sha256(content).hexdigest()[:16]
    return Asset(content, gzip.compress(content, 6, mtime=0), media_type, version)
