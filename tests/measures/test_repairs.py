"""A wrong idea is open, fading or repaired, by what the tickets since could have shown."""

from __future__ import annotations

import pytest

from tickets.measures import REPAIRED_AFTER, IdeaState, Meeting, measure_repairs


def course(letters: str) -> list[Meeting]:
    """`x` shows M01, `o` could have and did not, `-` could not have."""
    return [
        Meeting(number, ["M01", "M13"] if letter in "xo" else ["M13"], ["M01"] if letter == "x" else [])
        for number, letter in enumerate(letters)
    ]


@pytest.mark.parametrize(
    ("letters", "state"),
    [
        ("x", IdeaState.OPEN),
        ("x---", IdeaState.OPEN),
        ("xo", IdeaState.FADING),
        ("xoo", IdeaState.FADING),
        ("xooo", IdeaState.REPAIRED),
        ("xo-o-o", IdeaState.REPAIRED),
        ("xooox", IdeaState.OPEN),
        ("oooox", IdeaState.OPEN),
        ("xxoxooo", IdeaState.REPAIRED),
    ],
)
def test_three_exposed_tickets_in_a_row_without_it_repair_an_idea(letters: str, state: IdeaState) -> None:
    (history,) = measure_repairs(course(letters))
    assert (history.code, history.state) == ("M01", state)


def test_the_tickets_behind_it_are_named() -> None:
    (history,) = measure_repairs(course("x-oxoo"))
    assert (history.shown, history.since) == ((0, 3), (4, 5))


def test_an_idea_that_was_never_shown_has_no_history() -> None:
    assert measure_repairs(course("ooo-")) == ()


def test_an_idea_shown_in_two_fields_of_one_ticket_is_shown_once() -> None:
    (history,) = measure_repairs([Meeting("t", ["M01"], ["M01", "M01"])])
    assert history.shown == ("t",)


def test_an_idea_counts_as_met_where_it_was_shown_whatever_the_list_says() -> None:
    assert measure_repairs([Meeting("t", [], ["M01"])])[0].state is IdeaState.OPEN


def test_who_acts_on_an_idea_every_other_time_is_seldom_called_repaired() -> None:
    assert 0.5**REPAIRED_AFTER <= 0.125
