"""A grade is one run: a row and its lines. Here a run is made from what grading says, made anew from an earlier
one, brought under the overrides that stand, and stored. What is stored never changes but for which one counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.utils import timezone

from tickets.grading import CriterionMark, grade_to_plain
from tickets.grading import Grade as Graded
from tickets.models import CriterionResult, Grade, Override, ScenarioVersion, Submission, hash_json
from tickets.tasks.verdicts import Judged

# What the result page draws, and no column holds.
LESSON_PARTS = (
    "strip",
    "path",
    "proofs",
    "model",
    "unmarked",
    "misconceptions",
    "exposed",
    "confidence",
    "texts",
    "rubric",
    "helped",
    "assisted",
)
# The ideas that the machine named, kept where an override has taken the ground from one of them.
MACHINE_IDEAS = "machine_misconceptions"

Standing = Mapping[str, Override]


@dataclass(frozen=True, slots=True)
class Run:
    """A grade and its lines before they are stored."""

    grade: Grade
    lines: list[CriterionResult]


def first_run(
    submission: Submission, graded: Graded, judged: Judged, erratum: ScenarioVersion | None, **fields: Any
) -> Run:
    """What grading says of a worksheet, as rows. `fields` are further columns of the grade."""
    plain = grade_to_plain(graded)
    grade = Grade(
        submission=submission,
        engine_version=graded.engine_version,
        erratum=erratum,
        evidence_sha256=submission.ticket.variant.bundle.sha256,
        points=graded.points,
        max_points=graded.max_points,
        lesson={part: plain[part] for part in LESSON_PARTS},
        verdict_sha256=judged.sha256,
        sha256=hash_json(plain),
        graded_at=timezone.now(),
        **fields,
    )
    return Run(
        grade, [_line(grade, position, mark) for position, mark in enumerate(graded.criteria, start=1)]
    )


def run_again(before: Grade, **fields: Any) -> Run:
    """The same run once more, as the machine had it: a copy from which every override is taken off."""
    lesson = dict(before.lesson)
    lesson["misconceptions"] = lesson.pop(MACHINE_IDEAS, lesson.get("misconceptions", []))
    grade = Grade(
        submission=before.submission,
        engine_version=before.engine_version,
        erratum_id=before.erratum_id,
        evidence_sha256=before.evidence_sha256,
        lesson=lesson,
        verdict_sha256=before.verdict_sha256,
        graded_at=timezone.now(),
        **fields,
    )
    lines = [line for line in before.criteria.order_by("position") if not _is_gone(line)]
    return _summed(Run(grade, [_line_again(grade, line) for line in lines]))


def standing_overrides(submission: Submission) -> dict[str, Override]:
    """The newest word on each criterion, unless it took the earlier one back."""
    newest = {row.criterion: row for row in sorted(submission.overrides.all(), key=attrgetter("number"))}
    return {criterion: row for criterion, row in newest.items() if row.points is not None}


def under_overrides(run: Run, standing: Standing, before: Grade | None = None) -> Run:
    """The run with what instructors have decided on top of it.

    A criterion that the machine no longer marks keeps the line that it had `before`: an override counts until
    somebody decides otherwise.
    """
    if not standing:
        return run
    marked = {line.criterion for line in run.lines}
    lines = [
        _overridden(line, standing[line.criterion]) if line.criterion in standing else line
        for line in run.lines
    ]
    if before is not None:
        gone = before.criteria.filter(criterion__in=set(standing) - marked)
        lines += [_overridden(_unmarked_line(run.grade, line), standing[line.criterion]) for line in gone]
    run.grade.lesson = _lesson_under(run.grade.lesson, lines)
    return _summed(Run(run.grade, lines))


def full_marks_run(before: Grade, why: str, **fields: Any) -> Run:
    """Every line of an earlier run with all its marks, because its evidence was broken."""
    run = run_again(before, **fields)
    for line in run.lines:
        line.result = CriterionResult.Result.CORRECT
        line.points = line.max_points
        line.misconception = line.follows = ""
        line.explanation = why
    run.grade.lesson = {**run.grade.lesson, "misconceptions": [], "helped": []}
    return _summed(run)


def store_runs(runs: Sequence[Run]) -> None:
    Grade.objects.bulk_create([run.grade for run in runs])
    CriterionResult.objects.bulk_create([line for run in runs for line in run.lines])


def make_current(run: Run) -> None:
    """Store a run that counts from now on. Call it in the transaction that decides so."""
    run.grade.submission.grades.filter(is_current=True).update(is_current=False)
    run.grade.is_current = True
    store_runs([run])


def _line(grade: Grade, position: int, mark: CriterionMark) -> CriterionResult:
    return CriterionResult(
        grade=grade,
        position=position,
        criterion=mark.criterion.value,
        label=mark.label,
        result=mark.result.value,
        given=mark.given,
        expected=mark.expected,
        points=mark.points,
        max_points=mark.max_points,
        misconception=mark.misconception,
        follows=mark.follows,
        explanation=mark.explanation,
        rule=mark.rule,
        next_time=mark.next_time,
        records=[str(record) for record in mark.records],
    )


def _fresh(line: CriterionResult, grade: Grade) -> CriterionResult:
    """A new row that says what the line says."""
    columns = [field.attname for field in CriterionResult._meta.concrete_fields]
    said = {name: getattr(line, name) for name in columns if name not in ("id", "grade_id")}
    return CriterionResult(grade=grade, **said)


def _line_again(grade: Grade, line: CriterionResult) -> CriterionResult:
    fresh = _fresh(line, grade)
    if fresh.machine_points is not None:
        fresh.points, fresh.result = fresh.machine_points, fresh.machine_result
        fresh.misconception = fresh.machine_misconception
    fresh.override = fresh.machine_points = None
    fresh.machine_result = fresh.machine_misconception = ""
    return fresh


def _unmarked_line(grade: Grade, line: CriterionResult) -> CriterionResult:
    """The line of a criterion that the machine has stopped to mark: of its own it has no result at all."""
    fresh = _line_again(grade, line)
    fresh.points = Decimal(0)
    fresh.result = fresh.misconception = fresh.expected = ""
    return fresh


def _is_gone(line: CriterionResult) -> bool:
    return line.machine_points is not None and not line.machine_result


def _overridden(line: CriterionResult, override: Override) -> CriterionResult:
    assert override.points is not None  # one that stands
    line.machine_points, line.machine_result = line.points, line.result
    line.machine_misconception = line.misconception
    line.override = override
    line.points = min(override.points, line.max_points)
    line.result = _result_of(line)
    if line.result == CriterionResult.Result.CORRECT:
        line.misconception = ""
    return line


def _result_of(line: CriterionResult) -> str:
    if line.points >= line.max_points:
        return CriterionResult.Result.CORRECT
    if line.points > 0:
        return CriterionResult.Result.PARTIAL
    return CriterionResult.Result.BLANK if not line.given else CriterionResult.Result.WRONG


def _lesson_under(lesson: dict[str, Any], lines: Iterable[CriterionResult]) -> dict[str, Any]:
    """Without the wrong ideas that no line shows any more."""
    still_shown = {line.misconception for line in lines if line.misconception}
    ideas = lesson.get("misconceptions") or []
    return {
        **lesson,
        "misconceptions": [idea for idea in ideas if idea.get("code") in still_shown],
        MACHINE_IDEAS: ideas,
    }


def _summed(run: Run) -> Run:
    """The run with its sums and its hash, after its lines changed."""
    run.grade.points = sum((line.points for line in run.lines), Decimal("0.00"))
    run.grade.max_points = sum((line.max_points for line in run.lines), Decimal("0.00"))
    run.grade.sha256 = hash_json(
        {
            "verdict": run.grade.verdict_sha256,
            "lines": [
                [
                    line.criterion,
                    line.given,
                    line.expected,
                    line.result,
                    f"{line.points:.2f} of {line.max_points:.2f}",
                ]
                for line in run.lines
            ],
        }
    )
    return run
