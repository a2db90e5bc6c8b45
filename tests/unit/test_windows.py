"""The fixed blocks of weeks: they nest, never overlap, and go on through long years."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.calendar import ZONE, Week, week_of
from ingest.windows import (
    LENGTHS,
    Audience,
    Block,
    Level,
    block_of,
    closing_with,
    extremes_weeks,
    levels_of,
    parse_block,
    weeks_of,
)

weeks = st.dates(date(2020, 1, 1), date(2099, 12, 31)).map(week_of)
lengths = st.sampled_from(LENGTHS)


@pytest.mark.parametrize(
    ("level", "internal", "public"),
    [
        (Level.STATION, 4, 12),
        (Level.DISTRICT, 1, 4),
        (Level.CITY, 1, 1),
        (Level.VENUE, 1, 1),
    ],
)
def test_a_level_has_one_length_for_each_audience(level: Level, internal: int, public: int) -> None:
    assert weeks_of(level, Audience.INTERNAL) == internal
    assert weeks_of(level, Audience.PUBLIC) == public
    assert [n for n in LENGTHS if level in levels_of(Audience.INTERNAL, n)] == [internal]
    assert [n for n in LENGTHS if level in levels_of(Audience.PUBLIC, n)] == [public]


def test_extremes_wait_for_long_windows() -> None:
    assert [extremes_weeks(audience) for audience in Audience] == [12, 48]


def test_counting_begins_with_the_first_week_of_2026() -> None:
    block = block_of(Week(2026, 1), 4)
    assert (block, block.first, block.last) == (
        Block(4, 0),
        date(2025, 12, 29),
        date(2026, 1, 25),
    )
    assert str(block) == "2026-B01x4"
    assert str(block_of(Week(2025, 52), 4)) == "2025-B13x4"


def test_the_fifty_third_week_moves_no_block() -> None:
    block = block_of(Week(2026, 53), 4)
    assert block.members() == (Week(2026, 53), Week(2027, 1), Week(2027, 2), Week(2027, 3))
    assert str(block) == "2026-B14x4"
    assert str(block.following) == "2027-B01x4"
    assert block.following.first == date(2027, 1, 25)


def test_a_block_may_be_released_a_day_after_it_closed() -> None:
    block = block_of(Week(2026, 8), 4)
    assert block.closes() == datetime(2026, 2, 23, tzinfo=ZONE)
    assert block.released_from() == datetime(2026, 2, 24, tzinfo=ZONE)
    assert block.released_from(48) == datetime(2026, 2, 25, tzinfo=ZONE)


@given(weeks, lengths)
def test_every_week_is_in_one_block_of_each_length(week: Week, length: int) -> None:
    block = block_of(week, length)
    assert block.holds(week)
    assert not block.following.holds(week)
    assert block.following.first == block.last + timedelta(days=1)
    assert len(block.members()) == length
    assert all(block_of(member, length) == block for member in block.members())


@given(weeks)
def test_blocks_nest(week: Week) -> None:
    inner: set[Week] = {week}
    for length in LENGTHS:
        outer = set(block_of(week, length).members())
        assert inner <= outer
        inner = outer
    assert block_of(week, 12).covers(block_of(week, 4))
    assert not block_of(week, 4).covers(block_of(week, 4).following)
    assert not block_of(week, 4).covers(block_of(week, 12))


@given(weeks, lengths)
def test_a_name_says_which_block_it_is(week: Week, length: int) -> None:
    block = block_of(week, length)
    assert parse_block(str(block)) == block


@pytest.mark.parametrize(
    "text", ["2026-B15x4", "2026-B00x4", "2026-B01x5", "2026-B01x1", "2026-W54", "2026-B1x4", ""]
)
def test_a_name_of_no_block_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_block(text)


def test_a_length_that_is_not_used_has_no_blocks() -> None:
    with pytest.raises(ValueError, match="13 weeks"):
        block_of(Week(2026, 1), 13)


def test_a_week_closes_the_blocks_that_end_with_it() -> None:
    def names(week: Week) -> list[str]:
        return [f"{audience} {block}" for audience, block in closing_with(week)]

    assert names(Week(2026, 3)) == ["internal 2026-W03", "public 2026-W03"]
    assert names(Week(2026, 12)) == [
        "internal 2026-W12", "public 2026-W12", "internal 2026-B03x4", "public 2026-B03x4",
        "internal 2026-B01x12", "public 2026-B01x12",
    ]  # fmt: skip
    assert "public 2026-B01x48" in names(Week(2026, 48))
