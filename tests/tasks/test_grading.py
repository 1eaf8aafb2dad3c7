"""From a claimed job to a stored grade: what is written, once, and what a fault leaves behind."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.factories import (
    FACE_VALUE_ANSWERS,
    NOON,
    RIGHT_ANSWERS,
    make_bundle,
    make_hints,
    make_submission,
    make_ticket,
    make_user,
    make_variant,
    make_version,
)
from tickets.actions.hints import take_hint
from tickets.engine import ENGINE_VERSION, EngineError
from tickets.models import AuditRecord, CriterionResult, Grade, GradeJob, Submission, hash_json
from tickets.models.hints import PAUSE
from tickets.models.truth import ScenarioKey, VariantVerdict
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import LeaseLostError, attempt, claim, drain
from tickets.tasks.verdicts import current_verdict

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]


def grade(submission: Submission) -> Grade:
    drain(GradeJob, record_grade)
    return Grade.objects.get(submission=submission)


def test_a_right_worksheet_earns_every_mark() -> None:
    grade_ = grade(make_submission())
    assert grade_.points == grade_.max_points > 0
    assert set(grade_.criteria.values_list("result", flat=True)) == {"correct"}
    assert (grade_.engine_version, grade_.is_current) == (ENGINE_VERSION, True)
    assert GradeJob.objects.get().state == "done"


def test_the_alert_taken_at_face_value_earns_little_and_names_the_wrong_idea() -> None:
    grade_ = grade(make_submission(**FACE_VALUE_ANSWERS))
    assert grade_.points < grade_.max_points / 2
    reversed_ = grade_.criteria.get(criterion="reversed")
    assert (reversed_.given, reversed_.expected, reversed_.result) == ("no", "yes", "wrong")
    assert grade_.criteria.exclude(misconception="").exists()


def test_every_line_tells_the_given_the_expected_and_the_record_that_proves_it() -> None:
    grade_ = grade(make_submission(reversed="no"))
    line = grade_.criteria.get(criterion="reversed")
    assert line.explanation
    assert line.records
    assert all(record.rpartition(":")[0] in {"capture.pcap", "context"} for record in line.records)
    positions = list(grade_.criteria.values_list("position", flat=True))
    assert positions == list(range(1, len(positions) + 1))
    assert sum(row.max_points for row in grade_.criteria.all()) == grade_.max_points
    assert sum(row.points for row in grade_.criteria.all()) == grade_.points


def test_the_lesson_holds_the_three_arrows_and_the_worked_path() -> None:
    lesson = grade(make_submission(**FACE_VALUE_ANSWERS)).lesson
    assert lesson["strip"]["alert"] == {"tail": "203.0.113.80:80", "head": "10.20.30.40:3932"}
    assert lesson["strip"]["trainee"] == {"tail": "203.0.113.80:80", "head": "10.20.30.40:3932"}
    assert lesson["strip"]["truth"] == {"tail": "10.20.30.40:3932", "head": "203.0.113.80:80"}
    assert all(step["sentence"] for step in lesson["path"])
    assert "criteria" not in lesson


def test_a_reason_code_that_the_scenario_accepts_earns_its_share() -> None:
    version = make_version()
    ScenarioKey.objects.filter(version=version).update(
        accepted=[
            {"reason_code": "BN2", "credit": 0.5, "reason": "Harmless is right, but it hides the error."}
        ]
    )
    ticket = make_ticket(variant=make_variant(version))
    grade_ = grade(make_submission(ticket, disposition="benign", reason_code="BN2"))
    line = grade_.criteria.get(criterion="reason_code")
    assert (line.result, line.points) == ("partial", line.max_points / 2)


def test_a_variant_without_a_verdict_is_judged_from_its_frozen_evidence_and_the_verdict_kept() -> None:
    submission = make_submission()
    variant = submission.ticket.variant
    assert not VariantVerdict.objects.exists()
    grade_ = grade(submission)
    stored = VariantVerdict.objects.get(variant=variant, engine_version=ENGINE_VERSION)
    assert grade_.verdict_sha256 == stored.sha256
    assert stored.sha256 == hash_json(stored.verdict)
    verdict = current_verdict(variant).verdict
    assert verdict.conversation is not None
    assert str(verdict.conversation.orig) == "10.20.30.40:3932"


def test_a_verdict_of_an_older_engine_is_not_used() -> None:
    submission = make_submission()
    VariantVerdict.objects.create(
        variant=submission.ticket.variant, engine_version="0.1.0", verdict={"of": "old"}, sha256="0" * 64
    )
    assert grade(submission).engine_version == ENGINE_VERSION


def test_the_same_worksheet_on_the_same_evidence_has_the_same_hash() -> None:
    variant = make_variant()
    first = make_submission(make_ticket(variant=variant))
    second = make_submission(make_ticket(make_user("uma"), variant=variant))
    drain(GradeJob, record_grade)
    assert Grade.objects.get(submission=first).sha256 == Grade.objects.get(submission=second).sha256


def test_a_job_done_twice_grades_once() -> None:
    submission = make_submission()
    first = grade(submission)
    GradeJob.objects.update(state="pending", attempts=0)
    assert grade(submission).pk == first.pk
    assert GradeJob.objects.get().state == "done"
    assert AuditRecord.objects.filter(action="grade.recorded").count() == 1


def test_a_worker_whose_lease_was_taken_writes_no_grade() -> None:
    make_submission()
    job = claim(GradeJob)
    assert job is not None
    GradeJob.objects.update(lease_until=None)
    assert claim(GradeJob) is not None
    with pytest.raises(LeaseLostError):
        record_grade(job)
    assert not Grade.objects.exists()
    assert not CriterionResult.objects.exists()
    assert not AuditRecord.objects.exists()


def test_the_database_refuses_a_second_first_grade() -> None:
    grade_ = grade(make_submission())
    Grade.objects.update(is_current=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Grade.objects.create(
            submission=grade_.submission,
            engine_version=ENGINE_VERSION,
            points=0,
            max_points=0,
            verdict_sha256="",
            sha256="",
            graded_at=grade_.graded_at,
        )


def test_a_graded_submission_is_not_graded_again_by_a_job_of_a_newer_engine() -> None:
    submission = make_submission()
    old = grade(submission)
    Grade.objects.update(engine_version="0.9.0")
    GradeJob.objects.update(state="pending", attempts=0)
    drain(GradeJob, record_grade)
    assert submission.grades.get() == old
    assert GradeJob.objects.get().state == "done"


def test_evidence_that_the_engine_cannot_read_stores_the_fault_and_no_grade() -> None:
    bundle = make_bundle({"capture.pcap": b"these bytes are no capture at all"}, records=1)
    make_submission(make_ticket(variant=make_variant(bundle=bundle)), evidence=[])
    job = claim(GradeJob)
    assert job is not None
    attempt(job, record_grade)
    stored = GradeJob.objects.get()
    assert (stored.state, stored.attempts, stored.token) == ("pending", 1, None)
    assert stored.error.startswith(EngineError.__name__)
    assert "capture.pcap" in stored.error
    assert not Grade.objects.exists()


def test_the_audit_of_a_grade_holds_its_hash_and_none_of_the_truth() -> None:
    grade_ = grade(make_submission())
    data = AuditRecord.objects.get(action="grade.recorded").data
    assert data == {"submission": str(grade_.submission_id), "sha256": grade_.sha256}


def test_an_alert_that_is_a_record_of_the_evidence_must_be_there() -> None:
    make_submission(make_ticket(variant=make_variant(alert_record="capture.pcap:99")))
    job = claim(GradeJob)
    assert job is not None
    attempt(job, record_grade)
    assert GradeJob.objects.get().error == (
        "JobError: The alert's own record capture.pcap:99 is not in the evidence."
    )


def test_a_blank_worksheet_is_graded_with_nothing() -> None:
    blank: dict[str, Any] = {**dict.fromkeys(RIGHT_ANSWERS, ""), "evidence": []}
    grade_ = grade(make_submission(**blank))
    assert grade_.points == 0
    assert set(grade_.criteria.values_list("result", flat=True)) == {"blank"}


def test_a_hint_that_was_taken_is_part_of_the_marks_and_of_the_grades_words() -> None:
    ticket = make_ticket(variant=make_variant(make_version(skills=["S07"])))
    make_hints(ticket.variant)
    for level in (1, 2):
        take_hint(ticket, level, NOON + level * PAUSE)
    grade_ = grade(make_submission(ticket))
    line = grade_.criteria.get(criterion="outcome")
    assert (line.result, line.points, line.max_points) == ("correct", Decimal("7.20"), Decimal("8.00"))
    assert grade_.max_points - grade_.points == Decimal("1.40")
    assert grade_.lesson["assisted"] == ["outcome", "evidence"]
    assert [row["told"][:16] for row in grade_.lesson["helped"]] == ["Hint 2 was taken"] * 2


def test_the_same_worksheet_with_the_same_hints_has_the_same_hash() -> None:
    variant = make_variant()
    make_hints(variant)
    hashes = set()
    for name in ("ana", "uma"):
        ticket = make_ticket(make_user(name), variant=variant)
        take_hint(ticket, 1, NOON)
        take_hint(ticket, 2, NOON + PAUSE)
        hashes.add(grade(make_submission(ticket)).sha256)
    assert len(hashes) == 1
    plain = make_submission(make_ticket(make_user("eve"), variant=variant))
    assert grade(plain).sha256 not in hashes
