"""What is announced, and the list of who announces."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from enum import StrEnum
from typing import NamedTuple

from ..types import Endpoint, Location, Packet, Protocol

# Announcements and questions may be forged by the thousand: no more of them are kept.
MAX_ANNOUNCEMENTS = 65536
MAX_QUESTIONS = 4096


class Part(StrEnum):
    """What the announced endpoint will do in the conversation that it is announced for."""

    LISTENS = "listens"
    OPENS = "opens"
    TAKES_PART = "takes part"  # both ends are announced and either may speak first


class Announced(NamedTuple):
    """One endpoint that a payload announces."""

    protocol: Protocol
    endpoint: Endpoint
    part: Part
    service: str


class Announcement(NamedTuple):
    """An announced endpoint, and by whom, when, where and in which protocol that was said."""

    announced: Endpoint
    protocol: Protocol
    part: Part
    service: str
    by: str
    control: str
    time_ns: int
    location: Location


class Questions:
    """Questions whose answer needs them to be understood: the oldest are forgotten first."""

    def __init__(self) -> None:
        self._asked: dict[Hashable, tuple[Protocol, str]] = {}

    def note(self, key: Hashable, protocol: Protocol, service: str) -> None:
        if len(self._asked) >= MAX_QUESTIONS:
            del self._asked[next(iter(self._asked))]
        self._asked[key] = (protocol, service)

    def asked(self, key: Hashable) -> tuple[Protocol, str] | None:
        return self._asked.get(key)


Announcer = Callable[[Packet, Questions], Iterator[Announced]]


class Listed(NamedTuple):
    """An announcer: the control protocol's name, the ports on which it is asked (none: on all), the first bytes
    that its payloads may have (none: any), the words that they begin with, in capitals or not (none: any), and what
    stands in all of them."""

    control: str
    ports: frozenset[int]
    starts: bytes
    words: tuple[bytes, ...]
    holds: bytes
    announcer: Announcer


ANNOUNCERS: dict[Protocol, list[Listed]] = {protocol: [] for protocol in Protocol}


def over(
    protocol: Protocol,
    control: str,
    *ports: int,
    starts: bytes = b"",
    words: tuple[bytes, ...] = (),
    holds: bytes = b"",
) -> Callable[[Announcer], Announcer]:
    """Enter an announcer for payloads over `protocol`. Of payloads that it does not describe it announces nothing."""

    def enter(announcer: Announcer) -> Announcer:
        ANNOUNCERS[protocol].append(Listed(control, frozenset(ports), starts, words, holds, announcer))
        return announcer

    return enter


def may_announce(protocol: Protocol, src_port: int, dst_port: int, first: int) -> bool:
    """Could a payload with this first byte between these ports announce anything? Most could not."""
    return any(_is_asked(listed, src_port, dst_port, first) for listed in ANNOUNCERS[protocol])


def _is_asked(listed: Listed, src_port: int, dst_port: int, first: int) -> bool:
    is_on_port = not listed.ports or src_port in listed.ports or dst_port in listed.ports
    return is_on_port and (not listed.starts or first in listed.starts)


class Announcements:
    """What the payloads of one capture announce, in their order."""

    def __init__(self) -> None:
        self.all: list[Announcement] = []
        self._questions = Questions()

    def note(self, packet: Packet) -> None:
        """Keep what a packet's payload announces. One that is cut or malformed announces nothing."""
        if not packet.payload:
            return
        for listed in ANNOUNCERS[packet.protocol]:
            if _is_asked(listed, packet.src.port, packet.dst.port, packet.payload[0]):
                try:
                    found = list(listed.announcer(packet, self._questions))
                except (IndexError, ValueError):
                    continue
                room = MAX_ANNOUNCEMENTS - len(self.all)
                self.all.extend(_announcement(item, packet, listed.control) for item in found[:room])


def _announcement(item: Announced, packet: Packet, control: str) -> Announcement:
    return Announcement(
        item.endpoint,
        item.protocol,
        item.part,
        item.service,
        packet.src.ip,
        control,
        packet.time_ns,
        packet.location,
    )
