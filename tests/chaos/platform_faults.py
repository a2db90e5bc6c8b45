"""What is done to a running platform: one evil for a while, and a word on what it was.

Each returns when the evil is over, or leaves it to `Scene.heal` to undo it.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from random import Random

from tests.chaos.platform_children import Victim
from tests.chaos.platform_scene import Scene

Fault = Callable[[Scene, Random], str]
"""Does its evil, lets it last, and says what it was."""

_LONGEST_DEATH_SECONDS = 2.0
_CENTRE_STEPS = (
    timedelta(days=-3), timedelta(hours=-2), timedelta(seconds=-40), timedelta(seconds=40),
    timedelta(minutes=90), timedelta(hours=26),
)  # fmt: skip
_EDGE_STEPS = (
    timedelta(hours=-2), timedelta(minutes=-20), timedelta(seconds=-10), timedelta(seconds=10),
    timedelta(minutes=20), timedelta(hours=2),
)  # fmt: skip
_WAYS: dict[str, tuple[bool, bool]] = {
    "both ways": (True, True),
    "one way, there": (True, False),
    "one way, back": (False, True),
}


def kills(scene: Scene) -> list[Fault]:
    """Each process in turn, and the whole centre at once."""
    agents = [_killing_agent(number) for number in range(len(scene.kiosks.all))]
    return [*(_killing(number) for number in range(len(scene.victims))), *agents, _power_cut]


def cuts(_scene: Scene) -> list[Fault]:
    """Each road in each way."""
    ways = (*_WAYS, "slow", "reset")
    return [_cutting(number, way) for way, number in product(ways, range(3))]


def full_disk(_scene: Scene) -> list[Fault]:
    """The databases' disk has no room; sometimes somebody dies of it."""
    return [_fill, _fill_and_kill]


def slow_disk(_scene: Scene) -> list[Fault]:
    """The databases' disk takes a dozen writes a second; or their processes stand still."""
    return [_slow, _stall]


def clocks(_scene: Scene) -> list[Fault]:
    """The centre's clock steps, or that of all agents, and later steps back."""
    return [_step_centre, _step_edge]


def everything(scene: Scene) -> list[Fault]:
    """All of it, for `weather`."""
    return [
        *kills(scene), *cuts(scene), *full_disk(scene), *slow_disk(scene),
        *(clocks(scene) if scene.clocks[0] else ()),
    ]  # fmt: skip


def _killing(number: int) -> Fault:
    def kill(scene: Scene, rng: Random) -> str:
        victim = scene.victims[number]
        scene.wait(rng.uniform(0.0, 1.0))
        victim.kill()
        scene.wait(rng.uniform(0.0, _LONGEST_DEATH_SECONDS))
        return f"kill {victim.name}"

    return kill


def _killing_agent(number: int) -> Fault:
    def kill(scene: Scene, rng: Random) -> str:
        kiosk = scene.kiosks.all[number]
        scene.wait(rng.uniform(0.0, 1.0))
        if kiosk.agent.runs:
            scene.kiosks.kill(kiosk)
        scene.wait(rng.uniform(0.0, _LONGEST_DEATH_SECONDS))
        return f"kill {kiosk.agent.name}"

    return kill


def _power_cut(scene: Scene, rng: Random) -> str:
    """The centre's machine goes dark while its databases answer slowly: much is under way."""
    for database in scene.databases:
        database.hang()
    scene.wait(rng.uniform(0.1, 1.0))
    centre: list[Victim] = [scene.centre.broker, *scene.workers, *scene.databases]
    for victim in centre:
        victim.kill()
    scene.wait(rng.uniform(0.0, _LONGEST_DEATH_SECONDS))
    return "kill the whole centre"


def _cutting(number: int, way: str) -> Fault:
    def cut(scene: Scene, rng: Random) -> str:
        network = scene.network
        road = (network.stations, network.workers, network.databases)[number]
        if way == "reset":
            for _ in range(rng.randint(1, 3)):
                road.reset()
                scene.wait(rng.uniform(0.1, 0.5))
        elif way == "slow":
            road.slow_down()
            scene.wait(rng.uniform(2.0, 4.0))
        else:
            there, back = _WAYS[way]
            road.cut(there=there, back=back)
            scene.wait(rng.uniform(1.0, 5.0))
        return f"cut {road.name}: {way}"

    return cut


def _fill(scene: Scene, rng: Random) -> str:
    if not scene.disk.can_be_filled:
        return _stall(scene, rng)
    scene.disk.fill()
    scene.wait(rng.uniform(2.0, 5.0))
    return "fill the disk"


def _fill_and_kill(scene: Scene, rng: Random) -> str:
    said = _fill(scene, rng)
    victim = rng.choice([*scene.databases, *scene.workers])
    victim.kill()
    return f"{said}, kill {victim.name}"


def _slow(scene: Scene, rng: Random) -> str:
    if not scene.disk.can_be_slowed:
        return _stall(scene, rng)
    scene.disk.slow_down()
    scene.wait(rng.uniform(3.0, 6.0))
    return "slow the disk"


def _stall(scene: Scene, rng: Random) -> str:
    """A disk that answers nothing for a while, as a database's clients see it."""
    for victim in scene.databases:
        victim.hang()
    scene.wait(rng.uniform(1.0, 4.0))
    return "stop the databases' processes for a while"


def _step_centre(scene: Scene, rng: Random) -> str:
    clock, _ = scene.clocks
    assert clock is not None
    clock.step_to(rng.choice(_CENTRE_STEPS))
    scene.wait(rng.uniform(2.0, 4.0))
    return "step the centre's clock"


def _step_edge(scene: Scene, rng: Random) -> str:
    _, clock = scene.clocks
    assert clock is not None
    clock.step_to(rng.choice(_EDGE_STEPS))
    scene.wait(rng.uniform(2.0, 4.0))
    return "step the agents' clock"
