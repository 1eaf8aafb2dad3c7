"""A trainee's own page: what is mastered, what is due, which wrong ideas are gone.

Only first attempts count whose result the trainee may see: a page that moved before the reveal would tell
what the result page withholds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.db.models.fields.json import KeyTransform

from tickets.grading import BY_CODE
from tickets.measures import (
    Evidence,
    GradedTicket,
    IdeaHistory,
    IdeaState,
    Lack,
    Mark,
    Mastery,
    Meeting,
    State,
    evidence_of,
    measure_mastery,
    measure_repairs,
)
from tickets.models import CriterionResult, Grade, Ticket, User
from tickets.skills import SKILLS, Skill

# What is asked of the last ten for "mastered", in the trainee's words.
ASKED: dict[Lack, str] = {
    Lack.TICKETS: "ten answers",
    Lack.RIGHT: "nine of the last ten right",
    Lack.KINDS: "three answers of another kind than the commonest",
    Lack.SCENARIOS: "three different scenarios",
    Lack.DAYS: "answers on two days",
    Lack.MIXED: "four answers from mixed assignments",
}
# The lines of a grade by which skills are judged; whether the alert was reversed says of which kind an answer was.
_OF_SKILLS = {"reversed", *(name for skill in SKILLS for name in skill.criteria)}
# What to look at first stands first.
ORDER = (State.DUE, State.SLIPPED, State.LEARNING, State.MASTERED, State.NOT_SEEN)
LABELS: dict[State, str] = {
    State.DUE: "Due again",
    State.SLIPPED: "Slipped",
    State.LEARNING: "Learning",
    State.MASTERED: "Mastered",
    State.NOT_SEEN: "Not met yet",
}


@dataclass(frozen=True, slots=True)
class Dot:
    """One of the last answers: the ticket it stands on, and whether it was right."""

    ticket_id: UUID
    code: str
    title: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class SkillLine:
    skill: Skill
    mastery: Mastery
    dots: tuple[Dot, ...]

    @property
    def label(self) -> str:
        return LABELS[self.mastery.state]

    @property
    def wanting(self) -> tuple[str, ...]:
        """What "mastered" still asks for."""
        return tuple(ASKED[lack] for lack in self.mastery.lacks)


@dataclass(frozen=True, slots=True)
class IdeaLine:
    """A wrong idea that was shown: the last ticket that showed it, and how it stands."""

    code: str
    name: str
    text: str
    next_time: str
    state: IdeaState
    shown: int
    since: int
    last: Ticket


@dataclass(frozen=True, slots=True)
class Progress:
    """`graded` first attempts are counted, `withheld` ones are graded and not to be seen yet."""

    skills: tuple[SkillLine, ...]
    ideas: tuple[IdeaLine, ...]
    graded: int
    withheld: int

    @property
    def met(self) -> list[SkillLine]:
        return [line for line in self.skills if line.dots]

    @property
    def unmet(self) -> list[SkillLine]:
        return [line for line in self.skills if not line.dots]

    def count(self, state: State) -> int:
        return sum(line.mastery.state is state for line in self.skills)

    @property
    def mastered(self) -> int:
        return self.count(State.MASTERED)

    @property
    def due(self) -> int:
        return self.count(State.DUE)


def read_progress(user: User, now: datetime) -> Progress:
    """All that a trainee has shown, in two queries whatever the number of tickets."""
    graded = _grades(user)
    shown = [grade for grade in graded if grade.submission.ticket.item.assignment.reveals_at(now)]
    tickets = {grade.submission.ticket_id: grade.submission.ticket for grade in shown}
    return Progress(
        skills=_skills(shown, tickets, now),
        ideas=_ideas(shown, tickets),
        graded=len(shown),
        withheld=len(graded) - len(shown),
    )


def _grades(user: User) -> list[Any]:
    """Current grades of first attempts, oldest first, without what is wide in them: of the lesson only `assisted`,
    `exposed` and `misconceptions`, and `items` says how many scenarios the assignment sets."""
    ticket = "submission__ticket"
    version = f"{ticket}__variant__version"
    assignment = f"{ticket}__item__assignment"
    return list(
        Grade.objects.filter(
            is_current=True,
            submission__ticket__in=Ticket.objects.worked_by(user).first_attempts().order_by().values("pk"),
        )
        .select_related(assignment, f"{version}__scenario")
        .defer(
            "lesson",
            "submission__answers",
            *(
                f"{version}__{name}"
                for name in ("statement", "rule_text", "rule_reads", "weights", "headings")
            ),
        )
        .annotate(
            items=Count(f"{assignment}__items", distinct=True),
            **{name: KeyTransform(name, "lesson") for name in ("assisted", "exposed", "misconceptions")},
        )
        .order_by("submission__received_at", f"{ticket}__code")
    )


def _marks(grades: Sequence[Grade]) -> dict[UUID, list[Mark]]:
    """Of each grade the lines that say something of a skill."""
    lines = CriterionResult.objects.filter(
        grade__in=[grade.pk for grade in grades], criterion__in=_OF_SKILLS
    ).order_by("position")
    marks: dict[UUID, list[Mark]] = defaultdict(list)
    for grade_id, *line in lines.values_list("grade_id", "criterion", "result", "expected"):
        marks[grade_id].append(Mark(*line))
    return marks


def _skills(grades: Sequence[Any], tickets: dict[UUID, Ticket], now: datetime) -> tuple[SkillLine, ...]:
    found: dict[str, list[Evidence]] = {skill.code: [] for skill in SKILLS}
    marks = _marks(grades)
    for grade in grades:
        graded = _graded_ticket(grade, marks[grade.pk])
        for skill in grade.submission.ticket.variant.version.skills_met:
            if evidence := evidence_of(graded, skill):
                found[skill.code].append(evidence)
    lines = [_skill_line(skill, found[skill.code], tickets, now) for skill in SKILLS]
    return tuple(sorted(lines, key=lambda line: ORDER.index(line.mastery.state)))


def _skill_line(
    skill: Skill, evidence: Sequence[Evidence], tickets: dict[UUID, Ticket], now: datetime
) -> SkillLine:
    mastery = measure_mastery(evidence, now)
    dots = []
    for each in mastery.recent:
        assert isinstance(each.ticket, UUID)  # as _graded_ticket made it
        ticket = tickets[each.ticket]
        dots.append(Dot(ticket.pk, ticket.code, ticket.variant.version.title, each.is_right))
    return SkillLine(skill, mastery, tuple(dots))


def _graded_ticket(grade: Any, marks: Sequence[Mark]) -> GradedTicket:
    """The grade as the measures read it, as `_grades` brings it."""
    submission = grade.submission
    return GradedTicket(
        ticket=submission.ticket_id,
        at=submission.received_at,
        scenario=submission.ticket.variant.version.scenario.slug,
        is_mixed=grade.items > 1,
        marks=marks,
        confidence=submission.confidence,
        assisted=frozenset(grade.assisted or ()),
    )


def _ideas(grades: Sequence[Any], tickets: dict[UUID, Ticket]) -> tuple[IdeaLine, ...]:
    """Open ones first, then those that fade, then the repaired; of each the latest first."""
    meetings = [
        Meeting(
            grade.submission.ticket_id,
            grade.exposed or (),
            [idea["code"] for idea in grade.misconceptions or ()],
        )
        for grade in grades
    ]
    order = list(IdeaState)
    lines = [_idea_line(history, tickets) for history in measure_repairs(meetings)]
    lines.sort(key=lambda line: line.last.submission.received_at, reverse=True)
    return tuple(sorted(lines, key=lambda line: order.index(line.state)))


def _idea_line(history: IdeaHistory, tickets: dict[UUID, Ticket]) -> IdeaLine:
    idea, last = BY_CODE.get(history.code), history.shown[-1]
    assert isinstance(last, UUID)
    return IdeaLine(
        code=history.code,
        name=idea.name if idea else history.code,
        text=idea.text if idea else "",
        next_time=idea.next_time if idea else "",
        state=history.state,
        shown=len(history.shown),
        since=len(history.since),
        last=tickets[last],
    )
