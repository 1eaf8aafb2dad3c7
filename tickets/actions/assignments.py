"""What a cohort is set: assignments, and the tickets that they give to each trainee."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from tickets.models import (
    Assignment,
    AssignmentItem,
    AuditRecord,
    Cohort,
    Enrollment,
    EvidenceUpload,
    ScenarioVersion,
    Ticket,
    User,
    Variant,
)
from tickets.tasks.uploads import UploadError
from tickets.tasks.variants import can_generate, generate_variant

# Neighbours in a class get different addresses, up to so many variants; then variants are shared.
POOL_SIZE = 12


def assign(
    cohort: Cohort,
    title: str,
    versions: Sequence[ScenarioVersion],
    *,
    reveal: str = Assignment.Reveal.ON_GRADE,
    opens_at: datetime | None = None,
    due_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> Assignment:
    """Set scenarios to a cohort in the order given, and give each of its trainees one ticket for each.

    A version that stands twice in the list gives two tickets with different evidence.
    """
    with transaction.atomic():
        assignment = Assignment.objects.create(
            cohort=cohort, title=title, reveal=reveal, opens_at=opens_at, due_at=due_at, closes_at=closes_at
        )
        AssignmentItem.objects.bulk_create(
            AssignmentItem(assignment=assignment, position=position, version=version)
            for position, version in enumerate(versions, start=1)
        )
        give_assignment_tickets(assignment)
    return assignment


def give_assignment_tickets(assignment: Assignment) -> list[Ticket]:
    """Give every trainee of the cohort the tickets that he or she still lacks; those given are returned."""
    enrollments = assignment.cohort.enrollments.trainees().select_related("user")
    with transaction.atomic():
        items = _locked_items(assignment)
        return [ticket for item in items for ticket in _give_item(item, [e.user for e in enrollments])]


def give_tickets(enrollment: Enrollment) -> list[Ticket]:
    """Give somebody who joined later the tickets of all that the cohort has been set and that is not closed."""
    if enrollment.role != Enrollment.Role.TRAINEE or not enrollment.is_active:
        return []
    now = timezone.now()
    with transaction.atomic():
        return [
            ticket
            for assignment in enrollment.cohort.assignments.all()
            if assignment.closes_at is None or now < assignment.closes_at
            for item in _locked_items(assignment)
            for ticket in _give_item(item, [enrollment.user])
        ]


def publish_upload(upload: EvidenceUpload, cohort: Cohort, by: User) -> Assignment:
    """Set an analysed upload to a cohort; a second time finds the assignment that the first one made.

    Raises UploadError for an upload that has no verdict yet, or a cohort that `by` does not teach.
    """
    if not Cohort.objects.taught_by(by).filter(pk=cohort.pk).exists():
        raise UploadError(f"You do not teach {cohort}.")
    with transaction.atomic():
        upload = EvidenceUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if upload.variant is None:
            raise UploadError(f"{upload.title} has not been analysed, so it cannot be published.")
        assignment = publish_version(upload.variant.version, cohort)
        EvidenceUpload.objects.filter(pk=upload.pk).update(state=EvidenceUpload.State.PUBLISHED)
        AuditRecord.objects.record(
            "upload.published", upload, actor=by, cohort=str(cohort.pk), assignment=str(assignment.pk)
        )
    return assignment


def publish_version(version: ScenarioVersion, cohort: Cohort) -> Assignment:
    """Set one version to a cohort as an assignment of its own, or find the one that does so already."""
    with transaction.atomic():
        if version.state == ScenarioVersion.State.DRAFT:
            version.state = ScenarioVersion.State.PUBLISHED
            version.published_at = timezone.now()
            version.save(update_fields=["state", "published_at"])
        already = Assignment.objects.filter(cohort=cohort, items__version=version).first()
        if already is None:
            return assign(cohort, version.title, [version])
        give_assignment_tickets(already)
        return already


def reveal_now(assignment: Assignment, by: User) -> None:
    """Let trainees see the truth of what they have submitted, where that waits for the instructor's word."""
    with transaction.atomic():
        Assignment.objects.filter(pk=assignment.pk, revealed_at=None).update(revealed_at=timezone.now())
        AuditRecord.objects.record("assignment.revealed", assignment, actor=by)


def _locked_items(assignment: Assignment) -> list[AssignmentItem]:
    """The assignment's items, with its row locked: two clicks at once do not give two tickets."""
    Assignment.objects.select_for_update().get(pk=assignment.pk)
    return list(assignment.items.select_related("version").order_by("position"))


def _give_item(item: AssignmentItem, trainees: Sequence[User]) -> list[Ticket]:
    served = set(item.tickets.values_list("trainee_id", flat=True))
    waiting = [trainee for trainee in trainees if trainee.pk not in served]
    pool = _Pool(item.version) if waiting else None
    given = []
    for trainee in waiting:
        assert pool is not None
        variant = pool.variant_for(trainee)
        if variant is not None:
            given.append(Ticket(item=item, trainee=trainee, variant=variant))
    for ticket in given:
        ticket.save(force_insert=True)
    return given


class _Pool:
    """The variants of a version, and how often each has been given out."""

    def __init__(self, version: ScenarioVersion) -> None:
        self.version = version
        self.can_grow = can_generate(version)
        self.variants = list(version.variants.filter(state=Variant.State.PASSED))
        tickets = list(
            Ticket.objects.filter(variant__version=version).values_list("variant_id", "trainee_id")
        )
        self.uses = Counter(variant for variant, _ in tickets)
        self.met = set(tickets)

    def variant_for(self, trainee: User) -> Variant | None:
        """One that this trainee has not met, least used first; None when an upload's only one was met."""
        unmet = [variant for variant in self.variants if (variant.pk, trainee.pk) not in self.met]
        chosen = min(unmet, key=lambda variant: self.uses[variant.pk], default=None)
        is_used = chosen is None or self.uses[chosen.pk] > 0
        if self.can_grow and (chosen is None or (is_used and len(self.variants) < POOL_SIZE)):
            chosen = generate_variant(self.version)
            self.variants.append(chosen)
        if chosen is not None:
            self.uses[chosen.pk] += 1
            self.met.add((chosen.pk, trainee.pk))
        return chosen
