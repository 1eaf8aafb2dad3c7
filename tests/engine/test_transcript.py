"""A conversation as text: who stands where, and that each claim shows its records."""

from __future__ import annotations

from dataclasses import replace

from tests.traffic import pcap, tcp
from tickets.engine import (
    draw_ladder,
    examine,
    places_of,
    read_evidence,
    summarise,
    tell_alert,
    tell_findings,
)
from tickets.engine.summaries import RecordSummary
from tickets.engine.types import Location

from .samples import make_alert

CLIENT, SERVER = "10.20.30.40:3932", "203.0.113.80:80"
LATE = pcap(
    tcp(CLIENT, SERVER).handshake().says(b"GET / HTTP/1.1\r\n\r\n").answers(b"HTTP/1.1 200 OK\r\n").cut(1)
)


def shown_in(name: str, data: bytes) -> dict[Location, RecordSummary]:
    records = read_evidence(name, data).records
    return {record.location: summarise(record) for record in records if record.location is not None}


def test_the_originator_stands_on_the_left_though_the_first_packet_is_an_answer() -> None:
    conversation = examine([("a.pcap", LATE)]).conversations[0]
    head, answer, ack, *_ = draw_ladder(conversation, shown_in("a.pcap", LATE))
    assert head.split() == [CLIENT, SERVER]
    assert answer.startswith("a.pcap:1")
    assert answer.rstrip("|").endswith("-")
    assert "|<---" in answer
    assert "SYN, ACK" in answer
    assert ack.endswith("-->|")


def test_packets_beyond_a_translation_go_the_way_that_they_went() -> None:
    inside, outside = (
        pcap(tcp(CLIENT, SERVER).handshake()),
        pcap(tcp("192.0.2.1:61001", SERVER, 90).handshake()),
    )
    built = (
        "Jan 05 2026 12:00:00: %ASA-6-302013: Built outbound TCP connection 1 for outside:203.0.113.80/80 "
        "(203.0.113.80/80) to inside:10.20.30.40/3932 (192.0.2.1/61001)"
    )
    files = [("in.pcap", inside), ("out.pcap", outside), ("asa.log", built.encode())]
    (conversation,) = examine(files).conversations
    shown = {place: row for name, data in files[:2] for place, row in shown_in(name, data).items()}
    arrows = [line.split("|")[1].strip("- SYNACK,") for line in draw_ladder(conversation, shown)[1:]]
    assert arrows == [">", ">", "<", "<", ">", ">"]


def test_a_long_conversation_is_cut_and_says_so() -> None:
    talk = tcp(CLIENT, SERVER).handshake()
    for _ in range(20):
        talk = talk.says(b"x")
    data = pcap(talk)
    conversation = examine([("a.pcap", data)]).conversations[0]
    lines = draw_ladder(conversation, shown_in("a.pcap", data))
    assert len(lines) == 18
    assert "further records" in lines[-1]


def test_each_claim_shows_its_sentence_and_its_records() -> None:
    conversation = examine([("a.pcap", LATE)]).conversations[0]
    shown = shown_in("a.pcap", LATE)
    assert set(places_of(conversation)) <= set(shown)
    text = "\n".join(tell_findings(conversation.findings, shown))
    assert "originator: tcp.syn_ack (0.97)" in text
    assert f"    a.pcap:1  tcp {SERVER} -> {CLIENT}  SYN, ACK" in text
    for finding in conversation.findings:
        assert f"{finding.claim}: {finding.rule}" in text


def test_what_contradicts_is_marked() -> None:
    scan = pcap(tcp("198.51.100.7:80", "10.20.30.40:3932").syn())
    conversation = examine([("a.pcap", scan)]).conversations[0]
    assert "does not support the conclusion" in "\n".join(tell_findings(conversation.findings, {}))


def test_an_alert_is_one_line() -> None:
    alert = replace(make_alert(SERVER, CLIENT), message="TRAINING reply")
    (judged,) = examine([("a.pcap", LATE)], alerts=[alert]).alerts
    told = f"alert sid 1900001 tcp {SERVER} -> {CLIENT}: reversed: yes  TRAINING reply  at {alert.location}"
    assert tell_alert(judged) == told
