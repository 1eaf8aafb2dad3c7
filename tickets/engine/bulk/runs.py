"""A block's packets in order: by conversation, and within each by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .columns import Columns
from .frames import Bools
from .records import Ints

MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
Value = TypeVar("Value", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Groups:
    """A block's packets in order of conversation, and within one in capture order.

    `order` are places in the columns; conversation number g has `counts[g]` of them from `starts[g]` on."""

    order: Ints
    keys: list[int]
    starts: Ints
    counts: Ints

    def of_each(self, values: NDArray[Value]) -> NDArray[Value]:
        """Return a conversation's value for each of its packets."""
        return np.repeat(values, self.counts)

    def keep(self, stays: Bools) -> Groups:
        counts = self.counts[stays]
        keys = [key for key, is_kept in zip(self.keys, stays.tolist(), strict=True) if is_kept]
        return Groups(self.order[np.repeat(stays, self.counts)], keys, np.cumsum(counts) - counts, counts)


@dataclass(frozen=True, slots=True)
class Runs:
    """A block's packets in order of side: all of one end of a conversation, in capture order, then its peer's.

    Run number r is side `slots[r]` of the table, with `counts[r]` packets from `starts[r]` on."""

    packets: Columns
    slot: Ints
    numbers: Ints
    slots: Ints
    starts: Ints
    counts: Ints

    def note_first(self, column: Ints, chosen: Bools) -> Ints:
        """Keep the first of the chosen packets of each side that had none yet. Returns the places of those kept."""
        places = np.flatnonzero(chosen)
        if not len(places):
            return places
        slots = self.slot[places]
        is_first = np.empty(len(places), dtype=np.bool_)
        is_first[0] = True
        np.not_equal(slots[1:], slots[:-1], out=is_first[1:])
        is_first &= column[slots] == 0
        places = places[is_first]
        column[self.slot[places]] = self.numbers[places]
        return places


def find_runs(packets: Columns, slot: Ints) -> Runs:
    starts = _changes(slot)
    counts = np.diff(starts, append=len(slot))
    return Runs(packets, slot, packets.number, slot[starts], starts, counts)


def order_by_side(groups: Groups, side: Ints) -> Ints:
    """Return an order that puts the two sides of each conversation behind one another."""
    theirs = np.cumsum(side)  # of the second sides, up to and with each packet
    before = theirs[groups.starts] - side[groups.starts]
    ends = groups.starts + groups.counts - 1
    ours = groups.counts - (theirs[ends] - before)
    theirs -= np.repeat(before, groups.counts)
    place = np.arange(len(side))
    target = np.where(side == 1, np.repeat(groups.starts + ours, groups.counts) + theirs - 1, place - theirs)
    order = np.empty_like(place)
    order[target] = place
    return order


def group_packets(columns: Columns) -> Groups:
    """Sort by conversation. The sort carries each packet's index in the low bits of its key: one plain sort of
    numbers puts a conversation's packets into capture order."""
    mixed = mix_ends(
        np.minimum(columns.src, columns.dst), np.maximum(columns.src, columns.dst), columns.protocol
    )
    mixed &= np.uint64(0xFFFF_FFFF_FFFF_0000)
    mixed |= columns.index.astype(np.uint64)
    mixed.sort()
    place = np.empty(1 << 16, dtype=np.int64)
    place[columns.index] = np.arange(len(mixed))
    order = place[(mixed & np.uint64(0xFFFF)).astype(np.int64)]
    keys = mixed >> np.uint64(16)
    starts = _changes(keys)
    return Groups(order, keys[starts].tolist(), starts, np.diff(starts, append=len(order)))


def mix_ends(lower: Ints, upper: Ints, protocol: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return a number for the protocol and both ends; its upper 48 bits are the key of the conversation."""
    mixed = lower.astype(np.uint64) * MIX[0]
    mixed ^= mixed >> np.uint64(32)
    mixed += upper.astype(np.uint64) << np.uint64(2)
    mixed += protocol
    mixed *= MIX[1]
    mixed ^= mixed >> np.uint64(29)
    mixed *= MIX[0]
    return mixed


def distinct(values: Ints) -> Ints:
    """Return the values in order, each once (`np.unique` loads all of masked arrays for that)."""
    ordered = np.sort(values)
    return ordered[_changes(ordered)] if len(ordered) else ordered


def _changes(values: NDArray[np.generic]) -> Ints:
    """Return the places where a new value begins."""
    return np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1))
