"""Waiting, withheld, shown."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests import factories as make
from tickets.models import Assignment, Cohort, CriterionResult, Grade, GradeJob, Ticket

pytestmark = pytest.mark.django_db

# Words that only a grade holds. None of them may reach a trainee before the reveal.
CANARY = "canary-of-the-truth"


def make_graded(*, reveal: str = "on_grade", worst: bool = False) -> Ticket:
    """Three criteria of ten points: all right, or all wrong with one that follows from another."""
    ticket = make.make_ticket(assignment=make.make_assignment(reveal=reveal))
    answers = make.FACE_VALUE_ANSWERS if worst else make.RIGHT_ANSWERS
    grade = Grade.objects.create(
        submission=make.make_submission(ticket, with_job=False, **answers),
        engine_version="1.0.0",
        points=0 if worst else 30,
        max_points=30,
        lesson=lesson(),
        verdict_sha256="0" * 64,
        sha256="0" * 64,
        graded_at=make.NOON,
    )
    for position, name in enumerate(["reversed", "originator_ip", "outcome"], start=1):
        CriterionResult.objects.create(
            grade=grade,
            position=position,
            criterion=name,
            label=name,
            result="wrong" if worst else "correct",
            given=str(answers[name]),
            expected=CANARY,
            points=0 if worst else 10,
            max_points=10,
            misconception="M01" if worst and name == "reversed" else "",
            follows="reversed" if worst and name == "originator_ip" else "",
            explanation=f"{CANARY} explanation",
            rule=f"{CANARY} rule",
            next_time=f"{CANARY} next",
            records=["capture.pcap:1"],
        )
    return ticket


def lesson() -> dict[str, object]:
    return {
        "strip": {
            "alert": {"tail": "203.0.113.80:80", "head": "10.20.30.40:3932"},
            "trainee": {"tail": "203.0.113.80:80", "head": "10.20.30.40:3932"},
            "truth": {"tail": "10.20.30.40:3932", "head": "203.0.113.80:80"},
            "sentence": f"{CANARY} sentence",
            "record": "capture.pcap:1",
        },
        "path": [
            {
                "claim": "originator",
                "value": "10.20.30.40:3932",
                "sentence": f"{CANARY} path",
                "supports": True,
                "records": ["capture.pcap:1"],
            }
        ],
        "misconceptions": [
            {"code": "M01", "name": f"{CANARY} name", "text": "text", "criteria": ["reversed"]}
        ],
        "unmarked": [],
        "exposed": ["M01"],
        "confidence": 3,
    }


def test_the_waiting_page_asks_again_by_itself_and_ever_more_slowly(ana: Client) -> None:
    ticket = make.make_ticket()
    make.make_submission(ticket)
    path = f"/tickets/{ticket.pk}/grade/"
    waits = []
    for asked in range(12):
        page = ana.get(
            f"{path}?asked={asked}", headers={"HX-Request": "true", "HX-Target": "grade"}
        ).content.decode()
        assert "<html" not in page
        assert f"asked={asked + 1}" in page
        waits.append(int(page.split("delay:")[1].split("ms")[0]))
    assert 100 <= waits[0] <= 150
    assert waits == sorted(waits)
    assert waits[-1] == 5000
    assert '<noscript><meta http-equiv="refresh"' in ana.get(path).content.decode()


def test_the_poll_brings_the_result_once_it_is_there(ana: Client) -> None:
    ticket = make_graded()
    page = ana.get(f"/tickets/{ticket.pk}/grade/", headers={"HX-Request": "true", "HX-Target": "grade"})
    assert 'id="grade"' in page.content.decode()
    assert "30 " in page.content.decode()
    assert 'hx-trigger="load' not in page.content.decode()


def test_the_waiting_page_brings_the_styles_of_the_result_that_it_turns_into(ana: Client) -> None:
    waiting = make.make_ticket()
    make.make_submission(waiting)
    graded = make_graded()
    styles = [
        re.findall(
            r'rel="stylesheet" href="([^"]+)"', ana.get(f"/tickets/{ticket.pk}/grade/").content.decode()
        )
        for ticket in (waiting, graded)
    ]
    assert styles[0] == styles[1]
    assert len(styles[0]) > 8


def test_a_job_that_gave_up_says_that_an_instructor_has_been_told(ana: Client) -> None:
    ticket = make.make_ticket()
    make.make_submission(ticket)
    GradeJob.objects.update(state="dead", error="Traceback")
    page = ana.get(f"/tickets/{ticket.pk}/grade/").content.decode()
    assert "an instructor has been told" in page
    assert "hx-trigger" not in page
    assert "Traceback" not in page


def test_without_a_submission_the_grade_leads_to_the_desk(ana: Client) -> None:
    ticket = make.make_ticket()
    assert ana.get(f"/tickets/{ticket.pk}/grade/").headers["Location"] == f"/tickets/{ticket.pk}/"
    assert ana.get(f"/tickets/{ticket.pk}/grade.json").status_code == 404


@pytest.mark.parametrize("reveal", ["manual", "on_close"])
def test_before_the_reveal_no_page_fragment_or_json_holds_a_word_of_the_truth(
    ana: Client, reveal: str
) -> None:
    ticket = make_graded(reveal=reveal, worst=True)
    paths = [
        "/tickets/",
        f"/tickets/?ticket={ticket.code}",
        *(f"/tickets/{ticket.pk}/{p}" for p in ("", "grade/")),
    ]
    for path in paths:
        for target in (None, "grade", "preview", "records", "record-rows", "more"):
            headers = {"HX-Request": "true", "HX-Target": target} if target else {}
            response = ana.get(path, headers=headers)
            seen = response.content.decode() + str(response.headers)
            assert response.status_code == 200
            assert CANARY not in seen
            # As a word: a CSRF token may hold any three letters.
            assert not re.search(r"\bM01\b", seen)
            assert "of 30" not in seen
    assert "has been graded" in ana.get(f"/tickets/{ticket.pk}/grade/").content.decode()
    assert ana.get(f"/tickets/{ticket.pk}/grade.json").status_code == 404


def test_a_grade_before_its_reveal_is_answered_as_one_that_is_not_there(ana: Client) -> None:
    withheld = make_graded(reveal="manual")
    waiting = make.make_ticket()
    make.make_submission(waiting)
    bodies = [ana.get(f"/tickets/{ticket.pk}/grade.json").content.decode() for ticket in (withheld, waiting)]
    assert len({body.split("csrfmiddlewaretoken")[0] for body in bodies}) == 1


def test_who_teaches_the_class_sees_the_grade_before_the_reveal(ivo: Client) -> None:
    ticket = make_graded(reveal="manual")
    assert CANARY in ivo.get(f"/tickets/{ticket.pk}/grade/").content.decode()
    assert ivo.get(f"/tickets/{ticket.pk}/grade.json").status_code == 200


def test_the_instructors_word_reveals_it(ana: Client) -> None:
    ticket = make_graded(reveal="manual")
    Assignment.objects.update(revealed_at=make.NOON)
    assert CANARY in ana.get(f"/tickets/{ticket.pk}/grade/").content.decode()


def test_the_result_teaches(ana: Client) -> None:
    ticket = make_graded(worst=True)
    page = ana.get(f"/tickets/{ticket.pk}/grade/").content.decode()
    assert page.count("data-whose=") == 3
    assert 'data-whose="yours" data-way="to"' in page
    assert 'data-whose="truth" data-way="back"' in page
    assert page.count("data-proof") == 1
    assert f"/tickets/{ticket.pk}/?record=capture.pcap%3A1#here" in page
    assert "one idea, counted once" in page
    assert "follows from an earlier answer" in page
    for words in ("name", "path", "sentence", "explanation", "rule", "next"):
        assert f"{CANARY} {words}" in page
    for text in ("reason", "supporting_evidence", "analysis", "conclusion", "next_steps"):
        assert str(make.FACE_VALUE_ANSWERS[text]) in page


def test_grade_json_has_just_the_agreed_keys(ana: Client) -> None:
    ticket = make_graded()
    grade = ana.get(f"/tickets/{ticket.pk}/grade.json").json()
    assert set(grade) == {"points", "max_points", "criteria"}
    assert (grade["points"], grade["max_points"]) == (30, 30)
    keys = "criterion given expected points max_points misconception explanation records".split()
    assert all(sorted(line) == sorted(keys) for line in grade["criteria"])
    assert [line["criterion"] for line in grade["criteria"]] == ["reversed", "originator_ip", "outcome"]
    assert grade["criteria"][0]["records"] == ["capture.pcap:1"]
    assert isinstance(grade["criteria"][0]["points"], int | float)


def test_only_the_current_grade_counts(ana: Client) -> None:
    ticket = make_graded()
    Grade.objects.update(is_current=False)  # what another run does
    newer = make.make_grade(ticket.submission, kind="override", results={"reversed": "wrong"})
    assert CriterionResult.objects.filter(grade=newer).count() == 1
    assert ana.get(f"/tickets/{ticket.pk}/grade.json").json()["max_points"] == 10


def test_desk_and_result_speak_the_words_of_the_class(ana: Client) -> None:
    ticket = make.make_ticket()
    make.make_grade(
        make.make_submission(ticket, with_job=False, disposition="benign", reason_code="BN2"),
        results={"disposition": "wrong", "reason_code": "wrong"},
    )
    Cohort.objects.update(profile="sentinel")
    for page in ("", "grade/"):
        text = ana.get(f"/tickets/{ticket.pk}/{page}").content.decode()
        assert text.count("Benign Positive - suspicious but expected") >= 2
    assert "False Positive - incorrect data" in text
    Cohort.objects.update(profile="five_steps")
    desk = ana.get(f"/tickets/{ticket.pk}/").content.decode()
    assert "suspicious but expected" not in desk
    assert "Does not fit" in desk
