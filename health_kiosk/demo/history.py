"""The demo's past: weeks of history sent through MQTT like any other message, then released."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from health_kiosk.demo.children import Children
from ingest.calendar import ZONE, week_of
from ingest.centre import opened, system_clock
from ingest.release import release_due, rules_of
from ingest.settings import load
from simulators.fleet import Fleet


def load_history(
    fleet: Fleet, configuration: Path, children: Children, console: Console, weeks: int
) -> None:
    """Send the `weeks` before this one, and this one until yesterday, and release what is due."""
    today = system_clock().astimezone(ZONE).date()
    first = week_of(today).first - timedelta(weeks=weeks)
    with _bar(console) as bar:
        task = bar.add_task(f"Loading {weeks} weeks of history through MQTT", total=None)

        def progress(receipted: int, total: int) -> None:
            children.check()
            bar.update(task, completed=receipted, total=total)

        fleet.load_history(first, today - timedelta(days=1), progress)
    _release(configuration, console)


def _release(configuration: Path, console: Console) -> None:
    settings = load(configuration)
    store, operations = opened(settings.store)
    with closing(operations):
        released = release_due(
            store,
            operations,
            rules_of(settings.release),
            system_clock(),
            settings.release.delay_hours,
        )
    console.print(f"{len(released)} closed weeks released: the page shows their trends now.")


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("receipts"),
        TimeElapsedColumn(),
        console=console,
    )
