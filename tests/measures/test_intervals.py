"""Shares with their uncertainty, held against published values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.measures import Display, classify_display, measure_share, wilson


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        # R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine
        # 17 (1998), table I, method 3 (score, without continuity correction).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_has_the_published_values(k: int, n: int, low: float, high: float) -> None:
    assert wilson(k, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (4, 5, 38, 96),
        (8, 10, 49, 94),
        (16, 20, 58, 92),
        (24, 30, 63, 90),
        (40, 50, 67, 89),
        (80, 100, 71, 87),
    ],
)
def test_four_in_five_is_the_less_certain_the_fewer_there_are(k: int, n: int, low: int, high: int) -> None:
    assert tuple(round(100 * bound) for bound in wilson(k, n)) == (low, high)


def test_none_of_73_leaves_room_for_five_percent() -> None:
    assert round(100 * wilson(0, 73)[1]) == 5


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_mirrors_its_opposite(share: tuple[int, int]) -> None:
    k, n = share
    low, high = wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1
    assert low < high
    assert wilson(n - k, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_a_wider_level_gives_a_wider_interval() -> None:
    narrow, wide = wilson(8, 10, 0.80), wilson(8, 10, 0.95)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


@pytest.mark.parametrize(("k", "n"), [(-1, 4), (5, 4), (0, 0)])
def test_what_is_no_share_is_refused(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="not a share"):
        wilson(k, n)


@pytest.mark.parametrize(
    ("n", "display"),
    [
        (0, Display.COUNTS),
        (4, Display.COUNTS),
        (5, Display.INTERVAL),
        (9, Display.INTERVAL),
        (10, Display.INDICATIVE),
        (29, Display.INDICATIVE),
        (30, Display.NORMAL),
        (1000, Display.NORMAL),
    ],
)
def test_the_display_class_goes_by_n(n: int, display: Display) -> None:
    assert classify_display(n) is display


def test_a_share_of_none_is_unknown_and_not_zero() -> None:
    share = measure_share(0, 0)
    assert (share.share, share.low, share.high, share.display) == (None, None, None, Display.COUNTS)


def test_some_of_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not a share"):
        measure_share(1, 0)
