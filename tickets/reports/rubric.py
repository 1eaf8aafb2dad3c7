"""The instructor's judgement of the texts beside the machine's marks: what counts, who said what, what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tickets.grading import DEFAULT_WEIGHTS
from tickets.grading.texts import FIGURES, FIRST_LOOK, Figures
from tickets.methodology import LEVELS, MOST_LEVEL, STEPS, Step
from tickets.models import Grade, RubricMark, Submission, User


@dataclass(frozen=True, slots=True)
class JudgedStep:
    """One step: the newest mark counts, the others stay to be read."""

    step: Step
    levels: tuple[str, str, str]
    mark: RubricMark | None
    others: list[RubricMark]
    text: str

    @property
    def meaning(self) -> str:
        return self.levels[self.mark.level] if self.mark else ""


@dataclass(frozen=True, slots=True)
class Judged:
    """All five. `whole` of `whole_max` is the machine's marks and these together; `rescaled` what the machine's come to
    out of a hundred where nobody has judged yet."""

    steps: list[JudgedStep]
    points: Decimal
    max_points: Decimal
    whole: Decimal
    whole_max: Decimal
    rescaled: int

    @property
    def is_complete(self) -> bool:
        return all(step.mark for step in self.steps)

    @property
    def twice(self) -> list[JudgedStep]:
        return [step for step in self.steps if step.mark and step.others]

    @property
    def agreed(self) -> int:
        """Of the steps that two have judged, those with the same level."""
        return sum(
            all(other.level == step.mark.level for other in step.others) for step in self.twice if step.mark
        )


def read_judged(submission: Submission, grade: Grade) -> Judged:
    marks = list(
        RubricMark.objects.filter(submission=submission).select_related("given_by").order_by("-given_at")
    )
    steps = [_step(step, [mark for mark in marks if mark.step == step.name], submission) for step in STEPS]
    each = Decimal(str(grade.lesson.get("rubric", DEFAULT_WEIGHTS.rubric)))
    points = sum((each * step.mark.level / MOST_LEVEL for step in steps if step.mark), Decimal(0))
    highest = each * len(steps)
    share = grade.points / grade.max_points if grade.max_points else Decimal(0)
    return Judged(
        steps=steps,
        points=points,
        max_points=highest,
        whole=grade.points + points,
        whole_max=grade.max_points + highest,
        rescaled=round(100 * share),
    )


def _step(step: Step, marks: list[RubricMark], submission: Submission) -> JudgedStep:
    text = str(submission.answers.get(step.name) or "")
    return JudgedStep(step, LEVELS[step.name], marks[0] if marks else None, marks[1:], text)


def own_levels(submission: Submission, user: User) -> dict[str, RubricMark]:
    """What this instructor has said of the work so far."""
    return {mark.step: mark for mark in RubricMark.objects.filter(submission=submission, given_by=user)}


def reading_figures() -> tuple[Figures, ...]:
    """How well texts are read: the first look first, by which the reader is to be judged."""
    return (FIRST_LOOK, *FIGURES)
