"""Two-sided geometric noise by whole numbers only: no floating point decides a draw. Pure.

P(X = x) = (1 - a)/(1 + a) · a^|x| with a = exp(-ε): adding or removing one session changes the
probability of any outcome by a factor of at most exp(ε).
"""

from fractions import Fraction
from random import Random


def noisy(count: int, epsilon: Fraction, rng: Random) -> int:
    """The count with noise, and never less than 0."""
    return max(0, count + two_sided_geometric(epsilon, rng))


def two_sided_geometric(epsilon: Fraction, rng: Random) -> int:
    """A draw of the noise; raises ValueError unless `epsilon` is above 0."""
    if epsilon <= 0:
        raise ValueError("epsilon must be above 0")
    return _geometric(epsilon, rng) - _geometric(epsilon, rng)


def _geometric(epsilon: Fraction, rng: Random) -> int:
    """How many times an event of chance exp(-ε) happens before it does not."""
    times = 0
    while _happens(epsilon, rng):
        times += 1
    return times


def _happens(epsilon: Fraction, rng: Random) -> bool:
    """True with a chance of exactly exp(-ε), as a product of chances exp(-g) with g ≤ 1."""
    whole, rest = divmod(epsilon, 1)
    return all(_happens_once(Fraction(1), rng) for _ in range(whole)) and _happens_once(rest, rng)


def _happens_once(gamma: Fraction, rng: Random) -> bool:
    """exp(-g) by its series, for g ≤ 1: draw chances g/1, g/2, … until one fails."""
    steps = 1
    while rng.randrange(gamma.denominator * steps) < gamma.numerator:
        steps += 1
    return steps % 2 == 1
