"""Blocks of frames -> rows of the table; what is odd goes its exact way, packet by packet.

Both ways give the same conversations. A block's ordinary packets are put in order of conversation, and
each is looked at as a whole: if all of it is beyond doubt, its sums are added to its row; if not,
its packets are decoded one by one and grouped as `conversations` does, in capture order with the odd ones.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..grouping import TIMEOUTS_NS, Grouping
from ..traffic import MAX_ATTEMPTS, MAX_PAYLOADS, MAX_RECORDS
from ..types import Endpoint, Packet, Protocol
from .addresses import Addresses
from .columns import FIN, PROTOCOLS, RST, SYN, TCP, Columns, decode_block
from .frames import Bools, Frames
from .gaps import note_gaps
from .hearing import Hearing, may_announce
from .records import Ints
from .runs import Groups, Runs, distinct, find_runs, group_packets, mix_ends, order_by_side
from .table import Table

ACK = 0x10
HALF = 1 << 31
NUMBERS = 0xFFFFFFFF
NEW, EXACT = -1, -2
KEPT_BYTES = 31 << 20
NEVER = np.iinfo(np.int64).max
LIMITS_NS = np.array([TIMEOUTS_NS[protocol] for protocol in PROTOCOLS], dtype=np.int64)


class Gathering:
    """A capture being read: the table, and the conversations that go their exact way."""

    def __init__(self, name: str) -> None:
        _keep_freed_memory()
        self.grouping = Grouping()
        self.addresses = Addresses()
        self.table = Table(name, self.addresses, Hearing())
        self._known: dict[int, int] = {}

    def add_packets(self, packets: Iterable[Packet]) -> None:
        """Take packets that a reader decoded."""
        for packet in packets:
            self._release_keys([packet])
            self.grouping.add(packet)

    def add_block(self, frames: Frames) -> None:
        columns, odd = decode_block(frames, self.addresses)
        waiting = {index: frames.decode(index) for index in odd.tolist()}
        self._release_keys([packet for packets in waiting.values() for packet in packets])
        announcing: dict[int, list[Packet]] = {}
        if len(columns):
            groups = group_packets(columns)
            rows, exact = self._find_rows(columns, groups)
            if exact.any():
                for place in groups.order[groups.of_each(exact)].tolist():
                    index = int(columns.index[place])
                    waiting[index] = frames.decode(index)
                groups, rows = groups.keep(~exact), rows[~exact]
            if len(groups.order):
                self._reduce(columns, groups, rows, frames.data)
                told = may_announce(columns, groups.order, frames.data)
                announcing = {index: frames.decode(index) for index in columns.index[told].tolist()}
        for index in sorted(waiting.keys() | announcing.keys()):
            for packet in waiting.get(index, ()):
                self.grouping.add(packet)
            for packet in announcing.get(index, ()):
                self.grouping.announcements.note(packet)

    # Rows

    def _find_rows(self, columns: Columns, groups: Groups) -> tuple[Ints, Bools]:
        """Return the row of each conversation, NEW for one to begin, and which have to go their exact way."""
        rows = np.array([self._known.get(key, NEW) for key in groups.keys], dtype=np.int64)
        first = groups.order[groups.starts]
        exact = (rows == EXACT) | (columns.src[first] == columns.dst[first])  # a host may talk with itself
        exact |= self._is_mixed(columns, groups, rows)
        exact |= self._may_pause(columns, groups, rows)
        exact |= self._may_open_anew(columns, groups, rows)
        for number in np.flatnonzero(exact & (rows != EXACT)).tolist():
            self._release(groups.keys[number])
        return rows, exact

    def _release_keys(self, packets: list[Packet]) -> None:
        """Odd packets make their conversations odd."""
        if not packets:
            return
        number = self.addresses.number
        ends = np.array([[number(packet.src), number(packet.dst)] for packet in packets], dtype=np.int64)
        kinds = np.array([PROTOCOLS.index(packet.protocol) for packet in packets], dtype=np.uint8)
        for key in (mix_ends(ends.min(axis=1), ends.max(axis=1), kinds) >> np.uint64(16)).tolist():
            self._release(key)

    def _release(self, key: int) -> None:
        row = self._known.get(key, NEW)
        self._known[key] = EXACT
        if row >= 0:
            self.grouping.adopt(self.table.release(row))

    def release_ends(self, protocol: Protocol, one: Endpoint, other: Endpoint) -> None:
        """Let the conversation between two endpoints go its exact way, if there is one."""
        ends = sorted(map(self.addresses.number, (one, other)))
        kinds = np.array([PROTOCOLS.index(protocol)], dtype=np.uint8)
        key = int(mix_ends(np.array(ends[:1]), np.array(ends[1:]), kinds)[0]) >> 16
        if key in self._known:
            self._release(key)

    def release_rows_of(self, ends: list[Endpoint]) -> None:
        """Let all conversations of some endpoints go their exact way."""
        numbers = [number for number in map(self.addresses.number_if_address, ends) if number is not None]
        if not numbers:
            return
        found = np.isin(self.table.sides.end[: 2 * self.table.count], numbers)
        rows = set((np.flatnonzero(found) >> 1).tolist())
        for key, row in list(self._known.items()):
            if row in rows:
                self._release(key)

    def release_all(self) -> None:
        for key, row in list(self._known.items()):
            if row >= 0:
                self._release(key)

    def _is_mixed(self, columns: Columns, groups: Groups, rows: Ints) -> Bools:
        """Two conversations whose keys were mixed to the same number are told apart one by one."""
        lower = np.minimum(columns.src, columns.dst)[groups.order]
        upper = np.maximum(columns.src, columns.dst)[groups.order]
        protocol = columns.protocol[groups.order]
        firsts = groups.starts
        differs = lower != groups.of_each(lower[firsts])
        differs |= upper != groups.of_each(upper[firsts])
        differs |= protocol != groups.of_each(protocol[firsts])
        mixed = np.logical_or.reduceat(differs, firsts)
        known = np.flatnonzero(rows >= 0)
        ends = self.table.sides.end[2 * rows[known]], self.table.sides.end[2 * rows[known] + 1]
        mixed[known] |= np.minimum(*ends) != lower[firsts[known]]
        mixed[known] |= np.maximum(*ends) != upper[firsts[known]]
        mixed[known] |= self.table.protocol[rows[known]] != protocol[firsts[known]]
        return mixed

    def _may_pause(self, columns: Columns, groups: Groups, rows: Ints) -> Bools:
        """Is there a pause after which it might be another conversation? Only where all of it lasts longer
        than the timeout are the single pauses looked at."""
        time_ns = columns.time_ns[groups.order]
        begin_ns, end_ns = self._spread(time_ns, groups, rows)
        earliest = np.minimum(np.minimum.reduceat(time_ns, groups.starts), begin_ns)
        latest = np.maximum(np.maximum.reduceat(time_ns, groups.starts), end_ns)
        limits = LIMITS_NS[columns.protocol[groups.order[groups.starts]]]
        pauses = latest - earliest > limits
        if not pauses.any():
            return pauses
        long = groups.of_each(pauses)
        before = np.empty_like(time_ns)
        before[1:] = time_ns[:-1]
        before[groups.starts] = end_ns
        limit = groups.of_each(limits)
        far = long & ((time_ns - before > limit) | (groups.of_each(begin_ns) - time_ns > limit))
        return np.logical_or.reduceat(far, groups.starts)

    def _spread(self, time_ns: Ints, groups: Groups, rows: Ints) -> tuple[Ints, Ints]:
        """Return when each conversation was first and last heard of before the block, for a new one its first time."""
        begin_ns = time_ns[groups.starts]
        end_ns = begin_ns.copy()
        known = np.flatnonzero(rows >= 0)
        begin_ns[known] = self.table.first_ns[rows[known]]
        end_ns[known] = self.table.last_ns[rows[known]]
        return begin_ns, end_ns

    def _may_open_anew(self, columns: Columns, groups: Groups, rows: Ints) -> Bools:
        """Is there a SYN after a FIN or RST, with a number that its side has not used before?"""
        flags = columns.flags[groups.order]
        anew = np.zeros(len(rows), dtype=np.bool_)
        opening = np.flatnonzero(flags & (SYN | ACK) == SYN)
        if not len(opening):
            return anew
        which = groups.of_each(np.arange(len(rows)))
        closing = np.flatnonzero(flags & (FIN | RST))
        closed_at = np.full(len(rows), NEVER)
        closed_at[which[closing[::-1]]] = closing[::-1]
        known = np.flatnonzero(rows >= 0)
        closed_at[known[self.table.closed(rows[known])]] = -1
        is_late = opening > closed_at[which[opening]]
        is_late &= ~self._comes_again(columns, groups.order[opening], which[opening], rows)
        suspects = distinct(which[opening[is_late]])
        begins = np.searchsorted(which[opening], suspects).tolist()
        ends = np.searchsorted(which[opening], suspects, side="right").tolist()
        for group, begin, end in zip(suspects.tolist(), begins, ends, strict=True):
            mine = opening[begin:end]
            anew[group] = self._has_new_number(
                columns, groups.order[mine], (mine > closed_at[group]).tolist(), int(rows[group])
            )
        return anew

    def _comes_again(self, columns: Columns, places: Ints, group: Ints, rows: Ints) -> Bools:
        """Which SYNs, given in order of their groups, repeat the first one of theirs?"""
        src, seq, row = columns.src[places], columns.seq[places], rows[group]
        sides = self.table.sides
        begin = np.searchsorted(group, group)
        again: Bools = (begin < np.arange(len(places))) & (src == src[begin]) & (seq == seq[begin])
        known = np.flatnonzero(row >= 0)
        slot = 2 * row[known]
        slot += src[known] != sides.end[slot]
        again[known] |= sides.isn[slot] == seq[known] + 1
        return again

    def _has_new_number(self, columns: Columns, places: Ints, late: list[bool], row: int) -> bool:
        """Does a SYN that comes late have a number that its side's earlier ones had not?"""
        known: dict[int, list[int]] = {}
        if row >= 0:
            for slot in (2 * row, 2 * row + 1):
                known[int(self.table.sides.end[slot])] = list(self.table.isns.of(slot))
        for end, seq, is_late in zip(
            columns.src[places].tolist(), columns.seq[places].tolist(), late, strict=True
        ):
            numbers = known.setdefault(end, [])
            if seq in numbers:
                continue
            if is_late:
                return True
            if len(numbers) < MAX_ATTEMPTS:
                numbers.append(seq)
        return False

    # Sums

    def _reduce(self, columns: Columns, groups: Groups, rows: Ints, data: bytearray) -> None:
        """Add the block's packets of each conversation to its row."""
        rows = self._begin_rows(columns, groups, rows)
        table = self.table
        time_ns = columns.time_ns[groups.order]
        table.first_ns[rows] = np.minimum(table.first_ns[rows], np.minimum.reduceat(time_ns, groups.starts))
        table.last_ns[rows] = np.maximum(table.last_ns[rows], np.maximum.reduceat(time_ns, groups.starts))
        row = np.repeat(rows, groups.counts)
        side = (columns.src[groups.order] != table.sides.end[2 * row]).astype(np.int64)
        numbers = columns.number[groups.order]
        packets = table.sides.packets
        place = np.arange(len(row)) - np.repeat(
            groups.starts - packets[2 * rows] - packets[2 * rows + 1], groups.counts
        )
        if (place < MAX_RECORDS).all():
            table.records.note(row, numbers)
        else:
            table.records.note(row[place < MAX_RECORDS], numbers[place < MAX_RECORDS])
        by_side = order_by_side(groups, side)
        runs = find_runs(columns.take(groups.order[by_side]), (2 * row + side)[by_side])
        self._count(runs)
        self._sort_segments(runs)
        note_gaps(table, columns, groups, rows, side, by_side, runs)
        self._listen(runs, data)

    def _begin_rows(self, columns: Columns, groups: Groups, rows: Ints) -> Ints:
        new = np.flatnonzero(rows == NEW)
        if len(new):
            first = groups.order[groups.starts[new]]
            rows[new] = self.table.add_rows(columns.take(first))
            self._known.update(
                zip((groups.keys[number] for number in new.tolist()), rows[new].tolist(), strict=True)
            )
        return rows

    def _count(self, runs: Runs) -> None:
        sides, slots = self.table.sides, runs.slots
        sides.packets[slots] += runs.counts
        sides.payload_bytes[slots] += np.add.reduceat(runs.packets.payload_bytes, runs.starts)
        first = sides.first[slots]
        sides.first[slots] = np.where(first == 0, runs.numbers[runs.starts], first)
        runs.note_first(sides.data, runs.packets.payload_bytes > 0)

    def _sort_segments(self, runs: Runs) -> None:
        """Sort TCP segments by their flags, as `traffic.add_segment` and `tcp.note_history` do."""
        sides, packets = self.table.sides, runs.packets
        is_tcp = packets.protocol == TCP
        flags = packets.flags
        reset, syn, ack, fin = flags & RST != 0, flags & SYN != 0, flags & ACK != 0, flags & FIN != 0
        other = is_tcp & ~reset & ~syn
        has_data = packets.payload_bytes > 0
        runs.note_first(sides.bad_checksum, packets.is_bad)
        runs.note_first(sides.other, other)
        runs.note_first(sides.without_ack, other & ~ack)
        runs.note_first(sides.pure_ack, other & ack & ~fin & ~has_data)
        runs.note_first(sides.fin, fin)
        runs.note_first(sides.zero_window, is_tcp & (packets.window == 0) & ~reset)
        self._note_resets(runs, reset, ack)
        self._note_openings(runs, syn & ~ack, syn & ack)
        self._note_repeated(runs, is_tcp, syn | fin, has_data)

    def _note_resets(self, runs: Runs, reset: Bools, ack: Bools) -> None:
        """Of a side's first reset it is kept what it answers."""
        sides = self.table.sides
        first = runs.note_first(sides.rst, reset)
        slots = runs.slot[first]
        sides.rst_has_ack[slots] = ack[first]
        sides.rst_answers_syn[slots] = ack[first] & (runs.packets.seq[first] == 0)

    def _note_openings(self, runs: Runs, syn: Bools, syn_ack: Bools) -> None:
        sides = self.table.sides
        runs.note_first(sides.syn, syn)
        runs.note_first(sides.syn_ack, syn_ack)
        opening, answering = np.flatnonzero(syn), np.flatnonzero(syn_ack)
        np.add.at(sides.syn_count, runs.slot[opening], 1)
        self.table.isns.note(runs.slot[opening], runs.packets.seq[opening])
        self.table.syn_ack_acks.note(runs.slot[answering], runs.packets.ack[answering])

    def _note_repeated(self, runs: Runs, is_tcp: Bools, counted: Bools, has_data: Bools) -> None:
        """A segment is repeated when its end is not beyond what its side had reached (`tcp._is_repeated`)."""
        sides = self.table.sides
        end = runs.packets.seq + runs.packets.payload_bytes
        following = (end + counted) & NUMBERS
        expected = np.empty_like(following)
        expected[1:] = following[:-1] + 1
        expected[runs.starts] = sides.next_seq[runs.slots]
        ahead = (expected - end) & NUMBERS
        runs.note_first(sides.repeated, is_tcp & has_data & (expected > 0) & (ahead > 0) & (ahead < HALF))
        last = runs.starts + runs.counts - 1
        sides.next_seq[runs.slots] = np.where(is_tcp[last], following[last] + 1, 0)

    # What is spoken

    def _listen(self, runs: Runs, data: bytearray) -> None:
        """Look at a side's first payloads, in the order that they passed."""
        sides, packets = self.table.sides, runs.packets
        has_payload = packets.held > 0
        order: Ints = np.cumsum(has_payload) - has_payload
        before = np.repeat(sides.payloads[runs.slots] - order[runs.starts], runs.counts)
        heard = np.flatnonzero(has_payload & (order + before < MAX_PAYLOADS))
        seen = np.add.reduceat(has_payload.astype(np.int64), runs.starts)
        sides.payloads[runs.slots] = np.minimum(sides.payloads[runs.slots] + seen, MAX_PAYLOADS)
        role = self.table.hearing.listen(packets, heard, data)
        known = role >= 0
        heard, role = heard[known], role[known]
        slot, ordinal = runs.slot[heard], (order + before)[heard]
        self.table.spoken.note(slot >> 1, runs.numbers[heard], role << 4 | ordinal << 1 | slot & 1)


def _keep_freed_memory() -> None:
    """glibc gives large pieces of memory back to the system when they are freed, and each block would ask for them
    anew, page by page. Once one this large was freed it keeps pieces up to that size (mallopt(3),
    M_MMAP_THRESHOLD, which adjusts itself up to 32 MiB)."""
    np.empty(KEPT_BYTES, dtype=np.uint8)
