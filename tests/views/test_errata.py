"""The page of a regrading for a corrected scenario says what is corrected."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories as make
from tickets.actions.regradings import bring_on_here, draft_for_erratum
from tickets.models import GradeJob
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain

pytestmark = pytest.mark.django_db


def test_an_instructor_reads_what_a_later_version_corrects_and_a_trainee_does_not(
    ivo: Client, ana: Client
) -> None:
    ticket = make.make_ticket()
    make.make_submission(ticket)
    drain(GradeJob, record_grade)
    erratum = make.make_version(ticket.variant.version.scenario, weights={"outcome": 20})
    regrading = bring_on_here(
        draft_for_erratum(erratum, "The outcome is the lesson.", make.make_instructor())
    )
    page = ivo.get(f"/regradings/{regrading.pk}/").content.decode()
    assert "What version 2 corrects of version 1" in page
    assert "1 ticket of your classes shows it" in page
    assert "Marks: Outcome" in page
    assert f"<title>Regrading: {erratum.title}, waiting for approval" in page
    assert ana.get(f"/regradings/{regrading.pk}/").status_code == 404


def test_a_version_that_says_the_same_corrects_nothing(ivo: Client) -> None:
    ticket = make.make_ticket()
    regrading = draft_for_erratum(
        make.make_version(ticket.variant.version.scenario), "To be sure.", make.make_instructor()
    )
    assert "Neither marks nor key differ" in ivo.get(f"/regradings/{regrading.pk}/").content.decode()
