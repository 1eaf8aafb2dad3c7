"""A trainee's own page: what is mastered, what is due, which wrong ideas are gone.

Only first attempts count whose result the trainee may see: a page that moved before the reveal would tell
what the result page withholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from tickets.grading import BY_CODE
from tickets.measures import (
    Evidence,
    IdeaHistory,
    IdeaState,
    Lack,
    Mastery,
    Meeting,
    State,
    measure_mastery,
    measure_repairs,
)
from tickets.models import Ticket, User
from tickets.reports.skill_grades import evidence_by_skill, grades_of, marks_of
from tickets.skills import SKILLS, Skill

# What is asked of the last ten for "mastered", in the trainee's words.
ASKED: dict[Lack, StrOrPromise] = {
    Lack.TICKETS: _("ten answers"),
    Lack.RIGHT: _("nine of the last ten right"),
    Lack.KINDS: _("three answers of another kind than the commonest"),
    Lack.SCENARIOS: _("three different scenarios"),
    Lack.DAYS: _("answers on two days"),
    Lack.MIXED: _("four answers from mixed assignments"),
}
# What to look at first stands first.
ORDER = (State.DUE, State.SLIPPED, State.LEARNING, State.MASTERED, State.NOT_SEEN)
LABELS: dict[State, StrOrPromise] = {
    State.DUE: _("Due again"),
    State.SLIPPED: _("Slipped"),
    State.LEARNING: _("Learning"),
    State.MASTERED: _("Mastered"),
    State.NOT_SEEN: _("Not met yet"),
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
        return str(LABELS[self.mastery.state])

    @property
    def wanting(self) -> tuple[str, ...]:
        """What "mastered" still asks for."""
        return tuple(str(ASKED[lack]) for lack in self.mastery.lacks)


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
    graded = grades_of(Ticket.objects.worked_by(user).first_attempts())
    shown = [grade for grade in graded if grade.submission.ticket.item.assignment.reveals_at(now)]
    tickets = {grade.submission.ticket_id: grade.submission.ticket for grade in shown}
    return Progress(
        skills=_skills(shown, tickets, now),
        ideas=_ideas(shown, tickets),
        graded=len(shown),
        withheld=len(graded) - len(shown),
    )


def _skills(grades: Sequence[Any], tickets: dict[UUID, Ticket], now: datetime) -> tuple[SkillLine, ...]:
    found = evidence_by_skill(grades, marks_of(grades))
    lines = [_skill_line(skill, found[skill.code], tickets, now) for skill in SKILLS]
    return tuple(sorted(lines, key=lambda line: ORDER.index(line.mastery.state)))


def _skill_line(
    skill: Skill, evidence: Sequence[Evidence], tickets: dict[UUID, Ticket], now: datetime
) -> SkillLine:
    mastery = measure_mastery(evidence, now)
    dots = []
    for each in mastery.recent:
        assert isinstance(each.ticket, UUID)  # as evidence_by_skill made it
        ticket = tickets[each.ticket]
        dots.append(Dot(ticket.pk, ticket.code, ticket.variant.version.title, each.is_right))
    return SkillLine(skill, mastery, tuple(dots))


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
