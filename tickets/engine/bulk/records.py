"""Where the records of a capture begin, found for thousands of them at a time.

The length of each record says where the next one begins, so the chain has to be walked. It is walked in
many places at once: a block is cut into lanes, each lane begins at what looks like a record, and the
lanes' steps are taken together. A lane's beginning is only a guess until the lane before it ends
exactly there; where one does not, the rest of the block is walked step by step. Either way the result
is the chain from the first record on, and nothing else.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
LANE_BYTES = 1 << 14
# So far into a lane its first record is looked for: as far as most frames are long.
SEARCHED_BYTES = 1600


class Chain(NamedTuple):
    """How records follow one another: a record's length is the word of four bytes at `length_at`, plus `extra`.
    `head` bytes have to be there to look at one; a length is a multiple of `unit` from `shortest` to `longest`, and
    so is where one begins. Most records have the bytes of `mark` at `mark_at`."""

    order: Literal["<", ">"]
    head: int
    length_at: int
    extra: int
    shortest: int
    longest: int
    unit: int
    mark: bytes
    mark_at: int


def find_starts(data: bytearray, start: int, end: int, chain: Chain) -> tuple[Ints, int]:
    """Return where the whole records between `start` and `end` begin, and where the chain stops: at the first
    record that is not whole or whose length is not possible."""
    words = np.ndarray((max(end - 3, 0),), dtype=chain.order + "u4", buffer=data, strides=(1,))
    lanes = _lanes(data, words, start, end, chain)
    if len(lanes) < 2:
        return _walk(data, start, end, chain)
    walked = _walk_together(words, lanes, end, chain)
    wrong = np.flatnonzero(walked.stops[:-1] != lanes[1:])
    last = int(wrong[0]) if len(wrong) else len(lanes) - 1
    starts = walked.in_order(last)
    impossible = np.flatnonzero(~_is_possible(words, starts, end, chain))
    if len(impossible):
        return starts[: impossible[0]], int(starts[impossible[0]])
    if not len(wrong):
        return starts, int(walked.stops[-1])
    # The next lane began where no record is: from here on the chain is walked step by step.
    rest, stop = _walk(data, int(walked.stops[last]), end, chain)
    return np.concatenate((starts, rest)), stop


def _is_possible(words: NDArray[np.uint32], starts: Ints, end: int, chain: Chain) -> NDArray[np.bool_]:
    length = words[starts + chain.length_at].astype(np.int64)
    possible: NDArray[np.bool_] = (length <= chain.longest) & (length >= chain.shortest)
    possible &= starts + chain.extra + length <= end
    if chain.unit > 1:
        possible &= length % chain.unit == 0
    return possible


def _lanes(data: bytearray, words: NDArray[np.uint32], start: int, end: int, chain: Chain) -> Ints:
    """Return the first record and, for each lane, a place that looks like one."""
    begins = np.arange(start + LANE_BYTES, end - SEARCHED_BYTES - chain.head, LANE_BYTES)
    if not len(begins):
        return np.array([start])
    shape, strides = (len(begins), SEARCHED_BYTES // chain.unit), (LANE_BYTES, chain.unit)
    is_marked = np.ones(shape, dtype=np.bool_)
    for at, byte in enumerate(chain.mark, int(begins[0]) + chain.mark_at):
        is_marked &= np.ndarray(shape, dtype=np.uint8, buffer=data, offset=at, strides=strides) == byte
    lane, step = np.divmod(np.flatnonzero(is_marked), shape[1])
    places = begins[lane] + step * chain.unit
    is_right = _look_right(data, words, places, end, chain)
    lane, places = lane[is_right], places[is_right]
    places = places[np.diff(lane, prepend=-1) > 0]
    return np.concatenate(([start], places[np.diff(places, prepend=start) > 0]))


def _look_right(
    data: bytearray, words: NDArray[np.uint32], at: Ints, end: int, chain: Chain
) -> NDArray[np.bool_]:
    """Where does a possible length stand, and lead to another beginning, twice? What the end cuts off looks right."""
    stream = np.frombuffer(data, dtype=np.uint8)
    found = np.ones(len(at), dtype=np.bool_)
    for _ in range(2):
        is_whole = at + chain.head <= end
        length = words[np.where(is_whole, at + chain.length_at, 0)].astype(np.int64)
        is_possible = (length >= chain.shortest) & (length <= chain.longest) & (length % chain.unit == 0)
        found &= ~is_whole | is_possible
        at = np.where(is_whole & found, at + chain.extra + length, end)
        is_whole = at + chain.head <= end
        for place, byte in enumerate(chain.mark, chain.mark_at):
            found &= ~is_whole | (stream[np.where(is_whole, at + place, 0)] == byte)
    return found


class Walked(NamedTuple):
    """The places that all lanes came by, step by step, and where each of them passed the beginning of the next."""

    steps: list[Ints]
    lanes: list[Ints]  # which lanes took each step
    stops: Ints

    def in_order(self, last: int) -> Ints:
        """Return the places of the lanes up to `last`, lane by lane, which is the order of the file."""
        lanes = np.concatenate(self.lanes)
        counts = np.bincount(lanes, minlength=len(self.stops))
        begin = np.cumsum(counts) - counts
        step = np.repeat(np.arange(len(self.steps)), [len(step) for step in self.steps])
        starts = np.empty(len(lanes), dtype=np.int64)
        starts[begin[lanes] + step] = np.concatenate(self.steps)
        return starts[: begin[last] + counts[last]]


def _walk_together(words: NDArray[np.uint32], lanes: Ints, end: int, chain: Chain) -> Walked:
    """Walk every lane to the beginning of the next. Whether the lengths are possible is looked at afterwards."""
    limit = np.append(lanes[1:], end - chain.head + 1)
    stops = lanes.copy()
    active = np.arange(len(lanes))
    at = lanes
    lengths = words[chain.length_at :]
    found, steps = [], []
    while len(active):
        found.append(at)
        steps.append(active)
        length = lengths[at].astype(np.int64)
        if chain.shortest:
            np.maximum(length, chain.shortest, out=length)
        length += chain.extra
        at = at + length
        goes_on = at < limit
        if np.count_nonzero(goes_on) < len(goes_on):
            stops[active[~goes_on]] = at[~goes_on]
            active, at, limit = active[goes_on], at[goes_on], limit[goes_on]
    return Walked(found, steps, stops)


def _walk(data: bytearray, start: int, end: int, chain: Chain) -> tuple[Ints, int]:
    """Walk the chain step by step."""
    order: Literal["little", "big"] = "little" if chain.order == "<" else "big"
    found = []
    at, head, length_at, unit = start, chain.head, chain.length_at, chain.unit
    while at + head <= end:
        length = int.from_bytes(data[at + length_at : at + length_at + 4], order)
        following = at + chain.extra + length
        if not chain.shortest <= length <= chain.longest or following > end or length % unit:
            break
        found.append(at)
        at = following
    return np.array(found, dtype=np.int64), at
