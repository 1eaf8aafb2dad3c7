"""A trainee names the record that decides, or asks to be shown. The first word counts."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from tickets.models import EvidenceRecord, Grade, RecordPick, Submission, User, claim_asked


class PickError(Exception):
    """Why a pick was not taken, in one sentence for the trainee."""


def pick_record(submission: Submission, place: str, by: User, now: datetime) -> RecordPick:
    """Note the record that the trainee names (`capture.pcap:4`); "" asks to be shown.

    A second pick changes nothing and gets the first. Raises PickError for a grade that asks nothing, or is not this
    trainee's to read, and for a record that is not in the evidence.
    """
    ticket = submission.ticket
    if ticket.trainee_id != by.pk or not ticket.item.assignment.reveals_at(now):
        raise PickError(gettext("This grade is not yours to learn from yet."))
    with transaction.atomic():
        Submission.objects.select_for_update().get(pk=submission.pk)
        made = RecordPick.objects.filter(submission=submission).first()
        if made is not None:
            return made
        grade = Grade.objects.filter(submission=submission, is_current=True).first()
        claim = claim_asked(grade) if grade is not None else ""
        if grade is None or not claim:
            raise PickError(gettext("Nothing is asked about this ticket."))
        if place and not _is_in_evidence(submission, place):
            raise PickError(gettext("Choose a record of this ticket's evidence."))
        return RecordPick.objects.create(
            submission=submission,
            grade=grade,
            claim=claim,
            place=place,
            is_right=place in grade.lesson["proofs"][claim],
        )


def _is_in_evidence(submission: Submission, place: str) -> bool:
    file, _, number = place.rpartition(":")
    if not (number.isascii() and number.isdigit() and len(number) < 10) or "\0" in file:
        return False
    records = EvidenceRecord.objects.filter(bundle=submission.ticket.variant.bundle_id)
    return records.filter(file__name=file, number=int(number)).exists()
