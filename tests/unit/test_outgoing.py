"""Receipts keep their numbers until the broker has them, and no number is used twice meanwhile."""

import pytest

from ingest.outgoing import FIRST_PACKET, LAST_PACKET, Outgoing

SENT, SENT_AGAIN = 0x32, 0x3A


def number_of(packet: bytes, topic: str) -> int:
    """The identifier of a PUBLISH to `topic` whose length takes one byte."""
    begins = 2 + 2 + len(topic)
    return int.from_bytes(packet[begins : begins + 2])


def leaves(outgoing: Outgoing, payload: str = "{}") -> int:
    """Add a message that leaves at once; its number."""
    outgoing.add("t", payload)
    packet = outgoing.leaving()
    assert packet[0] == SENT
    assert packet.endswith(payload.encode())
    return number_of(packet, "t")


def test_what_was_not_acknowledged_is_sent_again_in_order_and_marked() -> None:
    outgoing = Outgoing()
    first, second, third = (leaves(outgoing, text) for text in ("1", "2", "3"))
    outgoing.acknowledged(second)
    again = outgoing.again()
    half = len(again) // 2
    assert [again[0], again[half]] == [SENT_AGAIN, SENT_AGAIN]
    assert [number_of(again, "t"), number_of(again[half:], "t")] == [first, third]
    assert outgoing.leaving() == b""


def test_an_acknowledgement_of_nothing_is_no_matter() -> None:
    outgoing = Outgoing()
    outgoing.acknowledged(FIRST_PACKET)
    assert leaves(outgoing) == FIRST_PACKET


def test_no_more_are_on_their_way_than_the_broker_takes() -> None:
    outgoing = Outgoing()
    outgoing.most = 2
    for number in range(5):
        outgoing.add("t", str(number))
    assert outgoing.leaving().count(b"application/json") == 2
    assert outgoing.leaving() == b""
    outgoing.acknowledged(FIRST_PACKET + 1)
    packet = outgoing.leaving()
    assert (packet[-1:], number_of(packet, "t")) == (b"2", FIRST_PACKET + 2)


def test_numbers_begin_anew_and_pass_over_those_that_are_not_acknowledged() -> None:
    outgoing = Outgoing()
    slow = leaves(outgoing)
    for number in range(FIRST_PACKET + 1, LAST_PACKET + 1):
        assert leaves(outgoing) == number
        outgoing.acknowledged(number)
    assert slow == FIRST_PACKET
    assert leaves(outgoing) == FIRST_PACKET + 1


@pytest.mark.parametrize("size", [0, 100, 127, 128, 16_384, 2_100_000])
def test_the_length_of_a_packet_is_written_in_as_many_bytes_as_it_needs(size: int) -> None:
    outgoing = Outgoing()
    outgoing.add("t", "x" * size)
    packet = outgoing.leaving()
    length, at = 0, 1
    while True:
        length |= (packet[at] & 0x7F) << 7 * (at - 1)
        at += 1
        if packet[at - 1] < 0x80:
            break
    assert len(packet) - at == length == 2 + 1 + 2 + 20 + size
