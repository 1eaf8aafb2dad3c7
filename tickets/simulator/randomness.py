"""Numbers from a secret seed: the same on every machine, and one stream tells nothing of another.

The engine is open source, so a variant's seed is its answer key. A trainee sees a lot of a variant's
random numbers (identifiers, sequence numbers, delays). `random.Random` could be wound back from them;
HMAC-SHA256 in counter mode cannot, and its bytes do not change with the Python version.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import TypeVar

SEED_BYTES = 16
DIGEST_BYTES = 32

Item = TypeVar("Item")


class Stream:
    """An endless row of random numbers under a name. Whole numbers only: floats round differently."""

    def __init__(self, seed: bytes, name: bytes) -> None:
        self._key = hmac.digest(seed, name, "sha256")
        self._block = 0
        self._pool = b""

    def child(self, name: str) -> Stream:
        """A stream of its own, so that one more number drawn here shifts nothing elsewhere."""
        return Stream(self._key, b"child:" + name.encode())

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        missing = max(0, count - len(self._pool) + DIGEST_BYTES - 1) // DIGEST_BYTES
        blocks = (
            hmac.digest(self._key, b"block:%d" % (self._block + number), "sha256")
            for number in range(missing)
        )
        self._pool += b"".join(blocks)
        self._block += missing
        taken, self._pool = self._pool[:count], self._pool[count:]
        return taken

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1, each as likely as the others."""
        size = (limit.bit_length() + 7) // 8 + 1
        ceiling = (1 << 8 * size) // limit * limit
        while (number := int.from_bytes(self.take(size), "big")) >= ceiling:
            pass
        return number % limit

    def between(self, low: int, high: int) -> int:
        """A number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def pick(self, items: Sequence[Item]) -> Item:
        return items[self.below(len(items))]

    def draw(self, items: Sequence[Item], count: int) -> list[Item]:
        """`count` different items, in random order."""
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(count)]

    def happens(self, percent: int) -> bool:
        return self.below(100) < percent

    def about(self, typical: int) -> int:
        """A delay near `typical`: most within two thirds and four thirds of it, one in twelve up to four times it."""
        if self.below(12) == 0:
            return self.between(typical, 4 * typical)
        return self.between(2 * typical // 3, 4 * typical // 3)
