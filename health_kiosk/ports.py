"""Loopback ports: whether one is free, and one that is."""

import socket

from health_kiosk.failure import Failure


def free_port() -> int:
    """A port on the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(host: str, port: int, option: str) -> None:
    """Raise Failure, naming the `option` that chooses another, if `port` is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Failure(
                f"port {port} on {host} cannot be used ({error.strerror}); choose another with"
                f" {option}"
            ) from error
