"""The desk's evidence: conversations, the sequence diagram, the transcript, the timeline, the files, the context."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from tests import factories as make
from tests.traffic import NOON as FIRST_S
from tests.traffic import pcap, tcp, udp
from tickets.engine import EvidenceFile
from tickets.models import Assignment, Ticket, Worksheet
from tickets.tasks.evidence import store_bundle

pytestmark = pytest.mark.django_db

CLIENT, SERVER = "10.20.30.40:3932", "203.0.113.80:80"
WEB = (
    tcp(CLIENT, SERVER)
    .syn()
    .syn_ack()
    .ack()
    .says(b"GET /secret.html HTTP/1.1\r\nHost: www.example.net\r\n\r\n")
    .answers(b"HTTP/1.1 200 OK\r\n\r\n\x1b[31m<script>alert(1)</script>\xff")
)
LOOKUP = udp("10.20.30.40:50000", "10.20.0.53:53", at_us=50_000).says(
    b"\x00\x01\x02\x03 binary \x00\x00\x00\x00\x00"
)
FIREWALL = (
    b"<134>Jan  5 2026 12:00:00 fw : %ASA-6-302013: Built outbound TCP connection 7 for outside:203.0.113.80/80"
    b" (203.0.113.80/80) to inside:10.20.30.40/3932 (10.20.30.40/3932)\n"
)


def make_ticket(**fields: Any) -> Ticket:
    """A ticket with a web page, a look-up and the firewall's line of the web page."""
    files = [
        EvidenceFile("capture.pcap", pcap(WEB, LOOKUP)),
        EvidenceFile("firewall.log", FIREWALL),
    ]
    bundle = store_bundle(files, ["10.20.30.40 is a workstation; our network is 10.20.0.0/16."])
    variant = make.make_variant(bundle=bundle)
    return make.make_ticket(variant=variant, **fields)


def look(client: Client, ticket: Ticket, **query: str) -> str:
    return str(client.get(f"/tickets/{ticket.pk}/", query).content.decode())


def conversation_of(ticket: Ticket, **fields: Any) -> str:
    return ticket.variant.bundle.records.filter(**fields).values_list("conversation", flat=True)[0]


# -- One conversation across the tabs ----------------------------------------------------------


def test_a_conversation_narrows_every_tab_and_its_count(ana: Client) -> None:
    ticket = make_ticket()
    web = conversation_of(ticket, src_port=3932, kind="packet")
    page = look(ana, ticket, tab="packet", conversation=web)
    assert page.count("data-pin") == 5
    assert "Packets <span>5</span>" in page
    assert "Firewall <span>1</span>" in page
    assert "10.20.0.53" not in page.partition('id="record-rows"')[2]
    lookup = conversation_of(ticket, dst_port=53)
    assert "No firewall record belongs to this conversation" in look(
        ana, ticket, tab="firewall", conversation=lookup
    )


def test_the_context_counts_how_common_the_alerts_ends_are(ana: Client) -> None:
    ticket = make_ticket()
    response = ana.get(f"/tickets/{ticket.pk}/", {"tab": "context"})
    counted = {
        (each.ip, each.port): (each.records, each.all_records, each.conversations, each.others)
        for each in response.context["prevalence"]
    }
    assert counted == {
        ("203.0.113.80", None): (6, 7, 1, 1),
        ("203.0.113.80", 80): (6, 7, 1, 1),
        ("10.20.30.40", None): (7, 7, 2, 2),
        ("10.20.30.40", 3932): (6, 7, 1, 1),
    }
    assert "6 of 7, 86 %" in response.content.decode()


def test_the_firewalls_tab_has_its_word_and_no_time_twice(ana: Client) -> None:
    ticket = make_ticket()
    rows = look(ana, ticket, tab="firewall").partition("<tbody>")[2]
    assert "<bdi>outbound</bdi>" in rows
    assert "<span><bdi>fw : %ASA-6-302013: Built outbound TCP" in rows
    assert '<td class="mono c-more"><span></span></td>' in rows  # it translated nothing


def test_raw_shows_everything_of_a_conversation_and_the_notes(ana: Client) -> None:
    ticket = make_ticket()
    page = look(ana, ticket, tab="raw", conversation=conversation_of(ticket, src_port=3932, kind="packet"))
    assert all(f'data-place="{place}"' in page for place in ("capture.pcap:1", "firewall.log:1", "context:1"))
    assert 'data-place="capture.pcap:6"' not in page


def test_both_ends_of_a_conversation_are_named_in_the_order_of_addresses(ana: Client) -> None:
    page = look(ana, make_ticket(), tab="packet")
    assert "10.20.30.40:3932 and 203.0.113.80:80, TCP (6), the alert's" in page
    assert "10.20.0.53:53 and 10.20.30.40:50000, UDP (1)" in page


@pytest.mark.parametrize("name", ["1:nothing", "x" * 500, "\x00", "' OR 1=1 --"])
def test_a_conversation_that_is_not_there_narrows_nothing(ana: Client, name: str) -> None:
    assert "Packets <span>6</span>" in look(ana, make_ticket(), tab="packet", conversation=name)


def test_a_record_leads_to_everything_of_its_conversation(ana: Client) -> None:
    ticket = make_ticket()
    record = ticket.variant.bundle.records.filter(kind="firewall")[0]
    path = f"/tickets/{ticket.pk}/records/{record.pk}/"
    opened = ana.get(path, headers={"HX-Request": "true"}).content.decode()
    assert "Everything of this conversation" in opened
    assert "Sequence diagram" not in opened
    assert record.conversation in opened


def test_going_to_a_record_leaves_the_conversation(ana: Client) -> None:
    ticket = make_ticket()
    page = look(ana, ticket, conversation=conversation_of(ticket, dst_port=53), record="capture.pcap:1")
    assert 'data-place="capture.pcap:1" id="here"' in page


# -- Packets: table, diagram, transcript -------------------------------------------------------


def test_packets_show_relative_numbers(ana: Client) -> None:
    page = look(ana, make_ticket(), tab="packet")
    answer = page.partition('data-place="capture.pcap:2"')[2].partition("</tr>")[0]
    assert '<td class="num mono c-seq"><span>0</span></td>' in answer
    assert '<td class="num mono c-seq"><span>1</span></td>' in answer


def test_the_diagram_draws_the_alerts_conversation_and_says_it_in_words(ana: Client) -> None:
    page = look(ana, make_ticket(), tab="packet", view="diagram")
    assert page.count("data-pin") == 5
    assert "10.20.30.40 port 3932 to 203.0.113.80 port 80:" in page
    assert "SYN, ACK, seq 0, ack 1" in page
    assert "GET /secret.html" in page
    assert "10.20.0.53" not in page.partition('id="record-rows"')[2]


def test_the_posts_of_the_diagram_stand_as_the_strips_do(ana: Client) -> None:
    head = (
        look(ana, make_ticket(), tab="packet", view="diagram")
        .partition('class="steps"')[2]
        .partition("</thead>")[0]
    )
    assert head.index("203.0.113.80") < head.index("10.20.30.40")


def test_a_long_diagram_says_how_many_packets_it_leaves_out(ana: Client) -> None:
    story = tcp(CLIENT, SERVER).syn().syn_ack().ack()
    for _ in range(50):
        story.says(b"x").answers(b"y")
    bundle = store_bundle([EvidenceFile("capture.pcap", pcap(story))], [])
    ticket = make.make_ticket(variant=make.make_variant(bundle=bundle))
    page = look(ana, ticket, tab="packet", view="diagram")
    assert page.count("data-pin") == 80
    assert "23 more packets of this conversation" in page


def test_a_ticket_of_logs_has_no_diagram_and_no_transcript(ana: Client) -> None:
    bundle = store_bundle([EvidenceFile("firewall.log", FIREWALL)], [])
    ticket = make.make_ticket(variant=make.make_variant(bundle=bundle))
    assert "There is no packet to draw" in look(ana, ticket, tab="packet", view="diagram")
    assert "No packet of this conversation carries any bytes" in look(
        ana, ticket, tab="packet", view="transcript"
    )


def test_the_transcript_shows_what_both_sides_said_and_does_nothing(ana: Client) -> None:
    page = look(ana, make_ticket(), tab="packet", view="transcript")
    said = page.partition('data-of="transcript"')[2]
    assert "GET /secret.html HTTP/1.1\nHost: www.example.net" in said
    assert '<span class="ctl">\\x1b</span>[31m&lt;script&gt;alert(1)&lt;/script&gt;\\xff' in said
    assert said.index('data-place="capture.pcap:4"') < said.index('data-place="capture.pcap:5"')
    assert 'data-place="capture.pcap:1"' not in said


def test_bytes_that_are_no_text_stand_in_hexadecimal(ana: Client) -> None:
    ticket = make_ticket()
    page = look(
        ana, ticket, tab="packet", view="transcript", conversation=conversation_of(ticket, dst_port=53)
    )
    assert "0000  00 01 02 03 20 62 69 6e 61 72 79" in page


def test_bytes_that_are_sent_again_are_said_to_be(ana: Client) -> None:
    story = tcp(CLIENT, SERVER).syn().syn_ack().ack().says(b"once")
    story.frames.append(story.frames[-1]._replace(at_us=story.now_us))
    bundle = store_bundle([EvidenceFile("capture.pcap", pcap(story))], [])
    ticket = make.make_ticket(variant=make.make_variant(bundle=bundle))
    page = look(ana, ticket, tab="packet", view="transcript")
    assert page.count("sent before") == 1


# -- Timeline ----------------------------------------------------------------------------------


def test_the_timeline_has_a_lane_for_each_kind_and_all_records_in_the_order_of_time(ana: Client) -> None:
    ticket = make_ticket()
    make.make_worksheet(ticket, evidence=["capture.pcap:2"])
    page = look(ana, ticket, tab="timeline")
    assert 'aria-label="Packet: 6 records from 12:00:00' in page
    assert 'aria-label="Firewall: 1 record from 12:00:00' in page
    assert page.count('class="tpin"') == 2  # on its lane and in the legend
    assert page.count("data-place=") >= 7
    assert 'data-place="context:1"' not in page


def test_the_alert_stands_on_the_timeline_and_may_be_looked_at_more_closely(ana: Client) -> None:
    ticket = make_ticket()
    type(ticket.variant).objects.update(alert_time=datetime.fromtimestamp(FIRST_S, UTC))
    ticket.variant.bundle.records.filter(kind="firewall").update(time_ns=(FIRST_S - 7200) * 10**9)
    page = look(ana, ticket, tab="timeline")
    assert "1 h around the alert" in page
    assert 'class="tnow"' in page
    closer = look(ana, ticket, tab="timeline", around="60")
    assert "Packet: 6 records" in closer
    assert "Firewall: 1 record" not in closer


def test_evidence_without_any_time_has_no_timeline(ana: Client) -> None:
    assert "No record of this ticket has a time." in look(ana, make.make_ticket(), tab="timeline")


# -- Files -------------------------------------------------------------------------------------


def file_path(ticket: Ticket, name: str = "capture.pcap") -> str:
    return f"/tickets/{ticket.pk}/files/{ticket.variant.bundle.files.get(name=name).pk}/"


def test_a_file_is_served_as_the_very_bytes_and_never_as_a_page(ana: Client) -> None:
    ticket = make_ticket()
    response = ana.get(file_path(ticket))
    assert response.content == pcap(WEB, LOOKUP)
    assert response.headers["Content-Type"] == "application/vnd.tcpdump.pcap"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{ticket.code}-capture.pcap"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    notes = ana.get(file_path(ticket, "context"))
    assert notes.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert notes.headers["Content-Disposition"].endswith('-context.txt"')


def test_only_who_may_read_a_ticket_gets_its_files(zoe: Client, ivo: Client, nobody: Client) -> None:
    ticket = make_ticket()
    assert zoe.get(file_path(ticket)).status_code == 404
    assert ivo.get(file_path(ticket)).status_code == 200
    assert nobody.get(file_path(ticket)).status_code == 302


def test_another_tickets_file_is_not_there(ana: Client) -> None:
    mine = make_ticket()
    other = make.make_ticket()
    name = file_path(other).rpartition("files/")[2]
    assert ana.get(f"/tickets/{mine.pk}/files/{name}").status_code == 404
    assert ana.post(file_path(mine)).status_code == 405


def test_the_files_tab_lists_what_can_be_taken_away(ana: Client) -> None:
    ticket = make_ticket()
    page = look(ana, ticket, tab="files")
    assert file_path(ticket) in page
    assert ticket.variant.bundle.files.get(name="capture.pcap").sha256 in page


# -- Addresses ---------------------------------------------------------------------------------


def test_addresses_within_a_line_can_be_put_into_the_worksheet(ana: Client) -> None:
    ticket = make_ticket()
    record = ticket.variant.bundle.records.get(kind="firewall")
    opened = ana.get(
        f"/tickets/{ticket.pk}/records/{record.pk}/", headers={"HX-Request": "true"}
    ).content.decode()
    assert 'data-ip="203.0.113.80" data-port="80">203.0.113.80/80</button>' in opened
    notes = look(ana, ticket, tab="context")
    assert 'data-ip="10.20.30.40" data-port="">10.20.30.40</button>' in notes
    assert 'data-ip="10.20.0.0"' not in notes


def test_an_end_is_put_into_the_worksheet_without_a_script(ana: Client) -> None:
    ticket = make_ticket()
    posted = {"version": 0, "reason": "kept", "put": "responder 203.0.113.80 80"}
    assert ana.post(f"/tickets/{ticket.pk}/worksheet/", posted).status_code == 302
    stored = Worksheet.objects.get(ticket=ticket)
    assert (stored.responder_ip, stored.responder_port, stored.reason) == ("203.0.113.80", "80", "kept")


@pytest.mark.parametrize("put", ["reason nonsense", "originator", "", "version 9 9", "evidence x y"])
def test_nothing_else_can_be_put_that_way(ana: Client, put: str) -> None:
    ticket = make_ticket()
    ana.post(f"/tickets/{ticket.pk}/worksheet/", {"version": 0, "reason": "kept", "put": put})
    stored = Worksheet.objects.get(ticket=ticket)
    assert (stored.reason, stored.originator_ip, stored.responder_ip) == ("kept", "", "")


def test_an_instructor_is_offered_no_button_into_a_worksheet(ivo: Client) -> None:
    ticket = make_ticket()
    record = ticket.variant.bundle.records.get(kind="packet", number=1)
    page = look(ivo, ticket, record="capture.pcap:1", open=str(record.pk))
    assert "66 bytes on the wire" in page or "54 bytes on the wire" in page
    assert 'name="put"' not in page


# -- Header, rule, strip, context --------------------------------------------------------------


def test_the_rule_is_explained_part_by_part(ana: Client) -> None:
    page = look(ana, make_ticket())
    assert "The source of the packet must be in $EXTERNAL_NET, any port." in page
    assert "First seen" in page


def test_the_truth_stands_in_the_strip_only_once_it_may_be_shown(ana: Client) -> None:
    ticket = make_ticket()
    ends = {"tail": "10.20.30.40:3932", "head": "203.0.113.80:80"}
    strip = {
        "alert": {"tail": ends["head"], "head": ends["tail"]},
        "trainee": {},
        "truth": ends,
        "sentence": "",
        "record": "",
    }
    make.make_grade(make.make_submission(ticket, with_job=False), lesson={"strip": strip})
    assert 'data-whose="truth" data-way="back"' in look(ana, ticket)
    Assignment.objects.update(reveal="manual")
    assert 'data-whose="truth"' not in look(ana, ticket)


def test_the_truth_is_not_there_before_a_grade(ana: Client, ivo: Client) -> None:
    ticket = make_ticket()
    assert 'data-whose="truth"' not in look(ana, ticket)
    assert 'data-whose="truth"' not in look(ivo, ticket)


def test_similar_tickets_say_why_they_are_there_and_how_they_were_closed(ana: Client) -> None:
    assignment = make.make_assignment()
    other = make_ticket(assignment=assignment)
    ana.get(f"/tickets/{other.pk}/")
    make.make_grade(make.make_submission(other, with_job=False, disposition="true_positive"))
    ticket = make.make_ticket(assignment=assignment)
    page = (
        look(ana, ticket, tab="context")
        .partition("Your earlier and similar tickets")[2]
        .partition("</section>")[0]
    )
    assert other.code in page
    assert "same source" in page
    assert "true positive" in page
    assert 'data-is="false_positive"' in page


def test_a_similar_tickets_right_answer_is_withheld_with_its_result(ana: Client) -> None:
    other = make_ticket(assignment=make.make_assignment(reveal="manual"))
    ana.get(f"/tickets/{other.pk}/")
    make.make_grade(make.make_submission(other, with_job=False, disposition="true_positive"))
    page = (
        look(ana, make.make_ticket(), tab="context")
        .partition("Your earlier and similar tickets")[2]
        .partition("</section>")[0]
    )
    assert "not shown yet" in page
    assert 'data-is="false_positive"' not in page


def test_a_ticket_that_was_never_opened_is_no_earlier_one(ana: Client) -> None:
    other = make_ticket()
    assert other.code not in look(ana, make.make_ticket(), tab="context")
