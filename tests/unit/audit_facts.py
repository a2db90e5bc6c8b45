"""Accounts and weeks of stations, as plain as a test wants them."""

from simulators.truth import StationAccount

STATION = "BJ-CY-001"


def account(
    *,
    station: str = STATION,
    stored: int = 0,
    quarantined: int = 0,
    dropped: int = 0,
    pending: int = 0,
    numbered: int | None = None,
    staged: int = 0,
    unnumbered: int = 0,
    sessions: int = 0,
    windows: int = 0,
    poisoned: int = 0,
    by_week: dict[str, int] | None = None,
) -> StationAccount:
    """The account of a station whose epoch is 7; without `numbered` it adds up."""
    return StationAccount(
        station=station,
        epoch=7,
        numbered=stored + quarantined + dropped + pending if numbered is None else numbered,
        stored=stored,
        quarantined=quarantined,
        dropped=dropped,
        pending=pending,
        staged=staged,
        unnumbered=unnumbered,
        sessions=sessions,
        windows=windows,
        poisoned=poisoned,
        by_week=by_week,
    )
