"""How sure a released share is: Wilson's interval widened by the rounding of its counts."""

from math import sqrt

from contract.disclosure import ROUND_TO

_Z = 1.96

_ROUNDING = ROUND_TO // 2
"""The most by which a rounded count differs from the true one."""


def share_interval(count: int, n: int) -> tuple[float, float]:
    """The 95 % interval, in percent, of the share whose rounded counts are `count` of `n` (n > 2).

    The true share lies between (X−2)/(N+2) and (X+2)/(N−2); each end is then moved outwards by
    its Wilson interval, the one that stays sensible for small n.
    """
    lowest = max(0.0, (count - _ROUNDING) / (n + _ROUNDING))
    highest = min(1.0, (count + _ROUNDING) / (n - _ROUNDING))
    return 100 * _wilson(lowest, n, -1), 100 * _wilson(highest, n, +1)


def _wilson(share: float, n: int, side: int) -> float:
    z2 = _Z * _Z
    spread = _Z * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return (share + z2 / (2 * n) + side * spread) / (1 + z2 / n)
