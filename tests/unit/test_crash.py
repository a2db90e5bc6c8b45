"""A bug ends the agent loudly, and tells nothing that it held."""

import asyncio
import logging
import subprocess
import sys

import pytest

from edge_agent import crash

QUOTED = "A4:C1:38:00:00:01 152/96"

ENDING = f"""
import logging, threading
from edge_agent import crash
logging.basicConfig(level="DEBUG")
crash.keep_secrets()
def bug():
    try:
        {{}}[{QUOTED!r}]
    except KeyError as error:
        raise ValueError({QUOTED!r}) from error
thread = threading.Thread(target=bug)
thread.start()
thread.join()
raise ExceptionGroup("of " + {QUOTED!r}, [ValueError({QUOTED!r})])
"""


def raise_it() -> None:
    nothing: dict[str, int] = {}
    try:
        nothing[QUOTED] += 1
    except KeyError as error:
        raise ValueError(QUOTED) from error


def test_an_uncaught_exception_of_any_thread_says_where_and_what_kind() -> None:
    ended = subprocess.run((sys.executable, "-c", ENDING), capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.count("builtins.ValueError") == 2
    assert "builtins.KeyError" in ended.stderr
    assert "builtins.ExceptionGroup" in ended.stderr
    assert 'File "<string>", line 10, in bug' in ended.stderr
    assert QUOTED not in ended.stderr


def test_the_same_program_would_tell_it_without_our_care() -> None:
    careless = ENDING.replace("crash.keep_secrets()", "")
    ended = subprocess.run(
        (sys.executable, "-c", careless), capture_output=True, text=True, check=False
    )
    assert QUOTED in ended.stderr


def test_the_causes_are_told_in_order_and_once() -> None:
    with pytest.raises(ValueError, match="152") as caught:
        raise_it()
    lines = crash.described(caught.value).splitlines()
    kinds = [line for line in lines if line.startswith("builtins.")]
    assert kinds == ["builtins.KeyError", "builtins.ValueError"]


async def test_what_an_event_loop_complains_of_is_not_quoted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    crash.watch(loop)
    try:
        with caplog.at_level(logging.DEBUG):
            loop.call_exception_handler({"message": QUOTED, "exception": ValueError(QUOTED)})
    finally:
        loop.set_exception_handler(before)
    assert "builtins.ValueError" in caplog.text
    assert QUOTED not in caplog.text
