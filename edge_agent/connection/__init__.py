"""The only door to MQTT at a station: one connection at a time, made again for ever."""

from edge_agent.connection.keeping import Connection as Connection
from edge_agent.connection.keeping import Timing as Timing
from edge_agent.connection.letters import Letter as Letter
from edge_agent.connection.letters import Listener as Listener
