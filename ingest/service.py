"""One ingest process: subscriber, release job and API, started together and stopped together."""

import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from random import SystemRandom
from threading import Event

import uvicorn

from ingest import fleet_upkeep, release, upkeep
from ingest.api import Service, create_app
from ingest.centre import opened, system_clock
from ingest.cycles import leave_alone_what_is_there
from ingest.pipeline import Pipeline
from ingest.settings import Settings
from ingest.subscriber import Subscriber
from ingest.telemetry import Telemetry
from ingest.watch import Settling, Watch
from ingest.whole_city import WholeCity

_LOOK_SECONDS = 5.0
_TURN_SECONDS = 0.0005


def run(settings: Settings, clock: Callable[[], datetime] = system_clock) -> None:
    """Serve until SIGINT or SIGTERM; a bug in any part ends the whole process with its error."""
    # Jobs that compute for seconds run beside the thread that commits: each time it comes back from
    # a database it would wait ten times as long for its turn.
    sys.setswitchinterval(_TURN_SECONDS)
    service = assemble(settings, clock)
    service.city.keep_fresh()
    stop = Event()
    server = _server(service)
    leave_alone_what_is_there()

    def end(_: Future[None]) -> None:
        stop.set()
        server.should_exit = True

    with ThreadPoolExecutor(max_workers=6) as threads:
        jobs = [
            threads.submit(service.subscriber.run, stop),
            threads.submit(_upkeep_job, service, stop),
            threads.submit(_watch_job, service, stop),
            threads.submit(_city_job, service, stop),
        ]
        if settings.release.automatic:
            jobs.append(threads.submit(_release_job, service, stop))
        if service.store.fleet.keeps:
            jobs.append(threads.submit(_fleet_job, service, stop))
        for job in jobs:
            job.add_done_callback(end)
        try:
            server.run()
        finally:
            stop.set()
    for job in jobs:
        job.result()


def assemble(settings: Settings, clock: Callable[[], datetime]) -> Service:
    """The parts of an ingest process, connected to each other but not started."""
    telemetry = Telemetry()
    store, operations = opened(settings.store, clock)
    pipeline = Pipeline(store, operations, telemetry, clock)
    settling = Settling(pipeline.settle, clock, settings.mqtt.retry_max_seconds)
    subscriber = Subscriber(settings.mqtt, settling, telemetry, SystemRandom())
    watch = Watch(
        lambda: subscriber.connected, store, operations, settling, clock, telemetry.registry
    )
    city = WholeCity(operations, clock)
    return Service(settings, store, operations, pipeline, subscriber, watch, city, telemetry, clock)


def _server(service: Service) -> uvicorn.Server:
    http = service.settings.http
    config = uvicorn.Config(
        create_app(service), host=http.host, port=http.port, log_level="warning"
    )
    return uvicorn.Server(config)


def _release_job(service: Service, stop: Event) -> None:
    release.run(
        service.settings.release,
        service.store,
        service.operations,
        service.telemetry,
        service.clock,
        stop,
        partial(opened, service.settings.store),
    )


def _fleet_job(service: Service, stop: Event) -> None:
    fleet_upkeep.run(
        service.operations, service.store.fleet, service.telemetry, service.clock, stop
    )


def _city_job(service: Service, stop: Event) -> None:
    while not stop.wait(_LOOK_SECONDS):  # so that nobody who opens a page waits for a look
        service.city.keep_fresh()


def _watch_job(service: Service, stop: Event) -> None:
    while not stop.wait(_LOOK_SECONDS):  # so that "since" is true when nobody asks for days
        service.watch.look()


def _upkeep_job(service: Service, stop: Event) -> None:
    upkeep.run(
        service.settings,
        service.operations,
        service.store,
        service.pipeline,
        service.telemetry,
        service.clock,
        stop,
    )
