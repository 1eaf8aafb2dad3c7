"""What a cohort is set: assignments, and the tickets that they give to each trainee."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from tickets.actions.allocation import Strata, mix_items, read_histories
from tickets.actions.pools import Pool
from tickets.models import (
    Assignment,
    AssignmentItem,
    AuditRecord,
    Cohort,
    Enrollment,
    EvidenceUpload,
    ScenarioVersion,
    Shift,
    Ticket,
    User,
)
from tickets.tasks.uploads import UploadError
from tickets.tasks.variants import request_pool

# Workers go on from there, for this class and the next: so many for each trainee, up to so many in all.
VARIANTS_EACH = 3
LARGEST_POOL = 90

# What a trainee is to be given: the item, and the ticket's place in his or her own order.
Due = tuple[AssignmentItem, User, int]


def assign(
    cohort: Cohort,
    title: str,
    versions: Sequence[ScenarioVersion],
    *,
    reveal: str = Assignment.Reveal.ON_GRADE,
    opens_at: datetime | None = None,
    due_at: datetime | None = None,
    closes_at: datetime | None = None,
    order: str = Assignment.Order.LISTED,
    tickets_each: int | None = None,
    is_guided: bool = False,
) -> Assignment:
    """Set scenarios to a cohort, and give each of its trainees one ticket for each: in the order given, or mixed for
    each trainee anew, then `tickets_each` of them. A guided one gives none before a trainee starts the guide.

    A version that stands twice in the list gives two tickets with different evidence.
    """
    with transaction.atomic():
        assignment = Assignment.objects.create(
            cohort=cohort,
            title=title,
            reveal=reveal,
            opens_at=opens_at,
            due_at=due_at,
            closes_at=closes_at,
            order=order,
            tickets_each=tickets_each,
            is_guided=is_guided,
        )
        AssignmentItem.objects.bulk_create(
            AssignmentItem(assignment=assignment, position=position, version=version)
            for position, version in enumerate(versions, start=1)
        )
        give_assignment_tickets(assignment)
    return assignment


def give_assignment_tickets(assignment: Assignment) -> list[Ticket]:
    """Give every trainee of the cohort the tickets that he or she still lacks; those given are returned.

    A shift's tickets come by its plan, and guided ones to who starts the guide: none of them here."""
    if Shift.objects.filter(assignment=assignment).exists():
        return []
    enrollments = assignment.cohort.enrollments.trainees().select_related("user")
    trainees = [enrollment.user for enrollment in enrollments]
    with transaction.atomic():
        given = [] if assignment.is_guided else _give(assignment, trainees)
        for item in assignment.items.select_related("version"):
            request_pool(item.version, min(VARIANTS_EACH * len(trainees), LARGEST_POOL))
    return given


def give_guided_tickets(assignment: Assignment, trainee: User) -> list[Ticket]:
    """Give one trainee, who starts the guide, what he or she lacks of a guided assignment."""
    with transaction.atomic():
        return _give(assignment, [trainee])


def give_tickets(enrollment: Enrollment) -> list[Ticket]:
    """Give somebody who joined later the tickets of all that the cohort has been set and that is not closed."""
    if enrollment.role != Enrollment.Role.TRAINEE or not enrollment.is_active:
        return []
    now = timezone.now()
    with transaction.atomic():
        return [
            ticket
            for assignment in enrollment.cohort.assignments.filter(shift=None, is_guided=False)
            if assignment.closes_at is None or now < assignment.closes_at
            for ticket in _give(assignment, [enrollment.user])
        ]


def publish_upload(upload: EvidenceUpload, cohort: Cohort, by: User) -> Assignment:
    """Set an analysed upload to a cohort; a second time finds the assignment that the first one made.

    Raises UploadError for an upload that has no verdict yet, or a cohort that `by` does not teach.
    """
    if not Cohort.objects.taught_by(by).filter(pk=cohort.pk).exists():
        raise UploadError(gettext("You do not teach %(cohort)s.") % {"cohort": cohort})
    with transaction.atomic():
        upload = EvidenceUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if upload.variant is None:
            raise UploadError(
                gettext("%(title)s has not been analysed, so it cannot be published.")
                % {"title": upload.title}
            )
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


def _give(assignment: Assignment, trainees: Sequence[User]) -> list[Ticket]:
    """The tickets that these trainees lack, each with another variant as far as there are enough."""
    items = _locked_items(assignment)
    plan = _mixed(assignment, items, trainees) if assignment.order == "mixed" else _listed(items, trainees)
    pools: dict[UUID, Pool] = {}
    given = []
    for item, trainee, position in plan:
        if item.version_id not in pools:
            pools[item.version_id] = Pool(item.version)
        variant = pools[item.version_id].variant_for(trainee)
        if variant is not None:
            given.append(Ticket(item=item, trainee=trainee, variant=variant, position=position))
    for ticket in given:
        ticket.save(force_insert=True)
    return given


def _listed(items: Sequence[AssignmentItem], trainees: Sequence[User]) -> Iterator[Due]:
    """Item by item, so that trainees who come first are not always the first to choose."""
    for item in items:
        served = set(item.tickets.values_list("trainee_id", flat=True))
        for trainee in trainees:
            if trainee.pk not in served:
                yield item, trainee, 0


def _mixed(
    assignment: Assignment, items: Sequence[AssignmentItem], trainees: Sequence[User]
) -> Iterator[Due]:
    strata, histories = Strata(item.version for item in items), read_histories(trainees)
    for trainee in trainees:
        for position, item in mix_items(assignment, items, histories[trainee.pk], strata):
            yield item, trainee, position
