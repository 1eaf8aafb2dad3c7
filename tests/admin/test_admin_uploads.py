from __future__ import annotations

import http.client
import itertools
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.admin.conftest import School, log_in
from tests.tasks.test_uploads import ALERT_LINE, CONTEXT
from tickets.models import AnalysisJob, AuditRecord, EvidenceUpload, Ticket, UploadedFile
from tickets.tasks.jobs import drain
from tickets.tasks.uploads import analyse_upload

ADD = "admin:tickets_evidenceupload_add"


def page_of(upload: EvidenceUpload) -> str:
    return reverse("admin:tickets_evidenceupload_change", args=[upload.pk])


def publish_url(upload: EvidenceUpload) -> str:
    return reverse("admin:tickets_evidenceupload_publish", args=[upload.pk])


def hand_in(client: Client, *files: tuple[str, bytes], **fields: str) -> str:
    """Post the form and return the page that comes of it."""
    evidence = files or (("beacon.pcap", make.make_capture()),)
    form = {
        "title": "A high port",
        "severity": "medium",
        "sensor": "",
        "statement": "",
        "alert_line": ALERT_LINE,
        "rule_text": make.RULE_TEXT,
        "context_text": CONTEXT,
        **fields,
        "files": [SimpleUploadedFile(name, data) for name, data in evidence],
    }
    return (
        client.post(reverse(ADD), form, follow=True)
        .content.decode()
        .replace("&#x27;", "'")
        .replace("&quot;", '"')
    )


@pytest.fixture
def ivo(school: School) -> Client:
    return log_in(school.ivo)


def test_an_upload_is_queued_and_its_page_looks_again_by_itself(ivo: Client) -> None:
    page = hand_in(ivo)
    assert "The evidence is being analysed." in page
    assert '<meta http-equiv="refresh" content="2">' in page
    assert AnalysisJob.objects.get().state == "pending"


def test_the_verdict_is_shown_with_its_derivation_and_published_by_one_button(
    ivo: Client, school: School
) -> None:
    hand_in(ivo)
    drain(AnalysisJob, analyse_upload)
    upload = EvidenceUpload.objects.get()
    page = ivo.get(page_of(upload)).content.decode()
    assert "10.20.30.40:3932 opened it to 203.0.113.80:80" in page
    assert "<code>capture.pcap:1</code>" in page
    assert "false positive (FP1)" in page
    assert "http-equiv" not in page
    assert "Spring class" in page
    assert "Other class" not in page
    page = ivo.post(publish_url(upload), {"cohort": str(school.own.pk)}, follow=True).content.decode()
    assert "Published to Spring class. Tickets: 1." in page
    assert Ticket.objects.get(variant=upload.variant).trainee == school.ana


def test_all_faults_of_the_form_are_told_at_once_and_nothing_is_stored(ivo: Client) -> None:
    page = hand_in(
        ivo,
        ("a.pcap", b""),
        ("b.pcap", b"text under a capture's name"),
        title="",
        alert_line="tcp x",
        rule_text="alert tcp any",
        context_text="notes: 3",
    )
    for told in (
        "This field is required",
        "a.pcap",
        "b.pcap",
        "The alert line must read like",
        "The rule cannot be read",
        "line 1",
    ):
        assert told in page, told
    assert not EvidenceUpload.objects.exists()
    assert not AnalysisJob.objects.exists()


def test_a_file_over_the_limit_is_refused_with_its_size_and_the_limit(
    ivo: Client, settings: LazySettings
) -> None:
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    page = hand_in(ivo, ("large.pcap", make.make_capture() + bytes(3 * 1024 * 1024)))
    assert "large.pcap is 3.0 MiB; the limit is 1 MiB for each file." in page
    assert not UploadedFile.objects.exists()


def test_300_megabytes_are_read_and_dropped_with_the_limit_named(
    transactional_db: None, school: School, live_server: LiveServer
) -> None:
    client = log_in(school.ivo)
    client.get(reverse(ADD))
    token = client.cookies["csrftoken"].value
    head = (
        f'--cut\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
        '--cut\r\nContent-Disposition: form-data; name="files"; filename="huge.pcap"\r\n\r\n'
    ).encode()
    tail = b"\r\n--cut--\r\n"
    cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}"
    headers = {
        "Content-Type": "multipart/form-data; boundary=cut",
        "Content-Length": str(len(head) + 300_000_000 + len(tail)),
        "Cookie": cookies,
    }
    site = urlsplit(live_server.url)
    connection = http.client.HTTPConnection(str(site.hostname), site.port, timeout=60)
    body = itertools.chain([head], itertools.repeat(bytes(1_000_000), 300), [tail])
    connection.request("POST", reverse(ADD), body=body, headers=headers)
    page = connection.getresponse().read().decode()
    connection.close()
    assert "huge.pcap is 286 MiB; the limit is 25 MiB for each file." in page
    assert not UploadedFile.objects.exists()


def test_what_shows_only_in_the_analysis_is_told_on_the_page_and_may_be_mended(ivo: Client) -> None:
    hand_in(ivo, alert_line="tcp 203.0.113.99:80 -> 10.20.30.40:3932")
    drain(AnalysisJob, analyse_upload)
    upload = EvidenceUpload.objects.get()
    page = ivo.get(page_of(upload)).content.decode()
    assert "These files could not become a ticket." in page
    assert "between 203.0.113.99:80 and 10.20.30.40:3932" in page
    again = ivo.get(reverse(ADD), {"again": str(upload.pk)}).content.decode()
    assert "tcp 203.0.113.99:80 -&gt; 10.20.30.40:3932" in again


def test_an_upload_without_a_verdict_cannot_be_published(ivo: Client, school: School) -> None:
    hand_in(ivo)
    upload = EvidenceUpload.objects.get()
    page = ivo.post(publish_url(upload), {"cohort": str(school.own.pk)}, follow=True).content.decode()
    assert "has not been analysed" in page


def test_nobody_publishes_to_another_instructors_cohort_nor_sees_her_upload(
    ivo: Client, school: School
) -> None:
    hand_in(ivo)
    drain(AnalysisJob, analyse_upload)
    upload = EvidenceUpload.objects.get()
    assert ivo.post(publish_url(upload), {"cohort": str(school.other.pk)}).status_code == 404
    mia = log_in(school.mia)
    assert mia.get(page_of(upload)).status_code == 404
    assert mia.post(publish_url(upload), {"cohort": str(school.other.pk)}).status_code == 404
    assert not Ticket.objects.filter(variant=upload.variant).exists()


def test_publishing_takes_a_post_and_a_trainee_may_not(ivo: Client, school: School) -> None:
    hand_in(ivo)
    upload = EvidenceUpload.objects.get()
    assert ivo.get(publish_url(upload)).status_code == 405
    assert log_in(school.ana).get(page_of(upload)).status_code == 403


def test_the_verdict_of_a_variant_is_read_by_those_who_may_set_it(ivo: Client, school: School) -> None:
    hand_in(ivo)
    drain(AnalysisJob, analyse_upload)
    variant = EvidenceUpload.objects.get().variant
    assert variant is not None
    verdict = reverse("admin:tickets_variant_verdict", args=[variant.pk])
    assert verdict in ivo.get(reverse("admin:tickets_variant_change", args=[variant.pk])).content.decode()
    assert "false positive (FP1)" in ivo.get(verdict).content.decode()
    assert log_in(school.mia).get(verdict).status_code == 404
    assert log_in(school.ana).get(verdict).status_code == 403


# -- Room ---------------------------------------------------------------------------------------------


def test_the_form_says_how_much_ones_uploads_hold(ivo: Client, school: School) -> None:
    make.make_upload(school.ivo)
    make.make_upload(school.mia)
    size = UploadedFile.objects.filter(upload__owner=school.ivo).get().size
    page = ivo.get(reverse(ADD)).content.decode()
    assert f"Your uploads hold {size} bytes of 500 MiB, in 1 of 200 files." in page


def test_an_upload_beyond_the_room_of_its_owner_is_refused_and_says_how_much_is_used(
    ivo: Client, school: School, settings: LazySettings
) -> None:
    capture = make.make_capture()
    hand_in(ivo)
    settings.UPLOAD_QUOTA_BYTES = 2 * len(capture) - 1
    page = hand_in(ivo)
    used = f"Your uploads hold {len(capture)} bytes of 1 KiB, in 1 of 200 files."
    assert f"There is no room for this. {used} This file is {len(capture)} bytes." in page
    assert UploadedFile.objects.count() == 1
    settings.UPLOAD_QUOTA_BYTES = 2 * len(capture)
    assert "The evidence is being analysed." in hand_in(ivo)


def test_the_number_of_files_is_bounded_too_and_each_instructor_has_room_of_his_own(
    ivo: Client, school: School, settings: LazySettings
) -> None:
    settings.UPLOAD_QUOTA_FILES = 1
    hand_in(ivo)
    two = (("a.pcap", make.make_capture()), ("b.pcap", make.make_capture()))
    assert "These 2 files are 1 KiB together." in hand_in(ivo, *two)
    assert "The evidence is being analysed." in hand_in(log_in(school.mia))
    assert UploadedFile.objects.count() == 2


def test_what_failed_can_be_discarded_to_make_room_and_nothing_else(ivo: Client, school: School) -> None:
    failed, sound = make.make_upload(school.ivo), make.make_upload(school.ivo)
    EvidenceUpload.objects.filter(pk=failed.pk).update(state="failed", problem="No record can be read.")
    foreign = make.make_upload(school.mia)
    EvidenceUpload.objects.filter(pk=foreign.pk).update(state="failed", problem="No record can be read.")
    chosen = {"action": "discard", "_selected_action": [failed.pk, sound.pk, foreign.pk]}
    page = ivo.post(reverse("admin:tickets_evidenceupload_changelist"), chosen, follow=True).content.decode()
    assert "Uploads discarded: 1." in page
    assert "did not fail, so it stays." in page
    assert set(EvidenceUpload.objects.all()) == {sound, foreign}
    assert AuditRecord.objects.get(action="upload.discarded").actor == school.ivo
