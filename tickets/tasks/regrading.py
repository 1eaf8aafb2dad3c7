"""The dry run of a regrading: for every ticket in its scope, what would change. Nothing of it counts yet.

It is computed ticket by ticket in short transactions, each only while the job is still ours, so a worker that
takes over goes on where the other one died. What one job does not manage in its time, the next one does.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, transaction
from django.db.models import Prefetch, Q, QuerySet, Sum
from django.utils import timezone

from tickets.engine import ENGINE_VERSION
from tickets.models import (
    AuditRecord,
    CriterionResult,
    EvidenceFile,
    Grade,
    Regrading,
    RegradingJob,
    RegradingLine,
    ScenarioVersion,
    ShiftArrival,
    Submission,
    Ticket,
    Variant,
)
from tickets.tasks.errata import erratum_in_force
from tickets.tasks.gathering import Gathered
from tickets.tasks.grading import grade_submission
from tickets.tasks.jobs import JobError, LeaseLostError, describe_fault, finish, renew
from tickets.tasks.runs import Run, first_run, full_marks_run, standing_overrides, store_runs, under_overrides
from tickets.tasks.variants import can_generate, generate_variant
from tickets.tasks.verdicts import Judged, current_verdict
from tickets.tasks.wakeup import wake_relay

# What one job computes before it lets others have their turn, and how much of it is read and stored at a time: so many
# tickets, or as many as have so many bytes of evidence, for the files of a batch are in memory together.
BUDGET_S = 20.0
BATCH = 50
BATCH_BYTES = 32 * 1024 * 1024

Change = RegradingLine.Change
Assessed = tuple[RegradingLine, Run | None]


def compute_regrading(job: RegradingJob, *, budget_s: float = BUDGET_S) -> None:
    """Compute what is still lacking, and note the regrading as computed when nothing is."""
    regrading = job.regrading
    if regrading.engine_version != ENGINE_VERSION:
        _start_anew(job)
    deadline = time.monotonic() + budget_s
    judge = _Judge(regrading)
    for batch in _batches(lacking_tickets(regrading)):
        assessed = judge.assess_all(batch)
        with transaction.atomic():
            renew(job)
            store_runs([run for _, run in assessed if run is not None])
            RegradingLine.objects.bulk_create([line for line, _ in assessed])
        if time.monotonic() > deadline:
            _leave_to_the_next(job)
            return
    _note_computed(job)


def tickets_in_scope(regrading: Regrading) -> QuerySet[Ticket]:
    """Whose work it concerns: of its cohorts, what is graded; of a broken variant, every ticket."""
    tickets = Ticket.objects.filter(
        item__assignment__cohort__in=regrading.cohorts.values("pk"), voided_at=None, excluded_at=None
    )
    if regrading.cause == Regrading.Cause.BROKEN:
        return tickets.filter(variant=regrading.variant_id)
    if regrading.cause == Regrading.Cause.ERRATUM:
        return tickets.filter(variant__version__in=regrading.corrects.values("pk"))
    if regrading.scenario_id is not None:
        return tickets.filter(variant__version__scenario=regrading.scenario_id)
    return tickets


def lacking_tickets(regrading: Regrading) -> QuerySet[Ticket]:
    """The tickets in scope that have no line yet, variant by variant, so that each is judged once."""
    tickets = tickets_in_scope(regrading)
    if regrading.cause != Regrading.Cause.BROKEN:
        tickets = tickets.filter(submission__grades__is_current=True)
    done = RegradingLine.objects.filter(regrading=regrading).values("ticket")
    return (
        tickets.exclude(pk__in=done)
        .select_related("submission", "variant__version", "variant__bundle", "item__assignment", "trainee")
        .order_by("variant", "pk")
    )


def drop_lines(regrading: Regrading) -> None:
    """Away with what was computed and never counted."""
    RegradingLine.objects.filter(regrading=regrading).delete()
    CriterionResult.objects.filter(grade__regrading=regrading).delete()
    Grade.objects.filter(regrading=regrading).delete()


def _start_anew(job: RegradingJob) -> None:
    """Another engine runs than the one that began: half a class must not be graded by each."""
    with transaction.atomic():
        renew(job)
        drop_lines(job.regrading)
        Regrading.objects.filter(pk=job.regrading_id).update(engine_version=ENGINE_VERSION)
    job.regrading.engine_version = ENGINE_VERSION


def _batches(tickets: QuerySet[Ticket]) -> Iterator[Sequence[Ticket]]:
    current = Grade.objects.filter(is_current=True).prefetch_related("criteria")
    whole = tickets.prefetch_related(
        "step_checks", "hints_taken", "submission__overrides", Prefetch("submission__grades", current)
    )
    for chunk in _chunks(tickets):
        yield list(whole.filter(pk__in=chunk))


def _chunks(tickets: QuerySet[Ticket]) -> Iterator[Sequence[UUID]]:
    chunk: list[UUID] = []
    files: dict[UUID, int] = {}
    sized = tickets.annotate(size=Sum("variant__bundle__files__size"))
    for key, bundle_id, size in list(sized.values_list("pk", "variant__bundle", "size")):
        files[bundle_id] = size or 0
        if chunk and (len(chunk) == BATCH or sum(files.values()) > BATCH_BYTES):
            yield chunk
            chunk, files = [], {bundle_id: files[bundle_id]}
        chunk.append(key)
    if chunk:
        yield chunk


def _leave_to_the_next(job: RegradingJob) -> None:
    with transaction.atomic():
        finish(job)
        RegradingJob.objects.create(regrading=job.regrading)
        wake_relay()


def _note_computed(job: RegradingJob) -> None:
    with transaction.atomic():
        finish(job)
        is_drafted = Regrading.objects.filter(pk=job.regrading_id, state=Regrading.State.DRAFTED)
        if is_drafted.update(state=Regrading.State.COMPUTED, computed_at=timezone.now()):
            lines = RegradingLine.objects.filter(regrading=job.regrading)
            AuditRecord.objects.record(
                "regrading.computed",
                job.regrading,
                engine_version=ENGINE_VERSION,
                tickets=lines.count(),
                falls=lines.filter(is_fall=True).count(),
                failed=lines.filter(change=Change.FAILED).count(),
            )


class _Judge:
    """Assesses tickets batch by batch; what it looked up for one it keeps for the next of the same variant."""

    def __init__(self, regrading: Regrading) -> None:
        self.regrading = regrading
        self._gathered = Gathered([])
        self._errata: dict[tuple[UUID, UUID], ScenarioVersion | None] = {}
        self._judged: tuple[tuple[UUID, UUID | None], Judged] | None = None

    def assess_all(self, batch: Sequence[Ticket]) -> list[Assessed]:
        self._gathered = Gathered(ticket.variant for ticket in batch)
        return [self._assess(ticket) for ticket in batch]

    def _assess(self, ticket: Ticket) -> Assessed:
        """What would become of a ticket. A fault of its evidence or of ours is part of the answer, and no mark."""
        before = _current_grade(ticket)
        line = RegradingLine(regrading=self.regrading, ticket=ticket, before=before)
        try:
            if self.regrading.cause == Regrading.Cause.BROKEN:
                run = self._remedy(line, before)
            else:
                run = self._grade_anew(line, before)
        except (LeaseLostError, DatabaseError, SoftTimeLimitExceeded):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told beside the ticket
            line.change, line.problem = Change.FAILED, describe_fault(error)
            return line, None
        line.after = run.grade if run is not None else None
        return line, run

    def _grade_anew(self, line: RegradingLine, before: Grade | None) -> Run:
        assert before is not None  # the scope is what is graded
        submission = line.ticket.submission
        # The rows that the grading reads through the submission are those of this ticket.
        submission.ticket = line.ticket
        erratum = self._erratum_for(line.ticket)
        judged = self._judge(line.ticket.variant, erratum)
        run = first_run(
            submission,
            grade_submission(submission, judged, erratum, self._gathered),
            judged,
            erratum,
            kind=Grade.Kind.REGRADING,
            regrading=self.regrading,
            is_current=False,
        )
        run = under_overrides(run, standing_overrides(submission), before)
        line.change = compare_runs(list(before.criteria.all()), run.lines)
        line.is_fall = line.change == Change.FALLS
        return run

    def _remedy(self, line: RegradingLine, before: Grade | None) -> Run | None:
        if self.regrading.remedy == Regrading.Remedy.FULL_MARKS and before is not None:
            run = full_marks_run(
                before,
                self.regrading.reason,
                kind=Grade.Kind.REGRADING,
                regrading=self.regrading,
                is_current=False,
            )
            line.change = compare_runs(list(before.criteria.all()), run.lines)
            return run
        line.is_fall = before is not None and before.points > 0
        line.change = Change.EXCLUDED
        if self.regrading.remedy == Regrading.Remedy.REPLACE:
            line.replacement = _replacement_for(line.ticket)
            line.change = Change.REPLACED
        return None

    def _erratum_for(self, ticket: Ticket) -> ScenarioVersion | None:
        if self.regrading.cause == Regrading.Cause.ERRATUM:
            return self.regrading.erratum
        place = ticket.item.assignment.cohort_id, ticket.variant.version_id
        if place not in self._errata:
            self._errata[place] = erratum_in_force(place[0], ticket.variant)
        return self._errata[place]

    def _judge(self, variant: Variant, erratum: ScenarioVersion | None) -> Judged:
        place = variant.pk, erratum.pk if erratum is not None else None
        if self._judged is None or self._judged[0] != place:
            require_unchanged(self._gathered.files(variant))
            self._judged = place, current_verdict(variant, erratum, self._gathered)
        return self._judged[1]


def require_unchanged(files: Iterable[EvidenceFile]) -> None:
    """Raises JobError if one of the files is no longer what was frozen."""
    for file in files:
        if hashlib.sha256(bytes(file.data)).hexdigest() != file.sha256:
            raise JobError(f"The evidence file {file.name} is not what was frozen: its hash differs.")


def compare_runs(before: Iterable[CriterionResult], after: Iterable[CriterionResult]) -> str:
    """Marks are compared as a share of what can be earned, for a criterion may come or go."""
    old, new = list(before), list(after)
    share_before = sum(line.points for line in old) * sum(line.max_points for line in new)
    share_after = sum(line.points for line in new) * sum(line.max_points for line in old)
    if share_after != share_before:
        return Change.FALLS if share_after < share_before else Change.RISES
    is_same = {_told(line) for line in old} == {_told(line) for line in new}
    return Change.UNCHANGED if is_same else Change.SAME_MARKS


def _told(line: CriterionResult) -> tuple[object, ...]:
    """What a trainee would notice of a line; the wording of its explanation is not it."""
    return line.criterion, line.result, line.expected, line.points, line.max_points, line.misconception


def _current_grade(ticket: Ticket) -> Grade | None:
    submission: Submission | None = getattr(ticket, "submission", None)
    if submission is None:
        return None
    return next((grade for grade in submission.grades.all() if grade.is_current), None)


def _replacement_for(ticket: Ticket) -> Variant:
    """A variant that the trainee has not met, from the pool or made now."""
    version = ticket.item.version
    met = Ticket.objects.filter(trainee=ticket.trainee_id).values("variant")
    kept = ShiftArrival.objects.filter(trainee=ticket.trainee_id).values("variant")
    unmet = version.variants.filter(~Q(pk__in=met), ~Q(pk__in=kept), state=Variant.State.PASSED)
    found = unmet.order_by("created_at", "pk").first()
    if found is not None:
        return found
    if not can_generate(version):
        raise JobError("There is no other evidence of this scenario, and no story to make it from.")
    return generate_variant(version)
