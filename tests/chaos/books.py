"""What stations have sent, and the lines of truth and account that a centre is audited by."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from contract.glucose_batch import GlucoseBatch
from contract.receipts import Outcome
from contract.screening_message import AnyBatch, ScreeningMessage
from contract.topics import Stream
from contract.usage import UsageBatch
from simulators.city import BEIJING_TIME, CityStation
from simulators.truth import StationAccount, StationWeek

_DISTRICT, _VENUE = "110105", "convenience"


@dataclass
class Week:
    """What one station said of one ISO week; sessions by measure and category."""

    entries: int = 0
    windows: int = 0
    sessions: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Sessions of every kind."""
        return sum(sum(kinds.values()) for kinds in self.sessions.values())

    def add_session(self, measure: str, category: str) -> None:
        """Count one session."""
        self.sessions.setdefault(measure, Counter())[category] += 1


@dataclass
class Sent:
    """What one station has sent, as far as it was receipted."""

    epoch: int = 0
    numbered: int = 0
    stored: int = 0
    quarantined: int = 0
    weeks: dict[str, Week] = field(default_factory=dict)

    def add(self, stream: Stream, payload: str | bytes, outcome: Outcome) -> None:
        """Count one message and what it says."""
        if outcome is not Outcome.STORED:
            self.quarantined += 1
            return
        self.stored += 1
        if stream is Stream.USAGE:
            self._add_windows(UsageBatch.model_validate_json(payload))
        else:
            self._add_sessions(ScreeningMessage.model_validate_json(payload).root)

    def week(self, day: date) -> Week:
        """The week of a day."""
        year, number, _ = day.isocalendar()
        return self.weeks.setdefault(f"{year}-W{number:02d}", Week())

    def finish(self, epoch: int, numbered: int) -> None:
        """How far its numbers went."""
        self.epoch, self.numbered = epoch, numbered

    def _add_windows(self, batch: UsageBatch) -> None:
        for window in batch.windows:
            week = self.week(datetime.fromtimestamp(window.start, BEIJING_TIME).date())
            week.windows += 1
            week.entries += window.entries or 0

    def _add_sessions(self, batch: AnyBatch) -> None:
        week = self.week(batch.to)
        for row in batch.rows:
            if isinstance(batch, GlucoseBatch):
                week.add_session("glucose", f"{batch.measure.removeprefix('glu_')}/{row.c}")
            else:
                week.add_session("bp", row.c)


def to_json(sent: Mapping[str, Sent]) -> str:
    """For another process to read."""
    return json.dumps({station: _plain(one) for station, one in sent.items()})


def from_json(text: str) -> dict[str, Sent]:
    """What `to_json` wrote."""
    found = {}
    for station, fields in json.loads(text).items():
        weeks = {
            name: Week(
                week["entries"],
                week["windows"],
                {measure: Counter(kinds) for measure, kinds in week["sessions"].items()},
            )
            for name, week in fields.pop("weeks").items()
        }
        found[station] = Sent(**fields, weeks=weeks)
    return found


def weeks_of(station: str, sent: Sent, where: CityStation | None = None) -> list[StationWeek]:
    """Its lines of the truth: all that it has sent is what happened there."""
    return [
        StationWeek(
            station=station,
            district=where.district if where else _DISTRICT,
            venue=where.venue if where else _VENUE,
            week=name,
            entries=week.entries,
            windows=week.windows,
            sessions=week.sessions,
            truly={},
        )
        for name, week in sorted(sent.weeks.items())
    ]


def account_of(station: str, sent: Sent) -> StationAccount:
    """Its line of the account."""
    by_week = {name: week.total for name, week in sent.weeks.items() if week.sessions}
    return StationAccount(
        station=station,
        epoch=sent.epoch,
        numbered=sent.numbered,
        stored=sent.stored,
        quarantined=sent.quarantined,
        dropped=0,
        pending=sent.numbered - sent.stored - sent.quarantined,
        staged=0,
        sessions=sum(by_week.values()),
        windows=sum(week.windows for week in sent.weeks.values()),
        poisoned=0,
        by_week=by_week,
    )


def _plain(one: Sent) -> dict[str, Any]:
    return {**vars(one), "weeks": {name: vars(week) for name, week in one.weeks.items()}}
