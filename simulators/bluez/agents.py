"""The agents that clients register: whoever answers for the station when a device pairs."""

import asyncio
from enum import StrEnum

from simulators.bluez import errors, names
from simulators.bluez.clients import Clients


class Capability(StrEnum):
    """What an agent can show to people, and have entered by them."""

    DISPLAY_ONLY = "DisplayOnly"
    DISPLAY_YES_NO = "DisplayYesNo"
    KEYBOARD_ONLY = "KeyboardOnly"
    NO_INPUT_NO_OUTPUT = "NoInputNoOutput"
    KEYBOARD_DISPLAY = "KeyboardDisplay"

    @property
    def has_keyboard(self) -> bool:
        """Whether a passkey can be entered."""
        return self in {Capability.KEYBOARD_ONLY, Capability.KEYBOARD_DISPLAY}

    @property
    def has_display(self) -> bool:
        """Whether a passkey can be shown."""
        return self not in {Capability.KEYBOARD_ONLY, Capability.NO_INPUT_NO_OUTPUT}

    @property
    def can_compare(self) -> bool:
        """Whether a passkey can be shown and then confirmed."""
        return self in {Capability.DISPLAY_YES_NO, Capability.KEYBOARD_DISPLAY}


class Agent:
    """One client's Agent1 object; every question to it is about the device at a path.

    RequestAuthorization is absent on purpose: BlueZ asks it of whom a device pairs with, and the
    adapter, as a central, is always the one who starts.
    """

    def __init__(self, clients: Clients, owner: str, path: str, capability: Capability) -> None:
        self._clients = clients
        self.owner = owner
        self.path = path
        self.capability = capability

    async def request_passkey(self, device: str) -> object:
        """The number that was entered, or None if the agent refuses or has gone."""
        answer = await self._ask("RequestPasskey", "o", device)
        return answer[0] if answer else None

    async def request_confirmation(self, device: str, passkey: int) -> bool:
        """Whether somebody has said that the device shows the same number."""
        return await self._ask("RequestConfirmation", "ou", device, passkey) is not None

    async def display_passkey(self, device: str, passkey: int, *, entered: int) -> None:
        """Shows a number, of which so many digits have been entered at the device."""
        await self._ask("DisplayPasskey", "ouq", device, passkey, entered)

    def cancel(self) -> None:
        """Whatever is asked or shown is over."""
        self._tell("Cancel")

    def release(self) -> None:
        """The agent is registered no more."""
        self._tell("Release")

    async def _ask(
        self, member: str, signature: str, *arguments: object
    ) -> tuple[object, ...] | None:
        try:
            return await self._clients.ask(
                self.owner, self.path, (names.AGENT, member), signature, *arguments
            )
        except asyncio.CancelledError:
            self.cancel()
            raise

    def _tell(self, member: str) -> None:
        self._clients.tell(self.owner, self.path, (names.AGENT, member))


class Agents:
    """The AgentManager1 object: one agent for each client, and the default one for all others."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._agents: dict[str, Agent] = {}
        self._defaults: list[Agent] = []

    def register(self, owner: str, path: str, capability: str) -> None:
        """Takes a client's agent; an empty capability means that it can do everything."""
        if owner in self._agents:
            raise errors.already_exists()
        try:
            known = Capability(capability or Capability.KEYBOARD_DISPLAY)
        except ValueError as error:
            raise errors.invalid_capability() from error
        self._agents[owner] = Agent(self._clients, owner, path, known)

    def unregister(self, owner: str, path: str) -> None:
        """Drops a client's agent; it is not told, since it knows."""
        self._registered(owner, path)
        self.leave(owner)

    def make_default(self, owner: str, path: str) -> None:
        """Lets a client's agent answer for every client that has none; the latest one does."""
        agent = self._registered(owner, path)
        if agent in self._defaults:
            self._defaults.remove(agent)
        self._defaults.append(agent)

    def agent_for(self, client: str | None) -> Agent | None:
        """The client's own agent, or else the default one; None asks for the default one."""
        own = self._agents.get(client) if client is not None else None
        if own is not None:
            return own
        return self._defaults[-1] if self._defaults else None

    def leave(self, owner: str) -> None:
        """A client has left the bus, or takes back its agent."""
        agent = self._agents.pop(owner, None)
        if agent in self._defaults:
            self._defaults.remove(agent)

    def release(self) -> None:
        """BlueZ ends and tells every agent."""
        for agent in self._agents.values():
            agent.release()
        self._agents.clear()
        self._defaults.clear()

    def _registered(self, owner: str, path: str) -> Agent:
        agent = self._agents.get(owner)
        if agent is None or agent.path != path:
            raise errors.does_not_exist()
        return agent
