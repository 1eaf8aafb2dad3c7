"""What was said in one conversation, and what a reader of answers makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ..types import Conversation, Location, Packet

# A login is among the first messages; later ones are looked at as long as they are few.
MAX_MESSAGES = 4096
MESSAGE_BYTES = 4096
LINE = re.compile(rb"[^\r\n]{1,1024}")


class Message(NamedTuple):
    """One payload. Where nobody is known to have opened the conversation, each side may ask and may answer."""

    location: Location
    data: bytes
    may_ask: bool
    may_answer: bool

    @property
    def lines(self) -> list[bytes]:
        return LINE.findall(self.data)


class Answer(NamedTuple):
    """The application's own word on what was asked of it: `rule` names the question, `code` its word."""

    rule: str
    is_accepted: bool
    location: Location
    code: str
    name: str = ""
    user: str = ""


def accepted(rule: str, message: Message, code: str, user: str = "") -> Answer:
    return Answer(rule, is_accepted=True, location=message.location, code=code, user=user)


def refused(rule: str, message: Message, code: str, name: str = "") -> Answer:
    return Answer(rule, is_accepted=False, location=message.location, code=code, name=name)


Dialogue = tuple[Message, ...]
Reader = Callable[[Dialogue], Iterator[Answer]]
READERS: list[tuple[frozenset[str], Reader]] = []


def of(*services: str) -> Callable[[Reader], Reader]:
    """Enter a reader for conversations of these services; without one it is sure by the payload alone."""

    def enter(reader: Reader) -> Reader:
        READERS.append((frozenset(services), reader))
        return reader

    return enter


def dialogue_of(conversation: Conversation, packets: Iterable[Packet]) -> Dialogue:
    """The payloads of a conversation in the order of their times, each cut to what a reader needs."""
    spoken = sorted((packet for packet in packets if packet.payload), key=lambda packet: packet.time_ns)
    known = conversation.orig is not None
    return tuple(
        Message(
            packet.location,
            packet.payload[:MESSAGE_BYTES],
            may_ask=not known or packet.src == conversation.orig,
            may_answer=not known or packet.src != conversation.orig,
        )
        for packet in spoken[:MAX_MESSAGES]
    )


def read_answers(conversation: Conversation, packets: Iterable[Packet]) -> list[Answer]:
    """What the application accepted and refused, reader by reader in the order of the packets."""
    dialogue = dialogue_of(conversation, packets)
    if not dialogue:
        return []
    fitting = (reader for services, reader in READERS if not services or conversation.service in services)
    return [answer for reader in fitting for answer in reader(dialogue)]


def printable(data: bytes) -> str:
    """A stranger's text, short and without control characters."""
    return "".join(letter for letter in data[:64].decode("utf-8", "replace") if letter.isprintable())
