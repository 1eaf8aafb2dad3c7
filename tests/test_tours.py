"""The guide's stops: in order, about what the desk has, and silent about any ticket's truth."""

from __future__ import annotations

import re

from tickets.methodology import STEPS
from tickets.models import ANSWER_FIELDS, TEXT_FIELDS
from tickets.tours import FIRST_STOP, STOP_NAMES, STOPS


def test_each_stop_has_a_name_of_its_own_and_the_first_is_the_first() -> None:
    assert len(set(STOP_NAMES)) == len(STOPS)
    assert STOP_NAMES[0] == FIRST_STOP


def test_the_five_steps_come_in_their_order_and_under_their_titles() -> None:
    steps = [stop for stop in STOPS if stop.step]
    assert [(stop.step, stop.name) for stop in steps] == [(step.number, step.name) for step in STEPS]
    assert [stop.title for stop in steps] == [f"Step {step.number}: {step.title}" for step in STEPS]


def test_who_follows_the_guide_fills_in_every_field_of_the_worksheet() -> None:
    asked = {
        field.removeprefix("id_") for stop in STOPS for group in stop.filled for field in group.split("|")
    }
    assert asked == {*ANSWER_FIELDS, *TEXT_FIELDS, "actions"}
    assert any("#id_evidence" in stop.until for stop in STOPS)


def test_what_is_asked_for_can_be_seen_to_be_done_and_nothing_else_is_waited_for() -> None:
    for stop in STOPS:
        watched = bool(stop.until) + bool(stop.filled)
        assert watched <= 1, stop.name
        assert not watched or stop.do, stop.name
        # A submitted worksheet is another page.
        assert not stop.do or watched or stop is STOPS[-1], stop.name


def test_a_stop_is_read_in_a_moment() -> None:
    for stop in STOPS:
        assert 15 <= len(stop.text.split()) <= 75, stop.name
        assert len(stop.do.split()) <= 14, stop.name


def test_no_stop_names_an_answer() -> None:
    """It goes through any ticket: an outcome, a disposition or a code in its words would be a hint for one and a lie for
    another."""
    told = re.compile(
        r"\b(established|refused|rejected|unanswered|false positive|true positive|benign|FP\d|TP\d)\b",
        re.IGNORECASE,
    )
    for stop in STOPS:
        assert not told.search(f"{stop.title} {stop.text} {stop.do}"), stop.name


def test_the_method_is_credited() -> None:
    assert any("Tyler Wall" in stop.text for stop in STOPS)
