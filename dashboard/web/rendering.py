"""From what ingest answered to a page of HTML."""

from collections.abc import Mapping
from typing import TypeVar

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from dashboard.web import views
from dashboard.web.asking import Asked
from dashboard.web.assets import Asset
from dashboard.web.phrasebook import Language
from dashboard.web.site import BAR, VIEWS
from dashboard.web.texts import TEXTS
from dashboard.web.view import Snapshot, View

RETRY_SECONDS = 5
"""How soon a page that could not be shown asks again."""

S = TypeVar("S", bound=Snapshot)


class Renderer:
    """The templates, with the versions of the static files they refer to."""

    def __init__(self, assets: Mapping[str, Asset]) -> None:
        self._environment = Environment(
            loader=PackageLoader("dashboard.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["asset"] = {
            name: f"static/{name}?v={asset.version}" for name, asset in assets.items()
        }

    def page(self, view: View[S], seen: S, asked: Asked, *, whole: bool) -> str:
        """The page, or with `whole=False` only the parts that change."""
        template = self._environment.get_template("page.html" if whole else "live.html")
        return template.render(_frame(view, seen, asked) | dict(view.show(seen, asked)))

    def refusal(self, path: str, language: Language, status: int, notice: str) -> HTMLResponse:
        """There is no such thing: what to do instead."""
        known = notice if status == 404 and notice.endswith("_unknown") else "page_unknown"
        return HTMLResponse(self._notice(path, language, known, retry=False), status)

    def unavailable(self, path: str, language: Language, notice: str) -> HTMLResponse:
        """Ingest cannot be asked: the page says why, and tries again by itself."""
        text = self._notice(path, language, notice, retry=True)
        return HTMLResponse(text, 503, {"Retry-After": str(RETRY_SECONDS)})

    def _notice(self, path: str, language: Language, key: str, *, retry: bool) -> str:
        """A page that says in both languages, `language` first, why there is nothing to show."""
        other: Language = "en" if language == "zh" else "zh"
        words = [
            (text.html_lang, getattr(text, key), getattr(text, f"{key}_note"), text.home)
            for text in (TEXTS[language], TEXTS[other])
        ]
        return self._environment.get_template("notice.html").render(
            t=TEXTS[language],
            root=Asked(path.lstrip("/"), language).root,
            words=words,
            retry_seconds=RETRY_SECONDS if retry else None,
        )


def _frame(view: View[S], seen: S, asked: Asked) -> dict[str, object]:
    """What every page has: words, links, the lists to choose from, and how fresh it is."""
    texts, overview = asked.texts, seen.overview
    return {
        "t": texts,
        "lang": asked.language,
        "other_lang": asked.other_language,
        "other_query": asked.query(asked.other_language),
        "query": asked.query(asked.language),
        "root": asked.root,
        "link": asked.link,
        "view": view,
        "title": texts.views[view.name],
        "bar": [
            (asked.link(path), texts.views[VIEWS[path].name], _current(path, asked)) for path in BAR
        ],
        "choices": view.choices(asked),
        "now": views.clock(overview.now, overview.now, texts),
        "freshness": views.freshness(overview, texts),
        "notices": views.notices(overview, texts),
        "hidden_name": views.hidden_name(overview, texts),
    }


def _current(path: str, asked: Asked) -> str:
    """Whether an entry of the bar is this page, or the list that this page is from."""
    if asked.path == path:
        return "page"
    return "true" if path and asked.path.startswith(f"{path}/") else ""
