"""What the clock hands in: when an assignment has closed, the drafts that have something in them and were not submitted.
A blank one is marked as such once, and not looked at again.

The drafts are the queue (docs/decisions/0002): beat wakes a worker, the relay makes up for a beat or a broker that is
dead, and whoever comes takes what is left. A draft's row is locked while its submission is made, in one transaction,
as in a trainee's own; so a worker that dies leaves the draft for the next one, and a draft is handed in once.
"""

from __future__ import annotations

import logging
import time
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tickets.grading import read_unmended
from tickets.models import Worksheet
from tickets.tasks.submissions import store_submission

# A request is judged by the moment it came in. The web server gives up on one after this long (docs/deployment.md), so
# none that came in time is still on its way, and what the trainee sends last never comes second to the clock.
LAST_REQUEST = timedelta(seconds=30)
# Work that closed longer ago than this is left: it was not kept waiting by an outage, but closed before there was a clock
# that hands in, or while it was switched off for good, and nobody expects it any more.
LONGEST_OUTAGE = timedelta(days=7)
# What one look finds at most; the rest waits for the next.
BATCH = 200

logger = logging.getLogger(__name__)


def hand_in_drafts_at(now: datetime, *, budget_s: float = 10.0) -> int:
    """Hand in what assignments that have closed by `now` left. Returns how many drafts were handed in."""
    deadline = time.monotonic() + budget_s
    left = list(_left_at(now).values_list("pk", flat=True)[:BATCH])
    handed_in = 0
    for draft_id in left:
        if time.monotonic() >= deadline:
            break
        try:
            handed_in += _hand_in(draft_id, now)
        except Exception:  # One draft that will not go must not keep the others.
            logger.exception("The draft %s could not be handed in at its deadline.", draft_id)
    return handed_in


def drafts_waiting_for(late: timedelta) -> int:
    """How many drafts should have been handed in longer ago than `late`."""
    return _left_at(timezone.now() - late)[:BATCH].count()


def _left_at(now: datetime) -> QuerySet[Worksheet]:
    return Worksheet.objects.left_unsubmitted_at(now - LAST_REQUEST, since=now - LONGEST_OUTAGE)


def _hand_in(draft_id: uuid.UUID, now: datetime) -> bool:
    """Hand in one draft as it stands. False where somebody else has it or was quicker."""
    with transaction.atomic():
        # Anew, under the lock: the ticket may have been submitted or withdrawn, and the assignment prolonged.
        if Worksheet.objects.select_for_update(skip_locked=True).filter(pk=draft_id).first() is None:
            return False
        draft = _left_at(now).select_related("ticket__item__assignment__cohort").filter(pk=draft_id).first()
        if draft is None:
            return False
        if draft.is_blank:
            Worksheet.objects.filter(pk=draft.pk).update(found_blank_at=now)
            return False
        frozen = draft.answers()
        closed_at = draft.ticket.item.assignment.closes_at
        assert closed_at is not None  # it has passed
        store_submission(
            draft.ticket,
            key=uuid.uuid5(draft.ticket_id, "deadline"),
            frozen=frozen,
            confidence=read_unmended(frozen).confidence,
            received_at=closed_at,
            clocked_at=now,
        )
    return True
