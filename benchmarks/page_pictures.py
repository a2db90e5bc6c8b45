"""The pictures of the built-in page in `docs/images`: `python -m benchmarks.page_pictures`.

They show the page of `health-kiosk demo` in Debian's Chromium. With `--url` it is another page, one
that runs already.
"""

import argparse
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Literal

import httpx
from playwright.sync_api import Browser

from benchmarks.page_browser import chromium, drawn
from benchmarks.run import say
from health_kiosk.ports import free_port

_IMAGES = Path(__file__).parent.parent / "docs" / "images"
_PATIENCE_SECONDS = 1_200.0
_LAST_TO_COME = (("screening", "classes"), ("usage", "occupancy"))
_PHONE, _DESKTOP, _WALL = (390, 844), (1280, 800), (1920, 1080)


@dataclass(frozen=True, slots=True)
class Picture:
    """A file, and what it shows at which size; `whole` is the page below the first screen too."""

    name: str
    address: str
    size: tuple[int, int]
    scheme: Literal["light", "dark"] = "light"
    whole: bool = False


PICTURES = (
    Picture("page-zh", "?lang=zh", _DESKTOP),
    Picture("page-en-phone", "screening?lang=en", _PHONE, whole=True),
    Picture("page-wall", "screening?lang=zh", _WALL),
    Picture("page-dark", "usage?lang=en&area=110105", _DESKTOP, "dark"),
    Picture("page-glucose", "screening?lang=zh&measure=glucose", _DESKTOP),
    Picture("page-equity", "equity?lang=en", _DESKTOP, whole=True),
    Picture("page-fleet", "stations?lang=zh", _DESKTOP),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Take the pictures, all or those that are named."""
    options = _parser().parse_args(arguments)
    wanted = [one for one in PICTURES if one.name in (options.names or [one.name])]
    with demo() if options.url is None else nullcontext(options.url) as url, chromium() as browser:
        for one in wanted:
            _take(browser, url, one, options.into)


@contextmanager
def demo() -> Iterator[str]:
    """The address of a demonstration that has just begun; it is ended afterwards."""
    port = free_port()
    command = (sys.executable, "-m", "health_kiosk", "--log-level", "warning", "demo")
    with subprocess.Popen(
        (*command, "--port", str(port)), stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    ) as process:
        try:
            yield _ready(f"http://127.0.0.1:{port}", process)
        finally:
            process.send_signal(signal.SIGINT)


def _ready(url: str, process: subprocess.Popen[bytes]) -> str:
    say("starting the demonstration …")
    deadline = monotonic() + _PATIENCE_SECONDS
    pause = Event()
    while process.poll() is None and monotonic() < deadline:
        with suppress(httpx.TransportError):
            if all(_shows(url, *one) for one in _LAST_TO_COME):
                return url
        pause.wait(1)
    raise RuntimeError("the demonstration did not start; try `make demo`")


def _shows(url: str, view: str, chart: str) -> bool:
    answer = httpx.get(f"{url}/{view}", trust_env=False, timeout=10)
    return f'id="plot-{chart}"' in answer.text


def _take(browser: Browser, url: str, picture: Picture, into: Path) -> None:
    width, height = picture.size
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=picture.scheme,
        reduced_motion="reduce",
    )
    page.goto(f"{url}/{picture.address}")
    drawn(page, "lang=")
    path = into / f"{picture.name}.png"
    page.screenshot(path=path, full_page=picture.whole)
    page.close()
    say(f"{path}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.page_pictures", description="Take the pictures of the page."
    )
    names = [one.name for one in PICTURES]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--into", type=Path, default=_IMAGES, help="where they go; docs/images")
    parser.add_argument("--url", help="of a page that runs, in place of a demonstration")
    return parser


if __name__ == "__main__":
    main()
