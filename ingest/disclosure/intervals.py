"""The interval of a share: Wilson's, widened for what rounding may have hidden (R3). Pure."""

from math import ceil, floor, sqrt

Z_95 = 1.959964
"""The normal quantile of a two-sided 95 % interval."""


def wilson(share: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share (0 to 1) that `n` sessions show."""
    square = Z_95**2 / n
    middle = share + square / 2
    reach = Z_95 * sqrt(share * (1 - share) / n + square / (4 * n))
    return (middle - reach) / (1 + square), (middle + reach) / (1 + square)


def percent(count: int, n: int) -> int:
    """A share in whole percent, a half goes up."""
    return (200 * count + n) // (2 * n)


def widened(
    count: tuple[int, int], n: tuple[int, int], design_effect: float = 1.0
) -> tuple[int, int]:
    """The interval in whole percent, given the least and greatest count and n behind rounding.

    `design_effect` multiplies the variance, as if there were so many times fewer sessions.
    """
    least = min(1.0, count[0] / n[1])
    greatest = min(1.0, count[1] / n[0])
    low = wilson(least, n[1] / design_effect)[0]
    high = wilson(greatest, n[0] / design_effect)[1]
    return max(0, floor(100 * low)), min(100, ceil(100 * high))
