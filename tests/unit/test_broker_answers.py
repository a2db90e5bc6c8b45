"""Every refusal is one clear sentence without a name, and says whether a retry can help."""

import errno
import socket
import ssl

import pytest

from edge_agent.broker_answers import ending, is_refused, network, publication, refusal


@pytest.mark.parametrize(
    ("code", "words", "is_lasting"),
    [
        (0x86, "user name or password", True),
        (0x87, "not authorise", True),
        (0x8A, "banned", True),
        (0x97, "quota", True),
        (0x88, "unavailable", False),
        (0x9C, "another server", True),
        (0x9D, "another server", True),
        (0x9A, "retained", True),
        (0xEE, "refused the connection", False),
    ],
)
def test_a_refused_connection_says_why_and_whether_somebody_must_act(
    code: int, words: str, is_lasting: bool
) -> None:
    problem = refusal(code)
    assert words in problem.text
    assert f"(0x{code:02X})" in problem.text
    assert (problem.is_lasting, problem.code) == (is_lasting, code)


@pytest.mark.parametrize(
    ("code", "words", "is_lasting"),
    [
        (0x8E, "another agent", True),
        (0x95, "too large", False),
        (0x98, "somebody at the broker", True),
        (0x93, "more messages at once", False),
        (0x8B, "shutting down", False),
        (0xEE, "ended the connection", False),
    ],
)
def test_an_ended_connection_says_why_and_whether_somebody_must_act(
    code: int, words: str, is_lasting: bool
) -> None:
    problem = ending(code)
    assert words in problem.text
    assert (problem.is_lasting, problem.code) == (is_lasting, code)


def test_only_codes_from_0x80_are_refusals_and_nobody_listening_is_none() -> None:
    assert not is_refused(0x00)
    assert not is_refused(0x10)
    assert is_refused(0x80)
    assert is_refused(0x87)
    assert publication(0x87) == "not authorised (0x87)"
    assert publication(0x97) == "quota used up (0x97)"
    assert publication(0xEE) == "no reason known (0xEE)"


def certificate(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed: secret.example")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (certificate(10), "expired"),
        (certificate(9), "clock"),
        (certificate(62), "another name"),
        (certificate(64), "another address"),
        (certificate(20), "no known authority"),
        (certificate(77), "not valid"),
        (socket.gaierror(-2, "secret.example"), "cannot be resolved"),
        (ConnectionRefusedError(111, "secret.example"), "nothing listens"),
        (TimeoutError("secret.example"), "does not answer"),
        (ConnectionResetError(104, "secret.example"), "broke"),
        (OSError(errno.ENETUNREACH, "secret.example"), "no way"),
        (FileNotFoundError(2, "No such file", "secret.example"), "not there"),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files"),
    ],
)
def test_a_failed_connection_says_why_and_names_nobody(error: OSError, words: str) -> None:
    problem = network(error)
    assert words in problem.text
    assert "secret" not in problem.text
    assert not problem.is_lasting
