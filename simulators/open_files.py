"""How many sockets this process may have, and what to do when they are too few."""

import resource

_SPARE_FILES = 64


def allow_files(stations: int) -> None:
    """Let this process open a socket for each station; raises ValueError if it may not."""
    wanted = stations + _SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and wanted > hard:
        raise ValueError(
            f"{stations} stations need {wanted} open files and this process may have {hard}"
            f" (ulimit -Hn); simulate {hard - _SPARE_FILES} stations at most, or raise the limit"
            " (LimitNOFILE= of systemd, or /etc/security/limits.conf)"
        )
    if wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
