"""What a control conversation announces says who opens the other one, and what it carries."""

from __future__ import annotations

import struct

import pytest

from tests.traffic import Dialogue, conversations, packets, rules, tcp, udp
from tickets.engine.control.announcements import MAX_QUESTIONS, Questions
from tickets.engine.conversations import converse
from tickets.engine.readers import read_evidence
from tickets.engine.types import Conversation, Protocol

CLIENT, SERVER = "10.20.30.40", "203.0.113.21"


def about(end: str, *parts: Dialogue) -> Conversation:
    """Return the conversation that one end takes part in."""
    (found,) = [item for item in conversations(*parts) if end in map(str, item.endpoints)]
    return found


def opener(found: Conversation) -> str:
    return str(found.orig)


def middle(client: str, server: str, at_us: int = 50_000) -> Dialogue:
    """Data of the server, seen from the middle on."""
    return tcp(client, server, at_us).handshake().answers(b"\x01" * 50).cut(1, 2, 3)


def test_tftp_is_the_clients_though_the_server_answers_from_a_port_of_its_own() -> None:
    request = udp(f"{CLIENT}:50010", f"{SERVER}:69").says(b"\0\x01boot.cfg\0octet\0")
    data = udp(f"{SERVER}:35000", f"{CLIENT}:50010", at_us=2000).says(b"\0\x03\0\x01" + b"x" * 512)
    data.answers(b"\0\x04\0\x01")
    found = about(f"{SERVER}:35000", request, data)
    assert (opener(found), found.service) == (f"{CLIENT}:50010", "tftp")
    assert (rules(found)[0], rules(found, "joined")) == ("control.announced", ["join.announced"])


def test_a_tftp_request_that_is_no_request_announces_nothing() -> None:
    other = udp(f"{CLIENT}:50010", f"{SERVER}:69").says(b"\0\x05\0\x01no\0")
    data = udp(f"{SERVER}:35000", f"{CLIENT}:50010", at_us=2000).says(b"\0\x03\0\x01x")
    assert opener(about(f"{SERVER}:35000", other, data)) == f"{SERVER}:35000"


def invite(head: bytes, ip: bytes, body: bytes) -> bytes:
    return head + b"\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nc=IN IP4 " + ip + b"\r\n" + body


OFFER = invite(
    b"INVITE sip:bo@203.0.113.21 SIP/2.0", b"10.20.30.40", b"m=audio 40000 RTP/AVP 0\r\na=sendrecv\r\n"
)
ANSWER = invite(b"SIP/2.0 200 OK", b"203.0.113.21", b"m=audio 52000 RTP/AVP 0\r\na=rtcp:52009\r\n")


@pytest.mark.parametrize(
    ("ports", "service"),
    [(("40000", "52000"), "rtp"), (("40001", "52009"), "rtcp"), (("40000", "59000"), "rtp")],
)
def test_the_media_of_a_call_belong_to_it(ports: tuple[str, str], service: str) -> None:
    call = udp(f"{CLIENT}:5060", f"{SERVER}:5060").says(OFFER).answers(ANSWER)
    media = udp(f"{SERVER}:{ports[1]}", f"{CLIENT}:{ports[0]}", at_us=9000).says(b"\x80\0" + bytes(20))
    found = about(f"{CLIENT}:{ports[0]}", call, media)
    assert (found.service, rules(found)[0]) == (service, "packet.first")
    assert set(rules(found, "joined")) == {"join.announced"}


def test_media_that_a_call_declines_are_not_announced() -> None:
    call = udp(f"{CLIENT}:5060", f"{SERVER}:5060").says(OFFER.replace(b"40000", b"0"))
    media = udp(f"{CLIENT}:40000", f"{SERVER}:52000", at_us=9000).says(b"\x80\0" + bytes(20))
    assert rules(about(f"{CLIENT}:40000", call, media), "joined") == []


def words(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def getport(program: int, protocol: int) -> bytes:
    credential = words(1, 5, 0x61626364, 0x65000000)  # five bytes, filled up to eight
    return words(7, 0, 2, 100000, 2, 3) + credential + words(0, 0) + words(program, 2, protocol, 0)


def text(value: bytes) -> bytes:
    return words(len(value)) + value + bytes(-len(value) % 4)


def test_the_portmapper_names_the_port_that_a_program_listens_on() -> None:
    asked = udp(f"{CLIENT}:800", f"{SERVER}:111").says(getport(100005, 6))
    asked.answers(words(7, 1, 0, 0, 0, 0, 45001))
    found = about(f"{SERVER}:45001", asked, middle(f"{CLIENT}:700", f"{SERVER}:45001"))
    assert (opener(found), found.service) == (f"{CLIENT}:700", "mount")
    assert rules(found)[0] == "control.announced"


def test_rpcbind_over_tcp_names_an_address_in_words() -> None:
    question = words(7, 0, 2, 100000, 4, 3, 0, 0, 0, 0, 100003, 4) + text(b"tcp") + text(b"") + text(b"")
    answer = words(7, 1, 0, 0, 0, 0) + text(b"203.0.113.21.175.201")
    asked = tcp(f"{CLIENT}:800", f"{SERVER}:111").handshake()
    asked.says(words(0x80000000 | len(question)) + question)
    asked.answers(words(0x80000000 | len(answer)) + answer)
    found = about(f"{SERVER}:45001", asked, middle(f"{CLIENT}:700", f"{SERVER}:45001"))
    assert (opener(found), found.service) == (f"{CLIENT}:700", "nfs")


def test_the_portmappers_list_names_every_program() -> None:
    asked = udp(f"{CLIENT}:800", f"{SERVER}:111").says(words(9, 0, 2, 100000, 2, 4, 0, 0, 0, 0))
    listed = words(1, 100000, 2, 17, 111, 1, 100003, 3, 17, 45002, 1, 100005, 1, 6, 45001, 0)
    asked.answers(words(9, 1, 0, 0, 0, 0) + listed)
    found = about(f"{SERVER}:45001", asked, middle(f"{CLIENT}:700", f"{SERVER}:45001"))
    assert (opener(found), found.service, rules(found)[0]) == (f"{CLIENT}:700", "mount", "control.announced")
    other = about(f"{SERVER}:45002", asked, middle(f"{CLIENT}:700", f"{SERVER}:45002"))
    assert "control.announced" not in rules(other)  # it was announced for UDP


def test_an_answer_without_its_question_announces_nothing() -> None:
    asked = udp(f"{CLIENT}:800", f"{SERVER}:111").answers(words(7, 1, 0, 0, 0, 0, 45001))
    found = about(f"{SERVER}:45001", asked, middle(f"{CLIENT}:700", f"{SERVER}:45001"))
    assert "control.announced" not in rules(found)


def test_questions_are_forgotten_before_they_fill_the_memory() -> None:
    questions = Questions()
    for number in range(MAX_QUESTIONS + 10):
        questions.note(number, Protocol.TCP, "nfs")
    assert [questions.asked(number) is None for number in (9, 10, MAX_QUESTIONS)] == [True, False, False]


def test_the_endpoint_mapper_names_where_an_interface_is_served() -> None:
    tower = b"\x01\0\x07\x02\0" + struct.pack(">H", 49664) + b"\x01\0\x09\x04\0" + bytes([203, 0, 113, 21])
    response = b"\x05\0\x02\x03\x10\0\0\0" + struct.pack("<HHI", 24 + 60, 0, 1) + bytes(30) + tower
    asked = tcp(f"{CLIENT}:50010", f"{SERVER}:135").handshake().answers(response)
    found = about(f"{SERVER}:49664", asked, middle(f"{CLIENT}:49152", f"{SERVER}:49664"))
    assert (opener(found), found.service) == (f"{CLIENT}:49152", "dcerpc")
    assert rules(found)[0] == "control.announced"


@pytest.mark.parametrize("name", [b"notes.txt", b'"two words.txt"'])
def test_a_direct_chat_connection_goes_to_the_one_who_offered(name: bytes) -> None:
    number = b"%d" % int.from_bytes(bytes([203, 0, 113, 21]), "big")
    offer = b":bo!b@203.0.113.21 PRIVMSG ana :\x01DCC SEND " + name + b" " + number + b" 5000 77\x01\r\n"
    chat = tcp(f"{CLIENT}:50010", "192.0.2.66:6667").handshake().answers(offer)
    found = about(f"{SERVER}:5000", chat, middle(f"{CLIENT}:49152", f"{SERVER}:5000"))
    assert (opener(found), found.service) == (f"{CLIENT}:49152", "irc-dcc")


def test_only_the_last_announcement_before_a_conversation_counts() -> None:
    early = tcp(f"{CLIENT}:50010", f"{SERVER}:21").handshake().answers(b"227 (203,0,113,21,200,10)\r\n")
    late = tcp(f"{CLIENT}:50011", f"{SERVER}:21", 900_000).handshake()
    late.answers(b"227 (203,0,113,21,200,10)\r\n")
    found = about(f"{SERVER}:51210", early, late, middle(f"{CLIENT}:40001", f"{SERVER}:51210", 2_000_000))
    (proof,) = [item for item in found.findings if item.rule == "control.announced"]
    assert [record.number for record in proof.records] == [8]


def test_a_server_behind_a_translation_announces_its_inner_address() -> None:
    control = tcp(f"{CLIENT}:50010", f"{SERVER}:21").handshake().answers(b"227 (10,9,9,9,200,10)\r\n")
    found = about(f"{SERVER}:51210", control, middle(f"{CLIENT}:40001", f"{SERVER}:51210"))
    assert (opener(found), rules(found)[0]) == (f"{CLIENT}:40001", "control.announced")


def test_what_a_translation_hides_is_announced_all_the_same() -> None:
    control = tcp(f"{CLIENT}:50010", "192.0.2.9:21").handshake().answers(b"229 ok (|||51210|)\r\n")
    built = (
        "Jan 05 2026 12:00:00: %ASA-6-302013: Built outbound TCP connection 1 for outside:203.0.113.21/51210 "
        "(192.0.2.9/51210) to inside:10.20.30.40/40001 (10.20.30.40/40001)"
    )
    seen = packets(control, middle(f"{CLIENT}:40001", f"{SERVER}:51210"))
    records = [*seen, *read_evidence("asa.log", built.encode()).records]
    found = next(item for item in converse(records) if f"{SERVER}:51210" in map(str, item.endpoints))
    assert "control.announced" in rules(found)


def test_thousands_of_forged_announcements_cost_little() -> None:
    control = tcp(f"{CLIENT}:50010", f"{SERVER}:21").handshake()
    for _ in range(3000):
        control.answers(b"227 (203,0,113,21,200,10)\r\n")
    data = [middle(f"{CLIENT}:{port}", f"{SERVER}:51210", 9_000_000) for port in range(40000, 40050)]
    found = conversations(control, *data)
    assert [rules(item)[0] for item in found[1:]] == ["control.announced"] * 50


@pytest.mark.parametrize(
    "said",
    [
        b"227 (203,0,113,21,300,10)\r\n",
        b"229 ok (|||70000|)\r\n",
        b"EPRT |1|no:address|50133|\r\n",
        b"227 ",
        b"P",
    ],
)
def test_an_impossible_announcement_announces_nothing(said: bytes) -> None:
    control = tcp(f"{CLIENT}:50010", f"{SERVER}:21").handshake().answers(said)
    data = middle(f"{CLIENT}:40001", f"{SERVER}:51210")
    assert "control.announced" not in rules(about(f"{SERVER}:51210", control, data))
