"""How long things took: a histogram of bounded size that answers quantiles."""

import math

_SHORTEST_SECONDS = 0.0005
_STEP = 1.05  # an answer is at most 2.5 % from what an exact list of all times would say
_LONGEST_SECONDS = 100_000.0
_BUCKETS = math.ceil(math.log(_LONGEST_SECONDS / _SHORTEST_SECONDS, _STEP)) + 1
_PER_STEP = 1 / math.log(_STEP)


class Histogram:
    """Counts of seconds in buckets that each reach 5 % further than the one before."""

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS
        self.count = 0
        self.longest = 0.0

    def add(self, seconds: float) -> None:
        """Count one time; below half a millisecond is half a millisecond."""
        place = 0
        if seconds > _SHORTEST_SECONDS:
            place = int(math.log(seconds / _SHORTEST_SECONDS) * _PER_STEP) + 1
        self._counts[min(place, _BUCKETS - 1)] += 1
        self.count += 1
        self.longest = max(self.longest, seconds)

    def quantile(self, share: float) -> float | None:
        """The seconds within which this share, from 0 to 1, was done; None if nothing was."""
        if not self.count:
            return None
        wanted, seen = max(1, math.ceil(share * self.count)), 0
        for place, count in enumerate(self._counts):
            seen += count
            if seen >= wanted:
                middle = _SHORTEST_SECONDS * math.pow(_STEP, max(0.0, place - 0.5))
                return min(middle, self.longest)
        return self.longest

    def clear(self) -> None:
        """Begin anew, for a time of its own."""
        self._counts = [0] * _BUCKETS
        self.count, self.longest = 0, 0.0
