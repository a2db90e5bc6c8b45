"""What an option's text has to be, and the clear word if it is not."""

import argparse
from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit

from contract.errors import Reason


def at_least(smallest: int) -> Callable[[str], int]:
    """A whole number that is not below `smallest`."""

    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < smallest:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {smallest} up")
        return int(text)

    return number


def port(text: str) -> int:
    """A TCP port."""
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; use 1 to 65535")
    return number


def passkey(text: str) -> int:
    """What a device shows when it is paired: up to six digits."""
    if not text.isdecimal() or len(text) > 6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a passkey; use up to six digits")
    return int(text)


def day(text: str) -> date:
    """A day such as 2026-01-31."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-01-31") from error


def broker(text: str) -> tuple[str, int]:
    """HOST:PORT."""
    host, _, number = text.rpartition(":")
    if not host:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host, port(number)


def reason(text: str) -> Reason:
    """Why a message was refused."""
    if text not in set(Reason):
        raise argparse.ArgumentTypeError(f"{text!r} is not a reason; one of {', '.join(Reason)}")
    return Reason(text)


def web_address(text: str) -> str:
    """http:// or https:// with a host, without credentials."""
    try:
        place = urlsplit(text)
        good = place.scheme in ("http", "https") and "@" not in place.netloc
        good = good and bool(place.hostname)
    except ValueError:
        good = False
    if not good:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address such as https://host:3000")
    return text
