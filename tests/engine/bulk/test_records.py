"""Where records begin: found in many places at once, and the same as step by step."""

from __future__ import annotations

import struct
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.engine.bulk import records
from tickets.engine.bulk.records import Chain, find_starts

LENGTHS = st.lists(st.integers(0, 90), max_size=120)


CHAIN = Chain("<", head=6, length_at=2, extra=6, shortest=0, longest=100, unit=1, mark=b"\xabM", mark_at=0)


def chained(lengths: list[int], filling: bytes) -> tuple[bytearray, list[int]]:
    """Records of a mark, a length and as many bytes of filling; and where they begin."""
    data, starts = bytearray(), []
    for length in lengths:
        starts.append(len(data))
        data += b"\xabM" + struct.pack("<I", length) + (filling * 100)[:length]
    return data, starts


@given(lengths=LENGTHS, filling=st.sampled_from([b"x", b"\xabM", b"\xabM\x05\0\0\0", b"\xabM\x01\0\0\0\xab"]))
@settings(max_examples=200, deadline=None)
def test_all_records_are_found_whatever_stands_in_them(lengths: list[int], filling: bytes) -> None:
    """What looks like a record within one leads the search astray, and never the result."""
    data, starts = chained(lengths, filling)
    with patch.multiple(records, LANE_BYTES=64, SEARCHED_BYTES=100):
        found, stop = find_starts(data, 0, len(data), CHAIN)
    assert found.tolist() == starts
    assert stop == len(data)


@given(lengths=LENGTHS, place=st.integers(0, 4000), value=st.integers(0, 255), end=st.integers(0, 80))
@settings(max_examples=200, deadline=None)
def test_a_damaged_chain_ends_where_it_ends_step_by_step(
    lengths: list[int], place: int, value: int, end: int
) -> None:
    data, _ = chained(lengths, b"\xabM\x05\0\0\0")
    if data:
        data[place % len(data)] = value
    end = max(0, len(data) - end)
    with patch.multiple(records, LANE_BYTES=64, SEARCHED_BYTES=100):
        found, stop = find_starts(data, 0, end, CHAIN)
    with patch.object(records, "LANE_BYTES", 1 << 20):
        expected, expected_stop = find_starts(data, 0, end, CHAIN)
    assert found.tolist() == expected.tolist()
    assert stop == expected_stop
