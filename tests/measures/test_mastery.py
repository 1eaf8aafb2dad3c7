"""When a skill is mastered, when it is due, when it has slipped; and what is missing until then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.measures import Evidence, Lack, State, measure_mastery

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def evidence(results: str, *, start: datetime = START, step: timedelta = DAY / 4) -> list[Evidence]:
    """One for each letter, `r` right and `w` wrong: kinds and scenarios go round, all in mixed assignments."""
    return [
        Evidence(
            ticket=number,
            at=start + number * step,
            is_right=letter == "r",
            kind=("yes", "no")[number % 2],
            scenario=f"T00{number % 3}",
            is_mixed=True,
        )
        for number, letter in enumerate(results)
    ]


def state_of(seen: Sequence[Evidence], after: timedelta = timedelta()) -> State:
    return measure_mastery(seen, seen[-1].at + after if seen else START).state


def test_what_was_never_asked_is_not_yet_seen_and_has_no_share() -> None:
    mastery = measure_mastery([], START)
    assert (mastery.state, mastery.share.share, mastery.due_at) == (State.NOT_SEEN, None, None)


@pytest.mark.parametrize("results", ["r", "rrr", "rrrrrrrrr", "wrwrrrrrrr", "wwwwwwwwww"])
def test_less_than_nine_right_of_ten_is_learning(results: str) -> None:
    assert state_of(evidence(results)) is State.LEARNING


@pytest.mark.parametrize("results", ["rrrrrrrrrr", "wrrrrrrrrr", "rrrrwrrrrr", "wwwwrrrrrrrrr"])
def test_nine_right_of_the_last_ten_is_mastered(results: str) -> None:
    assert state_of(evidence(results)) is State.MASTERED


def test_k_of_n_counts_everything_and_the_dots_are_the_last_ten() -> None:
    mastery = measure_mastery(evidence("wwwwrrrrrrrrr"), START)
    assert (mastery.share.k, mastery.share.n) == (9, 13)
    assert [each.ticket for each in mastery.recent] == list(range(3, 13))


def test_the_interval_is_wilsons_at_80_percent() -> None:
    share = measure_mastery(evidence("rrrrrrrrww"), START).share
    # z = 1.2816: centre (0.8 + 0.0821) / 1.1642 = 0.7577, half-width 1.1008 * sqrt(0.0160 + 0.0041) = 0.1561
    assert (share.low, share.high) == pytest.approx((0.6016, 0.9138), abs=5e-4)


def test_order_in_time_decides_and_not_the_order_of_the_rows() -> None:
    seen = evidence("wwrrrrrrrrr")
    assert state_of(seen) is State.MASTERED
    assert measure_mastery(reversed(seen), seen[-1].at).state is State.MASTERED


LACKING = {
    Lack.KINDS: lambda number, each: replace(each, kind="no" if number < 2 else "yes"),
    Lack.SCENARIOS: lambda number, each: replace(each, scenario=f"T00{number % 2}"),
    Lack.DAYS: lambda number, each: replace(each, at=START + timedelta(minutes=number)),
    Lack.MIXED: lambda number, each: replace(each, is_mixed=number < 3),
}


@pytest.mark.parametrize("lack", LACKING)
def test_ten_right_that_lack_one_thing_are_learning_and_say_which(lack: Lack) -> None:
    seen = [LACKING[lack](number, each) for number, each in enumerate(evidence("r" * 10))]
    mastery = measure_mastery(seen, seen[-1].at)
    assert (mastery.state, mastery.lacks) == (State.LEARNING, (lack,))


def test_ten_answers_that_are_missing_are_named_before_anything_else() -> None:
    assert measure_mastery(evidence("rw"), START).lacks[0] is Lack.TICKETS
    assert Lack.RIGHT in measure_mastery(evidence("ww"), START).lacks


def test_three_of_another_kind_are_enough_however_many_kinds_there_are() -> None:
    kinds = ["a"] * 7 + ["b", "c", "d"]
    seen = [replace(each, kind=kind) for each, kind in zip(evidence("r" * 10), kinds, strict=True)]
    assert state_of(seen) is State.MASTERED


def test_a_skill_without_kinds_asks_for_none() -> None:
    assert state_of([replace(each, kind="") for each in evidence("r" * 10)]) is State.MASTERED


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=40), st.sampled_from("abc"))
def test_one_answer_to_everything_masters_nothing(kinds: list[str], answer: str) -> None:
    seen = [
        replace(each, kind=kind, is_right=kind == answer)
        for each, kind in zip(evidence("r" * len(kinds)), kinds, strict=True)
    ]
    assert state_of(seen) is State.LEARNING


def test_a_second_mistake_in_the_last_ten_makes_it_slip() -> None:
    assert state_of(evidence("r" * 10 + "w")) is State.MASTERED
    assert state_of(evidence("r" * 10 + "ww")) is State.SLIPPED


def test_what_slipped_is_mastered_again_by_the_same_rule() -> None:
    assert state_of(evidence("r" * 10 + "ww" + "r" * 8)) is State.SLIPPED
    assert state_of(evidence("r" * 10 + "ww" + "r" * 9)) is State.MASTERED


def test_a_mastered_skill_is_due_after_seven_days_without_evidence() -> None:
    seen = evidence("r" * 10)
    assert measure_mastery(seen, START).due_at == seen[-1].at + 7 * DAY
    assert state_of(seen, 7 * DAY - timedelta(seconds=1)) is State.MASTERED
    assert state_of(seen, 7 * DAY) is State.DUE


def test_after_the_first_check_it_is_due_after_thirty() -> None:
    seen = evidence("r" * 10)
    checked = [*seen, replace(seen[-1], ticket="check", at=seen[-1].at + 8 * DAY)]
    assert state_of(checked, 29 * DAY) is State.MASTERED
    assert state_of(checked, 30 * DAY) is State.DUE


def test_a_check_that_fails_loses_it_at_once_and_the_ten_are_counted_anew() -> None:
    seen = evidence("r" * 10)
    failed = [*seen, replace(seen[-1], ticket="check", at=seen[-1].at + 8 * DAY, is_right=False)]
    assert state_of(failed) is State.SLIPPED
    again = evidence("r" * 9, start=failed[-1].at + DAY)
    assert state_of([*failed, *again[:8]]) is State.SLIPPED
    assert state_of([*failed, *again]) is State.MASTERED


def test_a_mistake_in_the_same_week_is_no_failed_check() -> None:
    seen = evidence("r" * 10)
    assert state_of([*seen, replace(seen[-1], at=seen[-1].at + 6 * DAY, is_right=False)]) is State.MASTERED


@given(st.text("rw", max_size=40), st.integers(0, 100))
def test_every_course_has_a_state_that_fits_its_numbers(results: str, days: int) -> None:
    seen = evidence(results)
    mastery = measure_mastery(seen, START + days * DAY)
    assert (mastery.state is State.NOT_SEEN) == (not results)
    assert (mastery.due_at is not None) == (mastery.state in (State.MASTERED, State.DUE))
    assert (mastery.share.k, mastery.share.n) == (results.count("r"), len(results))
    assert bool(mastery.lacks) or mastery.state in (State.MASTERED, State.DUE)
