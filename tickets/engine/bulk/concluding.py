"""Rows of the table -> conversations.

What is concluded of a row depends on little: which kinds of segments each side sent, what was spoken, which
ports are a service's. Rows that are alike in all of that are of one shape: the first of a shape is
concluded as every conversation is, and the others share who opened it, how sure that is, and what became
of it. Their findings, which name their own records and numbers, are made when they are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..applications import EITHER, Role
from ..captures import place
from ..conversations import conclude, lay_together
from ..likeness import conclude_all
from ..ports import SERVICES
from ..rungs import BOUNDARIES, MANY_PEERS, PEERS, Scene, find_basis
from ..tcp import has_wrong_answer
from ..traffic import MAX_PAYLOADS, Log, Traffic
from ..types import Conversation, Endpoint, Finding, Location, Outcome, Protocol
from .columns import ICMP, PROTOCOLS, UDP
from .frames import Bools
from .gathering import Gathering
from .records import Ints
from .runs import distinct
from .table import LETTERS, NUMBER_BITS, Table

FLIPPED = "^"
# Ports are told apart by the ranges that clients choose from; 0 is no port.
PORT_CLASSES = (1, *BOUNDARIES)
# When a conversation begins, and the number of its first packet.
Place = tuple[int, int]
# The peers of an endpoint that talks with many, where it does not matter who they are.
MANY = tuple(Endpoint("", number) for number in range(MANY_PEERS))


class Shape(NamedTuple):
    """What all rows of one shape have in common."""

    side: int | None
    outcome: Outcome
    conn_state: str
    service: str
    confidence: float


class RowTelling(NamedTuple):
    """Tells the findings and records of one row; `has_many` says of each side whether it talks with many."""

    table: Table
    row: int
    has_many: Sequence[bool]

    def conclude(self) -> Conversation:
        traffic = self.table.traffic(self.row)
        return conclude(traffic, self._scene(traffic))

    def findings(self) -> tuple[Finding, ...]:
        return self.conclude().findings

    def records(self) -> tuple[Location, ...]:
        return tuple(self.table.records_of(self.row))

    def basis(self) -> Finding | None:
        traffic = self.table.traffic(self.row, has_history=False)
        return find_basis(traffic, self._scene(traffic))

    def _scene(self, traffic: Traffic) -> Scene:
        """What the evidence as a whole says of a row: nothing but how many its ends talk with."""
        peers = {
            side.endpoint: MANY
            for side, has_many in zip(traffic.sides, self.has_many, strict=True)
            if has_many
        }
        return Scene((), peers=peers)


# What `RowTelling._make` does, without a step of Python for each.
NEW_TELLING = partial(tuple.__new__, RowTelling)


def conclude_captures(gatherings: Sequence[Gathering], logs: list[Log]) -> list[Conversation]:
    """Return all conversations of a case in order of their beginnings. What several captures or logs tell is laid
    together conversation by conversation; what one capture tells alone stays in its table."""
    for gathering in gatherings:
        if logs or len(gatherings) > 1:
            gathering.release_all()
        else:
            _release_what_others_speak_of(gathering)
        gathering.table.finish()
    by_name = sorted(gatherings, key=lambda gathering: gathering.table.name)
    scene = lay_together([gathering.grouping for gathering in by_name], logs)
    ordinary = [found for gathering in gatherings for found in _conclude_rows(gathering, scene)]
    exact = conclude_all(scene)
    if not ordinary:
        return exact
    # One capture: so a packet's number is all of its place.
    places = map(place, scene.traffics)
    ordinary.extend(
        ((time_ns, first.number), told) for (time_ns, first), told in zip(places, exact, strict=True)
    )
    ordinary.sort(key=itemgetter(0))
    return [conversation for _, conversation in ordinary]


def _release_what_others_speak_of(gathering: Gathering) -> None:
    """ICMP errors and announcements bear on conversations: those go their exact way, and so do the errors."""
    for notice in gathering.grouping.notices:
        gathering.release_ends(notice.quoted.protocol, notice.quoted.src, notice.quoted.dst)
        error = Endpoint(notice.reporter, notice.kind), Endpoint(notice.quoted.src.ip, notice.code)
        gathering.release_ends(Protocol.ICMP, *error)
    gathering.release_rows_of([item.announced for item in gathering.grouping.announcements.all])


# Peers


def _note_peers(gathering: Gathering, rows: Ints, scene: Scene) -> Bools:
    """Return for each side of each row whether it talks with many; tell the scene whom the others talk with."""
    number, end = gathering.addresses.number, gathering.table.sides.end
    others = [[number(side.endpoint) for side in traffic.sides] for traffic in scene.traffics]
    exact = np.array(others, dtype=np.int64).reshape(-1, 2)
    ends = np.concatenate((exact, np.stack((end[2 * rows], end[2 * rows + 1]), axis=1)))
    numbers, which = np.unique(ends, return_inverse=True)
    which = which.reshape(-1, 2)
    one, other, size = which[:, 0], which[:, 1], len(numbers)
    pairs = distinct(np.concatenate((one * size + other, other * size + one)))
    counts = np.bincount(pairs // size, minlength=size)
    if len(exact):
        _share_peers(gathering, rows, scene, distinct(exact.ravel()))
    return (counts >= MANY_PEERS)[which[len(exact) :]]


def _share_peers(gathering: Gathering, rows: Ints, scene: Scene, wanted: Ints) -> None:
    end = gathering.table.sides.end
    for row in rows[np.isin(end[2 * rows], wanted) | np.isin(end[2 * rows + 1], wanted)].tolist():
        ours, theirs = (gathering.addresses.endpoint(int(end[2 * row + side])) for side in (0, 1))
        scene.note_peers(ours, theirs)


# Shapes


def _conclude_rows(gathering: Gathering, scene: Scene) -> list[tuple[Place, Conversation]]:
    """Conclude the rows, in order of their beginnings. The scene learns whom they talk with."""
    table = gathering.table
    rows = table.rows()
    if not len(rows):
        return []
    rows = rows[np.lexsort((table.sides.first[2 * rows], table.first_ns[rows]))]
    has_many = _note_peers(gathering, rows, scene)
    tellings = list(map(NEW_TELLING, zip(repeat(table), rows.tolist(), has_many.tolist())))
    codes = np.stack((_codes(table, rows, has_many), *_spoken_codes(table, rows)))
    firsts, which = _alike(codes)
    shapes = [_shape(table, int(rows[first]), tellings[first]) for first in firsts.tolist()]
    told = _tell(table, rows, shapes, which, tellings)
    places = zip(table.first_ns[rows].tolist(), table.sides.first[2 * rows].tolist(), strict=True)
    return list(zip(places, told, strict=True))


def _alike(codes: Ints) -> tuple[Ints, Ints]:
    """Return the first place of each set of codes, and of each place the number of its set."""
    order = np.lexsort(codes)
    ordered = codes[:, order]
    is_new = np.ones(codes.shape[1], dtype=np.bool_)
    is_new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    which = np.empty(codes.shape[1], dtype=np.int64)
    which[order] = np.cumsum(is_new) - 1
    return order[is_new], which


def _spoken_codes(table: Table, rows: Ints) -> list[Ints]:
    """Return numbers that stand for who spoke what in which order: one for every four messages."""
    places, words = table.spoken.close()
    row = places >> NUMBER_BITS
    tells = _tells(table.hearing.roles, row, words >> 4)
    row, words = row[tells], words[tells]
    starts = _begins(row)
    rank = np.arange(len(row)) - np.repeat(starts, np.diff(starts, append=len(row)))
    codes = np.zeros((2 * MAX_PAYLOADS, table.count), dtype=np.int64)
    codes[rank, row] = (words >> 4 << 1 | words & 1) + 1
    codes = codes[:, rows]
    if len(table.hearing.roles) < 1 << 14:
        low, high = codes[:4], codes[4:]
        return [sum(part[at] << 15 * at for at in range(4)) for part in (low, high)]
    return list(codes)


def _begins(row: Ints) -> Ints:
    """Return where the words of each row begin."""
    is_first = np.ones(len(row), dtype=np.bool_)
    is_first[1:] = row[1:] != row[:-1]
    return np.flatnonzero(is_first)


def _tells(roles: Sequence[Role], row: Ints, role: Ints) -> Bools:
    """Which words can a conclusion depend on? What either side may say names the service, where nothing said before
    it does; it tells no more, but that peers talk, whose ports say nothing (`rungs.guesses`)."""
    names = np.array([bool(each.service) for each in roles], dtype=np.bool_)[role]
    is_idle = np.array(
        [each.speaker == EITHER and each.service not in PEERS for each in roles], dtype=np.bool_
    )
    starts = _begins(row)
    before: Ints = np.cumsum(names) - names
    before -= np.repeat(before[starts], np.diff(starts, append=len(row)))
    found: Bools = ~is_idle[role] | (before == 0)
    return found


def _shape(table: Table, row: int, telling: RowTelling) -> Shape:
    first = telling.conclude()
    side = (
        None
        if first.orig is None
        else int(first.orig != table.addresses.endpoint(int(table.sides.end[2 * row])))
    )
    return Shape(side, first.outcome, first.conn_state, first.service, first.confidence)


def _codes(table: Table, rows: Ints, has_many: Bools) -> Ints:
    """Return a number for all that the rungs and the tables of outcomes look at, but for what was spoken."""
    protocol = table.protocol[rows].astype(np.int64)
    # Where both sides sent a SYN, their numbers decide: such a row is like no other.
    alone = (table.sides.syn[2 * rows] > 0) & (table.sides.syn[2 * rows + 1] > 0)
    code = protocol.copy()
    for side in (0, 1):
        code = code << 25 | _side_codes(table, protocol, 2 * rows + side, has_many[:, side])
    ports = table.sides.end[2 * rows] & 0xFFFF, table.sides.end[2 * rows + 1] & 0xFFFF
    code = code << 2 | np.where(ports[0] > ports[1], 1, np.where(ports[0] < ports[1], 2, 0))
    code = code << 1 | _has_wrong_answer(table, rows)
    return np.where(alone, ~rows, code)


def _has_wrong_answer(table: Table, rows: Ints) -> Bools:
    """Which SYNs got a SYN-ACK that is not theirs? Where the opener went on, nobody asks."""
    sides, found = table.sides, np.zeros(len(rows), dtype=np.bool_)
    for side in (0, 1):
        ours, theirs = 2 * rows + side, 2 * rows + 1 - side
        asked = (sides.syn[ours] > 0) & (sides.syn_ack[theirs] > 0) & (sides.other[ours] == 0)
        asked &= sides.isn[ours] & 0xFFFFFFFF != sides.syn_ack_ack[theirs] - 1
        for at in np.flatnonzero(asked).tolist():
            both = table.traffic(int(rows[at]), has_history=False).sides
            found[at] |= has_wrong_answer(both[side], both[1 - side])
    return found


def _side_codes(table: Table, protocol: Ints, slots: Ints, has_many: Bools) -> Ints:
    sides = table.sides
    port = sides.end[slots] & 0xFFFF
    facts = (
        sides.packets[slots] > 0, sides.packets[slots] > 1, sides.payload_bytes[slots] > 0, sides.syn[slots] > 0,
        sides.syn_ack[slots] > 0, sides.rst[slots] > 0, sides.rst_answers_syn[slots] > 0, sides.rst_has_ack[slots] > 0, sides.fin[slots] > 0,
        sides.other[slots] > 0, sides.without_ack[slots] > 0, has_many,
        (sides.other[slots] > 0) & (sides.other[slots] < np.maximum(sides.syn[slots], sides.syn[slots ^ 1])),
        table.addresses.groups(sides.end[slots]),
    )  # fmt: skip
    code = np.searchsorted(PORT_CLASSES, port, side="right").astype(np.int64)
    code = code << 8 | np.where(protocol == ICMP, port & 0xFF, SERVICE_NUMBERS[protocol, port])
    for fact in facts:
        code = code << 1 | fact
    return code


def _service_numbers() -> Ints:
    """Number the services of ports: two ports of one service are alike."""
    names = sorted({name for services in SERVICES.values() for name in services.values()})
    numbers = np.zeros((len(PROTOCOLS), 65536), dtype=np.int64)
    for row, protocol in enumerate(PROTOCOLS):
        for port, name in SERVICES[protocol].items():
            numbers[row, port] = names.index(name) + 1
    assert len(names) < 256
    return numbers


SERVICE_NUMBERS = _service_numbers()


# Conversations


def _tell(
    table: Table, rows: Ints, shapes: list[Shape], which: Ints, tellings: list[RowTelling]
) -> list[Conversation]:
    """Put each row's own values to those of its shape, column by column."""
    sides, count = table.sides, len(rows)
    first, second = 2 * rows, 2 * rows + 1
    ends = _objects(table.addresses.endpoints(sides.end[np.concatenate((first, second))]))
    is_named = np.array([shape.side is not None for shape in shapes])[which]
    flipped = np.array([shape.side == 1 for shape in shapes])[which]
    ours, theirs = np.where(flipped, second, first), np.where(flipped, first, second)
    openers = np.where(flipped, ends[count:], ends[:count])
    others = np.where(flipped, ends[:count], ends[count:])
    openers[~is_named] = others[~is_named] = None
    histories = _histories(table, rows, ours)
    for at in np.flatnonzero(flipped).tolist():
        histories[at] = FLIPPED + histories[at]
    columns = (
        _objects(PROTOCOLS)[table.protocol[rows]].tolist(),
        zip(ends[:count].tolist(), ends[count:].tolist(), strict=True),
        openers.tolist(),
        others.tolist(),
        _objects([shape.outcome for shape in shapes])[which].tolist(),
        _objects([shape.conn_state for shape in shapes])[which].tolist(),
        histories,
        _objects([shape.service for shape in shapes])[which].tolist(),
        table.first_ns[rows].tolist(),
        table.last_ns[rows].tolist(),
        sides.packets[ours].tolist(),
        sides.packets[theirs].tolist(),
        sides.payload_bytes[ours].tolist(),
        sides.payload_bytes[theirs].tolist(),
        flipped.tolist(),
        _objects([shape.confidence for shape in shapes])[which].tolist(),
        repeat((), count),  # translated
        map(table.layers.get, rows.tolist(), repeat(())),
    )
    return list(map(Conversation.told_by, tellings, zip(*columns, strict=True)))


def _objects(values: Sequence[Any]) -> NDArray[np.object_]:
    """Return an array of the values as they are: tuples in it are no second dimension."""
    found = np.empty(len(values), dtype=np.object_)
    found[:] = values
    return found


def _histories(table: Table, rows: Ints, orig: Ints) -> list[str]:
    """Write Zeek's letters in the order of the packets that earned them, capitals for the originator."""
    is_udp = table.protocol[rows] == UDP
    is_icmp = table.protocol[rows] == ICMP
    words = np.zeros((len(rows), 2 * len(LETTERS)), dtype=np.int64)
    for side in (0, 1):
        slots = 2 * rows + side
        capital = np.where(slots == orig, 0, 0x20)
        for rank, (letter, name) in enumerate(LETTERS):
            number = getattr(table.sides, name)[slots]
            if letter == "d":
                number = np.where(is_udp, table.sides.first[slots], np.where(is_icmp, 0, number))
            word = number << 16 | rank << 8 | ord(letter.upper()) | capital
            words[:, len(LETTERS) * side + rank] = np.where(number > 0, word, LAST_WORD)
    words.sort(axis=1)
    letters: NDArray[np.bytes_] = np.ascontiguousarray((words & 0xFF).astype(np.uint8)).view(
        f"S{words.shape[1]}"
    )
    return [text.decode("ascii") for text in letters.ravel().tolist()]


LAST_WORD = np.iinfo(np.int64).max & ~0xFF
