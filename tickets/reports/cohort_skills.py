"""What a cohort can: each skill with how many of its trainees have mastered it, and how often it was shown.

Answers of one trainee are not independent, so the interval over answers is widened for that; mastery is counted by
trainee. A skill that is due again counts as mastered: nothing has shown the contrary. An answer with help is no evidence of
a skill, and is counted apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from tickets.measures import Evidence, Share, State, measure_clustered_share, measure_mastery, measure_share
from tickets.reports.skill_grades import evidence_by_skill, helped_by_skill, marks_of
from tickets.skills import SKILLS, Skill

MASTERED = (State.MASTERED, State.DUE)


@dataclass(frozen=True, slots=True)
class SkillFigure:
    """One line. `mastered.n` are the trainees who met the skill, `shown.n` their answers that tell of it, and `helped.n`
    those that would if they had been given without help. The queries list the worksheets behind either."""

    skill: Skill
    mastered: Share
    slipped: int
    shown: Share
    helped: Share
    query: str
    helped_query: str

    @property
    def trainees(self) -> int:
        return self.mastered.n


def read_skills(grades: Sequence[Any]) -> tuple[SkillFigure, ...]:
    """The skills that somebody met, in their order."""
    marks = marks_of(grades)
    by_trainee: dict[UUID, list[Any]] = defaultdict(list)
    for grade in grades:
        by_trainee[grade.submission.ticket.trainee_id].append(grade)
    evidence = [evidence_by_skill(own, marks) for own in by_trainee.values()]
    helped = helped_by_skill(grades, marks)
    met = ((skill, [own[skill.code] for own in evidence if own[skill.code]]) for skill in SKILLS)
    return tuple(_figure(skill, own, helped[skill.code]) for skill, own in met if own or helped[skill.code])


def _figure(skill: Skill, own: Sequence[Sequence[Evidence]], helped: Sequence[Evidence]) -> SkillFigure:
    # At the moment of a trainee's last answer nothing is due: the report does not change while nobody works.
    states = [measure_mastery(seen, max(each.at for each in seen)).state for seen in own]
    return SkillFigure(
        skill=skill,
        mastered=measure_share(sum(state in MASTERED for state in states), len(states)),
        slipped=sum(state is State.SLIPPED for state in states),
        shown=measure_clustered_share((sum(each.is_right for each in seen), len(seen)) for seen in own),
        helped=measure_share(sum(each.is_right for each in helped), len(helped)),
        query=urlencode({"skill": skill.code, "help": "none"}),
        helped_query=urlencode({"skill": skill.code, "help": "had"}),
    )
