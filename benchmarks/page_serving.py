"""A real broker, ingest and page in processes of their own, for the page's benchmark."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from dashboard.web import app
from health_kiosk.ports import free_port
from ingest.service import run
from ingest.settings import HttpSection, MqttSection, ReleaseSection, Settings, StoreSection
from tests.integration.broker import running_broker

_HOST = "127.0.0.1"
_PATIENCE_SECONDS = 120.0


@contextmanager
def served(section: StoreSection, now: datetime) -> Iterator[str]:
    """The address of a page over an ingest that was started just now, whose clock says `now`."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(TemporaryDirectory(prefix="page-broker-")))
        broker = stack.enter_context(running_broker(place))
        api, page = free_port(), free_port()
        settings = Settings(
            mqtt=MqttSection(host=broker.host, port=broker.port),
            store=section,
            http=HttpSection(host=_HOST, port=api, requests_per_minute=10**9),
            release=ReleaseSection(automatic=False),
        )
        stack.enter_context(_running(api, _ingest, settings, now))
        stack.enter_context(_running(page, app.run, _HOST, page, f"http://{_HOST}:{api}"))
        yield f"http://{_HOST}:{page}"


@contextmanager
def _running(port: int, target: Callable[..., None], *arguments: object) -> Iterator[None]:
    process = get_context("spawn").Process(target=target, args=arguments, daemon=True)
    process.start()
    try:
        _await(port, process)
        yield
    finally:
        process.terminate()
        process.join()


def _await(port: int, process: SpawnProcess) -> None:
    deadline = monotonic() + _PATIENCE_SECONDS
    while monotonic() < deadline and process.is_alive():
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((_HOST, port)) == 0:
                return
    raise RuntimeError("a server did not start; its own words stand above")


def _ingest(settings: Settings, now: datetime) -> None:
    began = monotonic()
    run(settings, lambda: now + timedelta(seconds=monotonic() - began))
