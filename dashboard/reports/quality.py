"""How good the numbers are: what is hidden, late, of one reading, or was not reported. Pure."""

from dashboard.reports.facts import Facts
from dashboard.reports.screening_charts import not_shown
from dashboard.reports.words import Words
from dashboard.web.answers import PartState


def quality(facts: Facts, said: Words) -> tuple[tuple[str, str], ...]:
    """How good the numbers are: what is hidden, late, of a single reading, or was not reported."""
    rows = facts.compared
    hidden = sum(one.state is not PartState.SHOWN for one in rows)
    weeks = sum(not one.is_shown for one in facts.windows)
    (row,) = facts.usage.summary.rows
    dates = said.dates(facts.usage.summary.first, facts.usage.summary.last)
    noise = facts.week.epsilon
    noisy = () if noise is None else ((said.noise.format(epsilon=f"{noise:g}"), ""),)
    return (
        (said.hidden_cells.format(total=len(rows)), f"{hidden}"),
        (said.hidden_weeks.format(total=len(facts.windows)), f"{weeks}"),
        (said.late, _beside_part(facts, "late", said)),
        (said.single, _beside_part(facts, "single", said)),
        (said.reported.format(dates=dates), percent(row.availability_percent, said)),
        *noisy,
    )


def _beside_part(facts: Facts, name: str, said: Words) -> str:
    part = facts.week.shown(name)
    if part is None:
        return not_shown(facts.week, name, said, facts.rules.smallest_count)
    return f"{part.count} ({part.share}%)"


def percent(share: int | None, said: Words) -> str:
    """A share in percent, or the word that nobody knows it."""
    return said.no_data if share is None else f"{share}%"
