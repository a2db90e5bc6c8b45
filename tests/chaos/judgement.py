"""The judgement over a kill test: what was delivered against what was accepted, and the ledger."""

from tests.chaos.centre import Centre
from tests.chaos.station import Ward
from tests.chaos.station_process import WINDOWS_IN_A_MESSAGE, Emptied


def judge(ward: Ward, centre: Centre, emptied: Emptied) -> None:
    """Raises AssertionError unless everything accepted was delivered once, or declared as lost.

    Every frame that was offered has been accepted in the end. A window may have been kept just
    before a kill that swallowed the station's word: it may be there or not, but never twice.
    """
    assert not centre.broken, centre.broken
    ledger = emptied.ledger
    numbers = {seq for epoch, seq in centre.stored if epoch == ledger.epoch}
    assert len(centre.stored) == len(numbers), "messages of a strange epoch"
    assert not any(number > ledger.numbered for number in numbers), "a number nobody gave"
    assert ledger.numbered == len(numbers) + ledger.dropped + ledger.pending, (ledger, len(numbers))
    delivered = centre.rows()
    assert delivered == ward.rows, (
        f"lost {ward.rows - delivered}, doubled or invented {delivered - ward.rows}"
    )
    _judge_windows(ward, centre, emptied)


def _judge_windows(ward: Ward, centre: Centre, emptied: Emptied) -> None:
    delivered = centre.windows()
    offered = {window.start for window in ward.windows.values()}
    accepted = {window.start for number, window in ward.windows.items() if number in ward.accepted}
    assert set(delivered.values()) <= {1}, "a window was delivered twice"
    assert offered.issuperset(delivered), "a window was delivered that nobody offered"
    missing = len(accepted.difference(delivered))
    declared = emptied.windows_lost + WINDOWS_IN_A_MESSAGE * emptied.ledger.dropped
    assert missing <= declared, f"{missing} accepted windows are gone, {declared} declared"
