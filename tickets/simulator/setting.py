"""What a scenario file says of its network, of what varies and of what is shown. A story plays on it.

The file names hosts by keys (`bastion`, `reader`); the story asks its stage for them by the same keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tickets.simulator.network import Hears, Zone
from tickets.simulator.sensors.alarms import Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class CastHost:
    """A host of the network. Of several names or addresses one is drawn; none at all: the zone's own way. An address may
    be a network (`10.20.40.0/24`), of which one is drawn.

    `system` is a key of `systems.BY_NAME`; empty: what is usual in the zone."""

    zone: Zone
    system: str = ""
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    listens: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Whole numbers from `low` to `high`, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedTap:
    """Where a sensor listens; `host` is the key of a host on whose own card it does."""

    name: str
    zone: Zone
    host: str = ""
    mirrors: bool = False
    hears: Hears = Hears.BOTH
    vlan: int | None = None
    skew_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSensor:
    """One evidence file: the sensor that writes it, the key of the tap that it reads (empty: the first, or none for
    a device that sees everything), and options of its own."""

    sensor: str
    tap: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """All that a scenario file tells its story. `published` are the doors (host's key, port) that the firewall opens to
    lower zones. A parameter is a list of choices or a span; a story draws from it by name. `severity` is the word that
    a SIEM prints."""

    signature: Signature
    severity: str = "medium"
    hosts: Mapping[str, CastHost] = field(default_factory=dict)
    published: tuple[tuple[str, int], ...] = ()
    taps: Mapping[str, PlacedTap] = field(default_factory=dict)
    parameters: Mapping[str, tuple[str, ...] | Span] = field(default_factory=dict)
    sensors: tuple[ShownSensor, ...] = ()
