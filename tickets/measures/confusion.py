"""Which dispositions are taken for which: rows are the key, columns what was answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tickets.engine import Disposition

BLANK = ""  # the column of worksheets without a disposition
DISPOSITIONS: tuple[str, ...] = tuple(disposition.value for disposition in Disposition)


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts by (expected, given). `expected` and `given` are the axes in order; every cell exists."""

    expected: tuple[str, ...]
    given: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]
    n: int

    def row_total(self, expected: str) -> int:
        return sum(self.counts[expected, given] for given in self.given)


def measure_confusion(
    pairs: Iterable[tuple[str, str]], dispositions: Sequence[str] = DISPOSITIONS
) -> Confusion:
    """The confusion matrix of (expected, given) pairs; given "" is a blank.

    ValueError for a value that is not on the axes: a cell that is silently dropped would make the totals lie."""
    given_axis = (*dispositions, BLANK)
    counted = Counter(pairs)
    for expected, given in counted:
        if expected not in dispositions or given not in given_axis:
            raise ValueError(f"no cell for expected {expected!r}, given {given!r}")
    counts = {
        (expected, given): counted[expected, given] for expected in dispositions for given in given_axis
    }
    return Confusion(tuple(dispositions), given_axis, counts, counted.total())
