"""What a recogniser gets and gives, and the list of recognisers."""

from __future__ import annotations

from collections.abc import Callable
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
RECOGNISERS: dict[Protocol, list[tuple[frozenset[int], Recogniser]]] = {protocol: [] for protocol in Protocol}


def over(protocol: Protocol, *ports: int) -> Callable[[Recogniser], Recogniser]:
    """Enter a recogniser for payloads over `protocol`, with ports only between those."""

    def enter(recogniser: Recogniser) -> Recogniser:
        RECOGNISERS[protocol].append((frozenset(ports), recogniser))
        return recogniser

    return enter


def recognise(protocol: Protocol, message: Message) -> Role | None:
    """Return the role of the first recogniser that knows the message. A cut message is no error."""
    if not message.data:
        return None
    for ports, recogniser in RECOGNISERS[protocol]:
        if ports and message.src_port not in ports and message.dst_port not in ports:
            continue
        try:
            role = recogniser(message)
        except IndexError:
            continue
        if role is not None:
            return role
    return None


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
