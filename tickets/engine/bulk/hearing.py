"""What is spoken, heard in a whole block at a time.

Ports and first bytes say which payloads a recogniser has to look at, and for most of those also what it would
say (`applications.marks`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..applications import Message, Role
from ..applications.marks import MARK_BYTES
from ..applications.roles import RECOGNISERS
from ..control.announcements import ANNOUNCERS, Listed
from ..traffic import PAYLOAD_BYTES
from .columns import PROTOCOLS, Columns
from .ears import Ear
from .records import Ints
from .runs import distinct

NOBODY = -1
EARS = [(number, Ear(protocol)) for number, protocol in enumerate(PROTOCOLS) if RECOGNISERS[protocol]]


class Hearing:
    """All roles that were heard, by number."""

    def __init__(self) -> None:
        self.roles: list[Role] = []
        self._numbers: dict[Role, int] = {}

    def number(self, role: Role) -> int:
        number = self._numbers.get(role)
        if number is None:
            number = self._numbers[role] = len(self.roles)
            self.roles.append(role)
        return number

    def listen(self, packets: Columns, heard: Ints, data: bytearray) -> Ints:
        """Return the number of the role that each payload speaks, NOBODY for none."""
        roles = np.full(len(heard), NOBODY, dtype=np.int64)
        heads = _heads(data, packets.payload_at[heard])
        protocol = packets.protocol[heard]
        for number, ear in EARS:
            mine = np.flatnonzero(protocol == number)
            if not len(mine):
                continue
            places = heard[mine]
            ports = packets.src[places] & 0xFFFF, packets.dst[places] & 0xFFFF
            known = ear.hear(heads[mine], packets.held[places], ports)
            for role, marked in known.marked:
                roles[mine[marked]] = self.number(role)
            roles[mine[known.unknown]] = self._look(ear, packets, places[known.unknown], known.words, data)
        return roles

    def _look(
        self, ear: Ear, packets: Columns, places: Ints, words: list[list[int]], data: bytearray
    ) -> list[int]:
        found = []
        view = memoryview(data)
        for who, at, held, length, src, dst in zip(
            words,
            packets.payload_at[places].tolist(),
            np.minimum(packets.held[places], PAYLOAD_BYTES).tolist(),
            packets.payload_bytes[places].tolist(),
            (packets.src[places] & 0xFFFF).tolist(),
            (packets.dst[places] & 0xFFFF).tolist(),
            strict=True,
        ):
            role = ear.recognise(who, Message(bytes(view[at : at + held]), length, src, dst))
            found.append(NOBODY if role is None else self.number(role))
        return found


def _heads(data: bytearray, at: Ints) -> NDArray[np.uint8]:
    """Return the first bytes of payloads. What stands behind a short one is told by its length."""
    last = len(data) - MARK_BYTES
    window = np.ndarray((last + 1,), dtype=f"V{MARK_BYTES}", buffer=data, strides=(1,))
    heads = window[np.minimum(at, last)].view(np.uint8).reshape(-1, MARK_BYTES)
    for place in np.flatnonzero(at > last).tolist():
        tail = data[int(at[place]) :]
        heads[place, : len(tail)] = np.frombuffer(tail, dtype=np.uint8)
    return heads


class Announcing:
    """What an announcer asks of a payload before it looks at it."""

    def __init__(self, listed: Listed) -> None:
        self.ports = np.zeros(65536, dtype=np.bool_)
        self.ports[list(listed.ports)] = True
        self.is_anywhere = not listed.ports
        self.first = np.zeros(256, dtype=np.bool_)
        self.first[list(listed.starts or range(256))] = True
        self.words = np.array([int.from_bytes(word, "big") | CASE for word in listed.words], dtype=np.uint32)
        self.holds = listed.holds

    def may_announce(self, packets: Columns, places: Ints, first: NDArray[np.uint8], data: bytearray) -> Ints:
        """Return those of the payloads, whose first bytes are given, that have to be looked at."""
        places = places[self.first[first]]
        if not self.is_anywhere:
            ports = packets.src[places] & 0xFFFF, packets.dst[places] & 0xFFFF
            places = places[self.ports[ports[0]] | self.ports[ports[1]]]
        if len(self.words):
            places = places[packets.held[places] >= WORD]
            words = np.ndarray((len(data) - WORD + 1,), dtype=">u4", buffer=data, strides=(1,))
            places = places[np.isin(words[packets.payload_at[places]] | np.uint32(CASE), self.words)]
        return self._holding(packets, places, data) if self.holds else places

    def _holding(self, packets: Columns, places: Ints, data: bytearray) -> Ints:
        ranges = zip(packets.payload_at[places].tolist(), packets.held[places].tolist(), strict=True)
        found = [data.find(self.holds, at, at + held) >= 0 for at, held in ranges]
        return places[np.array(found, dtype=np.bool_)]


# A word of four letters, and the bit that tells small letters from capitals.
WORD, CASE = 4, 0x20202020
ANNOUNCING = [[Announcing(listed) for listed in ANNOUNCERS[protocol]] for protocol in PROTOCOLS]


def may_announce(columns: Columns, places: Ints, data: bytearray) -> Ints:
    """Return which packets some announcer has to look at, each once."""
    places = places[columns.held[places] > 0]
    protocol = columns.protocol[places]
    stream = np.frombuffer(data, dtype=np.uint8)
    found = []
    for number, all_announcing in enumerate(ANNOUNCING):
        mine = places[protocol == number]
        first = stream[columns.payload_at[mine]]
        found += [announcing.may_announce(columns, mine, first, data) for announcing in all_announcing]
    return distinct(np.concatenate(found))
