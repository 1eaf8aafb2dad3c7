"""The dry run of a regrading and its application: what is computed, what counts, what a fault leaves behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from django.db import IntegrityError, transaction

from tests import factories as make
from tests.regrading import (
    OLD_ENGINE,
    REASON,
    apply,
    dry_run,
    grade_with_old_engine,
    line_of,
    make_class,
    shown_grade,
)
from tickets.actions.regradings import (
    MarksWouldFallError,
    RegradingError,
    abandon_regrading,
    approve_regrading,
    bring_on_here,
    draft_for_engine,
)
from tickets.engine import ENGINE_VERSION
from tickets.models import (
    AuditRecord,
    CriterionResult,
    EvidenceFile,
    Grade,
    GradeJob,
    Notice,
    Regrading,
    RegradingJob,
    RegradingLine,
    Variant,
)
from tickets.models.truth import VariantVerdict
from tickets.tasks import bring_on
from tickets.tasks import regrading as regrading_task
from tickets.tasks.gathering import Gathered
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import LeaseLostError, claim, drain
from tickets.tasks.regrading import compute_regrading
from tickets.tasks.runs import Run, store_runs

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]


# -- The dry run ----------------------------------------------------------------------------------


def test_a_dry_run_says_for_each_ticket_what_would_change_and_changes_nothing() -> None:
    anas, umas = make_class()
    before = {ticket: (shown_grade(ticket).pk, shown_grade(ticket).points) for ticket in (anas, umas)}
    regrading = dry_run()
    assert regrading.state == "computed"
    assert line_of(regrading, anas).change == "rises"
    assert line_of(regrading, umas).change == "falls"
    assert line_of(regrading, umas).is_fall
    assert {t: (shown_grade(t).pk, shown_grade(t).points) for t in (anas, umas)} == before
    assert not Notice.objects.exists()


def test_a_line_holds_the_old_run_and_the_new_one_criterion_by_criterion() -> None:
    _, umas = make_class()
    line = line_of(dry_run(), umas)
    assert line.before is not None
    assert line.after is not None
    assert (line.before.engine_version, line.after.engine_version) == (OLD_ENGINE, ENGINE_VERSION)
    old = line.before.criteria.get(criterion="disposition")
    new = line.after.criteria.get(criterion="disposition")
    assert (old.expected, old.result) == ("benign", "correct")
    assert (new.expected, new.given) == ("false_positive", "benign")
    assert new.points < old.points
    assert not line.after.is_current


def test_the_new_verdict_stands_beside_the_old_one() -> None:
    anas, _ = make_class()
    dry_run()
    versions = VariantVerdict.objects.filter(variant=anas.variant).values_list("engine_version", flat=True)
    assert set(versions) == {OLD_ENGINE, ENGINE_VERSION}


def test_a_run_keeps_the_hash_of_the_evidence_it_was_held_against() -> None:
    anas, _ = make_class()
    line = line_of(dry_run(), anas)
    assert line.after is not None
    assert line.after.evidence_sha256 == anas.variant.bundle.sha256


def test_evidence_that_is_not_what_was_frozen_is_told_and_blocks_the_approval() -> None:
    anas, _ = make_class()
    EvidenceFile.objects.filter(name="capture.pcap").update(data=make.make_capture(("10.20.30.40", 4000)))
    regrading = dry_run()
    assert "its hash differs" in line_of(regrading, anas).problem
    with pytest.raises(RegradingError, match="all or nothing"):
        approve_regrading(regrading, None, marks_may_fall=True)
    assert shown_grade(anas).engine_version == OLD_ENGINE


def test_a_worker_that_dies_in_the_middle_leaves_lines_and_the_next_goes_on_from_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_class()
    monkeypatch.setattr("tickets.tasks.regrading.BATCH", 1)
    regrading = draft_for_engine(None, REASON, None)
    job = claim(RegradingJob)
    assert job is not None
    stored: list[Sequence[Run]] = []

    def die_at_the_second(runs: Sequence[Run]) -> None:
        stored.append(runs)
        if len(stored) == 2:
            raise KeyboardInterrupt
        store_runs(runs)

    monkeypatch.setattr("tickets.tasks.regrading.store_runs", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        compute_regrading(job)
    assert RegradingLine.objects.count() == 1
    assert CriterionResult.objects.filter(grade__regrading=regrading).exists()
    monkeypatch.undo()
    RegradingJob.objects.update(lease_until=None)
    assert bring_on_here(regrading).state == "computed"
    assert RegradingLine.objects.count() == 2
    assert Grade.objects.filter(regrading=regrading).count() == 2


def test_a_worker_whose_lease_was_taken_stores_no_line() -> None:
    make_class()
    draft_for_engine(None, REASON, None)
    job = claim(RegradingJob)
    assert job is not None
    RegradingJob.objects.update(lease_until=None)
    assert claim(RegradingJob) is not None
    with pytest.raises(LeaseLostError):
        compute_regrading(job)
    assert not RegradingLine.objects.exists()
    assert not Grade.objects.exclude(regrading=None).exists()


def test_what_one_job_does_not_manage_in_its_time_the_next_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    make_class()
    monkeypatch.setattr("tickets.tasks.regrading.BATCH", 1)
    regrading = draft_for_engine(None, REASON, None)
    job = claim(RegradingJob)
    assert job is not None
    compute_regrading(job, budget_s=-1.0)
    assert RegradingLine.objects.count() == 1
    assert sorted(RegradingJob.objects.values_list("state", flat=True)) == ["done", "pending"]
    assert bring_on_here(regrading).state == "computed"
    assert RegradingLine.objects.count() == 2


def test_a_batch_holds_no_more_evidence_than_fits_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = []
    for name in ("ana", "uma"):
        bundle = make.make_bundle(notes=(*make.NOTES, f"A note about {name}."))
        tickets.append(make.make_ticket(make.make_user(name), variant=make.make_variant(bundle=bundle)))
    tickets.append(make.make_ticket(make.make_user("eve"), variant=tickets[0].variant))
    grade_with_old_engine(*map(make.make_submission, tickets))
    read: list[int] = []

    def counted(variants: Iterable[Variant]) -> Gathered:
        given = list(variants)
        read.append(len({variant.bundle_id for variant in given}))
        return Gathered(given)

    monkeypatch.setattr(regrading_task, "Gathered", counted)
    monkeypatch.setattr(regrading_task, "BATCH_BYTES", 1)
    assert dry_run().lines.exclude(change="failed").count() == 3
    assert max(read) == 1
    monkeypatch.setattr(regrading_task, "BATCH_BYTES", 10_000_000)
    dry_run()
    assert max(read) == 2


def test_an_upgrade_in_the_middle_starts_the_dry_run_anew() -> None:
    make_class()
    regrading = draft_for_engine(None, REASON, None)
    Regrading.objects.update(engine_version="1.9.9")
    regrading = bring_on_here(regrading)
    assert (regrading.state, regrading.engine_version) == ("computed", ENGINE_VERSION)


def test_a_job_of_an_abandoned_regrading_does_nothing() -> None:
    make_class()
    regrading = draft_for_engine(None, REASON, None)
    abandon_regrading(regrading, None)
    drain(RegradingJob, bring_on)
    assert RegradingJob.objects.get().state == "done"
    assert not RegradingLine.objects.exists()


def test_three_regradings_of_the_same_work_are_the_same_to_the_byte() -> None:
    anas, umas = make_class()
    runs = [dry_run() for _ in range(3)]
    for ticket in (anas, umas):
        grades = [line_of(regrading, ticket).after for regrading in runs]
        assert len({grade.sha256 for grade in grades if grade is not None}) == 1
        told = [
            list(
                grade.criteria.order_by("position").values_list(
                    "criterion", "result", "given", "expected", "points", "explanation", "records"
                )
            )
            for grade in grades
            if grade is not None
        ]
        assert told[0] == told[1] == told[2]


# -- Applying -------------------------------------------------------------------------------------


def test_marks_fall_only_where_somebody_has_said_that_they_may() -> None:
    _, umas = make_class()
    regrading = dry_run()
    with pytest.raises(MarksWouldFallError):
        approve_regrading(regrading, None, marks_may_fall=False)
    assert bring_on_here(regrading).state == "computed"
    assert shown_grade(umas).engine_version == OLD_ENGINE
    assert apply(regrading).state == "applied"
    assert shown_grade(umas).engine_version == ENGINE_VERSION


def test_applying_brings_all_runs_to_count_and_the_old_ones_stay() -> None:
    anas, umas = make_class()
    old = {ticket: shown_grade(ticket) for ticket in (anas, umas)}
    apply(dry_run())
    assert shown_grade(anas).points > old[anas].points
    assert shown_grade(umas).points < old[umas].points
    for ticket in (anas, umas):
        counted = list(Grade.objects.filter(submission__ticket=ticket).counted())
        assert [grade.pk for grade in counted] == [shown_grade(ticket).pk, old[ticket].pk]
        assert old[ticket].criteria.count() > 5


def test_nothing_counts_when_the_transaction_of_applying_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    anas, umas = make_class()
    regrading = dry_run()
    approve_regrading(regrading, None, marks_may_fall=True)
    monkeypatch.setattr("tickets.tasks.applying._counts", lambda lines: 1 / 0)
    drain(RegradingJob, bring_on, budget_s=0.5)
    assert {shown_grade(ticket).engine_version for ticket in (anas, umas)} == {OLD_ENGINE}
    assert not Notice.objects.exists()
    monkeypatch.undo()
    RegradingJob.objects.update(lease_until=None)
    assert bring_on_here(regrading).state == "applied"


def test_a_run_that_was_not_applied_never_counted() -> None:
    anas, _ = make_class()
    abandon_regrading(dry_run(), None)
    assert Grade.objects.filter(submission__ticket=anas).count() == 2
    assert Grade.objects.filter(submission__ticket=anas).counted().count() == 1


def test_who_is_concerned_is_told_why_and_who_is_not_is_left_alone() -> None:
    anas, umas = make_class()
    apply(dry_run())
    assert set(Notice.objects.values_list("ticket", flat=True)) == {anas.pk, umas.pk}
    told = Notice.objects.get(ticket=umas)
    assert told.text.startswith(REASON)
    assert "Your marks fell from" in told.text
    Notice.objects.all().delete()
    again = dry_run()
    assert {line.change for line in again.lines.all()} == {"unchanged"}
    apply(again, marks_may_fall=False)
    assert not Notice.objects.exists()


def test_work_that_was_graded_meanwhile_by_the_same_engine_does_not_hold_it_up() -> None:
    anas, _ = make_class()
    regrading = dry_run()
    late = make.make_submission(
        make.make_ticket(make.make_user("lea"), assignment=anas.item.assignment, variant=anas.variant)
    )
    drain(GradeJob, record_grade)
    assert apply(regrading).state == "applied"
    assert late.grades.get().kind == "submission"


def test_a_mark_that_changed_meanwhile_makes_it_compute_again_and_ask_again() -> None:
    anas, _ = make_class()
    first, second = dry_run(), dry_run()
    apply(first)
    with pytest.raises(RegradingError, match="changed since it was computed"):
        approve_regrading(second, None, marks_may_fall=True)
    second = bring_on_here(second)
    assert (second.state, second.approved_at) == ("computed", None)
    assert line_of(second, anas).change == "unchanged"


def test_an_approval_that_no_longer_holds_when_its_job_comes_is_taken_back() -> None:
    make_class()
    first, second = dry_run(), dry_run()
    approve_regrading(first, None, marks_may_fall=True)
    approve_regrading(second, None, marks_may_fall=True)
    assert bring_on_here(first).state == "applied"
    second = bring_on_here(second)
    assert second.state == "computed"
    assert "changed since" in second.outdated
    assert not second.marks_may_fall


def test_an_applied_regrading_is_applied_once() -> None:
    anas, _ = make_class()
    regrading = apply(dry_run())
    RegradingJob.objects.create(regrading=regrading)
    drain(RegradingJob, bring_on)
    assert AuditRecord.objects.filter(action="regrading.applied").count() == 1
    assert Notice.objects.filter(ticket=anas).count() == 1


def test_the_audit_tells_every_step_and_every_grade_and_none_of_the_truth() -> None:
    make_class()
    apply(dry_run())
    actions = list(AuditRecord.objects.order_by("at").values_list("action", flat=True))
    assert [a for a in actions if a.startswith("regrading.")] == [
        "regrading.drafted",
        "regrading.computed",
        "regrading.approved",
        "regrading.applied",
    ]
    regraded = AuditRecord.objects.filter(action="grade.regraded")
    assert regraded.count() == 2
    assert all(set(record.data) == {"regrading", "change", "before", "after"} for record in regraded)


def test_the_database_refuses_what_is_applied_without_approval() -> None:
    make_class()
    regrading = dry_run()
    with pytest.raises(IntegrityError), transaction.atomic():
        Regrading.objects.filter(pk=regrading.pk).update(state="applied")


def test_a_regrading_of_one_scenario_leaves_the_others_alone() -> None:
    make_class()
    other = make.make_variant(make.make_version(make.make_scenario("another")))
    grade_with_old_engine(make.make_submission(make.make_ticket(make.make_user("lea"), variant=other)))
    regrading = bring_on_here(draft_for_engine(other.version.scenario, REASON, None))
    assert [line.ticket.variant for line in regrading.lines.all()] == [other]


def test_an_instructor_regrades_the_classes_that_he_teaches_and_no_other() -> None:
    make_class()
    ines = make.make_instructor("ines")
    cohort = make.make_cohort("Evening class", instructors=[ines])
    theirs = make.make_ticket(make.make_user("eva"), assignment=make.make_assignment(cohort))
    grade_with_old_engine(make.make_submission(theirs))
    regrading = bring_on_here(draft_for_engine(None, REASON, ines))
    assert [line.ticket for line in regrading.lines.all()] == [theirs]
    assert not Regrading.objects.open_to(make.make_instructor("ivo")).exists()
    assert Regrading.objects.open_to(ines).get() == regrading
