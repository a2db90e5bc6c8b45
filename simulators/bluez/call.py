"""One method call from a client, and its reply."""

from dbus_fast import Message, MessageFlag, Variant
from dbus_fast.aio import MessageBus

from simulators.bluez import errors, names


class Call:
    """One method call, answered by `reply` or by the Refused that its method raises."""

    def __init__(self, bus: MessageBus, message: Message) -> None:
        self._bus = bus
        self._message = message
        self.path = message.path or ""
        self.interface = message.interface or ""
        self.member = message.member or ""
        self.client = message.sender or ""

    @property
    def arguments(self) -> list[object]:
        """The arguments; variants are still wrapped."""
        return list(self._message.body)

    @property
    def signature(self) -> str:
        """The D-Bus signature of the arguments."""
        return self._message.signature

    def text(self, position: int) -> str:
        """An argument that is a string or an object path."""
        return str(self._message.body[position])

    def options(self, position: int) -> dict[str, object]:
        """An `a{sv}` argument without its variants."""
        given = self._message.body[position]
        return {str(key): value.value for key, value in given.items() if isinstance(value, Variant)}

    def reply(self, *values: object) -> None:
        """Sends the result, which fits the signature of the method."""
        method = names.METHODS[self.interface][self.member]
        self._send(Message.new_method_return(self._message, method.returns, list(values)))

    def refuse(self, refusal: errors.Refused) -> None:
        """Sends an error."""
        self._send(Message.new_error(self._message, refusal.name, refusal.text))

    def _send(self, message: Message) -> None:
        if not self._message.flags & MessageFlag.NO_REPLY_EXPECTED:
            self._bus.send(message)
