"""Intervals over answers that come in clusters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.measures import measure_clustered_share, measure_share

CLUSTERS = st.lists(st.integers(1, 8).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1)


def test_one_answer_a_trainee_is_wilsons_interval_itself() -> None:
    assert measure_clustered_share([(1, 1)] * 11 + [(0, 1)] * 13) == measure_share(11, 24)


def test_answers_that_agree_within_a_trainee_count_about_once_a_trainee() -> None:
    # Twelve trainees answer six tickets each, all alike: it is twelve answers, not seventy-two.
    clustered = measure_clustered_share([(6, 6)] * 6 + [(0, 6)] * 6)
    twelve = measure_share(6, 12)
    assert clustered.n == 72
    assert clustered.low is not None
    assert twelve.low is not None
    assert clustered.low == pytest.approx(twelve.low, abs=0.02)


def test_answers_that_differ_within_each_trainee_keep_their_number() -> None:
    clustered = measure_clustered_share([(3, 6)] * 12)
    assert (clustered.low, clustered.high) == (measure_share(36, 72).low, measure_share(36, 72).high)


def test_all_right_counts_each_trainee_once() -> None:
    clustered = measure_clustered_share([(6, 6)] * 5)
    assert (clustered.share, clustered.low) == (1.0, measure_share(5, 5).low)


def test_nothing_answered_has_no_share() -> None:
    assert measure_clustered_share([]).share is None


@given(CLUSTERS)
def test_the_interval_holds_the_share_and_is_never_narrower_than_independent_answers(
    clusters: list[tuple[int, int]],
) -> None:
    share = measure_clustered_share(clusters)
    plain = measure_share(share.k, share.n)
    assert share.low is not None
    assert share.high is not None
    assert share.share is not None
    assert share.low <= share.share <= share.high
    assert plain.low is not None
    assert plain.high is not None
    assert share.low <= plain.low + 1e-9
    assert share.high >= plain.high - 1e-9
