"""Wrong ideas: whoever holds one is told that one and no other, and is right by it nowhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from tickets.grading import BY_CODE, Answers, CriterionMark, Line, answers_to_plain, read_answers
from tickets.quality.exhibit import Exhibit
from tickets.quality.trainees import IDEAS, Idea, write_worksheets
from tickets.quality.worksheet import grade_answers, key_for
from tickets.quality.world import World


def check_misconceptions(exhibit: Exhibit) -> Iterator[str]:
    """Whoever holds a wrong idea that this variant gives occasion to loses marks by it, and is told just that idea.
    Where two ideas write the same worksheet either may be told."""
    world = World(exhibit.verdict, key_for(exhibit), exhibit.records)
    written = write_worksheets(world)
    for idea in IDEAS:
        if idea.code in written and idea.code in BY_CODE:
            same = {code for code, other in written.items() if other == written[idea.code]}
            yield from _told_wrongly(exhibit, idea, written[idea.code], same)


def _told_wrongly(exhibit: Exhibit, idea: Idea, answers: Answers, allowed: Collection[str]) -> Iterator[str]:
    typed, problems = read_answers(answers_to_plain(answers))
    if problems:
        yield f"{idea.code} writes what cannot be typed: {problems[0].problem}"
        return
    marks = {mark.criterion: mark for mark in grade_answers(exhibit, typed).criteria}
    yield from _not_told(idea, marks, allowed)
    foreign = {mark.misconception for mark in marks.values() if mark.misconception} - set(allowed)
    if foreign:
        yield f"who holds {idea.code} is told {', '.join(sorted(foreign))} too"


def _not_told(idea: Idea, marks: Mapping[Line, CriterionMark], allowed: Collection[str]) -> Iterator[str]:
    mark = marks.get(idea.criterion)
    if mark is None:
        yield f"{idea.code} spoils the {idea.criterion.value}, which is not marked"
    elif mark.points == mark.max_points:
        yield f"who holds {idea.code} has the {idea.criterion.value} right by accident: {mark.given}"
    elif mark.misconception not in allowed:
        yield f"who holds {idea.code} is told {mark.misconception or 'nothing'} about the {idea.criterion.value}"
