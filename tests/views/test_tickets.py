"""The desk."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests import factories as make
from tickets.models import EvidenceFile, EvidenceRecord, Ticket, Worksheet
from tickets.models.truth import VariantHints
from tickets.reports.conversations import alert_conversation

pytestmark = pytest.mark.django_db

HOSTILE = "GET /<script>alert(1)</script>\x1b[31m \x00 \u202eexe.gnp {{ 7|add:7 }}"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def add_packets(ticket: Ticket, count: int, **fields: Any) -> list[EvidenceRecord]:
    file = EvidenceFile.objects.get(bundle=ticket.variant.bundle, name="capture.pcap")
    first = EvidenceRecord.objects.filter(file=file).count() + 1
    values = {
        "kind": "packet",
        "src_ip": "10.20.30.40",
        "src_port": 3932,
        "dst_ip": "203.0.113.80",
        "dst_port": 80,
    }
    return EvidenceRecord.objects.bulk_create(
        EvidenceRecord(
            bundle=ticket.variant.bundle,
            file=file,
            number=number,
            **{**values, "info": f"row {number}", **fields},
        )
        for number in range(first, first + count)
    )


def test_the_first_look_opens_the_ticket_and_an_instructors_look_does_not(ana: Client, ivo: Client) -> None:
    ticket = make.make_ticket()
    ivo.get(f"/tickets/{ticket.pk}/")
    ticket.refresh_from_db()
    assert ticket.opened_at is None
    ana.get(f"/tickets/{ticket.pk}/")
    ticket.refresh_from_db()
    assert ticket.opened_at is not None


def test_the_desk_has_every_field_under_its_stable_name(ana: Client) -> None:
    page = text_of(ana.get(f"/tickets/{make.make_ticket().pk}/"))
    names = "originator_ip originator_port responder_ip responder_port protocol reversed outcome intent disposition "
    names += "reason_code confidence evidence reason supporting_evidence analysis conclusion next_steps version key"
    assert [name for name in names.split() if f'name="{name}"' not in page] == []


def test_an_instructor_reads_the_worksheet_and_cannot_change_it(ivo: Client) -> None:
    ticket = make.make_ticket()
    make.make_worksheet(ticket, analysis="The workstation asked first.")
    page = text_of(ivo.get(f"/tickets/{ticket.pk}/"))
    assert "The workstation asked first." in page
    assert "<textarea" not in page
    assert "Submit worksheet" not in page
    assert 'name="version"' not in page


def test_a_submitted_worksheet_stands_as_it_was_submitted(ana: Client) -> None:
    ticket = make.make_ticket()
    make.make_submission(ticket, analysis="As submitted.")
    Worksheet.objects.update(analysis="Written later by a fault.")
    page = text_of(ana.get(f"/tickets/{ticket.pk}/"))
    assert "As submitted." in page
    assert "Written later" not in page
    assert "<textarea" not in page


def test_evidence_comes_in_pages(ana: Client) -> None:
    ticket = make.make_ticket()
    add_packets(ticket, 153)
    page = text_of(ana.get(f"/tickets/{ticket.pk}/?tab=packet"))
    assert page.count("data-pin") == 80
    assert "page=2" in page
    headers = {"HX-Request": "true", "HX-Target": "more"}
    rest = text_of(ana.get(f"/tickets/{ticket.pk}/?tab=packet&page=2", headers=headers))
    assert rest.count("data-pin") == 80
    assert "row 160" in rest
    assert "<table" not in rest


def test_a_big_desk_takes_no_more_queries_than_a_small_one(
    ana: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ticket = make.make_ticket()
    ours = alert_conversation(ticket.variant)
    add_packets(ticket, 1500, conversation=ours, length=10, time_ns=1_772_452_800_000_000_000)
    make.make_worksheet(ticket)
    ana.get(f"/tickets/{ticket.pk}/")
    for address in (
        "",
        "?page=3",
        "?tab=timeline",
        "?tab=context",
        "?tab=raw",
        "?view=diagram",
        "?view=transcript",
        f"?view=transcript&conversation={quote(ours)}",
        f"?tab=timeline&conversation={quote(ours)}",
    ):
        with django_assert_max_num_queries(15):
            response = ana.get(f"/tickets/{ticket.pk}/{address}")
        # As it is read; on the wire it is packed (soctrainer/middleware.py).
        assert len(response.content) < 300_000


def test_the_authors_notes_stand_under_their_headings(ana: Client) -> None:
    bundle = make.make_bundle(notes=["a host", "another host", "a change", "a list"])
    version = make.make_version(headings=["assets", "assets", "changes", "intelligence"])
    ticket = make.make_ticket(variant=make.make_variant(version, bundle=bundle))
    page = text_of(ana.get(f"/tickets/{ticket.pk}/?tab=context"))
    notes = [f'aria-label="Pin context:{number}"' for number in (1, 2, 3, 4)]
    parts = [
        "Assets</th>",
        *notes[:2],
        "Change calendar</th>",
        notes[2],
        "Threat intelligence</th>",
        notes[3],
    ]
    assert [page.count(part) for part in parts] == [1, 1, 1, 1, 1, 1, 1]
    assert sorted(parts, key=page.index) == parts


def test_notes_without_sections_stand_under_no_heading(ana: Client) -> None:
    page = text_of(ana.get(f"/tickets/{make.make_ticket().pk}/?tab=context"))
    assert 'data-of="context"' in page
    assert 'class="heading"' not in page


def test_no_page_of_a_ticket_holds_its_hints(ana: Client) -> None:
    ticket = make.make_ticket()
    VariantHints.objects.create(
        variant=ticket.variant, where="hint-one", what="hint-two", record="hint-three"
    )
    for address in ("", "?tab=context", "?tab=raw"):
        assert "hint-" not in text_of(ana.get(f"/tickets/{ticket.pk}/{address}"))


def test_a_link_to_a_record_opens_its_tab_and_page(ana: Client) -> None:
    ticket = make.make_ticket()
    add_packets(ticket, 400)
    page = text_of(ana.get(f"/tickets/{ticket.pk}/?tab=context&record=capture.pcap:250&q=nothing"))
    assert 'data-place="capture.pcap:250" id="here"' in page
    assert "row 250" in page
    assert "row 150" not in page


@pytest.mark.parametrize("query", ["203.0.113.99", ":4444", "203.0.113.99:4444", "NEEDLE", "needle 100%_"])
def test_a_search_finds_text_addresses_and_ports_literally(ana: Client, query: str) -> None:
    ticket = make.make_ticket()
    add_packets(ticket, 1, dst_ip="203.0.113.99", dst_port=4444, info="a needle 100%_ of it")
    page = ana.get(f"/tickets/{ticket.pk}/", {"tab": "packet", "q": query})
    assert "1 record with" in text_of(page)


@pytest.mark.parametrize("query", ["%", "_ab", "n.*dle", "\x00", "' OR 1=1 --", "9" * 500])
def test_a_search_is_no_pattern_and_breaks_nothing(ana: Client, query: str) -> None:
    ticket = make.make_ticket()
    page = ana.get(f"/tickets/{ticket.pk}/", {"tab": "packet", "q": query})
    assert page.status_code == 200
    assert "0 records with" in text_of(page) or not query.strip("\x00")


@pytest.mark.parametrize(
    "query", ["tab=nonsense", "page=99999999", "page=-1", "open=x", "record=x", "record=a:9999999999"]
)
def test_nonsense_in_the_address_shows_the_first_page(ana: Client, query: str) -> None:
    assert "packet 1" in text_of(ana.get(f"/tickets/{make.make_ticket().pk}/?{query}"))


def test_a_record_opens_in_place_and_by_a_plain_link(ana: Client, zoe: Client) -> None:
    ticket = make.make_ticket()
    [record] = add_packets(ticket, 1, detail={"ttl": "52", "hex": "0000  3c"}, raw="as stored")
    path = f"/tickets/{ticket.pk}/records/{record.pk}/"
    fragment = text_of(ana.get(path, headers={"HX-Request": "true"}))
    assert fragment.strip().startswith("<tr")
    assert all(part in fragment for part in ("52", "0000  3c", "as stored"))
    plain = text_of(ana.get(path, follow=True))
    assert "as stored" in plain
    assert "<!doctype html>" in plain
    assert zoe.get(path).status_code == 404


def test_another_tickets_record_is_not_there(ana: Client) -> None:
    mine = make.make_ticket()
    other = make.make_variant(bundle=make.make_bundle(notes=("Another desk.",)))
    record = other.bundle.records.first()
    assert record is not None
    assert ana.get(f"/tickets/{mine.pk}/records/{record.pk}/").status_code == 404


def test_hostile_text_is_shown_and_does_nothing(ana: Client) -> None:
    ticket = make.make_ticket()
    # A database holds no NUL, and what it holds came from a stranger all the same.
    add_packets(ticket, 1, info=HOSTILE.replace("\x00", ""), raw=HOSTILE.replace("\x00", ""))
    for tab in ("packet", "raw"):
        page = text_of(ana.get(f"/tickets/{ticket.pk}/?tab={tab}"))
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "\x1b" not in page
        assert "\u202e" not in page
        assert "{{ 7|add:7 }}" in page
        assert "U+202E" in page


def test_an_instructor_reads_a_ticket_that_nobody_has_opened(ivo: Client) -> None:
    ticket = make.make_ticket()
    page = text_of(ivo.get(f"/tickets/{ticket.pk}/"))
    assert "Not submitted yet." in page
    assert page.count("not said") >= 3


def test_a_rules_reference_is_a_link_that_says_nothing_of_where_one_came_from(ana: Client) -> None:
    rule = make.RULE_TEXT.replace("sid:", "reference:url,www.rfc-editor.org/rfc/rfc9293; sid:")
    variant = make.make_variant(make.make_version(rule_text=rule))
    page = ana.get(f"/tickets/{make.make_ticket(variant=variant).pk}/").content.decode()
    link = (
        '<a href="http://www.rfc-editor.org/rfc/rfc9293" target="_blank" rel="noopener noreferrer external">'
    )
    assert page.count(link) == 1


def test_the_desk_says_what_the_sensor_protects_and_which_end_is_inside(ana: Client) -> None:
    variant = make.make_variant(rule_variables={"HOME_NET": ["10.20.0.0/16"], "EXTERNAL_NET": ["!$HOME_NET"]})
    page = text_of(ana.get(f"/tickets/{make.make_ticket(variant=variant).pk}/"))
    assert "Here: 10.20.0.0/16." in page
    assert page.index("outside, public address") < page.index("inside, private address")
