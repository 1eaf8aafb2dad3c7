"""What each log's "source" means, and that a bad line is told and skipped."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.readers.lines import CLIENT, NOON_NS, SERVER, log, read
from tickets.engine.readers import read_evidence
from tickets.engine.types import (
    Endpoint,
    EngineError,
    Location,
    LogRecord,
    Statement,
)

# Cisco ASA

ASA = "Jan 05 2026 12:00:00: %ASA-6-{}: {}"


def asa(number: int, said: str) -> LogRecord:
    return log(ASA.format(number, said))


@pytest.mark.parametrize(("word", "orig"), [("outbound", CLIENT), ("inbound", SERVER)])
@pytest.mark.parametrize(("number", "transport"), [(302013, "TCP"), (302015, "UDP")])
def test_built_names_the_side_of_lower_security_first_whoever_asked(
    word: str, orig: Endpoint, number: int, transport: str
) -> None:
    record = asa(
        number,
        f"Built {word} {transport} connection 9001 for outside:203.0.113.80/80 (203.0.113.80/80) "
        "to inside:10.20.30.40/3932 (192.0.2.1/3932)",
    )
    assert (record.src, record.dst, record.orig, record.statement) == (
        SERVER,
        CLIENT,
        orig,
        Statement.ALLOWED,
    )
    assert record.fields["mapped_dst"] == "192.0.2.1:3932"
    assert record.translated == ((SERVER, Endpoint("192.0.2.1", 3932)),)


@pytest.mark.parametrize(
    ("mapped_lower", "mapped_higher", "views"),
    [
        ("198.51.100.7/5555", "10.1.1.5/8080", []),
        ("198.51.100.7/5555", "203.0.113.5/80", ["198.51.100.7:5555 203.0.113.5:80"]),
        (
            "10.1.1.1/7001",
            "203.0.113.5/80",
            ["198.51.100.7:5555 203.0.113.5:80", "10.1.1.1:7001 10.1.1.5:8080"],
        ),
    ],
)
def test_built_states_how_each_side_sees_a_translated_connection(
    mapped_lower: str, mapped_higher: str, views: list[str]
) -> None:
    record = asa(
        302013,
        f"Built inbound TCP connection 1 for outside:198.51.100.7/5555 ({mapped_lower}) "
        f"to dmz:10.1.1.5/8080 ({mapped_higher})",
    )
    assert [f"{src} {dst}" for src, dst in record.translated] == views
    assert record.time_ns == NOON_NS


def test_a_teardown_tells_how_it_ended_and_not_who_began() -> None:
    record = asa(
        302014,
        "Teardown TCP connection 9001 for outside:203.0.113.80/80 to inside:10.20.30.40/3932 "
        "duration 0:00:03 bytes 6050 TCP FINs",
    )
    assert (record.orig, record.statement) == (None, Statement.CLOSED)
    assert record.fields == {
        "connection": "9001",
        "duration": "0:00:03",
        "bytes": "6050",
        "reason": "TCP FINs",
    }


@pytest.mark.parametrize(
    ("number", "said", "orig", "flags"),
    [
        (
            106001,
            "Inbound TCP connection denied from {} to {} flags SYN  on interface outside",
            SERVER,
            "SYN",
        ),
        (
            106015,
            "Deny TCP (no connection) from {} to {} flags SYN ACK  on interface outside",
            CLIENT,
            "SYN ACK",
        ),
        (106015, "Deny TCP (no connection) from {} to {} flags ACK  on interface outside", None, "ACK"),
        (106007, "Deny inbound UDP from {} to {} due to DNS Response", CLIENT, ""),
        (106006, "Deny inbound UDP from {} to {} on interface outside", SERVER, ""),
    ],
)
def test_a_denied_packet_asks_only_when_it_would_have_opened(
    number: int, said: str, orig: Endpoint | None, flags: str
) -> None:
    record = asa(number, said.format("203.0.113.80/80", "10.20.30.40/3932"))
    assert (record.src, record.dst, record.statement) == (SERVER, CLIENT, Statement.DENIED)
    assert (record.orig, record.fields.get("flags", "")) == (orig, flags)


def test_an_access_group_denies_what_would_have_opened() -> None:
    record = asa(
        106023,
        'Deny tcp src outside:203.0.113.80/80 dst dmz:10.20.30.40/3932 by access-group "IN" [0x0, 0x0]',
    )
    assert (record.orig, record.fields) == (SERVER, {"reason": "access-group", "acl": "IN"})
    echo = asa(
        106023,
        'Deny icmp src outside:203.0.113.80 dst dmz:10.20.30.40 (type 8, code 0) by access-group "IN" [0x0]',
    )
    assert (echo.src, echo.dst) == (Endpoint("203.0.113.80", 8), Endpoint("10.20.30.40", 0))
    six = asa(
        106023, 'Deny udp src outside:2001:db8::1/53 dst dmz:2001:db8::2/5000 by access-group "IN" [0x0, 0x0]'
    )
    assert (six.src, six.dst) == (Endpoint("2001:db8::1", 53), Endpoint("2001:db8::2", 5000))


@pytest.mark.parametrize(
    ("word", "statement", "orig"),
    [
        ("denied", Statement.DENIED, SERVER),
        ("permitted", Statement.ALLOWED, None),
        ("est-allowed", Statement.ALLOWED, None),
    ],
)
def test_an_access_list_that_permits_names_no_originator(
    word: str, statement: Statement, orig: Endpoint | None
) -> None:
    record = asa(
        106100,
        f"access-list IN {word} tcp outside/203.0.113.80(80) -> dmz/10.20.30.40(3932) hit-cnt 1 first hit [0x0]",
    )
    assert (record.statement, record.orig) == (statement, orig)


def test_a_relayed_line_has_a_priority_and_a_host() -> None:
    said = "<166>Jan 05 2026 12:00:00 fw1 : %ASA-6-106006: Deny inbound UDP from 203.0.113.80/80 to 10.20.30.40/3932"
    assert log(said).time_ns == NOON_NS


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (ASA.format(302013, "Built nothing"), "the message is not written as Cisco documents it"),
        ("no message at all", "the line holds no %ASA message"),
        ("Foo 05 2026 12:00:00: %ASA-6-106006: x", "'Foo' is not a month"),
        (
            ASA.format(106006, "Deny inbound UDP from 203.0.113.800/80 to 10.20.30.40/3932"),
            "'203.0.113.800' is not an address",
        ),
    ],
)
def test_a_bad_line_of_the_firewall_is_told(line: str, told: str) -> None:
    known = ASA.format(111008, "User 'enable_15' executed the 'show' command.")
    assert read(known, line)[1:] == ([], [f"line 2: {told}"])


# dionaea


def mhn(action: str, transport: str = "tcp") -> str:
    return (
        '2026-01-05T12:00:00.000001 type="dionaea.connections", src="203.0.113.80", src_port="80", dest="10.20.30.40", '
        f'dest_port="3932", dionaea_action="{action}", transport="{transport}", direction="inbound", severity="high"'
    )


def decoy_json(action: str, transport: str = "tcp") -> str:
    connection = {"protocol": "smbd", "transport": transport, "type": action}
    addresses = {"src_ip": "::ffff:203.0.113.80", "src_port": 80, "dst_ip": "10.20.30.40", "dst_port": 3932}
    return json.dumps({"connection": connection, **addresses, "timestamp": "2026-01-05T12:00:00.000001"})


@pytest.mark.parametrize("line", [mhn, decoy_json])
@pytest.mark.parametrize(
    ("action", "statement", "orig"),
    [
        ("accept", Statement.ACCEPTED, SERVER),
        ("reject", Statement.REFUSED, SERVER),
        ("pending", Statement.SEEN, SERVER),
        ("connect", Statement.CONNECTED_OUT, CLIENT),
    ],
)
def test_the_decoys_source_is_always_the_remote_side(
    line: Any, action: str, statement: Statement, orig: Endpoint
) -> None:
    record = log(line(action))
    assert (record.src, record.dst) == (SERVER, CLIENT)
    assert (record.statement, record.orig, record.time_ns) == (statement, orig, NOON_NS + 1000)


@pytest.mark.parametrize("line", [mhn, decoy_json])
def test_a_session_without_peer_or_ports_is_passed_over(line: Any) -> None:
    assert read(line("listen"), line("accept", "sctp"))[1:] == ([], [])


@pytest.mark.parametrize("line", [mhn, decoy_json])
def test_an_unknown_kind_of_session_is_told(line: Any) -> None:
    told = "line 1: 'swallow' is not a type of session that dionaea knows"
    assert read(line("swallow"))[1:] == ([], [told])


def test_bad_lines_of_the_decoy_are_told() -> None:
    assert read(mhn("accept"), "plain text")[2] == ['line 2: the line holds no name="value" pairs']
    assert read(decoy_json("accept"), '{"a": 1}')[2] == ["line 2: the event has no connection"]


# sshd


@pytest.mark.parametrize("start", ["Jan  5 12:00:00 web1", "2026-01-05T12:00:00.000000+00:00 web1"])
@pytest.mark.parametrize(
    ("said", "statement", "user"),
    [
        (
            "Accepted publickey for ana from 203.0.113.80 port 3932 ssh2: ED25519 SHA256:x",
            "authenticated",
            "ana",
        ),
        ("Failed password for root from 203.0.113.80 port 3932 ssh2", "authentication_failed", "root"),
        (
            "Failed password for invalid user a b from 203.0.113.80 port 3932 ssh2",
            "authentication_failed",
            "a b",
        ),
    ],
)
def test_sshd_names_its_client(start: str, said: str, statement: str, user: str) -> None:
    record = log(f"{start} sshd[812]: {said}")
    assert (record.orig, record.dst) == (Endpoint("203.0.113.80", 3932), Endpoint("web1", 0))
    assert (record.statement, record.fields["user"]) == (Statement(statement), user)


def test_sshd_names_both_ends_of_a_connection_when_it_is_verbose() -> None:
    record = log(
        "Jan  5 12:00:00 web1 sshd[812]: Connection from 203.0.113.80 port 80 on 10.20.30.40 port 3932"
    )
    assert (record.orig, record.resp, record.statement) == (SERVER, CLIENT, Statement.ACCEPTED)


def test_lines_of_other_programs_are_passed_over() -> None:
    lines = (
        "Jan  5 12:00:00 web1 CRON[1]: session opened",
        "Jan  5 12:00:00 web1 sshd[8]: Server listening on ::",
    )
    assert read(*lines) == ("openssh", [], [])


def test_a_user_name_cannot_forge_an_address() -> None:
    said = "Failed password for invalid user x from 192.0.2.9 port 1 ssh2 from 203.0.113.80 port 3932 ssh2"
    assert log(f"Jan  5 12:00:00 web1 sshd[812]: {said}").orig == Endpoint("203.0.113.80", 3932)


# All of them


@pytest.mark.parametrize("line", ["GET / HTTP/1.1", '{"hello": "world"}', "\x00\x01\x02\x03", "a,b,c"])
def test_a_file_of_no_known_kind_is_refused(line: str) -> None:
    with pytest.raises(EngineError, match="this is no evidence"):
        read(line)


def test_empty_lines_and_windows_line_ends_do_no_harm() -> None:
    reading = read_evidence("x", ("\r\n" + mhn("accept") + "\r\n\r\n" + mhn("reject")).encode())
    assert [record.location for record in reading.records] == [Location("x", 2), Location("x", 4)]
    assert reading.problems == []
