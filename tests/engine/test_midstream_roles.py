"""What is spoken tells who opened a conversation that is heard from its middle, whichever side comes first, in the file or in
the alphabet; bytes that look alike tell nothing.

All messages are written after the protocols' own documents, on their own ports.
"""

from __future__ import annotations

import struct
from itertools import product

import pytest

from tests.engine import test_applications as made
from tests.traffic import conversation, rules, tcp, udp
from tickets.engine.types import Conversation, Endpoint, Protocol

TCP, UDP = Protocol.TCP, Protocol.UDP
ENDS = (("10.0.0.1", "10.0.0.2"), ("10.0.0.2", "10.0.0.1"))
ASKED = b"\7printer\5local\0\0\1\0\1"
# What a client says, what a server says (b"" where only one side speaks so), and bytes that are neither.
SPOKEN = {
    "http": (TCP, 80, b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"GETTING / there\r\n"),
    "http2": (TCP, 8080, b"\0\0\1\1\5\0\0\0\1\x82", b"\0\0\1\1\4\0\0\0\1\x88", b"\0\0\1\1\5\0\0\0\2\x82"),
    "tls": (TCP, 443, made.handshake(1), made.handshake(2), b"\x16\x09" + made.handshake(1)[2:]),
    "dns": (UDP, 53, made.dns(0x0100), made.dns(0x8180), b"\0\7" + b"\xff" * 10),
    "mdns": (UDP, 5353, made.dns(0)[:12] + ASKED, made.dns(0x8400)[:12] + ASKED, b"\0\7" + b"\xff" * 10),
    "llmnr": (UDP, 5355, made.dns(0), made.dns(0x8000), b"\0\7" + b"\xff" * 10),
    "dhcp": (UDP, 67, made.dhcp(1), made.dhcp(2), made.dhcp(7)),
    "ntp": (UDP, 123, b"\x23" + bytes(47), b"\x24" + bytes(47), b"\x23" + bytes(20)),
    "snmp": (UDP, 161, made.snmp(0xA0), made.snmp(0xA2), b"\x30\x82\xff\xff\2\1\1\4"),
    "ssh": (TCP, 22, b"\0\0\0\x2c\4\x1e" + bytes(42), b"\0\0\0\x2c\4\x1f" + bytes(42), b"SSX-2.0-x\r\n"),
    "smtp": (TCP, 25, b"EHLO a.example.net\r\n", b"250 2.1.0 Ok\r\n", b"2500 things to say\r\n"),
    "ftp": (TCP, 21, b"USER ana\r\n", b"331 Password\r\n", b"USERS are here\n"),
    "imap": (TCP, 143, b"a1 LOGIN ana secret\r\n", b"* OK ready\r\n", b"a1 LOGS are old\r\n"),
    "pop3": (TCP, 110, b"STAT\r\n", b"+OK ready\r\n", b"STATUE of salt\r\n"),
    "smb": (TCP, 445, made.smb2(0), made.smb2(1), b"\0\0\0\x60\xfeSNB" + bytes(60)),
    "rdp": (TCP, 3389, b"\3\0\0\x13\x0e\xe0" + bytes(13), b"\3\0\0\x13\x0e\xd0" + bytes(13), b"\3\0\0\2\x0e\xe0" + bytes(13)),
    "sip": (UDP, 5060, b"INVITE sip:b@example.net SIP/2.0\r\n", b"SIP/2.0 200 OK\r\n", b"INVITE all of them\r\n"),
    "rtp": (UDP, 40000, b"", b"", b"\xc0\0" + bytes(170)),
    "tftp": (UDP, 69, b"\0\1file\0octet\0", b"", b"\0\1file\0"),
    "socks": (TCP, 1080, b"\5\1\0\1\xcb\0\x71\x50\0\x50", b"\5\0\0\1" + bytes(6), b"\5\1\0\1\xcb\0\x71\x50\0\x50\0"),
    "quic": (UDP, 443, made.quic(0xC0, 8, 0), made.quic(0xC0, 0, 8), made.quic(0xC0, 8, 0, 0x12345678)),
    "kerberos": (UDP, 88, b"\x6a\x81\x80" + bytes(20), b"\x6b\x81\x80" + bytes(20), b"\x60\x81\x80" + bytes(20)),
    "ldap": (TCP, 389, made.ldap(0x60), made.ldap(0x61), made.ldap(0x20)),
    "mysql": (TCP, 3306, b"\5\0\0\0\3SHOW", struct.pack("<I", 20)[:3] + b"\0\x0a8.0.36\0" + bytes(12), b"\5\0\0\0\xf3SHOW"),
    "postgresql": (TCP, 5432, b"Q\0\0\0\x0dSELECT 1\0", b"Z\0\0\0\5I", b"Q\0\0\0\3SELECT 1\0"),
    "redis": (TCP, 6379, b"*1\r\n$4\r\nPING\r\n", b"+PONG\r\n", b"*one\r\n$4\r\nPING\r\n"),
    "irc": (TCP, 6667, b"NICK ana\r\n", b":irc.example.net 001 ana :Welcome\r\n", b"NICKEL and dime\r\n"),
    "telnet": (TCP, 23, b"\xff\xfb\x18\xff\xfb\x1f", b"\xff\xfb\1\xff\xfb\3", b"\xff\xf0\x18"),
    "syslog": (UDP, 514, b"<34>Oct 11 22:14:15 host su: x", b"", b"<34 Oct 11 22:14:15 host su: x"),
    "radius": (UDP, 1812, b"\1\1\0\x14" + bytes(16), b"\2\1\0\x14" + bytes(16), b"\1\1\0\x13" + bytes(16)),
}  # fmt: skip


def heard(service: str, messages: list[tuple[bool, bytes]], ends: tuple[str, str]) -> Conversation:
    """A conversation of which only these messages were captured; True for the client's."""
    protocol, port, *_ = SPOKEN[service]
    client_port = port if service == "mdns" else 40000
    speak = tcp if protocol is TCP else udp
    talk = speak(f"{ends[0]}:{client_port}", f"{ends[1]}:{port}")
    for is_clients, data in messages:
        (talk.says if is_clients else talk.answers)(data)
    return conversation(talk)


def spoken_rules(found: Conversation) -> list[str]:
    return [rule for rule in rules(found) if rule.startswith("application.")]


@pytest.mark.parametrize("service", [name for name, (*_, asks, _, _) in SPOKEN.items() if asks])
def test_a_message_heard_from_the_middle_tells_the_client(service: str) -> None:
    *_, asks, answers, _ = SPOKEN[service]
    said = (
        [(True, asks)],
        [(False, answers)],
        [(True, asks), (False, answers)],
        [(False, answers), (True, asks)],
    )
    for messages, ends in product(said, ENDS):
        if not all(data for _, data in messages):
            continue
        found = heard(service, messages, ends)
        assert found.service == service
        assert found.orig is not None
        assert found.orig.ip == ends[0]
        assert rules(found)[0] == spoken_rules(found)[0]
        assert found.confidence >= 0.8


@pytest.mark.parametrize("service", SPOKEN)
def test_bytes_that_look_alike_are_not_the_protocols(service: str) -> None:
    *_, alike = SPOKEN[service]
    for is_clients, ends in product((True, False), ENDS):
        found = heard(service, [(is_clients, alike)], ends)
        assert spoken_rules(found) == []
        assert not any(rule == "service.application" for rule in rules(found))


def test_sound_in_both_directions_names_the_service_and_no_side() -> None:
    sound = struct.pack(">BBHII", 0x80, 0, 7, 160, 9) + b"\x55" * 160
    for ends in ENDS:
        found = conversation(udp(f"{ends[0]}:40000", f"{ends[1]}:40002").says(sound).answers(sound))
        assert (found.service, spoken_rules(found)) == ("rtp", [])
        assert found.orig == Endpoint(ends[0], 40000)  # the first packet's sender, and no more than that
        assert found.confidence < 0.9


@pytest.mark.parametrize(("asks", "lowest", "highest"), [("says", 0.95, 0.95), ("answers", 0.8, 0.89)])
def test_a_request_against_the_ports_may_go_through_a_tunnel_that_was_dialled_from_within(
    asks: str, lowest: float, highest: float
) -> None:
    """SOCKS in reverse: the server dials, and the client's requests come back over that connection."""
    request, answer = b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"
    talk = tcp("10.0.0.1:54263", "10.0.0.2:8855")
    found = conversation(
        talk.says(request).answers(answer) if asks == "says" else talk.answers(request).says(answer)
    )
    assert rules(found)[0] == "application.agreement"
    assert lowest <= found.confidence <= highest
