"""Noise from a key: the same key and label draw the same numbers, in whatever process. Pure.

So a release that was killed and is repeated tells what it would have told. Nobody can draw them
again once the key is gone.
"""

from hashlib import sha256
from hmac import digest
from random import Random

KEY_BYTES = 32
"""How long a key is."""


class KeyedRandom(Random):
    """Draws from HMAC-SHA-256 of a counter, under a key of its own for every label.

    Whole numbers only: `getrandbits` and all that rests on it, such as `randrange`.
    """

    def __init__(self, key: bytes, label: str) -> None:
        """`label` says what is drawn; two labels of one key have nothing to do with each other."""
        self._key = digest(key, label.encode(), sha256)
        self._counter = 0
        self._bits = 0
        self._left = 0
        super().__init__()

    def getrandbits(self, k: int, /) -> int:
        """A number of `k` random bits."""
        while self._left < k:
            block = digest(self._key, self._counter.to_bytes(8), sha256)
            self._bits = self._bits << 8 * len(block) | int.from_bytes(block)
            self._left += 8 * len(block)
            self._counter += 1
        self._left -= k
        drawn = self._bits >> self._left
        self._bits &= (1 << self._left) - 1
        return drawn

    def random(self) -> float:
        """A number from 0 up to, not including, 1."""
        return self.getrandbits(53) / (1 << 53)

    def seed(self, *_: object, **__: object) -> None:
        """Change nothing: the key decides."""
