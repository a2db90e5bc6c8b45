"""Noise from a key: the same again for who has the key, and nothing to do with any other."""

from collections import Counter
from fractions import Fraction

from ingest.disclosure.noise import two_sided_geometric
from ingest.noise_key import KEY_BYTES, KeyedRandom

KEY, OTHER = bytes(KEY_BYTES), bytes([1] * KEY_BYTES)
LABEL = "public:2026-W05:levels"


def drawn(key: bytes = KEY, label: str = LABEL) -> list[int]:
    rng = KeyedRandom(key, label)
    return [rng.randrange(10**6) for _ in range(5)]


def test_the_same_key_and_label_draw_the_same_in_every_version() -> None:
    assert drawn() == [500273, 446036, 311919, 785929, 418285]


def test_another_key_and_another_label_draw_something_else() -> None:
    others = [drawn(), drawn(OTHER), drawn(label="public:2026-W06:levels")]
    assert len({number for one in others for number in one}) == 15


def test_bits_are_taken_in_order_whatever_their_number() -> None:
    whole = KeyedRandom(KEY, LABEL).getrandbits(1_000)
    rng, pieces = KeyedRandom(KEY, LABEL), 0
    for width in (1, 7, 250, 255, 256, 231):
        pieces = pieces << width | rng.getrandbits(width)
    assert pieces == whole
    assert KeyedRandom(KEY, LABEL).getrandbits(0) == 0


def test_a_seed_changes_nothing() -> None:
    rng = KeyedRandom(KEY, LABEL)
    rng.seed(1)
    assert [rng.randrange(10**6) for _ in range(5)] == drawn()


def test_noise_of_a_key_is_distributed_as_it_should_be() -> None:
    """At epsilon 1, 46 % of draws are 0 and 17 % are 1."""
    rng = KeyedRandom(KEY, LABEL)
    counts = Counter(two_sided_geometric(Fraction(1), rng) for _ in range(4_000))
    assert abs(counts[0] / 4_000 - 0.462) < 0.03
    assert abs(counts[1] / 4_000 - 0.170) < 0.02
    assert abs(counts[1] - counts[-1]) < 120
    assert abs(rng.random() - 0.5) < 0.5
