"""Which record decides? Asked once, of the first claim that came out wrong, and kept as it was said."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from tests import factories as make
from tests.regrading import shown_grade
from tickets.actions.picks import PickError, pick_record
from tickets.models import Assignment, GradeJob, RecordPick, Submission, Ticket, claim_asked
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]

SYN, SYN_ACK, LAST = "capture.pcap:1", "capture.pcap:2", "capture.pcap:7"


def make_graded(**answers: Any) -> Ticket:
    """The seed ticket, graded for real: the SYN is the first packet of its capture."""
    ticket = make.make_ticket()
    make.make_submission(ticket, **answers)
    drain(GradeJob, record_grade)
    return ticket


def pick(ticket: Ticket, place: str) -> RecordPick:
    submission = Submission.objects.get(ticket=ticket)
    return pick_record(submission, place, ticket.trainee, make.NOON)


@pytest.mark.parametrize(
    ("answers", "claim"),
    [
        (make.FACE_VALUE_ANSWERS, "originator"),
        ({**make.FACE_VALUE_ANSWERS, "outcome": "refused"}, "originator"),
        ({"reversed": ""}, "originator"),
        ({"outcome": "refused"}, "outcome"),
        ({"outcome": ""}, "outcome"),
        ({}, ""),
        ({"disposition": "benign", "reason_code": "BN1", "evidence": []}, ""),
        ({"originator_port": "3933"}, ""),
    ],
)
def test_it_is_asked_of_a_wrong_direction_before_a_wrong_outcome_and_of_nothing_else(
    answers: dict[str, Any], claim: str
) -> None:
    assert claim_asked(shown_grade(make_graded(**answers))) == claim


def test_a_record_of_the_claims_proof_is_right_and_every_other_is_not() -> None:
    ticket = make_graded(**make.FACE_VALUE_ANSWERS)
    proofs = shown_grade(ticket).lesson["proofs"]["originator"]
    assert SYN in proofs
    made = pick(ticket, SYN)
    assert (made.claim, made.place, made.is_right) == ("originator", SYN, True)
    other = make.make_ticket(make.make_user("uma"), variant=ticket.variant)
    make.make_submission(other, **make.FACE_VALUE_ANSWERS)
    drain(GradeJob, record_grade)
    assert LAST not in proofs
    assert not pick(other, LAST).is_right


def test_only_the_first_pick_counts() -> None:
    ticket = make_graded(**make.FACE_VALUE_ANSWERS)
    first = pick(ticket, LAST)
    assert pick(ticket, SYN) == first
    assert RecordPick.objects.get().place == LAST


def test_to_ask_to_be_shown_is_noted_and_is_no_right_pick() -> None:
    made = pick(make_graded(**make.FACE_VALUE_ANSWERS), "")
    assert (made.place, made.is_right) == ("", False)


@pytest.mark.parametrize("change", [{"place": SYN}, {"is_right": True}])
def test_the_database_refuses_to_change_a_pick(change: dict[str, Any]) -> None:
    pick(make_graded(**make.FACE_VALUE_ANSWERS), LAST)
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        RecordPick.objects.update(**change)


@pytest.mark.parametrize("place", ["other.pcap:1", "capture.pcap:99", "capture.pcap", "capture.pcap:x", ":1"])
def test_a_record_that_is_not_in_the_evidence_is_not_taken(place: str) -> None:
    ticket = make_graded(**make.FACE_VALUE_ANSWERS)
    with pytest.raises(PickError, match="Choose a record"):
        pick(ticket, place)
    assert not RecordPick.objects.exists()


def test_a_grade_that_asks_nothing_takes_no_pick() -> None:
    with pytest.raises(PickError, match="Nothing is asked"):
        pick(make_graded(), SYN)


def test_nobody_picks_before_the_reveal_or_for_somebody_else() -> None:
    ticket = make_graded(**make.FACE_VALUE_ANSWERS)
    with pytest.raises(PickError, match="not yours"):
        pick_record(ticket.submission, SYN, make.make_instructor(), make.NOON)
    Assignment.objects.update(reveal="manual")
    with pytest.raises(PickError, match="not yours"):
        pick(Ticket.objects.get(), SYN)


def test_a_grade_from_before_its_proofs_were_kept_asks_nothing() -> None:
    grade = make.make_grade(results={"reversed": "wrong", "outcome": "wrong"})
    assert claim_asked(grade) == ""
