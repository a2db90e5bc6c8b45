"""From passes through a door to people who came in."""


class Doorway:
    """Counts entries at one door.

    A light beam or a door contact cannot tell coming from going, so with the usual two passes per
    entry every second one counts; a sensor that knows the direction has one.
    """

    def __init__(self, passes_per_entry: int = 2) -> None:
        self._passes_per_entry = passes_per_entry
        self._passes = passes_per_entry - 1  # the very first pass is somebody coming in
        self._is_open: bool | None = None

    def passed(self, times: int) -> int:
        """How many people have come in with these passes."""
        entries, self._passes = divmod(self._passes + times, self._passes_per_entry)
        return entries

    def moved(self, is_open: bool) -> int:
        """How many people have come in, now that the door or the beam is open or closed.

        Each opening is a pass; the same state again is none, and the first one sets the scene.
        """
        opened = is_open and self._is_open is False
        self._is_open = is_open
        return self.passed(int(opened))

    def forget(self) -> None:
        """Nobody knows how the door has moved since."""
        self._is_open = None
