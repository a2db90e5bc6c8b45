"""Sessions: readings of one device that belong to one visit, and the one value they give. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

from contract.errors import Reason, Rejected
from edge_agent import plausibility
from edge_agent.devices import blood_pressure
from edge_agent.frame import Frame
from edge_agent.plausibility import Pressures


@dataclass(frozen=True, slots=True)
class Session:
    """One visit's exact value: personal, held in memory only until it is anonymised."""

    device: str
    started_at: datetime
    systolic_mmhg: float
    diastolic_mmhg: float
    pulse_bpm: float | None
    single: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """What a look at the journal found finished: sessions, rejects, and the frames used up."""

    sessions: tuple[Session, ...]
    rejects: Counter[Reason]
    used: tuple[int, ...]


def close(frames: Iterable[Frame], *, now: datetime, gap: timedelta) -> Closed:
    """Every session in `frames` whose last frame is more than `gap` old, and every reject.

    Frames of sessions still open are left alone, so calling this again later, or after a
    restart, gives the same sessions.
    """
    rejects: Counter[Reason] = Counter()
    sessions: list[Session] = []
    used: list[int] = []
    for visit in _visits(frames, gap):
        if now - visit[-1].received_at <= gap:
            continue
        used.extend(frame.number for frame in visit)
        taken = list(_taken(visit, rejects))
        if taken:
            sessions.append(_session(visit, taken))
    return Closed(tuple(sessions), rejects, tuple(used))


class SessionCap:
    """At most `limit` sessions per device within an hour, so that nobody can fill a batch alone."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._admitted: dict[str, list[datetime]] = {}

    def admits(self, session: Session) -> bool:
        """Whether `session` is within the cap; it counts if it is."""
        hour_ago = session.started_at - timedelta(hours=1)
        recent = [at for at in self._admitted.get(session.device, []) if at > hour_ago]
        admitted = len(recent) < self._limit
        if admitted:
            recent.append(session.started_at)
        self._admitted[session.device] = recent
        return admitted


def _visits(frames: Iterable[Frame], gap: timedelta) -> Iterator[Sequence[Frame]]:
    by_device: dict[str, list[Frame]] = {}
    for frame in sorted(frames, key=lambda frame: frame.number):
        by_device.setdefault(frame.device, []).append(frame)
    for device_frames in by_device.values():
        visit = [device_frames[0]]
        for frame in device_frames[1:]:
            if frame.received_at - visit[-1].received_at > gap:
                yield visit
                visit = []
            visit.append(frame)
        yield visit


def _taken(visit: Iterable[Frame], rejects: Counter[Reason]) -> Iterator[Pressures]:
    previous: Pressures | None = None
    for frame in visit:
        try:
            values = plausibility.pressures(blood_pressure.decode(frame.data))
        except Rejected as error:
            rejects[error.reason] += 1
            continue
        if values == previous:
            rejects[Reason.RESENT] += 1
            continue
        previous = values
        yield values


def _session(visit: Sequence[Frame], taken: Sequence[Pressures]) -> Session:
    """Its value is the mean without the first reading when there are two or more."""
    counted = taken[1:] or taken
    pulses = [values.pulse for values in counted if values.pulse is not None]
    return Session(
        device=visit[0].device,
        started_at=visit[0].received_at,
        systolic_mmhg=fmean(values.systolic for values in counted),
        diastolic_mmhg=fmean(values.diastolic for values in counted),
        pulse_bpm=fmean(pulses) if pulses else None,
        single=len(taken) == 1,
    )
