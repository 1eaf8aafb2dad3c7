from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from tests import factories as make
from tickets.actions.assignments import assign, give_assignment_tickets, give_tickets, publish_upload
from tickets.actions.scenarios import install_scenario
from tickets.models import AuditRecord, EvidenceUpload, ScenarioVersion, Ticket
from tickets.packs import read_scenario
from tickets.tasks.uploads import UploadError, record_analysis
from tickets.tasks.variants import generate_variant

pytestmark = pytest.mark.django_db


def generated_version() -> ScenarioVersion:
    path = Path(settings.BASE_DIR) / "fixtures" / "scenarios" / "T001.yaml"
    return install_scenario(read_scenario(path.read_text(encoding="utf-8")))


def test_each_trainee_gets_a_ticket_with_other_evidence() -> None:
    people = [make.make_user("ana"), make.make_user("bo"), make.make_user("cy")]
    version = generated_version()
    generate_variant(version)
    assignment = assign(make.make_cohort(trainees=people), "Directions", [version])
    tickets = Ticket.objects.filter(item__assignment=assignment)
    assert {ticket.trainee for ticket in tickets} == set(people)
    assert len({ticket.variant for ticket in tickets}) == 3


def test_a_scenario_set_twice_shows_other_evidence_the_second_time() -> None:
    version = generated_version()
    assign(make.make_cohort(trainees=[make.make_user("ana")]), "Directions", [version, version])
    first, second = Ticket.objects.order_by("item__position")
    assert first.variant != second.variant


def test_a_class_larger_than_the_pool_shares_variants_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.actions.pools.POOL_SIZE", 2)
    version = generated_version()
    assign(
        make.make_cohort(trainees=[make.make_user(f"t{number}") for number in range(5)]),
        "Directions",
        [version],
    )
    assert sorted(variant.tickets.count() for variant in version.variants.all()) == [2, 3]


def test_variants_that_failed_their_checks_are_given_to_nobody() -> None:
    variant = make.make_variant(state="failed")
    assign(make.make_cohort(trainees=[make.make_user("ana")]), "Directions", [variant.version])
    assert not Ticket.objects.exists()


def test_giving_tickets_twice_gives_none_the_second_time() -> None:
    variant = make.make_variant()
    assignment = assign(make.make_cohort(trainees=[make.make_user("ana")]), "Directions", [variant.version])
    assert give_assignment_tickets(assignment) == []
    assert Ticket.objects.count() == 1


def test_who_joins_later_gets_what_is_set_and_not_closed() -> None:
    cohort = make.make_cohort(trainees=[make.make_user("ana")])
    assign(cohort, "Open", [make.make_variant().version])
    assign(cohort, "Over", [make.make_variant().version], closes_at=timezone.now() - timedelta(days=1))
    tickets = give_tickets(make.enroll(cohort, make.make_user("bo")))
    assert [ticket.item.assignment.title for ticket in tickets] == ["Open"]


def test_an_instructor_gets_no_tickets() -> None:
    cohort = make.make_cohort(trainees=[make.make_user("ana")], instructors=[make.make_instructor()])
    assign(cohort, "Open", [make.make_variant().version])
    assert give_tickets(cohort.enrollments.get(role="instructor")) == []


class TestPublishing:
    @pytest.fixture
    def upload(self) -> EvidenceUpload:
        upload = make.make_upload()
        record_analysis(upload)
        return upload

    def test_an_upload_becomes_a_ticket_of_each_trainee(self, upload: EvidenceUpload) -> None:
        ana = make.make_user("ana")
        cohort = make.make_cohort(trainees=[ana], instructors=[upload.owner])
        publish_upload(upload, cohort, upload.owner)
        upload.refresh_from_db()
        assert upload.state == EvidenceUpload.State.PUBLISHED
        assert Ticket.objects.get(trainee=ana).variant == upload.variant
        assert AuditRecord.objects.filter(action="upload.published", actor=upload.owner).count() == 1

    def test_a_second_click_gives_no_second_ticket(self, upload: EvidenceUpload) -> None:
        cohort = make.make_cohort(trainees=[make.make_user("ana")], instructors=[upload.owner])
        first = publish_upload(upload, cohort, upload.owner)
        assert publish_upload(upload, cohort, upload.owner) == first
        assert Ticket.objects.count() == 1

    def test_it_may_go_to_a_second_cohort(self, upload: EvidenceUpload) -> None:
        for name, trainee in (("Spring class", "ana"), ("Autumn class", "zoe")):
            cohort = make.make_cohort(name, trainees=[make.make_user(trainee)], instructors=[upload.owner])
            publish_upload(upload, cohort, upload.owner)
        assert Ticket.objects.count() == 2

    def test_nobody_publishes_to_a_cohort_of_another(self, upload: EvidenceUpload) -> None:
        cohort = make.make_cohort(trainees=[make.make_user("ana")])
        with pytest.raises(UploadError, match="You do not teach"):
            publish_upload(upload, cohort, upload.owner)
        assert not Ticket.objects.exists()

    def test_nothing_is_published_before_it_has_a_verdict(self) -> None:
        upload = make.make_upload()
        cohort = make.make_cohort(trainees=[make.make_user("ana")], instructors=[upload.owner])
        with pytest.raises(UploadError, match="has not been analysed"):
            publish_upload(upload, cohort, upload.owner)
