"""The guard against stale readings: which day a new reading was taken on, if that is certain. Pure.

A device may push its whole memory, and its clock may be unset, wrong or set anew. So every new
reading gets the span of time in which it can have been taken, and only one whose span lies within
one local day is dated. No span begins before the device was last heard or ends after the receipt.

    a  known already: see `edge_agent.cuff_readings` and        resent
       `edge_agent.meter_readings`
    b  no usable device time, the last of the visit             present: 2 minutes to receipt
       no usable device time, not the last                      present: last heard to receipt
    c  device time within 10 minutes of receipt, clock right    present: 2 minutes before it to
                                                                receipt
    d  device time plus learned offset within 10 minutes        present: in the same way
       the same, earlier, and the clock has not jumped          stored: that moment ± 10 minutes
    e  anything else, such as a time in the future              stored: last heard to receipt
       the same, newest by time and last of the visit           present: last heard to receipt

    A span that is empty or has midnight in it, or a device never heard before (e): undated

A clock is taken for right (c) or as learned (d) only if the latest device time of the visit says
so: one that lay further ahead would be a time in the future. It has not jumped if that latest time
is also the last to come, and agrees within two minutes with what the visit before said. What a
visit says of the clock is what its last reading says. When two visits in succession agree, the
offset is learned; a visit that disagrees leaves a candidate.

This holds for devices that send whatever they have not sent before, oldest first and the newest
within two minutes of taking it, and whose clocks do not jump away and back again unheard. A stored
reading whose wrong time happens to be the present one when it is sent cannot be told from a present
one. A device that sends the newest first is safe too while its clock does not jump, but its stored
readings are undated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from edge_agent.devices import date_time
from edge_agent.devices.date_time import DeviceTime
from edge_agent.memory import Clock

_NEAR = timedelta(minutes=10)
_FRESH = timedelta(minutes=2)
_AGREEMENT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a new reading came, and the time that the device put on it, in the station's zone."""

    received_at: datetime
    shown: datetime | None

    @property
    def lag(self) -> float | None:
        """Seconds from the time that the device showed to the receipt."""
        return None if self.shown is None else (self.received_at - self.shown).total_seconds()


class Dated(NamedTuple):
    """When a reading was taken: its local day is certain, the moment is the best estimate.

    It is `present` if the person who gave it is the one who is there.
    """

    moment: datetime
    present: bool


class Judgement(NamedTuple):
    """A date, or None if undated, for each arrival in order, and what was learned of the clock."""

    dates: tuple[Dated | None, ...]
    clock: Clock


class _Span(NamedTuple):
    earliest: datetime
    latest: datetime
    estimate: datetime
    present: bool


def judge(
    arrivals: Sequence[Arrival], clock: Clock, *, last_heard: datetime | None, zone: tzinfo
) -> Judgement:
    """Date the new readings of one visit, in order of arrival.

    `clock` and `last_heard` are from before the visit. The station's own clock is believed, unless
    it has been set back to before `last_heard`.
    """
    if last_heard is not None and any(last_heard > one.received_at for one in arrivals):
        last_heard = None
    lag = _latest_lag(arrivals)
    visit = _Visit(arrivals, clock, lag, _trusted_offset(clock, lag), last_heard)
    dates = (_dated(visit.span(number), last_heard, zone) for number in range(len(arrivals)))
    return Judgement(tuple(dates), _learned(clock, _last_lag(arrivals)))


def shown_at(time: DeviceTime, zone: tzinfo, offset_minutes: int | None = None) -> datetime | None:
    """The moment that a device's clock shows, None if a part is unknown or there is none such."""
    if not date_time.is_legal(time) or 0 in (time.year, time.month, time.day):
        return None
    try:
        return datetime(*time, tzinfo=zone) + timedelta(minutes=offset_minutes or 0)
    except (ValueError, OverflowError):  # 31 February; the last night of the year 9999
        return None


@dataclass(frozen=True, slots=True)
class _Visit:
    arrivals: Sequence[Arrival]
    clock: Clock
    latest_lag: float | None
    offset: float | None
    last_heard: datetime | None

    def span(self, number: int) -> _Span | None:
        """Rules b to e of the table for one arrival."""
        arrival = self.arrivals[number]
        is_last = number == len(self.arrivals) - 1
        lag = arrival.lag
        if lag is None or self.latest_lag is None:
            return self._just_now(arrival, 0.0) if is_last else self._since(arrival, 0.0, True)
        if self.offset is None:
            newest = is_last and arrival.shown == self._latest_shown()
            return self._since(arrival, lag - self.latest_lag, newest)
        age = lag - self.offset
        if abs(age) <= _NEAR.total_seconds():
            return self._just_now(arrival, age)
        if age > 0 and self._is_steady():
            return self._stored(arrival, age)
        return self._since(arrival, age, False)

    def _just_now(self, arrival: Arrival, age: float) -> _Span:
        received = arrival.received_at
        estimate = received - timedelta(seconds=max(age, 0.0))
        return _Span(estimate - _FRESH, received, estimate, True)

    def _stored(self, arrival: Arrival, age: float) -> _Span | None:
        received = arrival.received_at
        if self.last_heard is None:
            return None
        estimate = received - timedelta(seconds=age)
        return _Span(estimate - _NEAR, min(estimate + _NEAR, received), estimate, False)

    def _since(self, arrival: Arrival, age: float, present: bool) -> _Span | None:
        if self.last_heard is None:
            return None
        received = arrival.received_at
        longest = (received - self.last_heard).total_seconds()
        estimate = received - timedelta(seconds=min(max(age, 0.0), longest))
        return _Span(self.last_heard, received, estimate, present)

    def _is_steady(self) -> bool:
        if self.arrivals[-1].shown != self._latest_shown():
            return False
        return _agree(self.latest_lag, self.clock.latest)

    def _latest_shown(self) -> datetime | None:
        return max((one.shown for one in self.arrivals if one.shown is not None), default=None)


def _latest_lag(arrivals: Sequence[Arrival]) -> float | None:
    """The lag of the latest device time; of a later one it would be a time in the future."""
    shown = [(one.shown, number) for number, one in enumerate(arrivals) if one.shown is not None]
    return arrivals[max(shown)[1]].lag if shown else None


def _last_lag(arrivals: Sequence[Arrival]) -> float | None:
    """The lag of the last reading with a time, which tells how the clock is now."""
    return next((one.lag for one in reversed(arrivals) if one.lag is not None), None)


def _trusted_offset(clock: Clock, lag: float | None) -> float | None:
    """The offset by which the latest device time is about now; None if there is none."""
    if lag is None:
        return None
    if clock.candidate is not None and _agree(lag, clock.candidate):
        return clock.candidate
    if clock.offset is not None and abs(lag - clock.offset) <= _NEAR.total_seconds():
        return clock.offset
    return 0.0 if abs(lag) <= _NEAR.total_seconds() else None


def _learned(clock: Clock, lag: float | None) -> Clock:
    if lag is None:
        return clock
    if _agree(lag, clock.offset) or _agree(lag, clock.candidate):
        return Clock(offset=lag)
    return Clock(clock.offset, candidate=lag)


def _agree(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= _AGREEMENT_SECONDS


def _dated(span: _Span | None, last_heard: datetime | None, zone: tzinfo) -> Dated | None:
    if span is None:
        return None
    earliest = span.earliest if last_heard is None else max(span.earliest, last_heard)
    if earliest > span.latest:
        return None
    if earliest.astimezone(zone).date() != span.latest.astimezone(zone).date():
        return None
    return Dated(min(max(span.estimate, earliest), span.latest), span.present)
