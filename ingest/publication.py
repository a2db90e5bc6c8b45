"""From the tallies of a sealed week to the cells of every block that ends with it.

Whatever is repeated after a kill is made of the same: tallies that do not change, noise from the
week's key, and of the cells that are there already only those that came before.
"""

from ingest import disclosure
from ingest.calendar import Week
from ingest.disclosure import Rules
from ingest.operations import Operations
from ingest.second_process import Open
from ingest.station_cells import Homes, Task, districts_of, frozen, publish_stations
from ingest.store import Store
from ingest.windows import Audience, Block, Level, closing_with, extremes_weeks, levels_of


def publish(
    store: Store,
    operations: Operations,
    rules: dict[Audience, Rules],
    week: Week,
    key: bytes,
    elsewhere: Open | None = None,
) -> None:
    """Publish all cells of all blocks that end with `week`, in their order; safe to repeat.

    `elsewhere` opens the same databases for another process, which shares the work of a city.
    """
    earlier: set[tuple[Audience, Block]] = set()
    homes: dict[Block, dict[str, list[str]]] = {}
    for audience, block in closing_with(week):
        levels = levels_of(audience, block.weeks)
        if levels and block not in homes:
            homes[block] = operations.releases.homes(block)
        task = Task(audience, block, rules, key, frozenset(earlier))
        if Level.STATION in levels:
            publish_stations(store, operations, task, homes[block], elsewhere)
        elif levels:
            _publish_levels(store, operations, task, homes[block])
        if block.weeks == extremes_weeks(audience):
            _publish_extremes(store, operations, task)
        earlier.add((audience, block))


def _publish_levels(store: Store, operations: Operations, task: Task, homes: Homes) -> None:
    """Everything but stations."""
    cells = disclosure.release(
        operations.releases.tallies(task.block, homes),
        task.audience,
        task.block,
        task.rng("levels"),
        frozen(store, task, "", *districts_of(homes)),
        task.rules,
    )
    store.trends.publish(cells, {})


def _publish_extremes(store: Store, operations: Operations, task: Task) -> None:
    """The city's extremes."""
    weeks = operations.releases.city_weeks(task.block)
    rng = task.rng("extremes")
    cells = disclosure.release_extremes(weeks, task.audience, task.block, rng, task.rules)
    store.trends.publish(cells, {})
