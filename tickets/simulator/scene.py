"""What sensors write about: everything that was played, the firewall in the middle, the taps, and what fired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tickets.simulator.network import Dialogue, Firewall, Host, Tap
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Recording, record
from tickets.simulator.sensors.alarms import Alarm
from tickets.simulator.sensors.cowrie import Visit
from tickets.simulator.sensors.dionaea import Capture
from tickets.simulator.sensors.palo_alto import Threat
from tickets.simulator.sensors.zeek_connections import Connection, track_connections
from tickets.simulator.sensors.zeek_logs import Notice


@dataclass(frozen=True, kw_only=True)
class Programs:
    """What only programs know of the dialogues: a decoy's sessions and files, what a firewall's or Zeek's own rules
    found, ports that a host's own firewall closes."""

    visits: tuple[Visit, ...] = ()
    captures: tuple[Capture, ...] = ()
    threats: tuple[Threat, ...] = ()
    notices: tuple[Notice, ...] = ()
    blocked: frozenset[int] = frozenset()


NO_PROGRAMS = Programs()


@dataclass(frozen=True, kw_only=True)
class Scene:
    """`taps` and `hosts` stand under the keys of the scenario file. Each sensor has a stream of chance of its own."""

    dialogues: tuple[Dialogue, ...]
    firewall: Firewall
    taps: Mapping[str, Tap]
    hosts: Mapping[str, Host]
    alarms: tuple[Alarm, ...]
    chance: Stream
    programs: Programs = NO_PROGRAMS
    _connections: dict[str, tuple[Connection, ...]] = field(default_factory=dict)

    @cached_property
    def recordings(self) -> dict[str, Recording]:
        return {key: record(self.dialogues, tap, self.firewall) for key, tap in self.taps.items()}

    def recording(self, tap: str) -> Recording:
        """The recording at a tap; of the first one where none is named."""
        return self.recordings[tap or next(iter(self.taps))]

    def identifier(self, host: Host) -> str:
        """The name under which a decoy's sensor hands in its lines: a UUID of version 1."""
        text = self.chance.child(f"identifier {host.ip}").take(16).hex()
        return f"{text[:8]}-{text[8:12]}-11f0-a{text[13:16]}-{text[16:28]}"

    def connections(self, tap: str) -> tuple[Connection, ...]:
        """Zeek's connections at a tap: the same in all its logs."""
        key = tap or next(iter(self.taps))
        if key not in self._connections:
            self._connections[key] = track_connections(self.recording(key), self.chance.child(f"zeek {key}"))
        return self._connections[key]
