"""What strangers wrote into evidence, through every place where it appears: shown visibly, and doing nothing."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import zipfile
from typing import Any

import pytest
from django.test import Client

from tests import factories as make
from tests.traffic import pcap, tcp
from tests.views.conftest import client_of
from tickets.engine import EvidenceFile
from tickets.models import EvidenceRecord, Ticket
from tickets.tasks.evidence import store_bundle

pytestmark = pytest.mark.django_db

TOWER = "e" + "\u0301" * 200
HOSTILE = f"<script>alert(1)</script>\x1b[31m\x00\u202eexe.gnp\u200b{TOWER}{{{{7|add:7}}}}\"'><img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://203.0.113.1","x")'
LONG = "A" * 100_000


def event(url: str) -> bytes:
    """Suricata's line of a web request for this address."""
    told = {
        "timestamp": "2026-03-02T12:00:00.000000+0000",
        "flow_id": 7,
        "event_type": "http",
        "src_ip": "10.20.30.40",
        "src_port": 3932,
        "dest_ip": "203.0.113.80",
        "dest_port": 80,
        "proto": "TCP",
        "http": {"hostname": "www", "url": url, "http_method": "GET", "status": 200},
    }
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"


LOG = b"".join(map(event, (HOSTILE, LONG, "\udcff\udcfe", FORMULA)))
CAPTURE = pcap(
    tcp("10.20.30.40:3932", "203.0.113.80:80")
    .syn()
    .syn_ack()
    .ack()
    .says(b"GET /" + HOSTILE.encode() + b" HTTP/1.1\r\n\r\n")
    .answers(b"\xff\xfe" + HOSTILE.encode() + LONG[:1300].encode())
)
PLACES = ["eve.json:1", "eve.json:2", "eve.json:3", "eve.json:4", "capture.pcap:4"]


@pytest.fixture
def ticket(db: None) -> Ticket:
    """A graded ticket whose log, capture, note and title are hostile, with all of it pinned."""
    files = [EvidenceFile("capture.pcap", CAPTURE), EvidenceFile("eve.json", LOG)]
    bundle = store_bundle(files, [f"A note: {HOSTILE.replace(chr(0), '')}"])
    version = make.make_version(title=HOSTILE.replace("\x00", "")[:100])
    return make.make_ticket(variant=make.make_variant(version, bundle=bundle))


def require_harmless(page: str) -> None:
    """Nothing of it acts, and nothing of it hides or covers other text."""
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    strange = [c for c in page if c not in "\n\t\r" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
    assert strange == []
    assert not re.search(r"[\u0300-\u036f]{5}", page)


def look(client: Client, path: str, **query: str) -> str:
    response = client.get(path, query)
    assert response.status_code == 200
    page = str(response.content.decode())
    require_harmless(page)
    assert len(page) < 300_000
    return page


@pytest.mark.parametrize(
    "query",
    [
        {"tab": "ids"},
        {"tab": "raw"},
        {"tab": "packet"},
        {"tab": "packet", "view": "diagram"},
        {"tab": "packet", "view": "transcript"},
        {"tab": "timeline"},
        {"tab": "context"},
        {"tab": "files"},
        {"tab": "raw", "q": HOSTILE},
        {"tab": HOSTILE, "view": HOSTILE, "conversation": HOSTILE, "record": HOSTILE},
    ],
)
def test_every_tab_shows_it_and_does_nothing(ana: Client, ticket: Ticket, query: dict[str, str]) -> None:
    page = look(ana, f"/tickets/{ticket.pk}/", **query)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    title = page.partition("<title>")[2].partition("</title>")[0]
    assert "&lt;script&gt;" in title


def test_the_marks_of_what_is_not_seen_are_shown(ana: Client, ticket: Ticket) -> None:
    said = look(ana, f"/tickets/{ticket.pk}/", tab="packet", view="transcript")
    assert "{{7|add:7}}" in said
    for name in ("\\x1b", "\\x00", "U+202E", "U+200B", "U+0301"):
        assert f'<span class="ctl">{name}</span>' in said
    lines = look(ana, f"/tickets/{ticket.pk}/", tab="ids")
    assert all(name in lines for name in ("\\x1b", "\\x00", "\\u202e", "\\u200b", "U+0301"))


def test_every_record_opens_harmlessly_and_within_bounds(ana: Client, ticket: Ticket) -> None:
    for record in EvidenceRecord.objects.filter(bundle=ticket.variant.bundle):
        path = f"/tickets/{ticket.pk}/records/{record.pk}/"
        page = ana.get(path, headers={"HX-Request": "true"}).content.decode()
        require_harmless(page)
        assert len(page) < 120_000


def test_pins_and_citations_of_it_are_harmless(ana: Client, ivo: Client, ticket: Ticket) -> None:
    make.make_worksheet(ticket, evidence=PLACES)
    for client in (ana, ivo):
        page = look(client, f"/tickets/{ticket.pk}/", tab="ids")
        assert 'data-place="eve.json:1"' in page


def test_the_result_page_cites_it_harmlessly(ana: Client, ivo: Client, ticket: Ticket) -> None:
    told: Any = {"": {"records": PLACES, "given": FORMULA}}
    make.make_grade(make.make_submission(ticket, with_job=False, evidence=PLACES), told=told)
    for client in (ana, ivo):
        page = look(client, f"/tickets/{ticket.pk}/grade/")
        assert "eve.json:1" in page


def test_the_admin_shows_it_harmlessly(ticket: Ticket) -> None:
    chief = make.make_user("chief", role="instructor", is_staff=True, is_superuser=True)
    client = client_of(chief)
    page = look(client, "/admin/tickets/evidencerecord/")
    assert "script&gt;" in page
    for record in EvidenceRecord.objects.filter(bundle=ticket.variant.bundle):
        require_harmless(client.get(f"/admin/tickets/evidencerecord/{record.pk}/change/").content.decode())


def test_the_files_are_given_whole_and_only_to_be_saved(ana: Client, ticket: Ticket) -> None:
    for name, data in (("eve.json", LOG), ("capture.pcap", CAPTURE)):
        file = ticket.variant.bundle.files.get(name=name)
        response = ana.get(f"/tickets/{ticket.pk}/files/{file.pk}/")
        assert response.content == data
        assert response.headers["Content-Disposition"].startswith("attachment; ")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "html" not in response.headers["Content-Type"]


def test_spreadsheets_run_nothing_and_hide_nothing(ivo: Client, ticket: Ticket) -> None:
    ticket.trainee.first_name, ticket.trainee.last_name = FORMULA[:60], "\u202e\x1b" + TOWER[:40]
    ticket.trainee.save()
    make.make_grade(make.make_submission(ticket, with_job=False))
    cohort = ticket.item.assignment.cohort_id
    written: list[Any] = []
    for figure in ("trainees", "fields", "completion"):
        response = ivo.get(f"/reports/cohorts/{cohort}/{figure}.csv")
        if response.status_code == 200:
            written += [
                cell for row in csv.reader(io.StringIO(response.content.decode("utf-8-sig"))) for cell in row
            ]
    assert any("HYPERLINK" in cell for cell in written)
    assert not any(cell.startswith(("=", "+", "@")) for cell in written)
    assert "\u202e" not in "".join(written)
    assert "\x1b" not in "".join(written)
    book = ivo.get(f"/reports/cohorts/{cohort}/report.xlsx")
    with zipfile.ZipFile(io.BytesIO(book.content)) as sheets:
        text = "".join(sheets.read(name).decode() for name in sheets.namelist() if name.endswith(".xml"))
    assert "HYPERLINK" in text
    assert "<f>" not in text
    assert "\u202e" not in text
