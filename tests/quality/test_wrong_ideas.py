"""The measurement of `python -m tests.wrong_ideas`, with two variants of each idea."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.wrong_ideas import CODES, at_least, measure, report, tell_failures
from tickets.grading import BY_CODE, MISCONCEPTIONS


def test_every_idea_is_told_to_who_holds_it_and_to_nobody_else_nor_to_guessers_beyond_chance(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tally = measure(2, guesses_each=10)
    with capsys.disabled():
        print("", *report(tally), sep="\n")
    assert tally.faults == []
    assert list(tell_failures(tally)) == []
    assert set(CODES) == set(BY_CODE), "every idea of the library has a simulated trainee"
    assert all(tally.held[code] == 2 for code in CODES)


@pytest.mark.parametrize(
    ("code", "changes", "told"),
    [
        ("M01", {"is_possible": lambda _: True, "is_shown": lambda _: True}, "M01: precision"),
        ("M05", {"is_shown": lambda _: False}, "M05: recall"),
        ("M03", {"is_shown": lambda case: case.answers.reversed is not None}, "M03 evidence"),
    ],
    ids=["told to anybody", "told to nobody", "told to guessers"],
)
def test_a_detector_that_is_wrong_fails_the_measurement(
    monkeypatch: pytest.MonkeyPatch, code: str, changes: dict[str, object], told: str
) -> None:
    library = tuple(replace(idea, **changes) if idea.code == code else idea for idea in MISCONCEPTIONS)  # type: ignore[arg-type]
    monkeypatch.setattr("tickets.grading.misconceptions.MISCONCEPTIONS", library)
    monkeypatch.setattr("tickets.grading.grade.MISCONCEPTIONS", library)
    assert any(line.startswith(told) for line in tell_failures(measure(1, guesses_each=10)))


def test_what_a_sample_does_by_itself_is_told_from_what_it_does_not() -> None:
    assert at_least(0, 3.0) == 1
    assert at_least(3, 3.0) == pytest.approx(0.577, abs=0.001)
    assert at_least(1, 0.0) == 0
    assert at_least(12, 3.0) < 0.001
