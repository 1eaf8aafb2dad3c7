"""Checksums of a block of packets at a time: what `readers.checksums` finds packet by packet.

A sum of 16-bit words modulo 65535 is also one of 32-bit words, as 2^16 is 1 there, and the order of a word's two
bytes only multiplies it by 256 (RFC 1071, 2). So the words are added as this machine reads them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..readers.checksums import ONES, sums_up
from .records import Ints

WORD = np.dtype("<u4")
PLAIN_HEAD = 20


def has_bad_heads(data: bytearray, at: Ints, size: Ints, heads: NDArray[np.void]) -> Ints:
    """Return 1 for each IPv4 header with a wrong checksum. Those with options are few, and looked at one by one."""
    words = heads.view(WORD).reshape(-1, PLAIN_HEAD // 4)
    total = words[:, 0].astype(np.int64)
    for column in range(1, words.shape[1]):  # a sum along so short rows would take four times as long
        total += words[:, column]
    is_bad: Ints = (_rest(total) != 0).astype(np.int64)
    for place in np.flatnonzero(size > PLAIN_HEAD).tolist():
        begin = int(at[place])
        is_bad[place] = not sums_up(bytes(data[begin : begin + int(size[place])]))
    is_bad[heads["checksum"] == 0] = 0
    return is_bad


def find_wrong(data: bytearray, at: Ints, stop: Ints, pseudo: Ints, written: Ints) -> Ints:
    """Return the places of segments that do not sum up with their pseudo header, and do not just hold its sum.
    They stand in order from `at` to `stop`, and each has eight bytes or more."""
    if not len(at):
        return at
    words = _words(data, int(stop[-1]))
    first, last = at >> 2, stop >> 2
    bounds = np.empty(2 * len(at), dtype=np.int64)
    bounds[::2], bounds[1::2] = first, last
    total: Ints = np.add.reduceat(words, bounds, dtype=np.int64)[::2]
    total -= words[first] & _low_bytes(at)
    total += words[last] & _low_bytes(stop)
    total += np.where(at & 1, pseudo, pseudo << 8)
    wrong = np.flatnonzero(_rest(total))
    found: Ints = wrong[(written[wrong] - pseudo[wrong]) % ONES != 0]
    return found


def _rest(total: Ints) -> Ints:
    """Return what is left of sums modulo 65535: numpy divides faster than it takes the rest."""
    rest: Ints = total - total // ONES * ONES
    return rest


def _words(data: bytearray, stop: int) -> NDArray[np.uint32]:
    """Return the block in words, with one that begins where the last segment ends."""
    if (stop >> 2) + 1 > len(data) >> 2:
        data = data + bytes(8 - len(data) % 4)
    return np.frombuffer(data, dtype=WORD, count=len(data) >> 2)


def _low_bytes(at: Ints) -> Ints:
    """Return masks of the bytes before a place in its word."""
    masks: Ints = (np.int64(1) << ((at & 3) << 3)) - 1
    return masks
