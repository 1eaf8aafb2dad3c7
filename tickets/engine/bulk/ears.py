"""Whose message a payload may be, told for thousands at a time from its ports, its first bytes and its length.

Each mark and each recogniser of a protocol has a bit. A table for each thing that is asked gives the bits of those
whom it suits, so what a payload may be is all of its words taken together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..applications import Message, Role
from ..applications.marks import MARK_BYTES, MARKS
from ..applications.roles import RECOGNISERS, Recogniser, ask, named_ports
from ..types import Protocol
from .records import Ints

Words = NDArray[np.uint64]
# A length that suits every mark and recogniser.
LONGEST = 64
# After so many bytes most payloads are nobody's, and the rest of the tables is asked about the others only.
TELLING_BYTES = 2


class _Asked(NamedTuple):
    """Which bytes may stand at some places, how many there have to be, and between which ports (none: any). With
    `alone` both have to be its own, or such as nobody asks for."""

    bytes_at: Mapping[int, bytes]
    least: int
    ports: frozenset[int]
    alone: bool


class Heard(NamedTuple):
    """Payloads of a block: those whose mark says enough, and those that have to be looked at, with their words."""

    marked: list[tuple[Role, Ints]]
    unknown: Ints
    words: list[list[int]]


class Ear:
    """All that the marks and recognisers of one protocol ask."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.marks = [mark for mark in MARKS if mark.protocol is protocol]
        entries = RECOGNISERS[protocol]
        self.recognisers = [entry.recogniser for entry in entries]
        asked = [_Asked(mark.bytes_at, mark.least, mark.ports, alone=True) for mark in self.marks]
        asked += [
            _Asked(entry.bytes_at, max(entry.bytes_at, default=0) + 1, entry.ports, alone=False)
            for entry in entries
        ]
        self._tables = _Tables(asked, sorted(named_ports(protocol)))
        self._first_mark = np.array([_lowest(word) for word in range(1 << len(self.marks))])
        self._asked: dict[tuple[int, ...], tuple[Recogniser, ...]] = {}

    def hear(self, heads: NDArray[np.uint8], held: Ints, ports: tuple[Ints, Ints]) -> Heard:
        """Take the first bytes of payloads, how many bytes of each there are, and the ports it travelled between."""
        places, words = self._tables.which(heads, held, ports)
        mark = self._first_mark[words[:, 0] & np.uint64((1 << len(self.marks)) - 1)]
        marked = [(each.role, places[mark == number]) for number, each in enumerate(self.marks)]
        is_unknown = mark < 0
        return Heard(marked, places[is_unknown], words[is_unknown].tolist())

    def recognise(self, words: Sequence[int], message: Message) -> Role | None:
        """Return what `applications.recognise` does, and ask only those whose bits are set."""
        key = tuple(words)
        asked = self._asked.get(key)
        if asked is None:
            bits = sum(word << 64 * number for number, word in enumerate(key)) >> len(self.marks)
            numbered = enumerate(self.recognisers)
            asked = self._asked[key] = tuple(each for number, each in numbered if bits >> number & 1)
        return ask(asked, message)


def _lowest(word: int) -> int:
    """Return the number of a word's lowest bit, -1 for none."""
    return (word & -word).bit_length() - 1


class _Tables:
    """Words for each port, each length, and each value of each byte.

    `numbers` gives each of the `named` ports, that somebody asks for, a number from 1 on: all others are alike."""

    def __init__(self, asked: Sequence[_Asked], named: Sequence[int]) -> None:
        self.numbers = np.zeros(65536, dtype=np.int64)
        self.numbers[list(named)] = np.arange(1, len(named) + 1)
        kinds = (None, *named)
        one = _words([not each.ports or port in each.ports for port in kinds] for each in asked)
        both = _words(
            [not each.alone or port is None or port in each.ports for port in kinds] for each in asked
        )
        between = (one[:, None] | one[None, :]) & both[:, None] & both[None, :]
        self.between = between.reshape(-1, one.shape[1])
        self.kinds = len(kinds)
        self.lengths = _words([length >= each.least for length in range(LONGEST + 1)] for each in asked)
        places = sorted({place for each in asked for place in each.bytes_at})
        assert max(places) < MARK_BYTES
        assert all(each.least <= LONGEST for each in asked)
        self.bytes_at = {
            place: _words(_allowed(each.bytes_at.get(place)) for each in asked) for place in places
        }

    def which(self, heads: NDArray[np.uint8], held: Ints, ports: tuple[Ints, Ints]) -> tuple[Ints, Words]:
        """Return the payloads that may be somebody's, and whose."""
        words = self.between[self.numbers[ports[0]] * self.kinds + self.numbers[ports[1]]]
        words &= self.lengths[np.minimum(held, LONGEST)]
        places = np.arange(len(held))
        columns = np.ascontiguousarray(heads.T)
        for number, (place, table) in enumerate(self.bytes_at.items()):
            words &= table[columns[place] if number < TELLING_BYTES else columns[place][places]]
            if number == TELLING_BYTES - 1:
                places = np.flatnonzero(_any(words))
                words = words[places]
        is_somebodys = _any(words)
        return places[is_somebodys], words[is_somebodys]


def _any(words: Words) -> NDArray[np.bool_]:
    """Return which rows have a bit set, word by word: a reduction along so short rows takes longer."""
    together = words[:, 0].copy()
    for column in range(1, words.shape[1]):
        together |= words[:, column]
    found: NDArray[np.bool_] = together != 0
    return found


def _allowed(values: bytes | None) -> NDArray[np.bool_]:
    table = np.full(256, values is None)
    table[list(values or b"")] = True
    return table


def _words(suits: Iterable[Sequence[bool] | NDArray[np.bool_]]) -> Words:
    """Return a row of words for each case that is asked about; `suits` has a list of the cases for each bit."""
    bits = np.array(list(suits), dtype=np.bool_).T
    room = -bits.shape[1] % 64
    packed = np.packbits(np.pad(bits, ((0, 0), (0, room))), axis=1, bitorder="little")
    return np.ascontiguousarray(packed).view("<u8").astype(np.uint64)
