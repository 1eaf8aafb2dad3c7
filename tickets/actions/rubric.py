"""An instructor judges the five texts: 0, 1 or 2 each, beside what the machine read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext

from tickets.models import AuditRecord, RubricMark, Submission, Ticket, User


class RubricError(Exception):
    """Why the marks were not taken, in one sentence for the instructor."""


class Judgement(NamedTuple):
    level: int
    comment: str = ""


def judge_texts(
    submission: Submission, judgements: Mapping[str, Judgement], by: User, now: datetime
) -> list[RubricMark]:
    """Record one instructor's marks for some steps or all; a mark of his or hers that stood there is replaced, another
    instructor's stays to be read. The newest word on a step counts.

    Raises RubricError; then nothing was stored.
    """
    if not Ticket.objects.taught_by(by).filter(submission=submission).exists():
        raise RubricError(gettext("You do not teach this class."))
    with transaction.atomic():
        marks = [
            RubricMark.objects.update_or_create(
                submission=submission,
                step=step,
                given_by=by,
                defaults={"level": given.level, "comment": given.comment, "given_at": now},
            )[0]
            for step, given in judgements.items()
        ]
        levels = {mark.step: mark.level for mark in marks}
        AuditRecord.objects.record("texts.judged", submission, actor=by, **levels)
    return marks
