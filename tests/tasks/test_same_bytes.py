"""The same submission, scenario and engine give the same bytes: again, and on whichever database."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories as make
from tickets.actions.demo import install_shipped_scenarios
from tickets.actions.regradings import bring_on_here, draft_for_engine
from tickets.engine import describe, lesson
from tickets.grading import (
    Criterion,
    Help,
    answers_to_plain,
    build_key,
    grade_to_plain,
    grade_worksheet,
    model_answers,
    read_accepted,
    read_answers,
)
from tickets.models import Grade, GradeJob, HintTaken, RubricMark, ScenarioVersion, Submission, hash_json
from tickets.models.truth import ScenarioKey, VariantVerdict
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain
from tickets.tasks.variants import generate_variant
from tickets.tasks.verdicts import current_verdict

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]


def test_every_scenarios_evidence_judged_again_gives_the_verdict_of_its_making_to_the_byte() -> None:
    for version in install_shipped_scenarios():
        variant = generate_variant(version)
        made = VariantVerdict.objects.get(variant=variant).sha256
        VariantVerdict.objects.all().delete()
        assert current_verdict(variant).sha256 == made, version.scenario.slug


def test_three_regradings_give_what_the_pure_call_gives_without_a_database() -> None:
    """The pure call knows no database, so what equals it on each of two databases is equal on both."""
    install_shipped_scenarios()
    variant = generate_variant(ScenarioVersion.objects.get(scenario__family="T003"))
    verdict = current_verdict(variant).verdict
    accepted = read_accepted(ScenarioKey.objects.get(version=variant.version).accepted)
    written: dict[str, Any] = {
        **answers_to_plain(model_answers(build_key(verdict, accepted))),
        "disposition": "false_positive",
        "reason_code": "FP2",
        "outcome": "refused",
    }
    ticket = make.make_ticket(variant=variant)
    hint = HintTaken.objects.create(
        ticket=ticket,
        level=3,
        text="Look there.",
        percent=50,
        lines=["outcome", "reversed"],
        taken_by=ticket.trainee,
        taken_at=make.NOON,
    )
    make.make_submission(ticket, **written)
    drain(GradeJob, record_grade)
    answers, problems = read_answers(Submission.objects.get().answers)
    assert not problems
    helps = [Help(name="Hint 3 was taken", lines=tuple(map(Criterion, hint.lines)), percent=hint.percent)]
    pure = grade_worksheet(answers, verdict, accepted, describe=describe, lesson=lesson, helps=helps)
    assert pure.helped, "the hint cost something"
    # What a person says of the texts is no part of the machine's run.
    RubricMark.objects.create(
        submission=Submission.objects.get(),
        step="reason",
        level=2,
        given_by=make.make_instructor(),
        given_at=make.NOON,
    )
    regradings = [bring_on_here(draft_for_engine(None, "Measured again.", None)) for _ in range(3)]
    runs = [line.after for each in regradings for line in each.lines.all() if line.after]
    assert len(runs) == 3
    whole = hash_json(grade_to_plain(pure))
    assert {run.sha256 for run in runs} == {whole}
    # Not the hash alone: what the rows hold, read back from this database, is the same to the byte.
    assert {
        hash_json(read_back(run)) for run in [*runs, Submission.objects.get().grades.earliest("graded_at")]
    } == {whole}


def read_back(run: Grade) -> dict[str, object]:
    """A run from its rows, as `grade_to_plain` writes it."""
    run = Grade.objects.get(pk=run.pk)
    names = (
        "criterion",
        "label",
        "given",
        "expected",
        "result",
        "misconception",
        "follows",
        "explanation",
        "rule",
    )
    lines = [
        {
            **{name: getattr(line, name) for name in (*names, "next_time", "records")},
            "points": float(line.points),
            "max_points": float(line.max_points),
        }
        for line in run.criteria.order_by("position")
    ]
    return {
        **run.lesson,
        "criteria": lines,
        "points": float(run.points),
        "max_points": float(run.max_points),
        "engine_version": run.engine_version,
    }
