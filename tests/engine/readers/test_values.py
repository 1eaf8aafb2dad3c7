"""Times as logs write them, the short way and the long way."""

from __future__ import annotations

import pytest

from tickets.engine.readers.values import BadRecord, iso_ns
from tickets.engine.types import LAST_NS

NOON = 1767614400 * 10**9


@pytest.mark.parametrize(
    ("written", "time_ns"),
    [
        ("2026-01-05T12:00:00.000001+0000", NOON + 1000),
        ("2026-01-05T13:30:00.999999+0130", NOON + 999_999_000),
        ("2026-01-05T10:30:00.000000-0130", NOON),
        ("2026-01-05T12:00:00.00000100+00", NOON + 1000),
        ("2026-01-05T12:00:00.000001abcde", NOON + 1000),
        ("2026-01-05T12:00:00Z", NOON),
        ("2262-04-11T23:47:16.854775+0000", LAST_NS - 807),
    ],
)
def test_a_time_of_any_length_is_read_to_its_last_digit(written: str, time_ns: int) -> None:
    assert iso_ns(written) == time_ns


@pytest.mark.parametrize(
    "written",
    [
        "2026-13-05T12:00:00.000000+0000",
        "2026-01-05X12:00:00.000000+0000",
        "2262-04-11T23:47:16.854776+0000",
        "1970-01-01T00:00:00.000000+0100",
        "",
        None,
        1767614400,
    ],
)
def test_a_time_that_cannot_be_is_told(written: object) -> None:
    with pytest.raises(BadRecord):
        iso_ns(written)
