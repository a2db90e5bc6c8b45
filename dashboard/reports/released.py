"""Which windows are released, and the clear word about one that is not."""

from collections.abc import Sequence

from contract.places import CITY_ADCODE
from dashboard.reports.answers import Dates, WindowList, Windows
from dashboard.reports.api import DocumentError

OFFICERS, PUBLIC = "internal", "public"
"""The audiences."""


def level_of(area: str) -> str:
    """The level of the city or of a district."""
    return "city" if area == CITY_ADCODE else "district"


def windows_of(windows: Windows, audience: str, level: str) -> WindowList | None:
    """The released windows of a level for an audience, without those of extremes."""
    return next(
        (
            one
            for one in windows.released
            if (one.audience, one.level, one.of) == (audience, level, "categories")
        ),
        None,
    )


def find(known: Sequence[Dates], window: str) -> Dates | None:
    """The window of this name."""
    return next((one for one in known if one.window == window), None)


def required(windows: Windows, audience: str, level: str, window: str) -> Dates:
    """The window, or DocumentError with the windows that there are."""
    listed = windows_of(windows, audience, level)
    found = find(listed.windows, window) if listed else None
    if found is None:
        raise not_released(listed, window)
    return found


def not_released(listed: WindowList | None, window: str) -> DocumentError:
    """The sentence about a window that is not in a list."""
    if listed is None or not listed.windows:
        due = f"{listed.coming.released_from:%Y-%m-%d %H:%M}" if listed else ""
        return DocumentError(
            zh=f"{window} 尚未发布：还没有发布任何时段" + (f"，首次发布 {due}" if due else ""),
            en=f"{window} is not released: nothing is yet"
            + (f", the first on {due}" if due else ""),
        )
    first, last, coming = listed.windows[0].window, listed.windows[-1].window, listed.coming
    return DocumentError(
        zh=f"{window} 没有发布：已发布 {first} 至 {last}，"
        f"下一个 {coming.window} 于 {coming.released_from:%Y-%m-%d %H:%M} 之后发布",
        en=f"{window} is not released: there are {first} to {last} until now,"
        f" and {coming.window} comes after {coming.released_from:%Y-%m-%d %H:%M}",
    )
