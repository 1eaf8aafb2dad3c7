"""The conversations of ordinary packets, a row each: what `traffic` keeps of a conversation, in columns.

A row is one conversation, without doubt: neither a pause nor a new SYN could have split it. A
conversation that may be split, or that any odd packet belongs to, is released: it goes on as a
`Traffic`, packet by packet, with all that is known of it so far.
"""

from __future__ import annotations

from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..gaps import Reached
from ..traffic import MAX_ATTEMPTS, MAX_RECORDS, Side, Spoken, Traffic
from ..types import Location, Protocol
from .addresses import Addresses
from .columns import PROTOCOLS, Columns, layers_of
from .hearing import Hearing
from .records import Ints

# Letters of the history in the order in which one packet earns them, and the columns that say when.
LETTERS = (
    ("c", "bad_checksum"), ("s", "syn"), ("h", "syn_ack"), ("a", "pure_ack"), ("d", "data"), ("f", "fin"), ("r", "rst"),
    ("w", "zero_window"), ("t", "repeated"), ("g", "gap"),
)  # fmt: skip
NUMBER_BITS = 40
NOTHING = np.zeros(0, dtype=np.int64)
# What `Location._make` does, without a step of Python for each.
NEW_LOCATION = partial(tuple.__new__, Location)


COLUMNS = (
    "end", "packets", "payload_bytes", "payloads", "next_seq", "first", "data", "syn", "syn_count", "syn_ack", "rst", "rst_has_ack",
    "rst_answers_syn", "fin", "other", "without_ack", "pure_ack", "zero_window", "repeated",
    "bad_checksum", "following", "gap", "isn", "syn_ack_ack",
)  # fmt: skip


FIRST = COLUMNS.index("first")
HISTORIES = {
    Protocol.TCP: [(rank, letter, COLUMNS.index(name)) for rank, (letter, name) in enumerate(LETTERS)],
    Protocol.UDP: [(0, "c", COLUMNS.index("bad_checksum")), (1, "d", FIRST)],
    Protocol.ICMP: [],
}
Value = TypeVar("Value", bound=np.generic)


class Sides:
    """Columns with a place for each end of each row: 2 * row for the first packet's source, then its peer.

    `end` is an endpoint's number, `next_seq` and `following` (`gaps`) are one more than the number expected (0:
    none), and so are `isn` and `syn_ack_ack`, of the first SYN and SYN-ACK (`Attempts` has the others);
    `gap` is the number of the packet that acknowledged what was not captured; what is named after a kind of segment is the number of the first packet of that kind (0: none), as in `traffic.Side`."""

    __slots__ = (*COLUMNS, "cells")

    bad_checksum: Ints
    data: Ints
    end: Ints
    fin: Ints
    first: Ints
    following: Ints
    gap: Ints
    isn: Ints
    next_seq: Ints
    other: Ints
    packets: Ints
    payload_bytes: Ints
    payloads: Ints
    pure_ack: Ints
    repeated: Ints
    rst: Ints
    rst_answers_syn: Ints
    rst_has_ack: Ints
    syn: Ints
    syn_ack: Ints
    syn_ack_ack: Ints
    syn_count: Ints
    without_ack: Ints
    zero_window: Ints

    def __init__(self) -> None:
        self.cells = np.zeros((0, len(COLUMNS)), dtype=np.int64)
        self.grow(0)

    def grow(self, size: int) -> None:
        """Make room. The values of one side stand beside one another, so that they are found together."""
        cells = np.zeros((size, len(COLUMNS)), dtype=np.int64)
        cells[: len(self.cells)] = self.cells
        self.cells = cells
        for at, name in enumerate(COLUMNS):
            setattr(self, name, cells[:, at])


class Attempts:
    """Sequence numbers of each side's attempts, each once and in order: the first is in a column of the sides, the
    others, which few have, in lists."""

    def __init__(self, sides: Sides, column: str) -> None:
        self._sides, self._column = sides, column
        self._others: dict[int, list[int]] = {}

    def note(self, slots: Ints, numbers: Ints) -> None:
        """Take the numbers of a block, side by side and in order."""
        if not len(slots):
            return
        first: Ints = getattr(self._sides, self._column)
        is_first = np.ones(len(slots), dtype=np.bool_)
        is_first[1:] = slots[1:] != slots[:-1]
        is_first &= first[slots] == 0
        first[slots[is_first]] = numbers[is_first] + 1
        others = np.flatnonzero(first[slots] != numbers + 1)
        for slot, number in zip(slots[others].tolist(), numbers[others].tolist(), strict=True):
            known = self._others.setdefault(slot, [])
            if number not in known and len(known) < MAX_ATTEMPTS - 1:
                known.append(number)

    def of(self, slot: int) -> tuple[int, ...]:
        first = int(getattr(self._sides, self._column)[slot])
        return (first - 1, *self._others.get(slot, ())) if first else ()


class Journal:
    """Packets of rows, for each a word if there is more to say. Kept as they come, put in order when one asks."""

    def __init__(self) -> None:
        self._parts: list[tuple[Ints, Ints]] = []
        self._is_closed = False
        self._begins: list[int] = []  # where each row's packets begin

    def note(self, rows: Ints, numbers: Ints, words: Ints = NOTHING) -> None:
        self._parts.append((rows << NUMBER_BITS | numbers, words))

    def close(self) -> tuple[Ints, Ints]:
        """Return the packets' places, by row and number, and their words."""
        if not self._is_closed:
            places = np.concatenate([NOTHING, *(places for places, _ in self._parts)])
            words = np.concatenate([NOTHING, *(words for _, words in self._parts)])
            order = np.argsort(places) if len(words) else None
            self._parts = [(np.sort(places), words) if order is None else (places[order], words[order])]
            self._is_closed = True
        return self._parts[0]

    def only(self, chosen: NDArray[np.bool_]) -> Journal:
        """Return a journal of the chosen rows: the others need not be put in order for them."""
        found = Journal()
        for places, words in self._parts:
            keeps = chosen[places >> NUMBER_BITS]
            found._parts.append((places[keeps], words[keeps] if len(words) else words))
        return found

    def of(self, row: int) -> tuple[list[int], list[int]]:
        """Return the numbers of a row's packets in capture order, and their words."""
        places, words = self.close()
        if not self._begins:
            rows = np.arange((int(places[-1]) >> NUMBER_BITS) + 2 if len(places) else 1)
            self._begins = places.searchsorted(rows << NUMBER_BITS).tolist()
        begin, end = self._begins[row : row + 2] if row + 1 < len(self._begins) else (0, 0)
        if begin == end:
            return [], []
        return (places[begin:end] & ((1 << NUMBER_BITS) - 1)).tolist(), words[begin:end].tolist()


class Table:
    """All rows. `released` are the rows that went on as a `Traffic`."""

    def __init__(self, name: str, addresses: Addresses, hearing: Hearing) -> None:
        self.name = name
        self.addresses = addresses
        self.layers: dict[int, tuple[str, ...]] = {}
        self.count = 0
        self.sides = Sides()
        self.protocol: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        self.first_ns: Ints = np.zeros(0, dtype=np.int64)
        self.last_ns: Ints = np.zeros(0, dtype=np.int64)
        self.hearing = hearing
        self.ahead: dict[int, tuple[tuple[int, int], ...]] = {}
        self.isns = Attempts(self.sides, "isn")
        self.syn_ack_acks = Attempts(self.sides, "syn_ack_ack")
        self.released: dict[int, Traffic] = {}
        self.records = Journal()
        self.spoken = Journal()

    def location(self, number: int) -> Location:
        return Location(self.name, number)

    def add_rows(self, first: Columns) -> Ints:
        """Begin a row for each conversation with its first packet; return their numbers."""
        rows = np.arange(self.count, self.count + len(first))
        self.count += len(first)
        if self.count > len(self.protocol):
            size = max(1024, 2 * self.count)
            self.protocol = _grown(self.protocol, size)
            self.first_ns, self.last_ns = _grown(self.first_ns, size), _grown(self.last_ns, size)
            self.sides.grow(2 * size)
        self.protocol[rows] = first.protocol
        self.first_ns[rows] = self.last_ns[rows] = first.time_ns
        self.sides.end[2 * rows] = first.src
        self.sides.end[2 * rows + 1] = first.dst
        for place in np.flatnonzero(first.tags).tolist():
            self.layers[int(rows[place])] = layers_of(int(first.tags[place]))
        return rows

    def reached(self, slot: int) -> Reached:
        """Return how far a side's bytes are whole."""
        following = int(self.sides.following[slot])
        return Reached(following - 1 if following else None, self.ahead.get(slot, ()))

    def note_reached(self, slot: int, reached: Reached) -> None:
        self.sides.following[slot] = 0 if reached.following is None else reached.following + 1
        if reached.ahead:
            self.ahead[slot] = reached.ahead
        else:
            self.ahead.pop(slot, None)

    def closed(self, rows: Ints) -> NDArray[np.bool_]:
        """Return which conversations either end has closed or reset."""
        ours, theirs, sides = 2 * rows, 2 * rows + 1, self.sides
        return (sides.fin[ours] | sides.rst[ours] | sides.fin[theirs] | sides.rst[theirs]) > 0

    def release(self, row: int) -> Traffic:
        """Take a row out of the table. What it has in the journals is filled in by `finish`, when they are complete."""
        traffic = self._without_journals(row, has_history=True)
        packets = int(self.sides.packets[2 * row] + self.sides.packets[2 * row + 1])
        traffic.records *= min(packets, MAX_RECORDS)
        self.released[row] = traffic
        return traffic

    def finish(self) -> None:
        """Give each released conversation what stands of it in the journals."""
        journal = self.records.only(self._is_released())
        for row, traffic in self.released.items():
            records = [self.location(number) for number in journal.of(row)[0]]
            traffic.records[: len(records)] = records
            traffic.spoken[:0] = self.spoken_of(row)

    def rows(self) -> Ints:
        """Return the rows that are conversations to the end."""
        return np.flatnonzero(~self._is_released())

    def _is_released(self) -> NDArray[np.bool_]:
        found = np.zeros(self.count, dtype=np.bool_)
        found[list(self.released)] = True
        return found

    def records_of(self, row: int) -> list[Location]:
        """Return the places of a row's first packets."""
        return [self.location(number) for number in self.records.of(row)[0]]

    def spoken_of(self, row: int) -> list[Spoken]:
        """Return what was spoken in a row, in order."""
        name, roles = self.name, self.hearing.roles
        return [
            Spoken(word & 1, NEW_LOCATION((name, number)), roles[word >> 4], (word >> 1 & 7) + 1)
            for number, word in zip(*self.spoken.of(row), strict=True)
        ]

    def traffic(self, row: int, *, has_history: bool = True) -> Traffic:
        """Return the row as the rungs see a conversation, with its first record only; no rung looks at its history.
        Call `finish` before."""
        traffic = self._without_journals(row, has_history=has_history)
        traffic.spoken = self.spoken_of(row)
        return traffic

    def _without_journals(self, row: int, *, has_history: bool) -> Traffic:
        protocol = PROTOCOLS[self.protocol[row]]
        ours, theirs = self.sides.cells[2 * row : 2 * row + 2].tolist()
        sides = self._side(protocol, 2 * row, *ours), self._side(protocol, 2 * row + 1, *theirs)
        traffic = Traffic(protocol, sides[0].endpoint, sides[1].endpoint, int(self.first_ns[row]), sides)
        traffic.last_ns = int(self.last_ns[row])
        traffic.has_packets = True
        if has_history:
            traffic.history = _history(protocol, ours, theirs)
        traffic.layers = self.layers.get(row, ())
        traffic.records = [self.location(ours[FIRST])]
        return traffic

    def _side(
        self, protocol: Protocol, slot: int, end: int, packets: int, payload_bytes: int, payloads: int, next_seq: int, first: int,
        data: int, syn: int, syn_count: int, syn_ack: int, rst: int, rst_has_ack: int, rst_answers_syn: int, fin: int, other: int,
        without_ack: int, *_: int,
    ) -> Side:  # fmt: skip
        """Return a side; the numbers are its cells, in the order of COLUMNS."""
        name, endpoint = self.name, self.addresses.endpoint(end)
        return Side(
            endpoint,
            packets,
            payload_bytes,
            NEW_LOCATION((name, first)) if first else None,
            NEW_LOCATION((name, syn)) if syn else None,
            self.isns.of(slot) if syn else (),
            syn_count,
            NEW_LOCATION((name, syn_ack)) if syn_ack else None,
            self.syn_ack_acks.of(slot) if syn_ack else (),
            NEW_LOCATION((name, rst)) if rst else None,
            bool(rst_has_ack),
            bool(rst_answers_syn),
            NEW_LOCATION((name, fin)) if fin else None,
            NEW_LOCATION((name, data)) if data else None,
            NEW_LOCATION((name, other)) if other else None,
            NEW_LOCATION((name, without_ack)) if without_ack else None,
            next_seq - 1 if next_seq else None,
            endpoint.port if packets and protocol is Protocol.ICMP else None,
            payloads,
            self.reached(slot),
        )


def _history(protocol: Protocol, ours: list[int], theirs: list[int]) -> list[tuple[int, str]]:
    found = [
        (number, rank, side, letter)
        for side, cells in enumerate((ours, theirs))
        for rank, letter, at in HISTORIES[protocol]
        if (number := cells[at])
    ]
    found.sort()
    return [(side, letter) for _, _, side, letter in found]


def _grown(column: NDArray[Value], size: int) -> NDArray[Value]:
    grown = np.zeros(size, dtype=column.dtype)
    grown[: len(column)] = column
    return grown
