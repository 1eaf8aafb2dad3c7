"""The model worksheet earns everything and a blank one nothing, on variants of every scenario file; every lost mark
of the desks that no file makes is told with a record of the trainee's own evidence (those of files: test_feedback)."""

from __future__ import annotations

import pytest

from tests.quality.desks import SITTINGS
from tests.quality.scenarios import FAMILIES
from tickets.grading import Answers, answers_to_plain, model_answers, read_answers

NUMBERS = (1, 2)


@pytest.mark.parametrize("kind", SITTINGS)
def test_the_model_worksheet_earns_every_mark_and_a_blank_one_none(kind: str) -> None:
    for number in NUMBERS:
        desk = SITTINGS[kind](number)
        whole = desk.grade(model_answers(desk.world.key))
        blank = desk.grade(Answers())
        assert whole.points == whole.max_points == blank.max_points > 0
        assert blank.points == 0
        assert not whole.misconceptions
        assert not blank.misconceptions
        typed, problems = read_answers(answers_to_plain(model_answers(desk.world.key)))
        assert typed == model_answers(desk.world.key)
        assert not problems


@pytest.mark.parametrize("kind", [kind for kind in SITTINGS if kind not in FAMILIES])
def test_every_lost_mark_has_a_sentence_of_its_own_and_a_record_of_this_evidence(kind: str) -> None:
    desk = SITTINGS[kind](1)
    there = {record.location for record in desk.records}
    for held, answers in {"nothing": Answers(), **desk.worksheets}.items():
        for line in desk.grade(answers).criteria:
            if line.points < line.max_points:
                shown = [place for place in line.records if place in there or place.file == "context"]
                assert shown, (held, line.criterion)
                assert len(line.explanation.split()) >= 5, (held, line.criterion, line.explanation)
