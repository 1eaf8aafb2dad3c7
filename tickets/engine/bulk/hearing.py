"""What is spoken, heard in a whole block at a time.

Ports and first bytes say which payloads a recogniser has to look at, and for most of those also what it would
say (`applications.marks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..applications import Message, Role, recognise
from ..applications.marks import MARK_BYTES, MARKS, Mark
from ..applications.roles import RECOGNISERS, named_ports
from ..control.announcements import ANNOUNCERS, Listed
from ..traffic import PAYLOAD_BYTES
from ..types import Protocol
from .columns import PROTOCOLS, Columns
from .frames import Bools
from .records import Ints

NOBODY = -1


class Ear:
    """What the recognisers and marks of one protocol ask of a payload's ports and first bytes.

    Ports that recognisers name have numbers from 1 on; `starts` has a row for each, and one for all others."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        named = sorted(named_ports(protocol))
        self.ports = np.zeros(65536, dtype=np.uint8)
        self.ports[named] = np.arange(1, len(named) + 1)
        self.starts = np.array([_starts(protocol, port) for port in (None, *named)])
        anywhere = [entry for entry in RECOGNISERS[protocol] if not entry.ports]
        self.first = np.zeros(256, dtype=np.bool_)
        for entry in anywhere:
            if set(entry.bytes_at) == {0}:
                self.first[list(entry.bytes_at[0])] = True
        others = [entry.bytes_at for entry in anywhere if set(entry.bytes_at) != {0}]
        self.others = [_tests(bytes_at, max(bytes_at, default=-1) + 1) for bytes_at in others]
        self.marks = [
            (mark, _tests(mark.bytes_at, mark.least)) for mark in MARKS if mark.protocol is protocol
        ]

    def hear(
        self, heads: NDArray[np.uint8], held: Ints, ports: tuple[Ints, Ints]
    ) -> tuple[Bools, list[tuple[Role, Ints]]]:
        """Return which payloads have to be looked at, and those whose mark says enough."""
        numbers = self.ports[ports[0]], self.ports[ports[1]]
        named = numbers[0] > 0, numbers[1] > 0
        columns = np.ascontiguousarray(heads.T)
        everywhere = np.arange(len(held))
        look = self.starts[numbers[0], columns[0]] | self.starts[numbers[1], columns[0]]
        look |= self.first[columns[0]]
        for tests in self.others:
            look[_passing(tests, columns, held, everywhere)] = True
        marked = []
        for mark, tests in self.marks:
            places = _passing(tests, columns, held, np.flatnonzero(look))
            places = places[
                _fits_ports(mark, [port[places] for port in ports], [name[places] for name in named])
            ]
            look[places] = False
            marked.append((mark.role, places))
        return look, marked


def _starts(protocol: Protocol, port: int | None) -> Bools:
    """Return the first bytes for which a recogniser that names the port is worth asking."""
    table = np.zeros(256, dtype=np.bool_)
    for entry in RECOGNISERS[protocol]:
        if port in entry.ports:
            table[list(entry.bytes_at.get(0, range(256)))] = True
    return table


def _fits_ports(mark: Mark, ports: list[Ints], named: list[Bools]) -> Bools:
    if not mark.ports:
        return ~(named[0] | named[1])
    mine = [np.isin(port, list(mark.ports)) for port in ports]
    return (mine[0] | mine[1]) & (mine[0] | ~named[0]) & (mine[1] | ~named[1])


class Tests(NamedTuple):
    """How long a payload has to be, and for some of its places which bytes may stand there."""

    least: int
    allowed: list[tuple[int, Bools]]


def _tests(bytes_at: Mapping[int, bytes], least: int) -> Tests:
    allowed = []
    for place, wanted in sorted(bytes_at.items()):
        table = np.zeros(256, dtype=np.bool_)
        table[list(wanted)] = True
        allowed.append((place, table))
    return Tests(least, allowed)


def _passing(tests: Tests, columns: NDArray[np.uint8], held: Ints, places: Ints) -> Ints:
    """Return which of the payloads pass: with each byte that is looked at fewer are left."""
    for place, table in tests.allowed:
        places = places[table[columns[place][places]]]
    return places[held[places] >= tests.least]


EARS = [Ear(protocol) for protocol in PROTOCOLS]


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
        for number, ear in enumerate(EARS):
            mine = np.flatnonzero(protocol == number)
            if not len(mine):
                continue
            places = heard[mine]
            ports = packets.src[places] & 0xFFFF, packets.dst[places] & 0xFFFF
            look, marked = ear.hear(heads[mine], packets.held[places], ports)
            for role, of_mark in marked:
                roles[mine[of_mark]] = self.number(role)
            looked = np.flatnonzero(look)
            roles[mine[looked]] = self._look(ear.protocol, packets, places[looked], data)
        return roles

    def _look(self, protocol: Protocol, packets: Columns, places: Ints, data: bytearray) -> list[int]:
        found = []
        view = memoryview(data)
        for at, held, length, src, dst in zip(
            packets.payload_at[places].tolist(),
            np.minimum(packets.held[places], PAYLOAD_BYTES).tolist(),
            packets.payload_bytes[places].tolist(),
            (packets.src[places] & 0xFFFF).tolist(),
            (packets.dst[places] & 0xFFFF).tolist(),
            strict=True,
        ):
            role = recognise(protocol, Message(bytes(view[at : at + held]), length, src, dst))
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
    return np.unique(np.concatenate(found))
