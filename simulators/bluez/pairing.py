"""Pairing with one device: whether it is bonded, and the exchange that makes it so."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from simulators.bluez import errors
from simulators.bluez.agents import Agent, Agents
from simulators.bluez.bonds import Bonds
from simulators.bluez.link import LiveLink
from simulators.bluez.peripheral import Bonding, Passkey, PasskeyEntry, Peripheral
from simulators.bluez.timing import Timing


@dataclass(frozen=True, slots=True)
class Keys:
    """What the adapter pairs with: the bonds it keeps and the agents that answer for it."""

    bonds: Bonds
    agents: Agents


class Pairing:
    """The bond of one device; `bonded` is called when there is a new one."""

    def __init__(
        self,
        device: str,
        peripheral: Peripheral,
        keys: Keys,
        timing: Timing,
        bonded: Callable[[], None],
    ) -> None:
        self._device = device
        self._peripheral = peripheral
        self._keys = keys
        self._timing = timing
        self._bonded = bonded
        self._exchange: asyncio.Task[errors.Refused | None] | None = None
        self._client = ""

    @property
    def bonded(self) -> bool:
        """Whether the adapter has a bond; the peripheral may have lost its half."""
        return self._peripheral.address in self._keys.bonds

    async def pair(self, link: LiveLink, client: str) -> None:
        """Pairs because `client` wants it; refused unless that ends in a bond."""
        if self._exchange is not None:
            raise errors.in_progress()
        self._client = client
        refusal = await self._run(link, self._keys.agents.agent_for(client))
        if refusal is not None:
            raise refusal

    async def raise_security(self, link: LiveLink) -> bool:
        """Pairs because the peripheral asked for it; whether there is now a bond.

        Only the default agent counts, and without one BlueZ keeps the adapter from bonding.
        """
        await self.settled()
        agent = self._keys.agents.agent_for(None)
        if agent is not None and not self.bonded and self._exchange is None:
            await self._run(link, agent)
        return self.bonded

    def cancel(self) -> None:
        """Ends an exchange that is under way; refused if there is none."""
        if self._exchange is None:
            raise errors.does_not_exist()
        self._exchange.cancel()

    def wanted_by(self, client: str) -> bool:
        """Whether an exchange is under way that this client asked for."""
        return self._exchange is not None and self._client == client

    async def settled(self) -> None:
        """Waits until no exchange is under way."""
        if self._exchange is not None:
            await asyncio.wait({self._exchange})

    async def encrypt(self, link: LiveLink) -> bool:
        """Takes up the bond over a new link; whether the peripheral still has its half."""
        return await link.round_trip() and not self._peripheral.lost_bond

    async def _run(self, link: LiveLink, agent: Agent | None) -> errors.Refused | None:
        task = link.run(self._pair(link, agent), "pairing")
        self._exchange = task
        await asyncio.wait({task})
        self._exchange = None
        self._client = ""
        return errors.authentication_cancelled() if task.cancelled() else task.result()

    async def _pair(self, link: LiveLink, agent: Agent | None) -> errors.Refused | None:
        try:
            async with asyncio.timeout(self._timing.pairing_timeout_seconds):
                await asyncio.sleep(self._timing.pair_seconds)
                agreed = await link.round_trip() and await self._agree(agent)
        except TimeoutError:
            return errors.authentication_timed_out()
        if not agreed:
            return errors.authentication_failed()
        self._peripheral.lost_bond = False
        self._bonded()
        return None

    async def _agree(self, agent: Agent | None) -> bool:
        bonding = self._peripheral.bonding
        if self._peripheral.refuses_pairing or bonding is Bonding.NONE:
            return False
        if not isinstance(bonding, Passkey):
            return True  # a central that starts Just Works itself asks nobody
        return agent is not None and await _by_passkey(bonding, agent, self._device)


async def _by_passkey(passkey: Passkey, agent: Agent, device: str) -> bool:
    """Whether both sides have the same number; an agent without the means is never asked."""
    if passkey.entry is PasskeyEntry.STATION:
        if not agent.capability.has_keyboard:
            return False
        return await agent.request_passkey(device) == passkey.number
    if passkey.entry is PasskeyEntry.COMPARED:
        if not agent.capability.can_compare:
            return False
        return await agent.request_confirmation(device, passkey.number)
    if not agent.capability.has_display:
        return False
    await agent.display_passkey(device, passkey.number, entered=0)
    return True
