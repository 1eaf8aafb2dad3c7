"""Content gaps in bulk: what `tcp.note_history` finds with `gaps`, packet by packet.

In most conversations every segment begins where its side's last one ended, and no acknowledgment is beyond what its
peer sent: those only go on. The others of a block are walked through, in the order that they passed.
"""

from __future__ import annotations

import numpy as np

from ..gaps import ACK, FIN, NUMBERS, REACH, RST, SYN, Reached, is_acknowledging, note_acknowledged, note_sent
from .columns import TCP, Columns
from .frames import Bools
from .records import Ints
from .runs import Groups, Runs
from .table import Table


def note_gaps(
    table: Table, columns: Columns, groups: Groups, rows: Ints, side: Ints, by_side: Ints, runs: Runs
) -> None:
    """Take a block. `side` says who sent each packet of the groups, `by_side` puts these into the order of the runs."""
    packets = runs.packets
    is_tcp = packets.protocol == TCP
    if not is_tcp.any():
        return
    extra = (packets.flags & np.uint8(SYN | FIN)) != 0
    end = (packets.seq + packets.payload_bytes + extra) & NUMBERS
    group = np.repeat(np.arange(len(rows)), groups.counts)
    is_rough = np.zeros(len(rows), dtype=np.bool_)
    # A reset sends nothing.
    is_silent = np.logical_and.reduceat(packets.flags & np.uint8(RST) != 0, runs.starts)
    jumps = np.flatnonzero(is_tcp & _jumps(table, runs, end))
    jumps = jumps[~is_silent[np.searchsorted(runs.starts, jumps, side="right") - 1]]
    is_rough[group[by_side[jumps]]] = True
    end_in_order = np.empty_like(end)
    end_in_order[by_side] = end
    is_rough[group[_acknowledging_more(table, columns, groups, rows, side, end_in_order)]] = True
    if table.ahead:
        is_rough |= np.isin(rows, [slot >> 1 for slot in table.ahead])
    walks = [
        _walk(table, columns, groups, rows, side, number) for number in np.flatnonzero(is_rough).tolist()
    ]
    last = runs.starts + runs.counts - 1
    goes_on = np.flatnonzero(is_tcp[last] & ~is_silent)
    table.sides.following[runs.slots[goes_on]] = end[last[goes_on]] + 1
    for row, both in zip(rows[is_rough].tolist(), walks, strict=True):
        for slot, reached in zip((2 * row, 2 * row + 1), both, strict=True):
            table.note_reached(slot, reached)


def _jumps(table: Table, runs: Runs, end: Ints) -> Bools:
    """Return which segments do not begin where their side's last one ended. A SYN may come again."""
    packets, starts = runs.packets, runs.starts
    expected = np.empty_like(end)
    expected[1:] = end[:-1]
    known = table.sides.following[runs.slots]
    is_reset = packets.flags & np.uint8(RST) != 0
    begins_with_reset = (known == 0) & is_reset[starts]
    expected[starts] = np.where(known > 0, known - 1, np.where(begins_with_reset, -1, packets.seq[starts]))
    is_syn_again = (packets.flags & np.uint8(SYN) != 0) & (end == expected)
    found: Bools = ((packets.seq != expected) & ~is_syn_again) | (is_reset & (end != packets.seq))
    return found


def _acknowledging_more(
    table: Table, columns: Columns, groups: Groups, rows: Ints, side: Ints, end: Ints
) -> Ints:
    """Return which packets acknowledge more than their peer's last segment before them reached."""
    flags, ack = columns.flags[groups.order], columns.ack[groups.order]
    place = np.arange(len(side))
    first = np.maximum.accumulate(np.where(side == 0, place, -1))
    second = np.maximum.accumulate(np.where(side == 1, place, -1))
    last = np.where(side == 0, second, first)
    peers = table.sides.following[2 * np.repeat(rows, groups.counts) + 1 - side]
    is_here = last >= np.repeat(groups.starts, groups.counts)
    reached = np.where(is_here, end[last], peers - 1)
    beyond = (ack - reached) & NUMBERS
    asks = flags & np.uint8(ACK | SYN | RST) == np.uint8(ACK)
    return np.flatnonzero(asks & (reached >= 0) & (beyond > 0) & (beyond < REACH))


def _walk(
    table: Table, columns: Columns, groups: Groups, rows: Ints, side: Ints, number: int
) -> tuple[Reached, Reached]:
    """Go through a conversation's packets; note where a gap shows first, and return how far both sides are whole."""
    row, begin = int(rows[number]), int(groups.starts[number])
    part = slice(begin, begin + int(groups.counts[number]))
    places = groups.order[part]
    both = [table.reached(2 * row), table.reached(2 * row + 1)]
    for index, flags, seq, ack, size, at in zip(
        side[part].tolist(), columns.flags[places].tolist(), columns.seq[places].tolist(), columns.ack[places].tolist(),
        columns.payload_bytes[places].tolist(), columns.number[places].tolist(), strict=True,
    ):  # fmt: skip
        both[index] = note_sent(both[index], flags, seq, size)
        if is_acknowledging(flags):
            both[1 - index], is_gap = note_acknowledged(both[1 - index], ack)
            slot = 2 * row + 1 - index
            if is_gap and not table.sides.gap[slot]:
                table.sides.gap[slot] = at
    return both[0], both[1]
