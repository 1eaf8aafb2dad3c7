"""Windows Security events of the Filtering Platform: 5156 and 5157 (a connection allowed, blocked), 5152 (a packet
blocked), 5154 and 5158 (a port listened on, bound).

Source: Microsoft, audit events 5152, 5154, 5156, 5157, 5158. Whether SourceAddress of an inbound event is the host's
own address or the stranger's differs between Microsoft's page and events seen in practice, so no column is trusted:
the layer says whether the host's program connected or accepted, and which address is the host's follows from its
other events. Where that cannot be told, the event names nobody. 5156 is a permission, not an answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from ..ports import may_be_answer
from ..traffic import is_group
from ..types import Basis, Endpoint, Location, LogRecord, Protocol, Statement
from . import siem, windows_logons
from .values import address, port, protocol

FORMAT = "windows.security"
STATEMENTS = {5156: Statement.ALLOWED, 5157: Statement.DENIED, 5152: Statement.DENIED}
PACKET_BLOCKED, LISTENING, BOUND = 5152, 5154, 5158
NUMBERS = frozenset({*STATEMENTS, LISTENING, BOUND, *windows_logons.STATEMENTS})
# The event's own numbers for words, which a rendering may spell out.
WORDS = {
    "%%14592": "inbound", "%%14593": "outbound", "%%14597": "transport", "%%14608": "resource assignment",
    "%%14609": "listen", "%%14610": "receive/accept", "%%14611": "connect",
}  # fmt: skip
LAYERS = {"connect": True, "receive/accept": False}
DIRECTIONS = {"outbound": True, "inbound": False}
# What is kept of a file's events before they are judged: later ones tell which addresses are the host's.
MAX_EVENTS = 20_000
MAX_BYTES = 16 << 20
MAX_KEPT = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, however it was rendered. `dst` is None for a port that was bound or listened on; `own` are the
    host's addresses, where the rendering lists them; `opened_here` is the layer's word, else the direction's."""

    location: Location
    number: int
    time_ns: int
    computer: str
    protocol: Protocol
    src: Endpoint
    dst: Endpoint | None
    layer: str
    direction: str
    application: str
    own: tuple[str, ...]
    raw: str

    @property
    def opened_here(self) -> bool | None:
        """Did the host's own program connect? A blocked packet's direction is only the way that the packet went."""
        by_direction = None if self.number == PACKET_BLOCKED else DIRECTIONS.get(self.direction)
        return LAYERS.get(self.layer, by_direction)


def event_of(
    location: Location,
    number: int,
    time_ns: int,
    computer: str,
    data: Mapping[str, str],
    own: Iterable[str],
    raw: str,
) -> Event | LogRecord | None:
    """The event of its data (names in lower case, without separators), or the record of a logon; None for transports
    without conversations."""
    if number in windows_logons.STATEMENTS:
        return windows_logons.logon_of(location, number, time_ns, FORMAT, computer, data, raw)
    spoken = protocol(data.get("protocol"))
    if spoken is None:
        return None
    src = _end(data, "source")
    has_peer = number in STATEMENTS
    return Event(
        location=location,
        number=number,
        time_ns=time_ns,
        computer=computer.lower(),
        protocol=spoken,
        src=src,
        dst=(_end(data, "destination") if "destinationaddress" in data else _end(data, "dest"))
        if has_peer
        else None,
        layer=_word(data.get("layername", "")),
        direction=_word(data.get("direction", "")),
        application=(data.get("application") or data.get("applicationname") or "").rpartition("\\")[2],
        own=tuple(own),
        raw=raw,
    )


def _end(data: Mapping[str, str], side: str) -> Endpoint:
    return Endpoint(address(data.get(f"{side}address")), port(data.get(f"{side}port") or "0"))


def _word(text: str) -> str:
    return WORDS.get(text.strip(), text.strip().lower())


@dataclass(slots=True)
class Hosts:
    """What the events of each host say of it: its addresses, and the ports that it listens on."""

    addresses: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    listening: defaultdict[str, set[tuple[Protocol, int]]] = field(default_factory=lambda: defaultdict(set))
    kept: int = 0

    def learn(self, event: Event) -> None:
        """Of a connection that the host made both renderings print the host first; so does every bound port."""
        if self.kept >= MAX_KEPT:
            return
        self.kept += 1
        self.addresses[event.computer].update(event.own)
        is_own = event.dst is None or (event.layer == "connect" and event.direction != "inbound")
        if is_own and not ip_address(event.src.ip).is_unspecified:
            self.addresses[event.computer].add(event.src.ip)
        if event.number == LISTENING:
            self.listening[event.computer].add((event.protocol, event.src.port))

    def listener(self, event: Event, dst: Endpoint) -> Endpoint | None:
        """The end of an inbound event that is the host's own, None where its events do not say."""
        own, ports = self.addresses.get(event.computer, set()), self.listening.get(event.computer, set())
        pair = (event.src, dst)
        return (
            _only(pair, lambda end: is_group(end.ip))
            or _only(pair, lambda end: end.ip in own)
            or _only(pair, lambda end: (event.protocol, end.port) in ports)
        )


def _only(pair: tuple[Endpoint, Endpoint], holds: Callable[[Endpoint], bool]) -> Endpoint | None:
    fitting = [end for end in pair if holds(end)]
    return fitting[0] if len(fitting) == 1 else None


def records(events: Iterable[Event | LogRecord]) -> Iterator[LogRecord]:
    """Yield connections, packets and logons in order, each judged by what the events around it say of its host."""
    hosts = Hosts()
    waiting: list[Event | LogRecord] = []
    size = 0
    for event in events:
        if isinstance(event, Event):
            hosts.learn(event)
        waiting.append(event)
        size += len(event.raw)
        if len(waiting) >= MAX_EVENTS or size >= MAX_BYTES:
            yield from _judged(waiting, hosts)
            waiting, size = [], 0
    yield from _judged(waiting, hosts)


def _judged(events: Iterable[Event | LogRecord], hosts: Hosts) -> Iterator[LogRecord]:
    for event in events:
        if isinstance(event, LogRecord):
            yield event
        elif event.dst is not None:
            orig = _originator(event, event.dst, hosts)
            yield _record(event, event.dst, None if _is_answer(event, event.dst, orig) else orig)


def _is_answer(event: Event, dst: Endpoint, orig: Endpoint | None) -> bool:
    other = dst if orig == event.src else event.src
    return orig is not None and may_be_answer(event.protocol, orig.port, other.port)


def _originator(event: Event, dst: Endpoint, hosts: Hosts) -> Endpoint | None:
    if event.opened_here is None:
        return None
    if event.opened_here:
        known = hosts.addresses.get(event.computer, set())
        is_contradicted = dst.ip in known and event.src.ip not in known
        return None if is_contradicted or event.direction == "inbound" else event.src
    own = hosts.listener(event, dst)
    if own is None:
        return None
    return dst if own == event.src else event.src


def _record(event: Event, dst: Endpoint, orig: Endpoint | None) -> LogRecord:
    statement = STATEMENTS[event.number]
    fields = {
        "event": str(event.number),
        "action": "blocked" if statement is Statement.DENIED else "permitted",
        "word": f"event {event.number}",
        "direction": event.direction,
        "layer": event.layer,
        "application": event.application,
        "computer": event.computer,
    }
    return LogRecord(
        location=event.location,
        source=FORMAT,
        time_ns=event.time_ns,
        protocol=event.protocol,
        src=event.src,
        dst=dst,
        statement=statement,
        orig=orig,
        resp=None if orig is None else (dst if orig == event.src else event.src),
        basis=Basis.FIRST_PACKET if orig is None else Basis.HOST,
        fields=siem.texts(fields),
        raw=event.raw,
    )


def event_number(value: object) -> int:
    """An event's number where it is one of those read here, else 0."""
    number = siem.count(value)
    return number if number in NUMBERS else 0


def key(name: str) -> str:
    """A field's name as all renderings share it: SourceAddress, Source_Address, source address."""
    return "".join(letter for letter in name.lower() if letter.isalnum())
