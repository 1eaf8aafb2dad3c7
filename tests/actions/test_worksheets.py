"""Drafts, conflicts, submissions: what is stored, what is refused, and that no text is lost."""

from __future__ import annotations

import json
import socket
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import (
    FACE_VALUE_ANSWERS,
    NOON,
    RIGHT_ANSWERS,
    make_assignment,
    make_cohort,
    make_ticket,
    make_user,
    make_worksheet,
)
from tests.waiting import wait_until
from tickets.actions.worksheets import (
    MAX_PINS,
    MAX_TEXT_LENGTH,
    AlreadySubmittedError,
    AssignmentClosedError,
    InvalidWorksheetError,
    KeyReusedError,
    WorksheetConflictError,
    open_ticket,
    save_worksheet,
    submit_worksheet,
)
from tickets.models import AuditRecord, GradeJob, Submission, Ticket, Worksheet, hash_json

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]
LATER = NOON + timedelta(minutes=5)


def save(ticket: Ticket, version: int = 0, **changes: object) -> Worksheet:
    return save_worksheet(ticket, version=version, answers={**RIGHT_ANSWERS, **changes}, now=NOON)


def submit(
    ticket: Ticket,
    *,
    key: uuid.UUID | None = None,
    version: int = 0,
    answers: dict[str, object] | None = RIGHT_ANSWERS,
    **options: Any,
) -> Submission:
    received_at = options.pop("received_at", NOON)
    return submit_worksheet(
        ticket, key=key or uuid.uuid4(), version=version, answers=answers, received_at=received_at
    )


# -- Opening -----------------------------------------------------------------------------------


def test_the_first_look_makes_the_worksheet_and_notes_the_moment() -> None:
    ticket = make_ticket()
    sheet = open_ticket(ticket, NOON)
    assert (sheet.version, sheet.ticket_id) == (0, ticket.pk)
    assert ticket.opened_at == Ticket.objects.get(pk=ticket.pk).opened_at == NOON


def test_a_later_look_changes_neither_the_moment_nor_the_worksheet() -> None:
    ticket = make_ticket()
    first = open_ticket(ticket, NOON)
    again = Ticket.objects.get(pk=ticket.pk)
    assert open_ticket(again, LATER).pk == first.pk
    assert Ticket.objects.get(pk=ticket.pk).opened_at == NOON


# -- Saving ------------------------------------------------------------------------------------


def test_a_save_keeps_what_was_typed_and_raises_the_version() -> None:
    ticket = make_ticket()
    open_ticket(ticket, NOON)
    sheet = save(ticket, originator_ip=" 10.20.30.4o ", originator_port="thirty")
    assert sheet.version == 1
    assert sheet.saved_at == NOON
    assert (sheet.originator_ip, sheet.originator_port) == (" 10.20.30.4o ", "thirty")
    assert sheet.evidence == ["capture.pcap:1", "capture.pcap:2"]


def test_a_save_may_come_before_the_first_look() -> None:
    assert save(make_ticket()).version == 1


def test_a_field_that_was_not_sent_is_blank() -> None:
    ticket = make_ticket()
    save(ticket)
    sheet = save_worksheet(ticket, version=1, answers={"reason": "Only this."}, now=NOON)
    assert (sheet.reason, sheet.analysis, sheet.evidence) == ("Only this.", "", [])


def test_two_tabs_the_second_save_overwrites_nothing_and_gets_the_stored_draft() -> None:
    ticket = make_ticket()
    open_ticket(ticket, NOON)
    save(ticket, version=0, analysis="typed in tab A")
    with pytest.raises(WorksheetConflictError) as caught:
        save(ticket, version=0, analysis="typed in tab B")
    assert caught.value.stored.analysis == "typed in tab A"
    assert caught.value.stored.version == 1
    assert Worksheet.objects.get(ticket=ticket).analysis == "typed in tab A"


def test_a_save_whose_answer_was_lost_may_be_sent_again() -> None:
    ticket = make_ticket()
    save(ticket, version=0)
    assert save(ticket, version=0).version == 1


def test_autosaves_that_arrive_out_of_order_keep_the_newest() -> None:
    ticket = make_ticket()
    save(ticket, version=0, reason="one")
    save(ticket, version=1, reason="one two")
    with pytest.raises(WorksheetConflictError):
        save(ticket, version=0, reason="o")
    assert Worksheet.objects.get(ticket=ticket).reason == "one two"


def test_hostile_characters_are_stored_the_same_on_both_databases() -> None:
    sheet = save(make_ticket(), reason="a\0b \ud800 c\r\nd\re", originator_ip="\udfff")
    stored = Worksheet.objects.get(pk=sheet.pk)
    assert stored.reason == "a␀b � c\nd\ne"
    assert stored.originator_ip == "�"


def test_an_emoji_and_a_right_to_left_word_stay_as_typed() -> None:
    assert save(make_ticket(), reason="🔎 שלום").reason == "🔎 שלום"


def test_a_text_that_is_too_long_is_named_with_its_length_and_the_limit() -> None:
    with pytest.raises(InvalidWorksheetError) as caught:
        save(make_ticket(), analysis="x" * (MAX_TEXT_LENGTH + 1), originator_ip="1" * 256)
    assert set(caught.value.problems) == {"analysis", "originator_ip"}
    assert "20,001" in caught.value.problems["analysis"]


@pytest.mark.parametrize(
    "pin",
    ["capture.pcap:99", "capture.pcap:0", "other.pcap:1", "capture.pcap", "capture.pcap:x", "1", "a\0:1"],
)
def test_only_records_of_the_tickets_own_evidence_can_be_pinned(pin: str) -> None:
    with pytest.raises(InvalidWorksheetError) as caught:
        save(make_ticket(), evidence=[pin])
    assert list(caught.value.problems) == ["evidence"]


def test_a_context_note_can_be_pinned_and_a_pin_counts_once() -> None:
    pins = ["context:1", "capture.pcap:7", "context:1", " capture.pcap:07 "]
    assert save(make_ticket(), evidence=pins).evidence == ["context:1", "capture.pcap:7"]


def test_pins_have_a_limit() -> None:
    with pytest.raises(InvalidWorksheetError, match="at most"):
        save(make_ticket(), evidence=[f"capture.pcap:{n}" for n in range(1, MAX_PINS + 2)])


@pytest.mark.parametrize(("field", "value"), [("reason", ["a"]), ("evidence", [1]), ("evidence", {"a": 1})])
def test_values_of_another_kind_are_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(InvalidWorksheetError) as caught:
        save_worksheet(make_ticket(), version=0, answers={field: value}, now=NOON)
    assert list(caught.value.problems) == [field]


def test_numbers_from_a_tool_are_kept_as_text() -> None:
    sheet = save(make_ticket(), originator_port=3932, confidence=2)
    assert (sheet.originator_port, sheet.confidence) == ("3932", "2")


def closed_ticket() -> Ticket:
    assignment = make_assignment(make_cohort(trainees=[make_user()]), closes_at=NOON)
    return make_ticket(assignment=assignment)


def test_a_closed_assignment_takes_no_save_and_no_submission() -> None:
    ticket = closed_ticket()
    with pytest.raises(AssignmentClosedError, match="closed"):
        save(ticket)
    with pytest.raises(AssignmentClosedError, match="closed"):
        submit(ticket)
    assert not Submission.objects.exists()


def test_an_assignment_that_is_not_open_yet_takes_no_save() -> None:
    ticket = make_ticket(assignment=make_assignment(opens_at=LATER))
    with pytest.raises(AssignmentClosedError, match="not open yet"):
        save(ticket)


def test_a_request_that_arrived_in_time_is_in_time_however_late_it_is_handled() -> None:
    ticket = closed_ticket()
    submission = submit(ticket, received_at=NOON - timedelta(seconds=1))
    assert Submission.objects.get() == submission


# -- Submitting --------------------------------------------------------------------------------


def test_a_submission_freezes_the_worksheet_and_leaves_one_job_and_one_audit_record() -> None:
    ticket = make_ticket()
    open_ticket(ticket, NOON)
    submission = submit(ticket, version=0, received_at=LATER)
    assert submission.answers == {**RIGHT_ANSWERS}
    assert submission.sha256 == hash_json(RIGHT_ANSWERS)
    assert (submission.confidence, submission.received_at) == (3, LATER)
    assert Worksheet.objects.get(ticket=ticket).answers() == submission.answers
    assert GradeJob.objects.get().submission_id == submission.pk
    assert GradeJob.objects.get().state == "pending"
    audit = AuditRecord.objects.get(action="submission.accepted")
    assert (audit.actor, audit.subject_id) == (ticket.trainee, submission.pk)


def test_work_in_a_simulated_cohort_is_marked_as_simulated() -> None:
    cohort = make_cohort("Demonstration", is_simulated=True)
    assert submit(make_ticket(assignment=make_assignment(cohort))).is_simulated
    assert not submit(make_ticket(make_user("zoe"))).is_simulated


def test_the_hash_is_the_same_when_the_database_gives_the_answers_back_in_another_order() -> None:
    submission = submit(make_ticket())
    stored = Submission.objects.get(pk=submission.pk)
    assert hash_json(stored.answers) == stored.sha256
    assert hash_json(dict(reversed(RIGHT_ANSWERS.items()))) == stored.sha256


def test_without_answers_the_stored_draft_is_submitted() -> None:
    ticket = make_ticket()
    make_worksheet(ticket, analysis="as stored")
    assert submit(ticket, version=1, answers=None).answers["analysis"] == "as stored"


def test_malformed_values_are_refused_by_name_and_nothing_is_stored() -> None:
    ticket = make_ticket()
    answers = {**RIGHT_ANSWERS, "originator_port": "http", "confidence": "9", "reason_code": "TP1"}
    with pytest.raises(InvalidWorksheetError) as caught:
        submit(ticket, answers=answers)
    assert set(caught.value.problems) == {"originator_port", "confidence", "reason_code"}
    assert not Submission.objects.exists()
    assert not GradeJob.objects.exists()
    assert not AuditRecord.objects.exists()


def test_a_blank_worksheet_may_be_submitted() -> None:
    submission = submit(make_ticket(), answers={})
    assert submission.confidence is None


def test_the_same_post_again_the_next_day_gets_the_first_submission() -> None:
    ticket, key = make_ticket(), uuid.uuid4()
    first = submit(ticket, key=key)
    again = submit(ticket, key=key, received_at=NOON + timedelta(days=1))
    assert again.pk == first.pk
    assert again.received_at == NOON
    assert GradeJob.objects.count() == AuditRecord.objects.count() == 1


def test_the_same_post_after_the_assignment_closed_gets_the_first_submission() -> None:
    ticket, key = closed_ticket(), uuid.uuid4()
    first = submit(ticket, key=key, received_at=NOON - timedelta(seconds=1))
    assert submit(ticket, key=key, received_at=LATER).pk == first.pk


def test_the_same_key_with_other_answers_is_refused_and_the_first_stays() -> None:
    ticket, key = make_ticket(), uuid.uuid4()
    submit(ticket, key=key)
    with pytest.raises(KeyReusedError):
        submit(ticket, key=key, answers=FACE_VALUE_ANSWERS)
    assert Submission.objects.get().answers["disposition"] == "false_positive"


def test_the_key_of_somebody_elses_submission_is_refused_without_saying_whose() -> None:
    key = uuid.uuid4()
    submit(make_ticket(), key=key)
    with pytest.raises(KeyReusedError):
        submit(make_ticket(make_user("zoe")), key=key)
    assert Submission.objects.count() == 1


def test_a_second_submission_is_refused_and_names_the_first() -> None:
    ticket = make_ticket()
    first = submit(ticket)
    with pytest.raises(AlreadySubmittedError) as caught:
        submit(ticket, version=1)
    assert caught.value.submission.pk == first.pk


def test_an_autosave_after_the_submission_changes_nothing() -> None:
    ticket = make_ticket()
    submission = submit(ticket)
    for version in (0, 1, 2):
        with pytest.raises(AlreadySubmittedError):
            save(ticket, version=version, analysis="typed in tab B")
    assert Submission.objects.get().answers == submission.answers
    assert Worksheet.objects.get(ticket=ticket).answers() == submission.answers


def test_a_submission_typed_upon_an_older_draft_is_a_conflict() -> None:
    ticket = make_ticket()
    save(ticket, version=0, analysis="newer, from tab B")
    with pytest.raises(WorksheetConflictError) as caught:
        submit(ticket, version=0)
    assert caught.value.stored.analysis == "newer, from tab B"
    assert not Submission.objects.exists()


def test_the_pages_own_autosave_that_overtakes_its_submit_is_no_conflict() -> None:
    ticket = make_ticket()
    save(ticket, version=0)
    assert submit(ticket, version=0).answers == RIGHT_ANSWERS


def test_the_database_refuses_to_change_a_submission() -> None:
    submission = submit(make_ticket())
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.filter(pk=submission.pk).update(sha256="0" * 64)


def test_submitting_opens_no_connection_but_the_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = make_ticket()
    connection.ensure_connection()
    tried: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: tried.append(address))
    monkeypatch.setattr(socket.socket, "connect_ex", lambda _self, address: tried.append(address))
    submit(ticket)
    assert tried == []


# -- Races -------------------------------------------------------------------------------------


def in_parallel(calls: list[Callable[[], object]], threads: int = 20) -> list[object]:
    """Run the calls in threads that start together; an exception is the result of its call."""
    gate = threading.Barrier(min(threads, len(calls)))

    def run(call: Callable[[], object]) -> object:
        try:
            gate.wait(10)
            return call()
        except Exception as error:  # noqa: BLE001 - what a call raises is what the test looks at
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_a_hundred_posts_of_one_submission_at_once_make_one() -> None:
    ticket, key = make_ticket(), uuid.uuid4()
    results = in_parallel([lambda: submit(ticket, key=key).pk] * 100)
    assert set(results) == {Submission.objects.get().pk}
    assert GradeJob.objects.count() == AuditRecord.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_different_submissions_of_one_ticket_at_once_make_one() -> None:
    ticket = make_ticket()
    results = in_parallel([lambda: submit(ticket).pk] * 40)
    accepted = [result for result in results if isinstance(result, uuid.UUID)]
    assert accepted == [Submission.objects.get().pk]
    assert all(isinstance(result, AlreadySubmittedError) for result in results if result not in accepted)


@pytest.mark.django_db(transaction=True)
def test_a_save_that_waited_for_a_submission_in_progress_changes_nothing() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one transaction write at a time")
    ticket = make_ticket()
    open_ticket(ticket, NOON)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            submit(ticket)
            saved = pool.submit(in_parallel, [lambda: save(ticket, analysis="typed in tab B")])
            wait_until(_somebody_waits, "the save waits for the submission")
        (result,) = saved.result()
    assert isinstance(result, AlreadySubmittedError)
    assert Worksheet.objects.get(ticket=ticket).answers() == RIGHT_ANSWERS


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(5))
def test_a_save_and_a_submit_at_once_never_mix(round_: int) -> None:
    ticket = make_ticket()
    open_ticket(ticket, NOON)
    drafted = {**FACE_VALUE_ANSWERS}
    results = in_parallel(
        [
            lambda: submit(ticket),
            lambda: save_worksheet(ticket, version=0, answers=drafted, now=NOON),
        ]
    )
    stored = Worksheet.objects.get(ticket=ticket).answers()
    if Submission.objects.exists():
        assert json.dumps(stored, sort_keys=True) == json.dumps(RIGHT_ANSWERS, sort_keys=True)
        assert isinstance(results[1], AlreadySubmittedError | WorksheetConflictError)
    else:
        assert stored == drafted
        assert isinstance(results[0], WorksheetConflictError)
