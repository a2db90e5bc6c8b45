"""The demo from its first check to its last clean-up."""

import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rich.console import Console

from health_kiosk.demo import files
from health_kiosk.demo.children import Child, Children
from health_kiosk.demo.history import load_history
from health_kiosk.demo.readiness import answers, listens, wait_for
from health_kiosk.failure import Failure
from health_kiosk.ports import free_port, require_free
from ingest.operations import Operations
from ingest.settings import load
from ingest.stations import read
from simulators.city import CityStation, stations, write_stations_csv
from simulators.fleet import Fleet, FleetOptions
from simulators.fleet_office import StationOptions
from simulators.mqtt_loop import Address

_FULL_STATIONS = 3
_HEARTBEAT_SECONDS = 15.0
_USAGE_SECONDS = 30.0
_SECONDS_BETWEEN_VISITS = 6
_HEALTH_KIOSK = (sys.executable, "-m", "health_kiosk")


@dataclass(frozen=True, slots=True)
class Options:
    """What may be chosen about a demo."""

    port: int
    stations: int
    weeks: int
    seed: int
    directory: Path | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where this run keeps its files, and on which loopback ports its processes meet."""

    directory: Path
    broker: int
    api: int
    page: int


def run(options: Options) -> None:
    """Show everything until Ctrl-C; then end every process and, unless kept, delete the files."""
    mosquitto = _require_programs()
    require_free("127.0.0.1", options.port, "--port (with make: make demo PORT=8001)")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console()
    city = stations(options.stations + _FULL_STATIONS, Random(options.seed))  # noqa: S311  # a game
    full = city[:: len(city) // _FULL_STATIONS][:_FULL_STATIONS]
    light = [station for station in city if station not in full]
    with _directory(options.directory) as directory, Children(directory / "logs") as children:
        place = _Place(directory, free_port(), free_port(), options.port)
        try:
            _start_services(children, place, city, mosquitto)
            _start_full_stations(children, place, full, options.seed)
            _introduce(console, place, full)
            with Fleet(light, _fleet_options(place, options.seed)) as fleet:
                configuration = directory / "ingest.toml"
                load_history(fleet, configuration, children, console, options.weeks)
                console.print("Live now. [bold]Ctrl-C[/bold] ends the demo and cleans up.")
                fleet.live(_watched(children), usage_seconds=_USAGE_SECONDS)
        except KeyboardInterrupt:
            console.print("\nEnding every process of the demo …")
    console.print("Nothing is left running.")


def _require_programs() -> str:
    mosquitto = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    for program, found in (("mosquitto", mosquitto), ("dbus-daemon", shutil.which("dbus-daemon"))):
        if not found:
            raise Failure(f"{program} is not installed; run: sudo apt-get install {program}")
    return str(mosquitto)


@contextmanager
def _directory(kept: Path | None) -> Iterator[Path]:
    if kept is None:
        with tempfile.TemporaryDirectory(prefix="health-kiosk-demo-") as temporary:
            yield Path(temporary)
        return
    if kept.exists() and any(kept.iterdir()):
        raise Failure(f"{kept} is not empty; name a new directory, or an empty one")
    kept.mkdir(parents=True, exist_ok=True)
    yield kept.resolve()


def _start_services(
    children: Children, place: _Place, city: Sequence[CityStation], mosquitto: str
) -> None:
    broker = files.mosquitto(place.directory, place.broker)
    children.start("mosquitto", mosquitto, "-c", str(broker))
    wait_for("mosquitto", lambda: listens(place.broker), children)

    configuration = files.ingest(place.directory, broker=place.broker, http=place.api)
    inventory = place.directory / "stations.csv"
    write_stations_csv(inventory, city)
    Operations(load(configuration).store.operations_url).inventory.register(read(inventory))
    children.start("ingest", *_HEALTH_KIOSK, "ingest", "--config", str(configuration))
    wait_for("ingest", lambda: answers(f"http://127.0.0.1:{place.api}/readyz"), children)

    url = f"http://127.0.0.1:{place.api}"
    children.start(
        "dashboard", *_HEALTH_KIOSK, "dashboard", "--ingest-url", url, "--port", str(place.page)
    )
    wait_for("the page", lambda: answers(f"http://127.0.0.1:{place.page}/healthz"), children)


def _start_full_stations(
    children: Children, place: _Place, full: Sequence[CityStation], seed: int
) -> None:
    """Each has a private bus with a virtual BlueZ and a cuff, and the real agent that reads it."""
    children.next_wave()
    cuffs = {station: f"C0:FF:EE:00:00:{n:02X}" for n, station in enumerate(full, start=1)}
    radios = {
        station: _start_radio(children, place, station, cuff, seed + number)
        for number, (station, cuff) in enumerate(cuffs.items())
    }
    buses = {station: _bus_address(children, radio) for station, radio in radios.items()}
    children.next_wave()  # an agent says goodbye while its radio is still there
    for station, cuff in cuffs.items():
        configuration = files.station(place.directory, station, broker=place.broker, cuff=cuff)
        children.start(
            f"edge-{station.id}",
            *_HEALTH_KIOSK, "edge", "--config", str(configuration),
            environment={"DBUS_SYSTEM_BUS_ADDRESS": buses[station]},
        )  # fmt: skip


def _start_radio(
    children: Children, place: _Place, station: CityStation, cuff: str, seed: int
) -> Child:
    return children.start(
        f"radio-{station.id}",
        *_HEALTH_KIOSK, "simulate", "cuff", "--address", cuff, "--seed", str(seed),
        "--directory", str(place.directory / f"radio-{station.id}"),
        "--every", str(_SECONDS_BETWEEN_VISITS),
    )  # fmt: skip


def _bus_address(children: Children, radio: Child) -> str:
    """What a virtual radio prints when it is ready."""
    address = next(radio.process.stdout or iter(()), "").strip()
    if not address:
        radio.process.wait()
        children.check()
    return address


def _introduce(console: Console, place: _Place, full: Sequence[CityStation]) -> None:
    names = ", ".join(station.id for station in full)
    console.print(f"\n  The page:  [bold]http://127.0.0.1:{place.page}/[/bold]")
    console.print(f"  The API:   http://127.0.0.1:{place.api}/docs")
    console.print(f"  Full stations, each a real agent with a virtual cuff: {names}\n")


def _fleet_options(place: _Place, seed: int) -> FleetOptions:
    return FleetOptions(
        address=Address("127.0.0.1", place.broker),
        seed=seed,
        station=StationOptions(heartbeat_seconds=_HEARTBEAT_SECONDS),
    )


def _watched(children: Children) -> Callable[[], bool]:
    """Never a reason to stop, but a Failure as soon as a process has ended by itself."""

    def stop() -> bool:
        children.check()
        return False

    return stop
