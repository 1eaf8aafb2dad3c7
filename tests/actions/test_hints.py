"""Taking a hint: once, in order, at the price that was named, and never beside a submission."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests import factories as make
from tickets.actions.hints import HintError, take_hint
from tickets.models import Assignment, AuditRecord, HintTaken, Ticket, Worksheet
from tickets.models.hints import PAUSE
from tickets.models.truth import VariantHints

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]

LATER = make.NOON + PAUSE


@pytest.fixture
def ticket() -> Ticket:
    ticket = make.make_ticket(variant=make.make_variant(make.make_version(skills=["S07"])))
    make.make_hints(ticket.variant)
    return ticket


def test_a_hint_is_a_row_that_says_who_when_and_at_which_price(ticket: Ticket) -> None:
    take_hint(ticket, 1, make.NOON)
    hint = take_hint(ticket, 2, LATER)
    assert (hint.ticket, hint.taken_by, hint.level, hint.taken_at) == (ticket, ticket.trainee, 2, LATER)
    assert (hint.text, hint.percent, hint.lines) == ("hint-two", 10, ["outcome", "evidence"])
    audit = AuditRecord.objects.filter(action="hint.taken").latest("at")
    assert (audit.actor, audit.data) == (ticket.trainee, {"level": 2, "percent": 10})


def test_a_hint_that_is_asked_for_again_is_the_same_row(ticket: Ticket) -> None:
    first = take_hint(ticket, 1, make.NOON)
    assert take_hint(ticket, 1, LATER) == first
    assert HintTaken.objects.count() == AuditRecord.objects.filter(action="hint.taken").count() == 1


def test_the_database_takes_no_second_one_and_changes_none(ticket: Ticket) -> None:
    hint = take_hint(ticket, 1, make.NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        HintTaken.objects.create(
            ticket=ticket, level=1, text="", percent=0, lines=[], taken_by=ticket.trainee, taken_at=LATER
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        HintTaken.objects.filter(pk=hint.pk).update(percent=50)


def test_what_was_opened_stays_as_it_was_though_the_hint_is_written_anew(ticket: Ticket) -> None:
    take_hint(ticket, 1, make.NOON)
    VariantHints.objects.update(where="another text")
    assert take_hint(ticket, 1, LATER).text == "hint-one"


@pytest.mark.parametrize(
    ("level", "why"), [(2, "Hint 1 comes first"), (3, "Hint 2 comes first"), (0, "no such")]
)
def test_hints_come_in_their_order(ticket: Ticket, level: int, why: str) -> None:
    with pytest.raises(HintError, match=why):
        take_hint(ticket, level, make.NOON)
    assert not HintTaken.objects.exists()


def test_between_two_hints_there_is_time_to_look(ticket: Ticket) -> None:
    take_hint(ticket, 1, make.NOON)
    with pytest.raises(HintError, match="in 1 second\\."):
        take_hint(ticket, 2, LATER - timedelta(seconds=0.4))
    with pytest.raises(HintError, match="in 15 seconds\\."):
        take_hint(ticket, 2, make.NOON)
    assert take_hint(ticket, 2, LATER).level == 2


def test_after_the_submission_none_is_taken_but_those_taken_stay(ticket: Ticket) -> None:
    taken = take_hint(ticket, 1, make.NOON)
    make.make_submission(ticket)
    ticket = Ticket.objects.get(pk=ticket.pk)
    with pytest.raises(HintError, match="has been submitted"):
        take_hint(ticket, 2, LATER)
    assert take_hint(ticket, 1, LATER) == taken


@pytest.mark.parametrize("reveal", ["on_close", "manual"])
def test_an_assessment_has_no_hints(ticket: Ticket, reveal: str) -> None:
    Assignment.objects.update(reveal=reveal)
    with pytest.raises(HintError, match="no hints in an assessment"):
        take_hint(Ticket.objects.get(pk=ticket.pk), 1, make.NOON)


def test_evidence_from_before_there_were_hints_has_none() -> None:
    with pytest.raises(HintError, match="has no hints"):
        take_hint(make.make_ticket(), 1, make.NOON)


def test_a_ticket_that_cannot_be_worked_gives_no_hints(ticket: Ticket) -> None:
    Assignment.objects.update(closes_at=make.NOON)
    with pytest.raises(HintError, match="closed"):
        take_hint(Ticket.objects.get(pk=ticket.pk), 1, LATER)
    Ticket.objects.update(voided_at=make.NOON)
    with pytest.raises(HintError, match="withdrawn"):
        take_hint(Ticket.objects.get(pk=ticket.pk), 1, make.NOON)


def test_a_hint_changes_nothing_in_the_draft(ticket: Ticket) -> None:
    draft = make.make_worksheet(ticket)
    take_hint(ticket, 1, make.NOON)
    assert Worksheet.objects.get(ticket=ticket).version == draft.version
