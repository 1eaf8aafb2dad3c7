"""Evidence that turned out to be broken: left out, full marks, or another ticket in its place."""

from __future__ import annotations

import pytest

from tests import factories as make
from tests.regrading import apply, line_of, make_class, shown_grade
from tickets.actions.demo import install_shipped_scenarios
from tickets.actions.regradings import (
    MarksWouldFallError,
    RegradingError,
    approve_regrading,
    bring_on_here,
    draft_for_broken,
)
from tickets.actions.worksheets import AssignmentClosedError, save_worksheet
from tickets.models import AuditRecord, Notice, ScenarioVersion, Ticket, Variant
from tickets.tasks.variants import generate_variant

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]

WHY = "The capture lacks the handshake."


def settle(ticket: Ticket, remedy: str) -> None:
    apply(bring_on_here(draft_for_broken(ticket.variant, remedy, WHY, make.make_instructor("ivo"))))
    ticket.refresh_from_db()


def make_generated() -> Ticket:
    """A ticket of ana's whose evidence the simulator made."""
    install_shipped_scenarios()
    version = ScenarioVersion.objects.get(scenario__family="T003")
    return make.make_ticket(variant=generate_variant(version))


def test_an_excluded_ticket_counts_nowhere_and_its_grade_stays_to_be_read() -> None:
    anas, umas = make_class()
    settle(anas, "exclude")
    assert anas.excluded_because == WHY
    assert not Ticket.objects.first_attempts().exists()
    assert shown_grade(anas).points > 0
    assert Variant.objects.get(pk=anas.variant_id).state == "broken"
    told = Notice.objects.get(ticket=umas)
    assert (told.kind, told.text) == ("excluded", f"{WHY} This ticket does not count any more.")
    assert AuditRecord.objects.filter(action="ticket.excluded").count() == 2


def test_leaving_out_marks_that_were_earned_needs_the_word_that_marks_may_fall() -> None:
    anas, _ = make_class()
    regrading = bring_on_here(draft_for_broken(anas.variant, "exclude", WHY, None))
    with pytest.raises(MarksWouldFallError):
        approve_regrading(regrading, None, marks_may_fall=False)


def test_full_marks_give_every_line_its_marks_and_say_why() -> None:
    _, umas = make_class()
    settle(umas, "full_marks")
    grade = shown_grade(umas)
    assert grade.points == grade.max_points > 0
    assert set(grade.criteria.values_list("result", "explanation")) == {("correct", WHY)}
    assert not grade.lesson["misconceptions"]
    assert umas.excluded_at is None
    assert Ticket.objects.first_attempts().count() == 2


def test_a_replaced_ticket_is_excluded_and_another_with_other_evidence_stands_in_its_place() -> None:
    ticket = make_generated()
    settle(ticket, "replace")
    instead = Ticket.objects.get(replaces=ticket)
    assert (instead.item, instead.trainee, instead.attempt) == (ticket.item, ticket.trainee, 2)
    assert instead.variant != ticket.variant
    assert list(Ticket.objects.first_attempts()) == [instead]
    told = Notice.objects.get()
    assert instead.code in told.text
    assert told.kind == "replaced"


def test_a_replacement_that_is_broken_too_is_replaced_and_still_counts_as_the_first() -> None:
    ticket = make_generated()
    settle(ticket, "replace")
    second = Ticket.objects.get(attempt=2)
    settle(second, "replace")
    third = Ticket.objects.get(attempt=3)
    assert third.replaces == ticket
    assert list(Ticket.objects.first_attempts()) == [third]


def test_an_upload_has_no_other_evidence_to_give() -> None:
    anas, _ = make_class()
    with pytest.raises(RegradingError, match="no other evidence"):
        draft_for_broken(anas.variant, "replace", WHY, None)


def test_nobody_works_an_excluded_ticket_on() -> None:
    ticket = make.make_ticket()
    settle(ticket, "exclude")
    with pytest.raises(AssignmentClosedError, match="does not count"):
        save_worksheet(ticket, version=0, answers={"reason": "still here"}, now=make.NOON)


def test_a_ticket_whose_grade_failed_on_the_broken_evidence_is_settled_as_well() -> None:
    ticket = make.make_ticket()
    make.make_submission(ticket)
    regrading = bring_on_here(draft_for_broken(ticket.variant, "full_marks", WHY, None))
    assert line_of(regrading, ticket).change == "excluded"
    assert apply(regrading).state == "applied"
