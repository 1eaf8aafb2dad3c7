"""What a recogniser gets and gives, and the list of recognisers."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from ..types import Protocol

CLIENT, SERVER, EITHER = "client", "server", ""


class Message(NamedTuple):
    """One payload: its first bytes, its whole length, and the ports it travelled between."""

    data: bytes
    length: int
    src_port: int
    dst_port: int

    def is_on(self, *ports: int) -> bool:
        return self.src_port in ports or self.dst_port in ports


class Role(NamedTuple):
    """A recognised message: the service, what kind of message, and who says such a thing.

    `is_banner` marks greetings and numbered replies, which many protocols share: a weaker sign."""

    service: str
    message: str
    speaker: str
    is_banner: bool = False


Recogniser = Callable[[Message], Role | None]


class Entry(NamedTuple):
    """A recogniser, and what has to be so before it is worth asking: one of the ports (none: any), and at some
    places of the payload one of some bytes."""

    recogniser: Recogniser
    ports: frozenset[int]
    bytes_at: Mapping[int, bytes]

    def may_know(self, first: int, ports: tuple[int, int]) -> bool:
        starts = self.bytes_at.get(0)
        return (starts is None or first in starts) and (not self.ports or not self.ports.isdisjoint(ports))


RECOGNISERS: dict[Protocol, list[Entry]] = {protocol: [] for protocol in Protocol}
LETTERS = string.ascii_letters.encode()
DIGITS = string.digits.encode()


def over(
    protocol: Protocol, *ports: int, first: bytes = b"", bytes_at: Mapping[int, bytes] | None = None
) -> Callable[[Recogniser], Recogniser]:
    """Enter a recogniser for payloads over `protocol`: with ports, between those only; with `first`, for payloads
    that begin with one of those bytes only. What it says of others is never asked."""

    def enter(recogniser: Recogniser) -> Recogniser:
        tests = {**({0: first} if first else {}), **(bytes_at or {})}
        RECOGNISERS[protocol].append(Entry(recogniser, frozenset(ports), tests))
        named_ports.cache_clear()
        _chosen.cache_clear()
        return recogniser

    return enter


def recognise(protocol: Protocol, message: Message) -> Role | None:
    """Return the role of the first recogniser that knows the message."""
    data, _, src_port, dst_port = message
    if not data:
        return None
    named = named_ports(protocol)
    # Ports that no recogniser names are all alike.
    ports = src_port if src_port in named else -1, dst_port if dst_port in named else -1
    return ask(_chosen(protocol, data[0], *ports), message)


def ask(recognisers: Iterable[Recogniser], message: Message) -> Role | None:
    """Return what the first of the recognisers says that knows the message. A cut message is no error."""
    for recogniser in recognisers:
        try:
            role = recogniser(message)
        except IndexError:
            continue
        if role is not None:
            return role
    return None


@cache
def named_ports(protocol: Protocol) -> frozenset[int]:
    """Return the ports that recognisers name."""
    return frozenset(port for entry in RECOGNISERS[protocol] for port in entry.ports)


@lru_cache(maxsize=65536)
def _chosen(protocol: Protocol, first: int, *ports: int) -> tuple[Recogniser, ...]:
    """Return who is worth asking, in order."""
    ends = (ports[0], ports[1])
    return tuple(entry.recogniser for entry in RECOGNISERS[protocol] if entry.may_know(first, ends))


def u16(data: bytes, at: int) -> int:
    """Return two bytes in network order; IndexError past the end."""
    return data[at] << 8 | data[at + 1]


def u32(data: bytes, at: int) -> int:
    """Return four bytes in network order; IndexError past the end."""
    return u16(data, at) << 16 | u16(data, at + 2)


def ber_header(data: bytes, at: int) -> tuple[int, int, int]:
    """Return (tag, length, where the value starts) of a BER element (X.690, 8.1); IndexError past the end."""
    tag, first = data[at], data[at + 1]
    if first < 0x80:
        return tag, first, at + 2
    size = first & 0x7F
    if size > 4:
        raise IndexError
    length = 0
    for place in range(size):
        length = length << 8 | data[at + 2 + place]
    return tag, length, at + 2 + size
