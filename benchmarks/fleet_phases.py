"""What is done to a city that lives, and what of it is measured: phase by phase."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from threading import Event
from time import monotonic

from benchmarks.fleet_centre import Centre, Use, used
from benchmarks.fleet_city import City
from benchmarks.fleet_plan import Account, Look, Variant
from benchmarks.fleet_probe import Found, probing, quantile
from benchmarks.report import Figure
from benchmarks.run import Say
from ingest.calendar import Week

Name = tuple[str, int]
"""A station and its epoch."""

_LOOK_SECONDS = 0.25
_SAY_SECONDS = 5.0
_SETTLED_SECONDS = 2.0
"""Messages that are younger may be without a receipt when everything else has its own."""

_LIVE_GOAL, _DRAIN_GOAL, _RECONNECT_GOAL = "<= 2", "<= 600", "<= 300"
_LIVE_IN_DRAIN_GOAL, _MEMORY_GOAL, _LOST_GOAL = "<= 5", "<= 2048", "<= 0"


@dataclass(frozen=True, slots=True)
class Scene:
    """A city and its centre, the weeks it lives in, how long to look at it, and whom to tell."""

    city: City
    centre: Centre
    weeks: tuple[Week, ...]
    seconds: float
    patience: float
    say: Say

    def until(self, holds: Callable[[Look], bool], what: str) -> tuple[float, Look]:
        """Seconds until it holds, and the look that showed it; raises TimeoutError."""
        began, said, pause = monotonic(), monotonic(), Event()
        while not holds(look := self.city.look()):
            if monotonic() - began > self.patience:
                raise TimeoutError(f"{what}: not within {self.patience:g} s; {look.told()}")
            if monotonic() - said > _SAY_SECONDS:
                said = monotonic()
                self.say(f"  {what}: {said - began:.0f} s, {look.told()}")
            self.centre.worker()
            pause.wait(_LOOK_SECONDS)
        return monotonic() - began, look

    def use(self) -> dict[str, Use]:
        """What every process uses; the simulator is one of them."""
        return {"simulator": used(self.city.pid), **self.centre.use()}


def connecting(scene: Scene) -> Iterator[Figure]:
    """From the first dial until the broker has let everybody in."""
    seconds, _ = scene.until(lambda look: look.connected == scene.city.size, "connecting")
    yield Figure("connect all stations", seconds, "s")
    scene.until(_is_settled(scene), "the first day so far")


def living(scene: Scene) -> Iterator[Figure]:
    """Live at normal load: latencies, memory, processor time."""
    scene.say(f"  live for {scene.seconds:.0f} s …")
    scene.city.clear()
    before, began = scene.use(), monotonic()
    with probing(scene.centre.broker, scene.centre.section) as probe:
        probe.go_on(began + scene.seconds, gap=max(0.5, scene.seconds / 100))
        after, seconds = scene.use(), monotonic() - began
        look = scene.city.look()
        found = probe.finish()
    yield Figure("live: messages", look.live.messages / seconds, "messages/s")
    yield Figure("live: publish to receipt, p50", look.live.p50, "s")
    yield Figure("live: publish to receipt, p99", look.live.p99, "s", _LIVE_GOAL)
    yield Figure("  longest", look.live.longest, "s")
    yield from _queryable(found)
    yield Figure("  messages in a batch, mean", scene.centre.batch(), "")
    yield from _uses(before, after, seconds)


def restarting(scene: Scene) -> Iterator[Figure]:
    """The broker is killed and started again; everybody comes back and nothing is lost."""
    scene.say("  killing the broker …")
    scene.centre.restart_broker()
    scene.until(lambda look: look.connected < scene.city.size, "noticing")
    connected, _ = scene.until(lambda look: look.connected == scene.city.size, "coming back")
    receipted, _ = scene.until(_is_settled(scene), "receipts")
    yield Figure("broker killed: all connected again", connected, "s", _RECONNECT_GOAL)
    yield Figure("  and everything receipted", connected + receipted, "s", _RECONNECT_GOAL)


def draining(scene: Scene, variant: Variant) -> Iterator[Figure]:
    """A day without a broker has passed at every station; it comes back, and all drain."""
    scene.say(f"  a day without a broker, {variant.value} …")
    scene.centre.broker.kill()
    scene.until(lambda look: look.connected == 0, "losing the broker")
    windows = scene.city.queue(variant)
    scene.city.clear()
    scene.centre.broker.start()
    before, began = scene.use(), monotonic()
    connected, _ = scene.until(lambda look: look.connected == scene.city.size, "coming back")
    scene.until(lambda look: look.backlog == 0 and _is_settled(scene)(look), "draining")
    seconds, look, after = monotonic() - began, scene.city.look(), scene.use()
    name = f"a day's outage, {variant.value}"
    yield Figure(f"{name}: drained in", seconds, "s", _DRAIN_GOAL)
    yield Figure("  all connected again", connected, "s")
    yield Figure("  windows that waited", windows, "")
    yield Figure("  messages that waited", look.drained.messages, "")
    yield Figure("  drained", look.drained.messages / seconds, "messages/s")
    yield Figure("  live messages meanwhile", look.live.messages, "")
    yield Figure("  live: publish to receipt, p50", look.live.p50, "s")
    yield Figure("  live: publish to receipt, p99", look.live.p99, "s", _LIVE_IN_DRAIN_GOAL)
    yield Figure("  waiting ones: publish to receipt, p99", look.drained.p99, "s")
    for one, then in after.items():
        share = 100 * (then.processor - before[one].processor) / seconds
        yield Figure(f"  processor of {one}", share, "% of a core")


def balancing(scene: Scene) -> Iterator[Figure]:
    """The stations' accounts against the ledger, station by station."""
    scene.city.hold()
    accounts, arrived = _at_rest(scene)
    numbered = sum(one.numbered for one in accounts.values())
    wrong = [
        name
        for name, one in accounts.items()
        if arrived.get(name, (0, 0)) != (one.stored, one.quarantined)
        or one.numbered != one.stored + one.quarantined
    ]
    stored = sum(arrived.get(name, (0, 0))[0] for name in accounts)
    yield Figure("account: messages numbered by the stations", numbered, "")
    yield Figure("  of them not stored", numbered - stored, "", _LOST_GOAL)
    yield Figure("  stations whose ledgers differ", len(wrong), "", _LOST_GOAL)
    told = sum(one.windows for one in accounts.values())
    there = scene.centre.windows(scene.weeks, [station for station, _ in accounts])
    yield Figure("  windows told", told, "")
    yield Figure("  of them not in the store", max(0, told - there), "", _LOST_GOAL)
    yield Figure("  in the store, but told by nobody", max(0, there - told), "", _LOST_GOAL)
    for name, one in scene.use().items():
        goal = _MEMORY_GOAL if name == "simulator" else ""
        yield Figure(f"memory of {name} at the end", one.memory, "MiB", goal)


def _at_rest(scene: Scene) -> tuple[dict[Name, Account], Mapping[Name, tuple[int, int]]]:
    """Both sides' accounts when nothing moves any more; stations look around once a minute."""
    while True:
        scene.until(lambda look: look.pending == 0, "the last receipts")
        accounts, arrived = scene.city.accounts(), scene.centre.arrived()
        if scene.city.look().pending == 0 and scene.city.accounts() == accounts:
            return accounts, arrived


def _is_settled(scene: Scene) -> Callable[[Look], bool]:
    """Whether everybody is there and everything but the very latest has its receipt."""
    return lambda look: (
        look.connected == scene.city.size
        and look.oldest <= _SETTLED_SECONDS
        and look.queued <= scene.city.size // 1000
    )


def _queryable(found: Found) -> Iterator[Figure]:
    yield Figure("live: publish to stored and found, p50", median(found.stored), "s")
    yield Figure("live: publish to stored and found, p99", quantile(found.stored, 0.99), "s")
    yield Figure("  probes", len(found.stored), "")
    yield Figure("  to its receipt, p50", median(found.receipt), "s")
    yield Figure("  to its hour of usage, p50", median(found.hour), "s")
    yield Figure("  to its hour of usage, p99", quantile(found.hour, 0.99), "s")


def _uses(before: Mapping[str, Use], after: Mapping[str, Use], seconds: float) -> Iterator[Figure]:
    for name, then in after.items():
        minutes = seconds / 60
        goal = _MEMORY_GOAL if name == "simulator" else ""
        yield Figure(f"live: memory of {name}", then.memory, "MiB", goal)
        processor = (then.processor - before[name].processor) / minutes
        yield Figure("  its processor time", processor, "s a minute")
