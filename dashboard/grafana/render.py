"""Writes every board in both languages as JSON: `python -m dashboard.grafana.render`.

The files are committed, so that Grafana can be provisioned without the builder library; a test
holds them and the code together.
"""

from collections.abc import Callable
from pathlib import Path

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as model

from dashboard.grafana.boards.equity import equity
from dashboard.grafana.boards.fleet import fleet
from dashboard.grafana.boards.ingest import ingest
from dashboard.grafana.boards.overview import overview
from dashboard.grafana.boards.screening import public_screening, screening
from dashboard.grafana.boards.station import station
from dashboard.grafana.boards.usage import usage
from dashboard.grafana.languages import Language

RENDERED = Path(__file__).parent / "rendered"

BOARDS: tuple[Callable[[Language], Dashboard], ...] = (
    overview,
    usage,
    station,
    screening,
    public_screening,
    equity,
    fleet,
    ingest,
)


def rendered() -> dict[str, str]:
    """The JSON of every board by its file's name, such as `zh/kiosk-screening-zh.json`."""
    documents = {}
    for language in Language:
        for make in BOARDS:
            made = make(language).build()
            _without_intervals(made)
            text = JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(made)
            documents[f"{language}/{made.uid}.json"] = text + "\n"
    return documents


def _without_intervals(board: model.Dashboard) -> None:
    """Leave out what the builder says of every variable, and Grafana knows of intervals alone."""
    for variable in board.templating.list_val or ():
        variable.auto = variable.auto_min = variable.auto_count = None


def main() -> None:
    """Write them all, and delete what is no longer a board."""
    documents = rendered()
    for path in RENDERED.glob("*/*.json"):
        if str(path.relative_to(RENDERED)) not in documents:
            path.unlink()
    for name, text in documents.items():
        path = RENDERED / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
