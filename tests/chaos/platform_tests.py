"""The named tests of the whole platform: evils one after the other, then the audit must balance."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from tests.chaos import platform_faults as faults
from tests.chaos.kills import Say, silent
from tests.chaos.platform_scene import Plan, Scene, running_scene

_SECONDS_A_ROUND = 4.0


@dataclass(frozen=True, slots=True)
class Trial:
    """A named test: which evils, on which store, how many at once at most, how many rounds."""

    name: str
    evils: Callable[[Scene], list[faults.Fault]]
    rounds: int
    store: Literal["sqlite", "influx"] = "sqlite"
    at_once: int = 1
    clocks: bool = False
    city: Literal["repeating", "commanded"] = "repeating"


TRIALS = (
    Trial("city-kills", faults.kills, 12),
    Trial("city-kills-influx", faults.kills, 12, "influx", at_once=2),
    Trial("city-cuts", faults.cuts, 15, "influx"),
    Trial("city-full-disk", faults.full_disk, 4),
    Trial("city-full-disk-influx", faults.full_disk, 4, "influx"),
    Trial("city-slow-disk", faults.slow_disk, 4),
    Trial("city-clocks", faults.clocks, 6, clocks=True),
    Trial("city-faults", faults.everything, 8, city="commanded"),
    Trial("city-weather", faults.everything, 12, "influx", at_once=3, clocks=True),
)


def trial(name: str) -> Trial:
    """The one of that name; raises KeyError."""
    return {one.name: one for one in TRIALS}[name]


def run(
    trial: Trial,
    directory: Path,
    rounds: int,
    seed: int,
    say: Say = silent,
    *,
    namespaces: bool | None = None,
    stations: int = 24,
) -> Counter[str]:
    """Do `rounds` evils, healing after each, then settle; returns what was done how often.

    The evils come in turn, in an order of the seed's, and then again in another.
    Raises AssertionError if anything was lost, doubled or changed.
    """
    plan = Plan(
        seed=seed,
        seconds=rounds * _SECONDS_A_ROUND,
        store=trial.store,
        namespaces=namespaces,
        clocks=trial.clocks,
        city=trial.city,
        stations=stations,
    )
    with running_scene(directory, plan) as scene:
        say(f"{scene.network.how}; {scene.disk.how}")
        done = _suffer(scene, trial, rounds, say)
        say(f"balanced: {scene.settle()}")
    return done


def _suffer(scene: Scene, trial: Trial, rounds: int, say: Say) -> Counter[str]:
    done: Counter[str] = Counter()
    waiting: list[faults.Fault] = []
    for number in range(rounds):
        rng = Random(f"{scene.plan.seed}/{number}")
        for _ in range(rng.randint(1, trial.at_once)):
            if not waiting:
                waiting = trial.evils(scene)
                rng.shuffle(waiting)
            what = waiting.pop()(scene, rng)
            done[what] += 1
            say(f"round {number + 1} of {rounds}: {what}; {scene.kiosks.measured} measured")
        scene.heal()
        scene.wait(rng.uniform(0.3, 1.5))
    return done
