"""Opening hours as the inventory writes them, "08:00-20:00", in quarters of an hour. Pure."""

from functools import lru_cache

_DAY = 24 * 60
_QUARTER = 15
_TEXTS_KEPT = 1_024


@lru_cache(_TEXTS_KEPT)
def open_quarters(opening_hours: str) -> tuple[int, ...]:
    """For each hour of the day a mask of the quarters that lie wholly inside; bit 0 is the first.

    "22:00-06:00" goes on past midnight; when both ends are the same it is open all day.
    """
    opens, closes = (_minutes(text) for text in opening_hours.split("-"))
    length = (closes - opens) % _DAY or _DAY
    masks = [0] * 24
    for quarter in range(_DAY // _QUARTER):
        if (quarter * _QUARTER - opens) % _DAY + _QUARTER <= length:
            masks[quarter // 4] |= 1 << quarter % 4
    return tuple(masks)


@lru_cache(_TEXTS_KEPT)
def quarters_a_day(opening_hours: str) -> int:
    """How many quarters of an hour a station with these hours is open each day."""
    return sum(mask.bit_count() for mask in open_quarters(opening_hours))


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
