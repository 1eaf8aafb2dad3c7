"""What shows a side after the greetings are over, and what must not be taken for it."""

from __future__ import annotations

import struct

import pytest

from tickets.engine.applications import CLIENT, EITHER, SERVER, Message, recognise
from tickets.engine.types import Protocol

TCP, UDP = Protocol.TCP, Protocol.UDP
DO_TERMINAL, WILL_TERMINAL = b"\xff\xfd\x18", b"\xff\xfb\x18"
WILL_ECHO, DO_ECHO, WILL_AHEAD = b"\xff\xfb\x01", b"\xff\xfd\x01", b"\xff\xfb\x03"


def told(protocol: Protocol, data: bytes, src: int, dst: int) -> tuple[str, str] | None:
    role = recognise(protocol, Message(data, len(data), src, dst))
    return role and (role.service, role.speaker)


@pytest.mark.parametrize(
    ("data", "speaker"),
    [
        (DO_TERMINAL + b"\xff\xfd\x20", SERVER),
        (WILL_TERMINAL + b"\xff\xfb\x1f", CLIENT),
        (WILL_AHEAD + WILL_ECHO, SERVER),
        (WILL_AHEAD + DO_ECHO + b"login: ", CLIENT),
        (b"\xff\xfa\x18\x00xterm\xff\xf0" + WILL_TERMINAL, CLIENT),
        (WILL_AHEAD + b"\xff\xfd\x03", EITHER),
        (b"\xff\xfc\x18" + b"\xff\xfe\x01", EITHER),
    ],
)
def test_telnet_options_belong_to_the_side_that_has_them(data: bytes, speaker: str) -> None:
    assert told(TCP, data, 40000, 50000) == ("telnet", speaker)


def test_one_telnet_command_is_known_on_its_port_only() -> None:
    assert told(TCP, DO_TERMINAL, 23, 40000) == ("telnet", SERVER)
    assert told(TCP, DO_TERMINAL, 50000, 40000) is None


@pytest.mark.parametrize(
    "data", [b"\xff\xfb\x90\x64", b"\xff\xd8\xff\xe0", b"\xff\xfa\x18\x00", b"\xff" * 40]
)
def test_other_data_that_begins_with_ones_is_no_telnet(data: bytes) -> None:
    assert told(TCP, data, 50000, 40000) is None


def ssh(number: int, body: int = 33) -> bytes:
    padding = 4 + -(body + 2 + 4 + 4) % 8
    return struct.pack(">IBB", body + 2 + padding, padding, number) + bytes(body + padding)


@pytest.mark.parametrize(
    ("number", "speaker"),
    [(20, EITHER), (30, CLIENT), (31, SERVER), (32, CLIENT), (33, SERVER), (34, CLIENT)],
)
def test_a_key_exchange_of_ssh_shows_its_sides(number: int, speaker: str) -> None:
    assert told(TCP, ssh(number), 40000, 22) == ("ssh", speaker)


@pytest.mark.parametrize("data", [ssh(31)[:-8], ssh(99), b"\0\0\0\x10" + bytes(40), bytes([0x9A]) * 48])
def test_sealed_or_cut_packets_on_ssh_say_nothing(data: bytes) -> None:
    assert told(TCP, data, 40000, 22) is None


def frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    return struct.pack(">I", len(body))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body


@pytest.mark.parametrize(
    ("data", "speaker"),
    [
        (frame(1, 0x05, 1, b"\x82\x86\x84\x41\x8a"), CLIENT),
        (frame(1, 0x25, 3, bytes(5) + b"\x83\x87"), CLIENT),
        (frame(1, 0x04, 1, b"\x88\x76\x89"), SERVER),
        (frame(1, 0x05, 5, b"\x48\x03404"), SERVER),
        (frame(4, 0, 0, struct.pack(">HIHI", 3, 100, 4, 65535)), EITHER),
        (frame(4, 1, 0, b"") + frame(1, 4, 1, b"\x88"), EITHER),
    ],
)
def test_frames_of_http2_show_who_asks(data: bytes, speaker: str) -> None:
    assert told(TCP, data, 40000, 50000) == ("http2", speaker)


@pytest.mark.parametrize(
    "data",
    [
        frame(1, 0x05, 2, b"\x82\x86"),
        frame(1, 0x01, 1, b"\x82\x86"),
        frame(1, 0x05, 1, b"\xbf\x86"),
        frame(1, 0x05, 1, b"\x82\x86")[:-1],
        frame(4, 0, 0, struct.pack(">HI", 300, 1)),
        frame(4, 0, 0, b""),
        frame(0, 0, 1, b"data"),
    ],
)
def test_what_only_looks_like_http2_is_not(data: bytes) -> None:
    assert told(TCP, data, 40000, 50000) is None


@pytest.mark.parametrize(
    "data", [b"<34>1 2026-01-05T12:00:00Z", b"26 <34>1 2026-01-05T", b"<134>Jan  5 12:00:00 fw"]
)
def test_syslog_over_tcp_comes_from_the_client(data: bytes) -> None:
    assert told(TCP, data, 40000, 601) == ("syslog", CLIENT)
    assert told(TCP, data, 40000, 50000) is None


def test_markup_on_a_syslog_port_is_no_log_line() -> None:
    assert told(TCP, b"<html>", 40000, 514) is None


SOUND = struct.pack(">BBHII", 0x80, 0x80, 7, 160, 99)


def test_sound_of_a_known_kind_is_rtp_and_says_nothing_of_who_began() -> None:
    assert told(UDP, SOUND + bytes(160), 40000, 50000) == ("rtp", EITHER)
    assert told(UDP, SOUND[:1] + b"\x12" + SOUND[2:] + bytes(20), 40000, 50000) == ("rtp", EITHER)


@pytest.mark.parametrize(
    "data",
    [
        SOUND + bytes(161),
        SOUND,
        SOUND + bytes(80 * 13),
        SOUND[:1] + b"\x60" + SOUND[2:] + bytes(160),
        b"\xc0" + SOUND[1:] + bytes(160),
        b"\x80" + bytes(171),
    ],
)
def test_data_of_another_size_or_kind_is_no_rtp(data: bytes) -> None:
    assert told(UDP, data, 40000, 50000) is None


REPORT = struct.pack(">BBHI", 0x80, 200, 6, 99) + bytes(20)
NAMES = struct.pack(">BBHI", 0x81, 202, 2, 99) + bytes(4)


def test_reports_of_rtp_fill_their_datagram() -> None:
    assert told(UDP, REPORT + NAMES, 40001, 50001) == ("rtcp", EITHER)
    assert told(UDP, REPORT + NAMES[:-1], 40001, 50001) is None
    assert told(UDP, NAMES, 40001, 50001) is None
