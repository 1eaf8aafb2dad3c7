"""A class in which every text that anybody can write is hostile, walked page by page along its own links, as everybody."""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from tests import factories as make
from tests.traffic import pcap, tcp
from tests.views.conftest import client_of
from tests.views.test_hostile_evidence import require_harmless
from tickets.engine import EvidenceFile
from tickets.models import (
    Appeal,
    CriterionResult,
    GradeJob,
    Notice,
    SavedView,
    Ticket,
    User,
    Variant,
)
from tickets.tasks.evidence import store_bundle
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain

pytestmark = pytest.mark.django_db

# What a database column takes; evidence may hold NUL and bytes that are no text besides.
HOSTILE = (
    "<script>alert(1)</script>\x1b[31m\u202eexe.gnp\u200b"
    "e" + "\u0301" * 9 + "\"'><img src=x onerror=alert(1)>{{7|add:7}}"
)
IN_EVIDENCE = HOSTILE + "\x00\x9b31m\u2028"
# A walk that goes round in circles ends; a page whose address differs by these only is the same page.
MOST_PAGES = 500
SAME_PAGE = {
    "open",
    "record",
    "page",
    "ticket",
    "sort",
    "status",
    "severity",
    "due",
    "result",
    "o",
    "q",
    "here",
}


# What a person typed stands in its field as it was: nothing is lost when it is saved again.
FIELDS = re.compile(r'<textarea\b[^>]*>.*?</textarea>| value="[^"]*"', re.DOTALL)


def logs() -> bytes:
    """Suricata's alert, request and flow of the seed ticket's conversation."""
    ends = {"src_ip": "10.20.30.40", "src_port": 3932, "dest_ip": "203.0.113.80", "dest_port": 80}
    turned = {"src_ip": "203.0.113.80", "src_port": 80, "dest_ip": "10.20.30.40", "dest_port": 3932}
    at = {"timestamp": "2026-03-02T12:00:00.000000+0000", "flow_id": 7, "proto": "TCP"}
    alert = {
        "action": IN_EVIDENCE,
        "signature_id": 1900001,
        "rev": 1,
        "signature": IN_EVIDENCE,
        "category": IN_EVIDENCE,
    }
    request = {
        "hostname": IN_EVIDENCE,
        "url": IN_EVIDENCE + "A" * 100_000,
        "http_user_agent": IN_EVIDENCE,
        "status": 200,
    }
    events = [
        {**at, **turned, "event_type": "alert", "app_proto": IN_EVIDENCE, "alert": alert},
        {**at, **ends, "event_type": "http", "http": request},
        {
            **at,
            **ends,
            "event_type": "flow",
            "app_proto": IN_EVIDENCE,
            "flow": {"state": IN_EVIDENCE, "pkts_toserver": 3},
        },
    ]
    return "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events).encode()


CAPTURE = pcap(
    tcp("10.20.30.40:3932", "203.0.113.80:80")
    .syn()
    .syn_ack()
    .ack()
    .says(b"GET /" + HOSTILE.encode() + b" HTTP/1.1\r\n\r\n")
    .answers(b"\xff\xfe" + HOSTILE.encode())
)


def make_hostile_variant() -> Variant:
    files = [EvidenceFile("capture.pcap", CAPTURE), EvidenceFile("eve.json", logs())]
    version = make.make_version(
        make.make_scenario(lesson=HOSTILE[:80]),
        title=HOSTILE[:150],
        sensor=HOSTILE[:80],
        statement=HOSTILE,
        rule_text=f"{make.RULE_TEXT[:-1]} metadata:x {HOSTILE.replace(';', '')};)",
        rule_reads=HOSTILE,
    )
    return make.make_variant(
        version,
        bundle=store_bundle(files, [f"A note: {HOSTILE}"]),
        statement=HOSTILE,
        alert_message=HOSTILE,
        alert_category=HOSTILE[:120],
        alert_action=HOSTILE[:40],
        alert_record="eve.json:1",
    )


@pytest.fixture
def tickets(db: None) -> list[Ticket]:
    """One graded, asked about and judged; one with a draft. Names, titles and texts of everybody are hostile."""
    ana, ivo = make.make_user("ana"), make.make_instructor()
    User.objects.update(first_name=HOSTILE[:140], last_name=HOSTILE[:140])
    User.objects.filter(pk=ivo.pk).update(is_staff=True)
    ana.refresh_from_db()
    cohort = make.make_cohort(HOSTILE[:70], trainees=[ana], instructors=[ivo], description=HOSTILE)
    due_at = timezone.now() + timedelta(days=1)
    assignment = make.make_assignment(cohort, title=HOSTILE[:70], due_at=due_at)
    graded = make.make_ticket(ana, assignment=assignment, variant=make_hostile_variant())
    texts = dict.fromkeys(("reason", "supporting_evidence", "analysis", "conclusion", "next_steps"), HOSTILE)
    pins = ["eve.json:1", "eve.json:2", "capture.pcap:4", "context:1"]
    wrong = {**make.FACE_VALUE_ANSWERS, **texts, "evidence": pins}
    submission = make.make_submission(graded, **wrong)
    drain(GradeJob, record_grade)
    about = CriterionResult.objects.filter(grade__submission=submission).first()
    assert about is not None
    Appeal.objects.create(submission=submission, about=about, text=HOSTILE)
    Notice.objects.create(ticket=graded, kind=Notice.Kind.values[0], text=HOSTILE)
    SavedView.objects.create(
        user=ana, name=HOSTILE[:60], query=urlencode({"status": "all", "q": HOSTILE[:60]})
    )
    draft = make.make_ticket(ana, assignment=assignment, variant=make_hostile_variant())
    make.make_worksheet(draft, **{**wrong, "originator_ip": HOSTILE[:200]})
    return [graded, draft]


def links_of(page: str, at: str) -> Iterator[str]:
    """Every address of this site that the page links to or asks for itself."""
    for found in re.finditer(r'\s(?:href|hx-get)="([^"]*)"', page):
        url = urlsplit(urljoin(at, html.unescape(found[1])))
        if not url.netloc and not url.path.startswith(("/static/", "/accounts/logout", "/admin/jsi18n")):
            yield url.path + (f"?{url.query}" if url.query else "")


def page_key(address: str) -> tuple[str, ...]:
    """Two addresses with the same key show the same page, as far as a walk is concerned."""
    url = urlsplit(address)
    if url.path.startswith("/admin/"):
        return (url.path,)
    asked = {name: value for name, value in parse_qs(url.query).items() if name not in SAME_PAGE}
    return (url.path, *(f"{name}={value}" for name, value in sorted(asked.items())))


def walk(client: Client, *starts: str) -> dict[str, str]:
    """Every page that can be reached by links, by address; each is looked at."""
    pages: dict[str, str] = {}
    seen = {page_key(start) for start in starts}
    waiting = deque(starts)
    while waiting:
        address = waiting.popleft()
        assert len(pages) < MOST_PAGES, sorted(pages)
        response = client.get(address)
        # The admin names accounts with a link, also to those who may not see them.
        is_account = address.startswith("/admin/tickets/user/")
        assert response.status_code in ((200, 302, 403) if is_account else (200, 302)), address
        if response.status_code == 302:
            found = [urljoin(address, response.headers["Location"]).partition("#")[0]]
        elif "html" in response.headers["Content-Type"]:
            pages[address] = response.content.decode()
            require_harmless(FIELDS.sub("", pages[address]))
            found = list(links_of(pages[address], address))
        else:
            found = []
        for link in found:
            if page_key(link) not in seen:
                seen.add(page_key(link))
                waiting.append(link)
    return pages


def paths_of(pages: dict[str, str]) -> set[str]:
    return {urlsplit(address).path for address in pages}


def test_nothing_that_ana_can_reach_acts_or_hides(ana: Client, tickets: list[Ticket]) -> None:
    graded, draft = tickets
    pages = walk(ana, "/", "/tickets/?status=all")
    desks = {f"/tickets/{ticket.pk}/" for ticket in tickets}
    assert paths_of(pages) >= {
        "/",
        "/tickets/",
        "/progress/",
        "/shifts/",
        f"/tickets/{graded.pk}/grade/",
        *desks,
    }
    for tab in ("packet", "flow", "ids", "timeline", "context", "raw", "files"):
        assert any(f"{draft.pk}/?" in address and f"tab={tab}" in address for address in pages), tab
    for path in ("/tickets/?status=all", f"/tickets/{graded.pk}/grade/"):
        assert "&lt;script&gt;alert(1)" in pages[path], path


def test_nothing_that_ivo_can_reach_acts_or_hides(ivo: Client, tickets: list[Ticket]) -> None:
    graded = tickets[0]
    pages = walk(ivo, "/", "/marks/", "/reports/")
    cohort = graded.item.assignment.cohort_id
    wanted = {
        "/marks/",
        f"/reports/cohorts/{cohort}/",
        f"/tickets/{graded.pk}/rubric/",
        f"/tickets/{graded.pk}/grade/",
        "/admin/tickets/ticket/",
        f"/admin/tickets/variant/{graded.variant_id}/change/",
    }
    assert paths_of(pages) >= wanted


def test_nothing_that_a_superuser_can_reach_acts_or_hides(tickets: list[Ticket]) -> None:
    chief = make.make_user("chief", role="instructor", is_staff=True, is_superuser=True)
    pages = walk(client_of(chief), "/admin/")
    record = tickets[0].variant.bundle.records.earliest("number")
    assert f"/admin/tickets/evidencerecord/{record.pk}/change/" in paths_of(pages)
