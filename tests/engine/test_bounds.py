"""A small file takes little time and memory, whatever stands in it."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.readers.corpus import SAMPLES
from tickets.engine.conversations import converse
from tickets.engine.readers import read_evidence
from tickets.engine.types import EngineError

# Of a shared machine, at its worst; what a file like these takes is a few milliseconds.
DEADLINE = timedelta(seconds=2)
SMALL = 2000
MOST_BYTES = 16 << 20
BEGINNINGS = st.sampled_from([data[:SMALL] for data in SAMPLES.values()])


def judge(data: bytes) -> None:
    with suppress(EngineError):
        for conversation in converse(read_evidence("x", data).records):
            _ = conversation.findings


@given(
    data=st.one_of(st.binary(max_size=SMALL), st.builds(bytes.__add__, BEGINNINGS, st.binary(max_size=400)))
)
@settings(max_examples=60, deadline=DEADLINE)
def test_any_small_file_is_read_within_a_moment(data: bytes) -> None:
    judge(data)


@given(
    data=BEGINNINGS,
    places=st.lists(st.tuples(st.integers(0, SMALL), st.binary(min_size=1, max_size=4)), max_size=6),
)
@settings(max_examples=60, deadline=DEADLINE)
def test_any_small_file_is_read_in_little_memory(data: bytes, places: list[tuple[int, bytes]]) -> None:
    """A length that is written into a file asks for no memory before that much was read."""
    damaged = bytearray(data)
    for place, change in places:
        damaged[place % len(damaged) : place % len(damaged) + len(change)] = change
    judge(bytes(damaged))  # what is loaded or remembered once is not the file's
    tracemalloc.start()
    try:
        judge(bytes(damaged))
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()
